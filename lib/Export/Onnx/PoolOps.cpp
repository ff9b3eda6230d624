//===- PoolOps.cpp - maxima and sums over windows -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "OnnxExporter.h"
#include "WindowOps.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

/// Whether a maximum that starts from or meets `number` is the maximum of the
/// rest.
static bool isLowest(double number) {
  return number <= std::numeric_limits<float>::lowest();
}

LogicalResult OnnxExporter::exportPool(linalg::LinalgOp op) {
  std::optional<WindowOp> window = matchWindow(op);
  CombinerKind kind = matchCombiner(op);
  bool isMax = kind == CombinerKind::Max;
  Value init = op.getDpsInits()[0];
  std::optional<double> first = matchSplat(init);
  std::optional<SmallVector<unsigned>> outputLoops =
      getLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  if (!window || !outputLoops || !(isMax || kind == CombinerKind::Add) ||
      !element.isF32() || element != getElementTypeOrSelf(op->getOperand(0)))
    return fail(op, "of what is computed over windows, maxima and sums of f32 "
                    "have operators");
  if (!first || !(isMax ? isLowest(*first) : *first == 0))
    return fail(op, "its windows start from other numbers than a pool's");
  FailureOr<GraphTensor> input = getTensor(op->getOperand(0));
  if (failed(input))
    return failure();

  // Batch and channels are the same to it: whatever is not of the image, in the
  // order of the graph, in two dimensions.
  const linalg::ConvolutionDimensions &dims = window->dims;
  SmallVector<std::pair<int64_t, unsigned>> others;
  for (auto [dim, loop] : llvm::enumerate(window->inputLoops))
    if (!llvm::is_contained(dims.outputImage, loop))
      others.push_back({input->order[dim], loop});
  llvm::sort(others);
  LoopGroups groups(2);
  for (auto [i, other] : llvm::enumerate(others))
    groups[i == 0 && others.size() > 1 ? 0 : 1].push_back(other.second);
  for (unsigned loop : dims.outputImage)
    groups.push_back({loop});
  SmallVector<int64_t> ranges = op.getStaticLoopRanges(), shape, pads;
  for (const auto &group : groups) {
    shape.push_back(1);
    for (unsigned loop : group)
      shape.back() *= ranges[loop];
  }
  ValueId padded = arrange(*input, window->inputLoops, groups);
  ValueId x = takePadding(
      graph, padded,
      [&](double filler) { return isMax ? isLowest(filler) : filler == 0; },
      pads);
  // Padding as wide as the window is not a pool's.
  size_t rank = window->kernel.size();
  for (size_t i = 0; i < 2 * rank; ++i)
    if (pads[i] >= window->kernel[i % rank])
      x = padded;
  if (x == padded)
    pads.assign(2 * rank, 0);

  bool isDilated =
      llvm::any_of(window->dilations, [](int64_t d) { return d != 1; });
  // A window over the whole image has operators of its own.
  bool isGlobal =
      x == padded && rank >= 2 &&
      ArrayRef<int64_t>(window->kernel) == graph.getShape(x).drop_front(2);
  OnnxAttributes attributes;
  if (!isGlobal)
    attributes = {{"kernel_shape", window->kernel},
                  {"pads", pads},
                  {"strides", window->strides}};
  if (isMax) {
    if (isDilated)
      attributes.push_back({"dilations", window->dilations});
    ValueId result = graph.addNode(isGlobal ? "GlobalMaxPool" : "MaxPool", x,
                                   OnnxType::Float, shape, attributes);
    setTensor(op->getResult(0), spread(result, groups, *outputLoops, ranges));
    return success();
  }
  if (isDilated) {
    // AveragePool has no dilations before opset 19: a convolution by ones.
    SmallVector<int64_t> ones{shape[1], 1};
    llvm::append_range(ones, window->kernel);
    ValueId weights = graph.expand(graph.addScalar(OnnxType::Float, 1), ones);
    ValueId sum = graph.addNode("Conv", {x, weights}, OnnxType::Float, shape,
                                {{"dilations", window->dilations},
                                 {"group", shape[1]},
                                 {"kernel_shape", window->kernel},
                                 {"pads", pads},
                                 {"strides", window->strides}});
    setTensor(op->getResult(0), spread(sum, groups, *outputLoops, ranges));
    return success();
  }
  // A sum is an average times the size of the window; what divides it again
  // takes that back (Fusion.cpp).
  bool isPadded = llvm::any_of(pads, [](int64_t pad) { return pad != 0; });
  if (isPadded)
    attributes.push_back({"count_include_pad", int64_t(1)});
  ValueId average =
      graph.addNode(isGlobal ? "GlobalAveragePool" : "AveragePool", x,
                    OnnxType::Float, shape, attributes);
  int64_t taps = 1;
  for (int64_t extent : window->kernel)
    taps *= extent;
  ValueId sum = graph.addElementwise(
      "Mul",
      {average, graph.addScalar(OnnxType::Float, static_cast<double>(taps))});
  setTensor(op->getResult(0), spread(sum, groups, *outputLoops, ranges));
  return success();
}

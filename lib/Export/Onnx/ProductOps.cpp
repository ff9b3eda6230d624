//===- ProductOps.cpp - convolutions and matrix products ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "OnnxExporter.h"
#include "WindowOps.h"

using namespace mlir;
using namespace mlir::compress;

/// How far `expr` moves when `loop` does.
static int64_t getCoefficient(AffineExpr expr, unsigned loop,
                              unsigned numLoops) {
  MLIRContext *context = expr.getContext();
  SmallVector<AffineExpr> zeros(numLoops, getAffineConstantExpr(0, context));
  SmallVector<AffineExpr> one(zeros);
  one[loop] = getAffineConstantExpr(1, context);
  auto at = dyn_cast<AffineConstantExpr>(expr.replaceDims(one));
  auto origin = dyn_cast<AffineConstantExpr>(expr.replaceDims(zeros));
  return at && origin ? at.getValue() - origin.getValue() : 0;
}

std::optional<WindowOp> mlir::compress::matchWindow(linalg::LinalgOp op) {
  FailureOr<linalg::ConvolutionDimensions> dims =
      linalg::inferConvolutionDims(op);
  if (failed(dims))
    return std::nullopt;
  WindowOp window;
  window.dims = *dims;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  for (AffineExpr expr : map.getResults()) {
    if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
      window.inputLoops.push_back(dim.getPosition());
      continue;
    }
    // Of a position in the image: the loop over the output's.
    const auto *image = llvm::find_if(dims->outputImage, [&](unsigned loop) {
      return expr.isFunctionOfDim(loop);
    });
    if (image == dims->outputImage.end())
      return std::nullopt;
    window.inputLoops.push_back(*image);
  }
  for (size_t i = 0; i < dims->outputImage.size(); ++i) {
    unsigned image = dims->outputImage[i], tap = dims->filterLoop[i];
    const auto *expr = llvm::find_if(map.getResults(), [&](AffineExpr expr) {
      return expr.isFunctionOfDim(image);
    });
    window.strides.push_back(getCoefficient(*expr, image, op.getNumLoops()));
    window.dilations.push_back(getCoefficient(*expr, tap, op.getNumLoops()));
    window.kernel.push_back(op.getStaticLoopRanges()[tap]);
  }
  return window;
}

ValueId mlir::compress::takePadding(const OnnxGraph &graph, ValueId value,
                                    function_ref<bool(double)> isNeutral,
                                    SmallVector<int64_t> &pads) {
  size_t rank = graph.getShape(value).size();
  pads.assign(2 * (rank - 2), 0);
  const OnnxNode *pad = graph.getNode(value, "Pad");
  if (!pad)
    return value;
  std::optional<double> filler = graph.getSplat(pad->inputs[2]);
  SmallVector<int64_t> all = graph.getIndices(pad->inputs[1]);
  if (!filler || !isNeutral(*filler) || all[0] || all[1] || all[rank] ||
      all[rank + 1])
    return value;
  for (size_t i = 2; i < rank; ++i) {
    pads[i - 2] = all[i];
    pads[i - 2 + rank - 2] = all[rank + i];
  }
  return pad->inputs[0];
}

LogicalResult OnnxExporter::exportConvolution(linalg::LinalgOp op) {
  std::optional<WindowOp> window = matchWindow(op);
  if (!window || op.getNumDpsInputs() != 2 ||
      !getElementTypeOrSelf(op->getResult(0).getType()).isF32() ||
      !getElementTypeOrSelf(op->getOperand(0).getType()).isF32())
    return fail(op,
                "of convolutions those of two f32 tensors have an operator");
  const linalg::ConvolutionDimensions &dims = window->dims;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  std::optional<SmallVector<unsigned>> filterLoops =
      getLoops(op.getMatchingIndexingMap(op.getDpsInputOperand(1)));
  std::optional<SmallVector<unsigned>> outputLoops =
      getLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  FailureOr<GraphTensor> input = getTensor(op->getOperand(0));
  FailureOr<GraphTensor> filter = getTensor(op->getOperand(1));
  if (failed(input) || failed(filter))
    return failure();
  if (!filterLoops || !outputLoops)
    return fail(op, "its filter is not indexed by plain dimensions");

  // [N, groups * C, ...], [groups * F, C, ...] and [N, groups * F, ...].
  SmallVector<unsigned, 2> inputs(dims.depth), outputs(dims.depth);
  llvm::append_range(inputs, dims.inputChannel);
  llvm::append_range(outputs, dims.outputChannel);
  LoopGroups inputGroups{dims.batch, inputs},
      filterGroups{outputs, dims.inputChannel};
  LoopGroups outputGroups{dims.batch, outputs};
  for (auto [image, tap] : llvm::zip_equal(dims.outputImage, dims.filterLoop)) {
    inputGroups.push_back({image});
    filterGroups.push_back({tap});
    outputGroups.push_back({image});
  }
  int64_t groups = 1;
  for (unsigned loop : dims.depth)
    groups *= ranges[loop];
  FailureOr<Start> start = getStart(op, outputGroups, 1);
  if (failed(start))
    return failure();

  SmallVector<int64_t> pads, shape;
  ValueId x = takePadding(
      graph, arrange(*input, window->inputLoops, inputGroups),
      [](double filler) { return filler == 0; }, pads);
  for (const auto &group : outputGroups) {
    shape.push_back(1);
    for (unsigned loop : group)
      shape.back() *= ranges[loop];
  }
  SmallVector<ValueId> operands{x,
                                arrange(*filter, *filterLoops, filterGroups)};
  if (start->bias != kNoValue)
    operands.push_back(start->bias);
  ValueId result;
  if (std::optional<ValueId> transposedConv =
          addConvTranspose(graph, operands, *window, pads, groups, shape))
    result = *transposedConv;
  else
    result = graph.addNode("Conv", operands, OnnxType::Float, shape,
                           {{"dilations", window->dilations},
                            {"group", groups},
                            {"kernel_shape", window->kernel},
                            {"pads", pads},
                            {"strides", window->strides}});
  if (start->addend != kNoValue)
    result = graph.addElementwise("Add", {start->addend, result});
  setTensor(op->getResult(0),
            spread(result, outputGroups, *outputLoops, ranges));
  return success();
}

LogicalResult OnnxExporter::exportContraction(linalg::LinalgOp op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  std::optional<SmallVector<unsigned>> loops[3] = {
      getLoops(op.getMatchingIndexingMap(op.getDpsInputOperand(0))),
      getLoops(op.getMatchingIndexingMap(op.getDpsInputOperand(1))),
      getLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)))};
  if (!loops[0] || !loops[1] || !loops[2])
    return fail(op, "it is a product that is not indexed by plain dimensions");
  bool isInteger = isCentredProduct(op);
  Type element = getElementTypeOrSelf(op->getOperand(0));
  if (element != getElementTypeOrSelf(op->getOperand(1)) ||
      !(isInteger ? element.isInteger(8) : element.isF32()) ||
      !(isInteger || getElementTypeOrSelf(op->getResult(0)).isF32()))
    return fail(op, "of products those of f32 matrices have an operator");
  // A loop over one operand alone would be a sum before the product.
  SmallVector<unsigned, 2> batch, rows, columns, sums;
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool inA = llvm::is_contained(*loops[0], loop);
    bool inB = llvm::is_contained(*loops[1], loop);
    bool inC = llvm::is_contained(*loops[2], loop);
    if (!inC && !(inA && inB))
      return fail(op, "it sums over dimensions of one operand alone");
    if (!inA && !inB)
      return fail(op, "it repeats its result");
    (!inC ? sums : inA && inB ? batch : inA ? rows : columns).push_back(loop);
  }
  // Stacks keep the order that the first operand has in the graph.
  FailureOr<GraphTensor> a = getTensor(op->getOperand(0));
  FailureOr<GraphTensor> b = getTensor(op->getOperand(1));
  if (failed(a) || failed(b))
    return failure();
  LoopGroups left, right, result;
  for (unsigned loop : batch)
    left.push_back({loop});
  right = result = left;
  left.append({rows, sums});
  right.append({sums, columns});
  result.append({rows, columns});
  FailureOr<Start> start = getStart(op, result, result.size() - 1);
  if (failed(start))
    return failure();
  SmallVector<int64_t> shape;
  for (const auto &group : result) {
    shape.push_back(1);
    for (unsigned loop : group)
      shape.back() *= ranges[loop];
  }
  SmallVector<ValueId> operands{arrange(*a, *loops[0], left),
                                arrange(*b, *loops[1], right)};
  ValueId value;
  if (isInteger) {
    for (unsigned i : {0, 1}) {
      FailureOr<ValueId> zeroPoint = getScalar(op, op->getOperand(2 + i));
      if (failed(zeroPoint))
        return failure();
      operands[i] = graph.cast(operands[i], OnnxType::Int8);
      operands.push_back(graph.cast(*zeroPoint, OnnxType::Int8));
    }
    value = graph.addNode("MatMulInteger", operands, OnnxType::Int32, shape);
    for (ValueId added : {start->bias, start->addend})
      if (added != kNoValue)
        value = graph.addElementwise("Add", {added, value});
  } else if (shape.size() == 2 && start->bias != kNoValue) {
    operands.push_back(start->bias);
    value = graph.addNode("Gemm", operands, OnnxType::Float, shape);
  } else {
    value = graph.addNode("MatMul", operands, OnnxType::Float, shape);
    for (ValueId added : {start->bias, start->addend})
      if (added != kNoValue)
        value = graph.addElementwise("Add", {added, value});
  }
  setTensor(op->getResult(0), spread(value, result, *loops[2], ranges));
  return success();
}

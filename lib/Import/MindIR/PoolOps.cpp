//===- PoolOps.cpp - pooling ----------------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "WindowArguments.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::compress;

/// Resolves the windows on x, [N, C, H, W].
static FailureOr<SmallVector<WindowAxis>> getWindow(MindIRNode &n,
                                                    ArrayRef<int64_t> kernel,
                                                    ArrayRef<int64_t> strides,
                                                    AutoPad pad) {
  if (failed(checkImage(n)))
    return failure();
  const Tensor &x = n.getInput(0);
  auto kernels = getSpatial(kernel), steps = getSpatial(strides);
  if (!kernels || !steps)
    return n.fail("requires a kernel and strides of 2 or 4 elements, not " +
                  toString(kernel) + " and " + toString(strides));
  SmallVector<WindowAxis> window;
  for (unsigned i = 0; i < 2; ++i) {
    WindowAxis axis{x.shape[2 + i], (*kernels)[i], (*steps)[i]};
    std::string reason;
    if (failed(resolveWindow(axis, pad, false, reason)))
      return n.fail(reason);
    window.push_back(axis);
  }
  return window;
}

static FailureOr<AutoPad> getPadMode(MindIRNode &n, StringRef text) {
  auto mode = llvm::StringSwitch<std::optional<AutoPad>>(text)
                  .CasesLower({"same"}, AutoPad::SameUpper)
                  .CasesLower({"valid"}, AutoPad::Valid)
                  .Default(std::nullopt);
  if (!mode)
    return n.fail("has the pad_mode " + quoted(text) +
                  ", which is not supported; \"same\" and \"valid\" are");
  return *mode;
}

LogicalResult mlir::compress::importMaxPool(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  SmallVector<int64_t> kernel = n.getInts(attribute, "kernel_size");
  SmallVector<int64_t> strides = n.getInts(attribute, "strides");
  std::string mode = n.getText(attribute, "pad_mode");
  if (n.hasFailed())
    return failure();
  FailureOr<AutoPad> pad = getPadMode(n, mode);
  if (failed(pad))
    return failure();
  FailureOr<SmallVector<WindowAxis>> window =
      getWindow(n, kernel, strides, *pad);
  FailureOr<Value> x = n.materialize(0);
  if (failed(window) || failed(x))
    return failure();
  return n.setResult(n.b.maxPool2d(*x, *window));
}

/// x, kernel, strides, pad mode (1 same, 2 valid), format; padding is not
/// counted.
LogicalResult mlir::compress::importAvgPool(MindIRNode &n) {
  bool hasInputs = n.getNumInputs() > 1;
  SmallVector<int64_t> kernel = n.getInts(1, "kernel_size");
  SmallVector<int64_t> strides = n.getInts(2, "strides");
  if (n.hasFailed())
    return failure();
  FailureOr<AutoPad> pad = AutoPad::None;
  if (hasInputs) {
    constexpr int64_t same = 1, valid = 2;
    int64_t mode = n.getInt(3, "pad_mode"), format = n.getInt(4, "format", 0);
    if (n.hasFailed())
      return failure();
    if ((mode != same && mode != valid) || format != 0)
      return n.fail("has the pad mode " + Twine(mode) + " and the format " +
                    Twine(format) +
                    "; pad modes 1 (same) and 2 (valid), and "
                    "the format 0 (NCHW) are supported");
    pad = mode == same ? AutoPad::SameUpper : AutoPad::Valid;
  } else {
    std::string mode = n.getText(MindIRNode::kAttribute, "pad_mode");
    if (n.hasFailed())
      return failure();
    pad = getPadMode(n, mode);
  }
  if (failed(pad))
    return failure();
  FailureOr<SmallVector<WindowAxis>> window =
      getWindow(n, kernel, strides, *pad);
  FailureOr<Value> x = n.materialize(0);
  if (failed(window) || failed(x))
    return failure();
  return n.setResult(n.b.averagePool2d(*x, *window, /*countPadding=*/false));
}

/// Pools that pad: x [N, C, 1, H, W], and windows of a depth of 1.
LogicalResult mlir::compress::importPool3D(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  const Tensor &x = n.getInput(0);
  bool isMax = n.getOpType() == "MaxPool3DWithArgmax";
  std::string format = n.getText(attribute, "format", "NCDHW");
  SmallVector<int64_t> kernel =
      n.getInts(attribute, isMax ? "ksize" : "kernel_size");
  SmallVector<int64_t> strides = n.getInts(attribute, "strides");
  SmallVector<int64_t> pads = n.getInts(attribute, isMax ? "pads" : "pad_list");
  SmallVector<int64_t> dilation(3, 1);
  if (isMax)
    dilation = n.getInts(attribute, "dilation");
  bool ceilMode = n.getBool(attribute, "ceil_mode", false);
  bool countPadding = !isMax && n.getBool(attribute, "count_include_pad", true);
  int64_t divisor = n.getInt(attribute, "divisor_override", 0);
  if (n.hasFailed())
    return failure();
  if (isMax) // the same before and behind
    pads = {pads.size() == 3 ? pads[0] : -1, 0,
            pads.size() == 3 ? pads[1] : -1, pads.size() == 3 ? pads[1] : -1,
            pads.size() == 3 ? pads[2] : -1, pads.size() == 3 ? pads[2] : -1};
  auto getLast = [](ArrayRef<int64_t> list) {
    return list.size() < 3 ? SmallVector<int64_t>(3, 0)
                           : SmallVector<int64_t>(list.take_back(3));
  };
  kernel = getLast(kernel);
  strides = getLast(strides);
  if (format != "NCDHW" || x.getRank() != 5 || x.shape[2] != 1 ||
      kernel[0] != 1 || pads.size() != 6 || pads[0] != 0 || pads[1] != 0 ||
      dilation.size() != 3 || divisor != 0)
    return n.fail("requires an input of [N, C, 1, H, W] and windows of a depth "
                  "of 1; other pools of three dimensions are not supported");
  SmallVector<WindowAxis> window;
  for (unsigned d = 0; d < 2; ++d) {
    window.push_back({x.shape[3 + d], kernel[1 + d], strides[1 + d],
                      dilation[1 + d], pads[2 + 2 * d], pads[3 + 2 * d]});
    std::string reason;
    if (failed(resolveWindow(window.back(), AutoPad::None, ceilMode, reason)))
      return n.fail(reason);
  }
  FailureOr<Tensor> flat =
      n.b.reshape(x, {x.shape[0], x.shape[1], x.shape[3], x.shape[4]});
  if (failed(flat))
    return failure();
  FailureOr<Value> value = n.b.materialize(*flat);
  if (failed(value))
    return failure();
  FailureOr<Value> pooled =
      isMax ? n.b.maxPool2d(*value, window)
            : n.b.averagePool2d(*value, window, countPadding);
  if (failed(pooled))
    return failure();
  Tensor result = Tensor::fromValue(*pooled);
  FailureOr<Tensor> deep =
      n.b.reshape(result, {result.shape[0], result.shape[1], 1, result.shape[2],
                           result.shape[3]});
  if (failed(deep) || !isMax)
    return n.setResult(deep);
  n.setValue(MindIRValue::fromTuple({MindIRValue::fromTensor(*deep)}));
  return success();
}

/// To a given size, of which each element is the mean of as many.
LogicalResult mlir::compress::importAdaptiveAvgPool(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> size = n.getInts(MindIRNode::kAttribute, "output_size");
  if (n.hasFailed() || failed(checkImage(n)))
    return failure();
  if (size.size() != 2)
    return n.fail("requires an output_size of 2 elements");
  FailureOr<Value> value = n.materialize(0);
  if (failed(value))
    return failure();
  if (size[0] == 1 && size[1] == 1)
    return n.setResult(
        n.b.reduce(ReduceKind::Mean, *value, {2, 3}, /*keepDims=*/true));
  SmallVector<int64_t> kernel;
  for (unsigned d = 0; d < 2; ++d) {
    int64_t extent = x.shape[2 + d];
    int64_t wanted = size[d] < 1 ? extent : size[d]; // none is the input's
    if (extent % wanted)
      return n.fail("gives " + Twine(wanted) + " of " + Twine(extent) +
                    " elements, by windows of several sizes, which is not "
                    "supported");
    kernel.push_back(extent / wanted);
  }
  FailureOr<SmallVector<WindowAxis>> window =
      getWindow(n, kernel, kernel, AutoPad::Valid);
  if (failed(window))
    return failure();
  return n.setResult(n.b.averagePool2d(*value, *window, false));
}

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

//===- ProductOps.cpp - convolutions and matrix products ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Arithmetic.h"
#include "Compress/Import/Common/MatrixProduct.h"
#include "Compress/Import/Common/TransposedConv.h"
#include "OpTable.h"
#include "WindowArguments.h"

using namespace mlir;
using namespace mlir::compress;

/// By its text, or in some files by its number.
static FailureOr<bool> isPadModeSame(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  if (!n.hasArgument(attribute, "pad_mode"))
    return false;
  FailureOr<MindIRValue> mode = n.getArgument(attribute, "pad_mode");
  if (failed(mode))
    return failure();
  if (mode->getKind() == MindIRValue::Kind::Text)
    return mode->getText().equals_insensitive("same");
  std::optional<SmallVector<int64_t>> number = mode->getInts();
  return number && ArrayRef<int64_t>(*number) == ArrayRef<int64_t>(1);
}

/// x [N, C, H, W], w [F, C / group, KH, KW]; pad_list has what pad and pad_mode
/// come to, top, bottom, left, right, for the extents in the file. The mode
/// "same" gives others for others.
LogicalResult mlir::compress::importConv2D(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  const Tensor &x = n.getInput(0), &weight = n.getInput(1);
  if (failed(checkImage(n)))
    return failure();
  if (weight.getRank() != 4)
    return n.fail("requires weights of 4 dimensions, not " +
                  toString(weight.shape));
  int64_t mode = n.getInt(attribute, "mode", 1);
  int64_t group = n.getInt(attribute, "group", 1);
  auto stride = getSpatial(n.getInts(attribute, "stride"));
  auto dilation = getSpatial(n.getInts(attribute, "dilation"));
  SmallVector<int64_t> pads = n.getInts(attribute, "pad_list");
  FailureOr<bool> isSame = isPadModeSame(n);
  if (failed(isSame) || n.hasFailed())
    return failure();
  if (mode != 1 || !stride || !dilation || pads.size() != 4)
    return n.fail("requires mode 1, strides and dilations of 2 or 4 elements, "
                  "and a pad_list of 4");
  SmallVector<WindowAxis> window{{x.shape[2], weight.shape[2], (*stride)[0],
                                  (*dilation)[0], pads[0], pads[1]},
                                 {x.shape[3], weight.shape[3], (*stride)[1],
                                  (*dilation)[1], pads[2], pads[3]}};
  for (WindowAxis &axis : window) {
    std::string reason;
    AutoPad autoPad = *isSame ? AutoPad::SameUpper : AutoPad::None;
    if (failed(resolveWindow(axis, autoPad, false, reason)))
      return n.fail(reason);
  }
  SmallVector<int64_t> resolved{window[0].padBefore, window[0].padAfter,
                                window[1].padBefore, window[1].padAfter};
  if (n.options.inputShapes.empty() && resolved != pads)
    return n.fail("has the pad_list " + toString(pads) + ", but the pad_mode " +
                  "\"same\" comes to " + toString(resolved) + " for " +
                  toString(x.shape) + "; export the model again");
  FailureOr<Value> value = n.materialize(0);
  if (failed(value))
    return failure();
  return n.setResult(n.b.conv2d(*value, weight, nullptr, group, window));
}

/// The two last dimensions exchanged.
static FailureOr<Tensor> transposeMatrix(MindIRNode &n, const Tensor &x) {
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, x.getRank()));
  std::swap(order[order.size() - 2], order.back());
  return n.b.transpose(x, order);
}

/// Where weights have several scales, each is of one output.
static LogicalResult checkScales(MindIRNode &n, const Tensor &x,
                                 int64_t outputs) {
  if (!x.isConstant() || !x.quant || !x.quant->axis ||
      *x.quant->axis == outputs)
    return success();
  return n.fail("sums along the dimension of its weights that has several "
                "scales, which is not supported; with one scale, or weights of "
                "[outputs, inputs] and transpose_b, it is");
}

static FailureOr<Tensor> createProduct(MindIRNode &n, const Tensor &a,
                                       const Tensor &b) {
  if (failed(checkScales(n, a, a.getRank() - 2)) ||
      failed(checkScales(n, b, b.getRank() - 1)))
    return failure();
  return createMatMul(
      n.b, a, b, ElementType::F32,
      [&](const Tensor &left, const Tensor &right) -> FailureOr<Value> {
        FailureOr<Value> value = n.b.materialize(left);
        if (failed(value))
          return failure();
        return n.b.matmul(*value, right, nullptr);
      });
}

/// a, b, transpose_a, transpose_b.
LogicalResult mlir::compress::importMatMul(MindIRNode &n) {
  FailureOr<Tensor> a = n.getInput(0), b = n.getInput(1);
  bool transposeA = n.getBool(2, "transpose_a", false);
  bool transposeB = n.getBool(3, "transpose_b", false);
  if (n.hasFailed())
    return failure();
  if (a->getRank() < 2 || b->getRank() < 2)
    return n.fail("requires matrices, not " + toString(a->shape) + " and " +
                  toString(b->shape));
  if (transposeA)
    a = transposeMatrix(n, *a);
  if (transposeB)
    b = transposeMatrix(n, *b);
  if (failed(a) || failed(b))
    return failure();
  return n.setResult(createProduct(n, *a, *b));
}

/// numpy.matmul.
LogicalResult mlir::compress::importMatMulExt(MindIRNode &n) {
  return n.setResult(createProduct(n, n.getInput(0), n.getInput(1)));
}

/// x [N, C, ...], bias [C], format.
LogicalResult mlir::compress::importBiasAdd(MindIRNode &n) {
  const Tensor &x = n.getInput(0), &bias = n.getInput(1);
  if (n.getNumInputs() < 3 && x.getRank() == 4 && failed(checkImage(n)))
    return failure();
  int64_t format = n.getNumInputs() < 3 ? 0 : n.getInt(2, "format");
  if (n.hasFailed())
    return failure();
  if (format != 0)
    return n.fail("has the format " + Twine(format) +
                  ", which is not supported; 0 (NCHW) is");
  if (x.getRank() < 2 || bias.shape != ArrayRef<int64_t>(x.shape[1]))
    return n.fail("requires a bias for dimension 1 of " + toString(x.shape) +
                  ", not " + toString(bias.shape));
  SmallVector<int64_t> shape(x.getRank() - 1, 1);
  shape[0] = x.shape[1];
  FailureOr<Tensor> spread = n.b.reshape(bias, shape);
  if (failed(spread))
    return failure();
  return n.setResult(
      createArithmetic(n.b, ArithmeticFunction::Add, {x, *spread}));
}

/// x [N, C, H, W], w [C, F / group, KH, KW], the shape of the result: what a
/// convolution with this pad_list makes x of.
LogicalResult mlir::compress::importConv2DTranspose(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  const Tensor &x = n.getInput(0), &weight = n.getInput(1);
  if (failed(checkImage(n)))
    return failure();
  int64_t group = n.getInt(attribute, "group", 1);
  auto stride = getSpatial(n.getInts(attribute, "stride"));
  auto dilation = getSpatial(n.getInts(attribute, "dilation"));
  SmallVector<int64_t> pads = n.getInts(attribute, "pad_list");
  SmallVector<int64_t> shape = n.getInts(2, "input_sizes");
  if (n.hasFailed())
    return failure();
  if (weight.getRank() != 4 || group < 1 || weight.shape[0] != x.shape[1] ||
      weight.shape[0] % group)
    return n.fail(
        "requires weights of [channels, filters / groups, ...], not " +
        toString(weight.shape) + " for " + toString(x.shape) + " in " +
        Twine(group) + " groups");
  if (!stride || !dilation || pads.size() != 4 || shape.size() != 4)
    return n.fail("requires strides and dilations of 2 or 4 elements, a "
                  "pad_list and a shape of 4");
  constexpr int64_t limit = int64_t(1) << 30;
  SmallVector<TransposedAxis> axes;
  for (unsigned d = 0; d < 2; ++d) {
    int64_t step = (*stride)[d], spread = (*dilation)[d];
    int64_t before = pads[2 * d], after = pads[2 * d + 1];
    int64_t taps = weight.shape[2 + d], extent = x.shape[2 + d];
    for (int64_t value : {step, spread, taps, extent, shape[2 + d]})
      if (value < 1 || value > limit)
        return n.fail("requires extents from 1 to 2^30, not " + Twine(value));
    if (before < 0 || after < 0 || before > limit || after > limit)
      return n.fail("requires pads from 0 to 2^30");
    int64_t window = spread * (taps - 1) + 1;
    int64_t full = step * (extent - 1) + window - before - after;
    int64_t extra = shape[2 + d] - full;
    if (extra < 0 || extra >= step)
      return n.fail("cannot give an output of " + Twine(shape[2 + d]) +
                    " elements; of " + Twine(full) + " to " +
                    Twine(full + step - 1) + " it can");
    axes.push_back(
        {step, spread, window - 1 - before, window - 1 - after + extra});
  }
  FailureOr<Value> value = n.materialize(0);
  if (failed(value))
    return failure();
  return n.setResult(createTransposedConv2d(n.b, Tensor::fromValue(*value),
                                            weight, nullptr, group, axes));
}

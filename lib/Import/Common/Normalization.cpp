//===- Normalization.cpp - normalizations by what they see ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Normalization.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::compress;

static Value multiply(OpBuilder &b, Location l, ValueRange v) {
  return arith::MulFOp::create(b, l, v[0], v[1]);
}
static Value subtract(OpBuilder &b, Location l, ValueRange v) {
  return arith::SubFOp::create(b, l, v[0], v[1]);
}
static Value square(OpBuilder &b, Location l, ValueRange v) {
  return arith::MulFOp::create(b, l, v[0], v[0]);
}
/// 1 / sqrt(v[0] + v[1]).
static Value createInverseRoot(OpBuilder &b, Location l, ValueRange v) {
  Value widened = arith::AddFOp::create(b, l, v[0], v[1]);
  return math::RsqrtOp::create(b, l, widened);
}

FailureOr<Normalized> mlir::compress::normalize(ModelOpBuilder &b, Value x,
                                                ArrayRef<int64_t> axes,
                                                float epsilon, bool keepsMean) {
  Normalized parts;
  Value centered = x;
  if (!keepsMean) {
    FailureOr<Value> mean = b.reduce(ReduceKind::Mean, x, axes, true);
    if (failed(mean))
      return failure();
    parts.mean = *mean;
    FailureOr<Value> difference = b.elementwise(
        {Tensor::fromValue(x), Tensor::fromValue(*mean)}, subtract);
    if (failed(difference))
      return failure();
    centered = *difference;
  }
  FailureOr<Value> squares = b.elementwise(Tensor::fromValue(centered), square);
  if (failed(squares))
    return failure();
  FailureOr<Value> variance = b.reduce(ReduceKind::Mean, *squares, axes, true);
  if (failed(variance))
    return failure();
  FailureOr<Value> factor = b.elementwise(
      {Tensor::fromValue(*variance), number(epsilon)}, createInverseRoot);
  if (failed(factor))
    return failure();
  parts.factor = *factor;
  FailureOr<Value> result = b.elementwise(
      {Tensor::fromValue(centered), Tensor::fromValue(*factor)}, multiply);
  if (failed(result))
    return failure();
  parts.result = *result;
  return parts;
}

FailureOr<Value> mlir::compress::scaleAndShift(ModelOpBuilder &builder, Value x,
                                               const Tensor &scale,
                                               const Tensor *bias) {
  Tensor input = Tensor::fromValue(x);
  SmallVector<Tensor> operands{input, scale};
  if (bias)
    operands.push_back(*bias);
  for (const Tensor &operand : operands) {
    std::optional<SmallVector<int64_t>> joined =
        broadcastShapes(input.shape, operand.shape);
    if (!joined || *joined != input.shape)
      return builder.fail("cannot broadcast " + toString(operand.shape) +
                          " to " + toString(input.shape));
  }
  return builder.elementwise(
      operands, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
        return bias ? arith::AddFOp::create(b, l, scaled, v[2]).getResult()
                    : scaled;
      });
}

/// [C] as [C, 1, ...] for a tensor of `rank` dimensions with C in the second.
static FailureOr<Tensor> alongChannels(ModelOpBuilder &b, const Tensor &tensor,
                                       int64_t rank) {
  SmallVector<int64_t> shape(rank - 1, 1);
  shape.front() = tensor.getNumElements();
  return b.reshape(tensor, shape);
}

FailureOr<Tensor>
mlir::compress::createGroupNorm(ModelOpBuilder &b, const Tensor &x,
                                int64_t groups, const Tensor &scale,
                                const Tensor &bias, float epsilon) {
  if (x.getRank() < 3)
    return b.fail("requires an input of 3 dimensions or more, not " +
                  toString(x.shape));
  int64_t channels = x.shape[1];
  FailureOr<Value> value = b.materialize(x);
  if (failed(value))
    return failure();
  if (groups < 1 || channels % groups)
    return b.fail("cannot split " + Twine(channels) + " channels into " +
                  Twine(groups) + " groups");
  FailureOr<Tensor> grouped = b.reshape(
      Tensor::fromValue(*value),
      {x.shape[0], groups, x.getNumElements() / (x.shape[0] * groups)});
  if (failed(grouped))
    return failure();
  FailureOr<Normalized> parts = normalize(b, grouped->value, {2}, epsilon);
  if (failed(parts))
    return failure();
  Tensor normalized = Tensor::fromValue(parts->result);
  bool isPerGroup = groups != channels && scale.getNumElements() == groups;
  if (!isPerGroup &&
      (scale.getNumElements() != channels || bias.getNumElements() != channels))
    return b.fail("requires a scale and bias of [" + Twine(channels) +
                  "], not " + toString(scale.shape) + " and " +
                  toString(bias.shape));
  FailureOr<Tensor> shaped = normalized;
  if (!isPerGroup)
    shaped = b.reshape(normalized, x.shape);
  if (failed(shaped))
    return failure();
  FailureOr<Tensor> scales = alongChannels(b, scale, shaped->getRank());
  FailureOr<Tensor> biases = alongChannels(b, bias, shaped->getRank());
  if (failed(scales) || failed(biases))
    return failure();
  FailureOr<Value> result = scaleAndShift(b, shaped->value, *scales, &*biases);
  if (failed(result))
    return failure();
  return b.reshape(Tensor::fromValue(*result), x.shape);
}

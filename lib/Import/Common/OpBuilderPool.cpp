//===- OpBuilderPool.cpp - pooling ---------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

FailureOr<SmallVector<int64_t>>
ModelOpBuilder::getPooledShape(Value x, ArrayRef<WindowAxis> window) {
  ArrayRef<int64_t> input = cast<RankedTensorType>(x.getType()).getShape();
  if (input.size() != 4 || window.size() != 2 || window[0].input != input[2] ||
      window[1].input != input[3])
    return fail("requires an input of 4 dimensions, not " + toString(input));
  return SmallVector<int64_t>{input[0], input[1], window[0].output,
                              window[1].output};
}

/// Builds the pooling op `OpTy` of a padded `x`.
template <typename OpTy>
static Value createPooling(OpBuilder &builder, Location loc, Value x,
                           Value taps, Value init,
                           ArrayRef<WindowAxis> window) {
  return OpTy::create(
             builder, loc, TypeRange(init.getType()), ValueRange{x, taps}, init,
             builder.getI64TensorAttr({window[0].stride, window[1].stride}),
             builder.getI64TensorAttr({window[0].dilation, window[1].dilation}))
      ->getResult(0);
}

/// The number of taps at each position of `axis` that meet elements, or also
/// padding.
static FailureOr<SmallVector<int64_t>>
countTaps(ModelOpBuilder &b, const WindowAxis &axis, bool countPadding) {
  if (failed(b.charge(axis.output * sizeof(int64_t))))
    return failure();
  int64_t low = countPadding ? -axis.padBefore : 0;
  int64_t high = axis.input + (countPadding ? axis.padAfter : 0);
  SmallVector<int64_t> counts(axis.output);
  for (int64_t p = 0; p < axis.output; ++p)
    counts[p] = axis.countTaps(p, low, high);
  return counts;
}

FailureOr<Value> ModelOpBuilder::maxPool2d(Value x,
                                           ArrayRef<WindowAxis> window) {
  FailureOr<SmallVector<int64_t>> shape = getPooledShape(x, window);
  if (failed(shape))
    return failure();
  for (const WindowAxis &axis : window) {
    if (!axis.isPadded())
      continue;
    FailureOr<SmallVector<int64_t>> counts = countTaps(*this, axis, false);
    if (failed(counts) || llvm::is_contained(*counts, 0))
      return fail("has a window with nothing but padding");
  }
  FailureOr<RankedTensorType> type = getType(*shape);
  FailureOr<RankedTensorType> tapsType =
      getType({window[0].kernel, window[1].kernel});
  if (failed(type) || failed(tapsType))
    return failure();
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  FailureOr<Value> padded = padWindow(x, window, lowest);
  if (failed(padded))
    return failure();
  return createPooling<linalg::PoolingNchwMaxOp>(
      builder, loc, *padded, createEmpty(*tapsType),
      createFilled(*type, lowest), window);
}

FailureOr<Value> ModelOpBuilder::averagePool2d(Value x,
                                               ArrayRef<WindowAxis> window,
                                               bool countPadding) {
  FailureOr<SmallVector<int64_t>> shape = getPooledShape(x, window);
  if (failed(shape))
    return failure();
  FailureOr<RankedTensorType> type = getType(*shape);
  FailureOr<RankedTensorType> tapsType =
      getType({window[0].kernel, window[1].kernel});
  if (failed(type) || failed(tapsType))
    return failure();

  // The divisors: one, or one a position.
  Tensor divisor = Tensor::fromConstant(ConstantTensor::fromFloats(
      {}, {static_cast<float>(window[0].kernel * window[1].kernel)}));
  if (window[0].isPadded() || window[1].isPadded()) {
    FailureOr<SmallVector<int64_t>> rows =
        countTaps(*this, window[0], countPadding);
    FailureOr<SmallVector<int64_t>> columns =
        countTaps(*this, window[1], countPadding);
    if (failed(rows) || failed(columns) || llvm::is_contained(*rows, 0) ||
        llvm::is_contained(*columns, 0))
      return fail("has a window with nothing but padding");
    if (llvm::all_equal(*rows) && llvm::all_equal(*columns)) {
      divisor = Tensor::fromConstant(ConstantTensor::fromFloats(
          {}, {static_cast<float>(rows->front() * columns->front())}));
    } else {
      int64_t count = (*shape)[2] * (*shape)[3];
      if (failed(charge(count * sizeof(float))))
        return failure();
      SmallVector<float> values;
      values.reserve(count);
      for (int64_t row : *rows)
        for (int64_t column : *columns)
          values.push_back(static_cast<float>(row * column));
      divisor = Tensor::fromConstant(
          ConstantTensor::fromFloats({(*shape)[2], (*shape)[3]}, values));
    }
  }

  FailureOr<Value> padded = padWindow(x, window, 0.0f);
  if (failed(padded))
    return failure();
  Value sum = createPooling<linalg::PoolingNchwSumOp>(
      builder, loc, *padded, createEmpty(*tapsType), createFilled(*type, 0.0f),
      window);
  return elementwise({Tensor::fromValue(sum), divisor},
                     [](OpBuilder &b, Location l, ValueRange v) -> Value {
                       return arith::DivFOp::create(b, l, v[0], v[1]);
                     });
}

//===- OpBuilderInteger.cpp - products of integers -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

/// i32 sums that start at 0.
static Value createZeros(OpBuilder &b, Location loc, ArrayRef<int64_t> shape) {
  Value zero = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(0));
  Value empty = tensor::EmptyOp::create(b, loc, shape, b.getI32Type());
  return linalg::FillOp::create(b, loc, zero, empty).getResult(0);
}

FailureOr<Value> ModelOpBuilder::integerMatmul(const Tensor &a, const Tensor &b,
                                               Value zeroA, Value zeroB) {
  ArrayRef<int64_t> left = a.shape, right = b.shape;
  bool isBatched = left.size() == 3;
  if (left.size() < 2 || left.size() > 3 || left.size() != right.size() ||
      left.back() != right[right.size() - 2] ||
      (isBatched && left[0] != right[0]))
    return fail("requires matrices that fit, not " + toString(left) + " and " +
                toString(right));
  SmallVector<int64_t> shape(left);
  shape.back() = right.back();
  FailureOr<RankedTensorType> type = getType(shape, ElementType::I32);
  if (failed(type))
    return failure();
  FailureOr<Value> lhs = materializeAny(a), rhs = materializeAny(b);
  if (failed(lhs) || failed(rhs))
    return failure();
  Value init = createZeros(builder, loc, shape);
  SmallVector<Value> inputs{*lhs, *rhs, zeroA, zeroB};
  if (isBatched)
    return linalg::QuantizedBatchMatmulOp::create(
               builder, loc, TypeRange(*type), inputs, init)
        .getResult(0);
  return linalg::QuantizedMatmulOp::create(builder, loc, TypeRange(*type),
                                           inputs, init)
      .getResult(0);
}

FailureOr<Value> ModelOpBuilder::integerConv2d(const Tensor &x,
                                               const Tensor &weight,
                                               int64_t groups,
                                               ArrayRef<WindowAxis> window,
                                               Value zeroX, Value zeroW) {
  int64_t filters = weight.shape[0], channels = x.shape[1];
  if (groups < 1 || channels % groups || filters % groups ||
      weight.shape[1] != channels / groups)
    return fail("requires weights of [filters, channels / groups, ...], not " +
                toString(weight.shape) + " for an input of " +
                toString(x.shape) + " in " + Twine(groups) + " groups");
  SmallVector<int64_t> shape{x.shape[0], filters, window[0].output,
                             window[1].output};
  if (failed(getType(shape, ElementType::I32)))
    return failure();
  FailureOr<Value> input = materializeAny(x), filter = materializeAny(weight);
  if (failed(input) || failed(filter))
    return failure();

  SmallVector<int64_t> low(4, 0), high(4, 0), strides, dilations,
      padded(x.shape);
  for (auto [i, axis] : llvm::enumerate(window)) {
    low[2 + i] = axis.padBefore;
    high[2 + i] = axis.padAfter;
    padded[2 + i] += axis.padBefore + axis.padAfter;
    strides.push_back(axis.stride);
    dilations.push_back(axis.dilation);
  }
  Type i8 = builder.getI8Type(), i32 = builder.getI32Type();
  if (padded != x.shape) {
    if (failed(getType(padded, ElementType::I8)))
      return failure();
    Value fill = arith::TruncIOp::create(builder, loc, i8, zeroX);
    input =
        tensor::PadOp::create(builder, loc, RankedTensorType::get(padded, i8),
                              *input, getAsIndexOpFoldResult(getContext(), low),
                              getAsIndexOpFoldResult(getContext(), high), fill)
            .getResult();
  }
  auto strideAttr = builder.getI64TensorAttr(strides);
  auto dilationAttr = builder.getI64TensorAttr(dilations);
  if (groups == 1) {
    Value init = createZeros(builder, loc, shape);
    return linalg::Conv2DNchwFchwQOp::create(
               builder, loc, TypeRange(init.getType()),
               ValueRange{*input, *filter, zeroX, zeroW}, init, strideAttr,
               dilationAttr)
        .getResult(0);
  }
  SmallVector<int64_t> sums{shape[0], groups, filters / groups, shape[2],
                            shape[3]};
  Value init = createZeros(builder, loc, sums);
  Value grouped = reshapeValue(
      *input, {padded[0], groups, channels / groups, padded[2], padded[3]});
  Value groupedFilter =
      reshapeValue(*filter, {groups, filters / groups, channels / groups,
                             weight.shape[2], weight.shape[3]});
  Value result = linalg::Conv2DNgchwGfchwQOp::create(
                     builder, loc, TypeRange(RankedTensorType::get(sums, i32)),
                     ValueRange{grouped, groupedFilter, zeroX, zeroW}, init,
                     strideAttr, dilationAttr)
                     .getResult(0);
  return reshapeValue(result, shape);
}

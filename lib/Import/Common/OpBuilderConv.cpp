//===- OpBuilderConv.cpp - convolutions and matrix products --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// Builds the named op `OpTy` on `inputs` with strides and dilations.
template <typename OpTy>
static Value createWindowed(OpBuilder &builder, Location loc, ValueRange inputs,
                            Value init, ArrayRef<WindowAxis> window) {
  SmallVector<int64_t> strides, dilations;
  for (const WindowAxis &axis : window) {
    strides.push_back(axis.stride);
    dilations.push_back(axis.dilation);
  }
  return OpTy::create(builder, loc, TypeRange(init.getType()), inputs, init,
                      builder.getI64TensorAttr(strides),
                      builder.getI64TensorAttr(dilations))
      ->getResult(0);
}

FailureOr<Value> ModelOpBuilder::padWindow(Value x, ArrayRef<WindowAxis> window,
                                           float fill) {
  SmallVector<int64_t> low(2, 0), high(2, 0);
  for (const WindowAxis &axis : window) {
    low.push_back(axis.padBefore);
    high.push_back(axis.padAfter + axis.overhang);
  }
  FailureOr<Tensor> padded = pad(Tensor::fromValue(x), low, high, fill);
  if (failed(padded))
    return failure();
  return padded->value;
}

//===----------------------------------------------------------------------===//
// Convolution
//===----------------------------------------------------------------------===//

FailureOr<Value> ModelOpBuilder::conv2d(Value x, const Tensor &weight,
                                        const Tensor *bias, int64_t groups,
                                        ArrayRef<WindowAxis> window) {
  ArrayRef<int64_t> input = getShape(x), kernel = weight.shape;
  if (input.size() != 4 || kernel.size() != 4 || window.size() != 2)
    return fail("requires an input and weights of 4 dimensions, not " +
                toString(input) + " and " + toString(kernel));
  int64_t filters = kernel[0], channels = input[1];
  if (groups < 1 || channels % groups || filters % groups ||
      kernel[1] != channels / groups)
    return fail("requires weights of [filters, channels / groups, ...], not " +
                toString(kernel) + " for an input of " + toString(input) +
                " in " + Twine(groups) + " groups");
  if (bias && ArrayRef<int64_t>(bias->shape) != ArrayRef<int64_t>(filters))
    return fail("requires a bias of [" + Twine(filters) + "], not " +
                toString(bias->shape));
  for (size_t i = 0; i < 2; ++i)
    if (window[i].input != input[2 + i] || window[i].kernel != kernel[2 + i])
      return fail("has a window that does not fit its operands");

  SmallVector<int64_t> shape{input[0], filters, window[0].output,
                             window[1].output};
  FailureOr<RankedTensorType> type = getType(shape);
  if (failed(type))
    return failure();
  // The bias over the result, in its grouped shape where there are groups.
  bool isDepthwise = groups > 1 && groups == channels && groups == filters;
  bool isGrouped = groups > 1 && !isDepthwise;
  SmallVector<int64_t> initShape = shape, biasShape{filters};
  SmallVector<int64_t> added{0, 2, 3};
  if (isGrouped) {
    initShape = {shape[0], groups, filters / groups, shape[2], shape[3]};
    biasShape = {groups, filters / groups};
    added = {0, 3, 4};
  }
  auto getInit = [&]() -> FailureOr<Value> {
    if (!bias)
      return createFilled(
          RankedTensorType::get(initShape, builder.getF32Type()), 0.0f);
    FailureOr<Tensor> shaped = reshape(*bias, biasShape);
    if (failed(shaped))
      return failure();
    return broadcast(*shaped, initShape, added);
  };

  FailureOr<Value> padded = padWindow(x, window, 0.0f);
  if (failed(padded))
    return failure();
  if (isDepthwise) {
    FailureOr<Tensor> shaped = reshape(weight, {filters, kernel[2], kernel[3]});
    if (failed(shaped))
      return failure();
    FailureOr<Value> filter = materialize(*shaped), init = getInit();
    if (failed(filter) || failed(init))
      return failure();
    return createWindowed<linalg::DepthwiseConv2DNchwChwOp>(
        builder, loc, {*padded, *filter}, *init, window);
  }
  FailureOr<Value> filter = materialize(weight), init = getInit();
  if (failed(filter) || failed(init))
    return failure();
  if (!isGrouped)
    return createWindowed<linalg::Conv2DNchwFchwOp>(
        builder, loc, {*padded, *filter}, *init, window);

  ArrayRef<int64_t> in = getShape(*padded);
  Value grouped =
      reshapeValue(*padded, {in[0], groups, channels / groups, in[2], in[3]});
  Value groupedFilter =
      reshapeValue(*filter, {groups, filters / groups, channels / groups,
                             kernel[2], kernel[3]});
  Value result = createWindowed<linalg::Conv2DNgchwGfchwOp>(
      builder, loc, {grouped, groupedFilter}, *init, window);
  return reshapeValue(result, shape);
}

//===----------------------------------------------------------------------===//
// Matrix product
//===----------------------------------------------------------------------===//

FailureOr<Value> ModelOpBuilder::matmul(Value a, const Tensor &b,
                                        const Tensor *bias) {
  ArrayRef<int64_t> left = getShape(a), right = b.shape;
  bool isBatched = left.size() == 3;
  if (left.size() < 2 || left.size() > 3 || left.size() != right.size() ||
      left.back() != right[right.size() - 2] ||
      (isBatched && left[0] != right[0]))
    return fail("requires matrices that fit, not " + toString(left) + " and " +
                toString(right));
  SmallVector<int64_t> shape(left);
  shape.back() = right.back();
  FailureOr<RankedTensorType> type = getType(shape);
  if (failed(type))
    return failure();
  FailureOr<Value> rhs = materialize(b);
  if (failed(rhs))
    return failure();
  FailureOr<Value> init =
      bias ? broadcast(*bias, shape) : createFilled(*type, 0.0f);
  if (failed(init))
    return failure();
  if (isBatched)
    return linalg::BatchMatmulOp::create(builder, loc, TypeRange(*type),
                                         ValueRange{a, *rhs}, *init)
        .getResult(0);
  return linalg::MatmulOp::create(builder, loc, TypeRange(*type),
                                  ValueRange{a, *rhs}, *init)
      .getResult(0);
}

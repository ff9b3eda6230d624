//===- OpBuilderElementwise.cpp - elementwise ops ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::compress;

/// The only element of `constant` as a scalar of the function.
Value ModelOpBuilder::createElement(const ConstantTensor &constant, Type type) {
  if (isa<FloatType>(type))
    return createScalar(static_cast<float>(constant.getDouble(0)));
  APInt bits(type.getIntOrFloatBitWidth(), constant.getInt(0),
             /*isSigned=*/true, /*implicitTrunc=*/true);
  return arith::ConstantOp::create(builder, loc,
                                   builder.getIntegerAttr(type, bits));
}

FailureOr<Value> ModelOpBuilder::elementwise(ArrayRef<Tensor> operands,
                                             ScalarBody body,
                                             ElementType resultType) {
  SmallVector<int64_t> shape;
  for (const Tensor &operand : operands) {
    std::optional<SmallVector<int64_t>> joined =
        broadcastShapes(shape, operand.shape);
    if (!joined)
      return fail("cannot broadcast " + toString(shape) + " and " +
                  toString(operand.shape));
    shape = *joined;
  }
  FailureOr<RankedTensorType> type = getType(shape, resultType);
  if (failed(type))
    return failure();

  // A constant of one element is a scalar around the op; every other operand
  // keeps the dimensions that it does not repeat.
  SmallVector<Value> scalars(operands.size()), inputs;
  SmallVector<AffineMap> maps;
  for (auto [operand, scalar] : llvm::zip_equal(operands, scalars)) {
    if (operand.isPlainConstant() && operand.getNumElements() == 1) {
      FailureOr<RankedTensorType> one = getType({}, operand.type);
      if (failed(one))
        return failure();
      scalar = createElement(*operand.constant, one->getElementType());
      continue;
    }
    size_t missing = shape.size() - operand.shape.size();
    SmallVector<int64_t> keptShape;
    SmallVector<AffineExpr> kept;
    for (auto [i, extent] : llvm::enumerate(operand.shape)) {
      if (extent == 1 && shape[i + missing] != 1)
        continue;
      keptShape.push_back(extent);
      kept.push_back(builder.getAffineDimExpr(i + missing));
    }
    FailureOr<Tensor> source = reshape(operand, keptShape);
    if (failed(source))
      return failure();
    FailureOr<Value> value = materializeAny(*source);
    if (failed(value))
      return failure();
    inputs.push_back(*value);
    maps.push_back(AffineMap::get(shape.size(), 0, kept, getContext()));
  }
  maps.push_back(builder.getMultiDimIdentityMap(shape.size()));
  return generic(
      inputs, createEmpty(*type), maps, /*reducedDims=*/{},
      [&](OpBuilder &b, Location l, ValueRange elements) {
        SmallVector<Value> all;
        auto next = elements.begin();
        for (auto [scalar, operand] : llvm::zip_equal(scalars, operands)) {
          Value element = scalar ? scalar : *next++;
          if (operand.type == ElementType::Bool)
            element = arith::TruncIOp::create(b, l, b.getI1Type(), element);
          all.push_back(element);
        }
        Value result = body(b, l, all);
        if (resultType == ElementType::Bool)
          result = arith::ExtUIOp::create(b, l, b.getI8Type(), result);
        return result;
      });
}

FailureOr<Value> ModelOpBuilder::batchNorm(Value x, const Tensor &gamma,
                                           const Tensor &beta,
                                           const Tensor &mean,
                                           const Tensor &variance,
                                           float epsilon) {
  auto type = cast<RankedTensorType>(x.getType());
  if (type.getRank() < 2)
    return fail("requires an input of 2 dimensions or more, not " +
                toString(type.getShape()));
  int64_t channels = type.getDimSize(1);
  SmallVector<Value> inputs{x};
  SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(type.getRank())};
  for (const Tensor &parameter : {gamma, beta, mean, variance}) {
    if (ArrayRef<int64_t>(parameter.shape) != ArrayRef<int64_t>(channels))
      return fail("requires parameters of [" + Twine(channels) + "], not " +
                  toString(parameter.shape));
    FailureOr<Value> value = materialize(parameter);
    if (failed(value))
      return failure();
    inputs.push_back(*value);
    maps.push_back(AffineMap::get(type.getRank(), 0,
                                  builder.getAffineDimExpr(1), getContext()));
  }
  maps.push_back(maps.front());
  Value eps = createScalar(epsilon);
  return generic(inputs, createEmpty(type), maps, /*reducedDims=*/{},
                 [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                   Value centered = arith::SubFOp::create(b, l, v[0], v[3]);
                   Value widened = arith::AddFOp::create(b, l, v[4], eps);
                   Value inverse = math::RsqrtOp::create(b, l, widened);
                   Value unit = arith::MulFOp::create(b, l, centered, inverse);
                   Value scaled = arith::MulFOp::create(b, l, unit, v[1]);
                   return arith::AddFOp::create(b, l, scaled, v[2]);
                 });
}

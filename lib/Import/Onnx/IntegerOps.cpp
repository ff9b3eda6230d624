//===- IntegerOps.cpp - products of integers, dynamic quantization -------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Sums of (a - za) * (b - zb) in int32, as linalg's quantized ops on signed
// integers: uint8 becomes int8 by 128 less, and so does its zero point. The
// zero point of the activation may be known at run time only.
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/MatrixProduct.h"
#include "OpTable.h"
#include "WindowAttributes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// DynamicQuantizeLinear
//===----------------------------------------------------------------------===//

/// y = saturate(round(x / scale) + zero point) in uint8, with the scale
/// (max(x, 0) - min(x, 0)) / 255 and the zero point saturate(round(-min /
/// scale)). Where that scale is 0,
/// it is 1; where it is NaN, the zero point is 0.
LogicalResult mlir::compress::importDynamicQuantizeLinear(NodeImporter &n) {
  FailureOr<Value> x = n.getValue(0);
  if (failed(x))
    return failure();
  auto dims = llvm::to_vector(llvm::seq<int64_t>(0, n.getInput(0).getRank()));
  FailureOr<Value> high = n.b.reduce(ReduceKind::Max, *x, dims, false);
  FailureOr<Value> low = n.b.reduce(ReduceKind::Min, *x, dims, false);
  if (failed(high) || failed(low))
    return failure();
  FailureOr<Value> scale = n.b.elementwise(
      {Tensor::fromValue(*high), Tensor::fromValue(*low), number(0),
       number(255), number(1)},
      [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value most = arith::MaximumFOp::create(b, l, v[0], v[2]);
        Value least = arith::MinimumFOp::create(b, l, v[1], v[2]);
        Value range = arith::SubFOp::create(b, l, most, least);
        Value step = arith::DivFOp::create(b, l, range, v[3]);
        Value isZero =
            arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, step, v[2]);
        return arith::SelectOp::create(b, l, isZero, v[4], step);
      });
  if (failed(scale))
    return failure();
  auto saturate = [](OpBuilder &b, Location l, Value value, Value least,
                     Value most) -> Value {
    value = arith::MaximumFOp::create(b, l, value, least);
    return arith::MinimumFOp::create(b, l, value, most);
  };
  FailureOr<Value> zeroPoint = n.b.elementwise(
      {Tensor::fromValue(*low), Tensor::fromValue(*scale), number(0),
       number(255)},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value least = arith::MinimumFOp::create(b, l, v[0], v[2]);
        Value below = arith::SubFOp::create(b, l, v[2], least);
        Value steps = arith::DivFOp::create(b, l, below, v[1]);
        steps = math::RoundEvenOp::create(b, l, steps);
        Value isNumber = arith::CmpFOp::create(b, l, arith::CmpFPredicate::ORD,
                                               steps, steps);
        steps = arith::SelectOp::create(b, l, isNumber, steps, v[2]);
        return saturate(b, l, steps, v[2], v[3]);
      });
  if (failed(zeroPoint))
    return failure();
  auto toCode = [](OpBuilder &b, Location l, Value value) -> Value {
    Value whole = arith::FPToSIOp::create(b, l, b.getI32Type(), value);
    return arith::TruncIOp::create(b, l, b.getI8Type(), whole);
  };
  FailureOr<Value> code = n.b.elementwise(
      Tensor::fromValue(*zeroPoint),
      [&](OpBuilder &b, Location l, ValueRange v) {
        return toCode(b, l, v[0]);
      },
      ElementType::U8);
  FailureOr<Value> y = n.b.elementwise(
      {Tensor::fromValue(*x), Tensor::fromValue(*scale),
       Tensor::fromValue(*zeroPoint), number(0), number(255)},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value steps = arith::DivFOp::create(b, l, v[0], v[1]);
        steps = math::RoundEvenOp::create(b, l, steps);
        steps = arith::AddFOp::create(b, l, steps, v[2]);
        // NaN becomes the zero point, as where the scale is constant.
        Value isNumber = arith::CmpFOp::create(b, l, arith::CmpFPredicate::ORD,
                                               steps, steps);
        steps = arith::SelectOp::create(b, l, isNumber, steps, v[2]);
        return toCode(b, l, saturate(b, l, steps, v[3], v[4]));
      },
      ElementType::U8);
  if (failed(code) || failed(y))
    return failure();
  if (n.hasOutput(1) && failed(n.setResult(scale, 1)))
    return failure();
  if (n.hasOutput(2) && failed(n.setResult(code, ElementType::U8, 2)))
    return failure();
  return n.setResult(y, ElementType::U8);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

/// `x` of int8 or uint8 in int8.
static FailureOr<Tensor> toSigned(NodeImporter &n, const Tensor &x) {
  if (x.type == ElementType::I8)
    return n.b.getIntegers(x);
  if (x.type != ElementType::U8)
    return n.fail("requires operands of int8 or uint8, not " +
                  toString(x.type));
  if (x.isPlainConstant()) {
    if (failed(n.b.charge(x.getNumElements() * 2 * sizeof(int64_t))))
      return failure();
    SmallVector<int64_t> values = x.constant->getInts();
    for (int64_t &value : values)
      value -= 128;
    return Tensor::fromConstant(
        ConstantTensor::fromInts(ElementType::I8, x.shape, values));
  }
  FailureOr<Value> value = n.b.elementwise(
      x,
      [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value top = arith::ConstantOp::create(b, l, b.getI8IntegerAttr(-128));
        return arith::XOrIOp::create(b, l, v[0], top);
      },
      ElementType::I8);
  if (failed(value))
    return failure();
  return Tensor::fromValue(*value, ElementType::I8);
}

/// The zero point in input `i`, 0 where it is left out, of an operand of `type`
/// as toSigned makes it: one number, in i32.
static FailureOr<Value> getZeroPoint(NodeImporter &n, unsigned i,
                                     ElementType type) {
  int64_t shift = type == ElementType::U8 ? 128 : 0;
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(
        n.b.ir(), n.b.getLoc(),
        n.b.ir().getI32IntegerAttr(static_cast<int32_t>(value - shift)));
  };
  if (!n.hasInput(i))
    return constant(0);
  const Tensor &zeroPoint = n.getInput(i);
  if (zeroPoint.type != type)
    return n.fail("requires a zero point of " + toString(type) + ", not " +
                  toString(zeroPoint.type));
  if (zeroPoint.isPlainConstant()) {
    if (failed(n.b.charge(zeroPoint.getNumElements() * sizeof(int64_t))))
      return failure();
    SmallVector<int64_t> values = zeroPoint.constant->getInts();
    if (values.empty() || !llvm::all_equal(values))
      return n.fail("requires one zero point (input " + n.getInputName(i) +
                    ") for all channels; quantize the weights symmetrically");
    return constant(values.front());
  }
  if (zeroPoint.getNumElements() != 1)
    return n.fail("requires one zero point (input " + n.getInputName(i) +
                  ") for all channels");
  FailureOr<Tensor> scalar = n.b.reshape(zeroPoint, {});
  if (failed(scalar))
    return failure();
  FailureOr<Value> wide = n.b.elementwise(
      *scalar,
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Type i32 = b.getI32Type();
        if (!shift)
          return arith::ExtSIOp::create(b, l, i32, v[0]);
        Value extended = arith::ExtUIOp::create(b, l, i32, v[0]);
        Value half = arith::ConstantOp::create(
            b, l, b.getI32IntegerAttr(static_cast<int32_t>(shift)));
        return arith::SubIOp::create(b, l, extended, half);
      },
      ElementType::I32);
  if (failed(wide))
    return failure();
  return tensor::ExtractOp::create(n.b.ir(), n.b.getLoc(), *wide, ValueRange{})
      .getResult();
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// A, B, and their zero points: numpy.matmul in int32.
LogicalResult mlir::compress::importMatMulInteger(NodeImporter &n) {
  FailureOr<Tensor> a = toSigned(n, n.getInput(0));
  FailureOr<Tensor> b = toSigned(n, n.getInput(1));
  if (failed(a) || failed(b))
    return failure();
  FailureOr<Value> zeroA = getZeroPoint(n, 2, n.getInput(0).type);
  FailureOr<Value> zeroB = getZeroPoint(n, 3, n.getInput(1).type);
  if (failed(zeroA) || failed(zeroB))
    return failure();
  FailureOr<Tensor> product =
      createMatMul(n.b, *a, *b, ElementType::I32,
                   [&](const Tensor &left, const Tensor &right) {
                     return n.b.integerMatmul(left, right, *zeroA, *zeroB);
                   });
  return n.setResult(product);
}

/// x, w, and their zero points: Conv in int32, padded with the zero point.
LogicalResult mlir::compress::importConvInteger(NodeImporter &n) {
  const Tensor &given = n.getInput(0);
  int64_t rank = given.getRank();
  if (rank < 3 || rank > 4 || n.getInput(1).getRank() != rank)
    return n.fail("requires an input and weights of 3 or 4 dimensions, not " +
                  toString(given.shape) + " and " +
                  toString(n.getInput(1).shape));
  FailureOr<SmallVector<WindowAxis>> window = getWindow(
      n, given.shape, ArrayRef<int64_t>(n.getInput(1).shape).drop_front(2));
  int64_t group = n.getInt("group", 1);
  if (failed(window) || n.hasFailed())
    return failure();
  FailureOr<Tensor> x = toSigned(n, given), w = toSigned(n, n.getInput(1));
  if (failed(x) || failed(w))
    return failure();
  FailureOr<Tensor> x4 = to2d(n, *x), w4 = to2d(n, *w);
  FailureOr<Value> zeroX = getZeroPoint(n, 2, given.type);
  FailureOr<Value> zeroW = getZeroPoint(n, 3, n.getInput(1).type);
  if (failed(x4) || failed(w4) || failed(zeroX) || failed(zeroW))
    return failure();
  FailureOr<Value> y =
      n.b.integerConv2d(*x4, *w4, group, *window, *zeroX, *zeroW);
  if (failed(y))
    return failure();
  Tensor result = Tensor::fromValue(*y, ElementType::I32);
  if (rank == 3)
    return n.setResult(n.b.reshape(
        result, {result.shape[0], result.shape[1], result.shape[3]}));
  return n.setResult(FailureOr<Tensor>(result));
}

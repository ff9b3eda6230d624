//===- OpBuilderConvert.cpp - conversions of element types ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// The conversion of one element, bools as i1: integers wrap around, f32 to
/// integers truncates towards zero and saturates, NaN becomes 0.
static Value createCast(OpBuilder &b, Location l, Value x, ElementType from,
                        ElementType to, Type stored) {
  Type type = to == ElementType::Bool ? b.getI1Type() : stored;
  bool isUnsigned = !isFloat(from) && !isSignedInteger(from);
  if (to == ElementType::F32)
    return isUnsigned ? arith::UIToFPOp::create(b, l, type, x).getResult()
                      : arith::SIToFPOp::create(b, l, type, x).getResult();
  if (to == ElementType::Bool) {
    if (isFloat(from))
      return arith::CmpFOp::create(
          b, l, arith::CmpFPredicate::UNE, x,
          arith::ConstantOp::create(b, l, b.getF32FloatAttr(0)));
    return arith::CmpIOp::create(
        b, l, arith::CmpIPredicate::ne, x,
        arith::ConstantOp::create(b, l, b.getZeroAttr(x.getType())));
  }
  if (!isFloat(from)) {
    unsigned width = x.getType().getIntOrFloatBitWidth();
    unsigned wanted = type.getIntOrFloatBitWidth();
    if (width == wanted)
      return x;
    if (width > wanted)
      return arith::TruncIOp::create(b, l, type, x);
    return isUnsigned ? arith::ExtUIOp::create(b, l, type, x).getResult()
                      : arith::ExtSIOp::create(b, l, type, x).getResult();
  }
  // Out of range the conversion is undefined: bounds first. The largest float
  // below 2^n is 2^n less a unit in the last place.
  unsigned bits = getBitWidth(to);
  bool isSigned = isSignedInteger(to);
  double end = std::ldexp(1.0, static_cast<int>(isSigned ? bits - 1 : bits));
  float high = std::nextafter(static_cast<float>(end), 0.0f);
  if (bits <= 16)
    high = static_cast<float>(end - 1);
  auto constant = [&](float value) -> Value {
    return arith::ConstantOp::create(b, l, b.getF32FloatAttr(value));
  };
  Value isNumber = arith::CmpFOp::create(b, l, arith::CmpFPredicate::ORD, x, x);
  x = arith::SelectOp::create(b, l, isNumber, x, constant(0));
  x = arith::MaximumFOp::create(
      b, l, x, constant(isSigned ? static_cast<float>(-end) : 0.0f));
  Value isAbove = arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, x,
                                        constant(static_cast<float>(end)));
  x = arith::MinimumFOp::create(b, l, x, constant(high));
  Value whole = isSigned ? arith::FPToSIOp::create(b, l, type, x).getResult()
                         : arith::FPToUIOp::create(b, l, type, x).getResult();
  APInt most =
      isSigned ? APInt::getSignedMaxValue(bits) : APInt::getMaxValue(bits);
  Value largest = arith::ConstantOp::create(b, l, b.getIntegerAttr(type, most));
  return arith::SelectOp::create(b, l, isAbove, largest, whole);
}

FailureOr<Tensor> ModelOpBuilder::convert(const Tensor &x, ElementType to) {
  if (to == x.type)
    return x;
  if (x.isPlainConstant()) {
    if (failed(charge(x.getNumElements() * getStorageBytes(to))))
      return failure();
    ConstantTensorRef result = x.constant->cast(to);
    if (!result)
      return fail("casts " + toString(x.type) + " to " + toString(to) +
                  ", which is not supported");
    return Tensor::fromConstant(result);
  }
  if (x.isCodes() && isInteger(to)) {
    std::pair<int64_t, int64_t> codes = getIntegerRange(x.quant->storage);
    std::pair<int64_t, int64_t> range = getIntegerRange(to);
    if (codes.first >= range.first && codes.second <= range.second) {
      Tensor result = x;
      result.type = to;
      return result;
    }
  }
  FailureOr<RankedTensorType> stored = getType({}, to);
  if (failed(stored))
    return failure();
  ElementType from = x.type;
  FailureOr<Value> value = elementwise(
      x,
      [&](OpBuilder &b, Location l, ValueRange v) {
        return createCast(b, l, v[0], from, to, stored->getElementType());
      },
      to);
  if (failed(value))
    return failure();
  return Tensor::fromValue(*value, to);
}

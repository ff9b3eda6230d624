//===- Arithmetic.cpp - arithmetic on tensors -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Arithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

bool mlir::compress::isComparison(ArithmeticFunction function) {
  return function >= ArithmeticFunction::Equal;
}

//===----------------------------------------------------------------------===//
// On constants
//===----------------------------------------------------------------------===//

/// In 64 bits that wrap around; std::nullopt for a division by 0.
static std::optional<int64_t> compute(ArithmeticFunction function, int64_t a,
                                      int64_t b) {
  uint64_t x = a, y = b;
  switch (function) {
  case ArithmeticFunction::Add:
    return static_cast<int64_t>(x + y);
  case ArithmeticFunction::Sub:
    return static_cast<int64_t>(x - y);
  case ArithmeticFunction::Mul:
    return static_cast<int64_t>(x * y);
  case ArithmeticFunction::Min:
    return std::min(a, b);
  case ArithmeticFunction::Max:
    return std::max(a, b);
  case ArithmeticFunction::And:
    return a & b;
  case ArithmeticFunction::Or:
    return a | b;
  case ArithmeticFunction::Xor:
    return a ^ b;
  case ArithmeticFunction::Equal:
    return a == b;
  case ArithmeticFunction::Less:
    return a < b;
  case ArithmeticFunction::LessOrEqual:
    return a <= b;
  case ArithmeticFunction::Greater:
    return a > b;
  case ArithmeticFunction::GreaterOrEqual:
    return a >= b;
  case ArithmeticFunction::Div:
  case ArithmeticFunction::FloorMod:
  case ArithmeticFunction::TruncMod:
    break;
  }
  if (b == 0)
    return std::nullopt;
  if (function == ArithmeticFunction::Div)
    return b == -1 ? static_cast<int64_t>(0 - x) : a / b;
  int64_t rest = b == -1 ? 0 : a % b;
  bool isOther =
      function == ArithmeticFunction::FloorMod && rest && (rest < 0) != (b < 0);
  return isOther ? rest + b : rest;
}

static double compute(ArithmeticFunction function, double a, double b) {
  switch (function) {
  case ArithmeticFunction::Add:
    return a + b;
  case ArithmeticFunction::Sub:
    return a - b;
  case ArithmeticFunction::Mul:
    return a * b;
  case ArithmeticFunction::Div:
    return a / b;
  case ArithmeticFunction::Min:
  case ArithmeticFunction::Max:
    if (std::isnan(a) || std::isnan(b))
      return std::numeric_limits<double>::quiet_NaN();
    return function == ArithmeticFunction::Min ? std::min(a, b)
                                               : std::max(a, b);
  case ArithmeticFunction::Equal:
    return a == b;
  case ArithmeticFunction::Less:
    return a < b;
  case ArithmeticFunction::LessOrEqual:
    return a <= b;
  case ArithmeticFunction::Greater:
    return a > b;
  case ArithmeticFunction::GreaterOrEqual:
    return a >= b;
  default:
    llvm_unreachable("a function of integers");
  }
}

//===----------------------------------------------------------------------===//
// At run time
//===----------------------------------------------------------------------===//

/// Division and remainder of integers, defined for all operands: a divisor of
/// 0 is taken for 1, and the smallest number over -1 wraps around.
static Value createDivision(ArithmeticFunction function, OpBuilder &b,
                            Location l, Value x, Value y, bool isUnsigned) {
  auto type = cast<IntegerType>(x.getType());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, l, b.getIntegerAttr(type, value));
  };
  auto equals = [&](Value value, int64_t number) -> Value {
    return arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, value,
                                 constant(number));
  };
  auto select = [&](Value condition, Value yes, Value no) -> Value {
    return arith::SelectOp::create(b, l, condition, yes, no);
  };
  Value divisor = select(equals(y, 0), constant(1), y);
  if (isUnsigned) {
    if (function == ArithmeticFunction::Div)
      return arith::DivUIOp::create(b, l, x, divisor);
    return arith::RemUIOp::create(b, l, x, divisor);
  }
  Value isMinusOne = equals(divisor, -1);
  divisor = select(isMinusOne, constant(1), divisor);
  if (function == ArithmeticFunction::Div) {
    Value negated = arith::SubIOp::create(b, l, constant(0), x);
    return select(isMinusOne, negated,
                  arith::DivSIOp::create(b, l, x, divisor));
  }
  // By 1 or -1 the remainder is 0.
  Value rest = arith::RemSIOp::create(b, l, x, divisor);
  if (function == ArithmeticFunction::TruncMod)
    return rest;
  auto isNegative = [&](Value value) -> Value {
    return arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, value,
                                 constant(0));
  };
  Value differs =
      arith::XOrIOp::create(b, l, isNegative(rest), isNegative(divisor));
  Value moved = arith::AddIOp::create(b, l, rest, divisor);
  return select(equals(rest, 0), rest, select(differs, moved, rest));
}

static Value createFloat(ArithmeticFunction function, OpBuilder &b, Location l,
                         Value x, Value y) {
  auto compare = [&](arith::CmpFPredicate predicate) -> Value {
    return arith::CmpFOp::create(b, l, predicate, x, y);
  };
  switch (function) {
  case ArithmeticFunction::Add:
    return arith::AddFOp::create(b, l, x, y);
  case ArithmeticFunction::Sub:
    return arith::SubFOp::create(b, l, x, y);
  case ArithmeticFunction::Mul:
    return arith::MulFOp::create(b, l, x, y);
  case ArithmeticFunction::Div:
    return arith::DivFOp::create(b, l, x, y);
  case ArithmeticFunction::Min:
    return arith::MinimumFOp::create(b, l, x, y);
  case ArithmeticFunction::Max:
    return arith::MaximumFOp::create(b, l, x, y);
  case ArithmeticFunction::Equal:
    return compare(arith::CmpFPredicate::OEQ);
  case ArithmeticFunction::Less:
    return compare(arith::CmpFPredicate::OLT);
  case ArithmeticFunction::LessOrEqual:
    return compare(arith::CmpFPredicate::OLE);
  case ArithmeticFunction::Greater:
    return compare(arith::CmpFPredicate::OGT);
  case ArithmeticFunction::GreaterOrEqual:
    return compare(arith::CmpFPredicate::OGE);
  default:
    llvm_unreachable("a function of integers");
  }
}

static Value createInteger(ArithmeticFunction function, OpBuilder &b,
                           Location l, Value x, Value y, bool isUnsigned) {
  using arith::CmpIPredicate;
  auto compare = [&](CmpIPredicate ofSigned,
                     CmpIPredicate ofUnsigned) -> Value {
    return arith::CmpIOp::create(b, l, isUnsigned ? ofUnsigned : ofSigned, x,
                                 y);
  };
  switch (function) {
  case ArithmeticFunction::Add:
    return arith::AddIOp::create(b, l, x, y);
  case ArithmeticFunction::Sub:
    return arith::SubIOp::create(b, l, x, y);
  case ArithmeticFunction::Mul:
    return arith::MulIOp::create(b, l, x, y);
  case ArithmeticFunction::Div:
  case ArithmeticFunction::FloorMod:
  case ArithmeticFunction::TruncMod:
    return createDivision(function, b, l, x, y, isUnsigned);
  case ArithmeticFunction::Min:
    return isUnsigned ? arith::MinUIOp::create(b, l, x, y).getResult()
                      : arith::MinSIOp::create(b, l, x, y).getResult();
  case ArithmeticFunction::Max:
    return isUnsigned ? arith::MaxUIOp::create(b, l, x, y).getResult()
                      : arith::MaxSIOp::create(b, l, x, y).getResult();
  case ArithmeticFunction::And:
    return arith::AndIOp::create(b, l, x, y);
  case ArithmeticFunction::Or:
    return arith::OrIOp::create(b, l, x, y);
  case ArithmeticFunction::Xor:
    return arith::XOrIOp::create(b, l, x, y);
  case ArithmeticFunction::Equal:
    return compare(CmpIPredicate::eq, CmpIPredicate::eq);
  case ArithmeticFunction::Less:
    return compare(CmpIPredicate::slt, CmpIPredicate::ult);
  case ArithmeticFunction::LessOrEqual:
    return compare(CmpIPredicate::sle, CmpIPredicate::ule);
  case ArithmeticFunction::Greater:
    return compare(CmpIPredicate::sgt, CmpIPredicate::ugt);
  case ArithmeticFunction::GreaterOrEqual:
    return compare(CmpIPredicate::sge, CmpIPredicate::uge);
  }
  llvm_unreachable("no such function");
}

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

FailureOr<Tensor> mlir::compress::createArithmetic(ModelOpBuilder &b,
                                                   ArithmeticFunction function,
                                                   ArrayRef<Tensor> operands,
                                                   int64_t maxNumbers) {
  ElementType type = operands.front().type;
  ElementType resultType = isComparison(function) ? ElementType::Bool : type;
  if (canFold(operands, maxNumbers)) {
    auto join = [&](auto elements) {
      using Element = std::decay_t<decltype(elements.front())>;
      std::optional<Element> result = elements.front();
      for (Element element : elements.drop_front())
        if (result)
          result = compute(function, *result, element);
      // Every step rounds, as it does at run time.
      if constexpr (std::is_floating_point_v<Element>)
        result = static_cast<double>(static_cast<float>(*result));
      return result;
    };
    return (foldElementwise(b, operands, resultType,
                            {[&](ArrayRef<int64_t> v) { return join(v); },
                             [&](ArrayRef<double> v) { return *join(v); }}));
  }
  bool isUnsigned = !isFloat(type) && !isSignedInteger(type);
  FailureOr<Value> result = b.elementwise(
      operands,
      [&](OpBuilder &builder, Location l, ValueRange v) {
        Value joined = v.front();
        for (Value operand : v.drop_front())
          joined = isFloat(type)
                       ? createFloat(function, builder, l, joined, operand)
                       : createInteger(function, builder, l, joined, operand,
                                       isUnsigned);
        return joined;
      },
      resultType);
  if (failed(result))
    return failure();
  return Tensor::fromValue(*result, resultType);
}

FailureOr<Tensor> mlir::compress::createSelect(ModelOpBuilder &b,
                                               const Tensor &condition,
                                               const Tensor &x,
                                               const Tensor &y) {
  Tensor operands[] = {condition, x, y};
  if (canFold(operands))
    return foldElementwise(
        b, operands, x.type,
        {[](ArrayRef<int64_t> v) { return v[0] ? v[1] : v[2]; },
         [](ArrayRef<double> v) { return v[0] != 0 ? v[1] : v[2]; }});
  FailureOr<Value> result = b.elementwise(
      operands,
      [](OpBuilder &builder, Location l, ValueRange v) -> Value {
        return arith::SelectOp::create(builder, l, v[0], v[1], v[2]);
      },
      x.type);
  if (failed(result))
    return failure();
  return Tensor::fromValue(*result, x.type);
}

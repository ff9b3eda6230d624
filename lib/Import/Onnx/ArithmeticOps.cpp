//===- ArithmeticOps.cpp - arithmetic, comparisons, logic ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Ops whose operands have one type: f32, integers of any width, or bools. On
// constants they are computed at import.
//
//===----------------------------------------------------------------------===//

#include "FoldConstants.h"
#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::compress;

namespace {
enum class Function : uint8_t {
  Add,
  Sub,
  Mul,
  Div,
  Min,
  Max,
  FloorMod, // of the sign of the divisor
  TruncMod, // of the sign of the dividend
  And,
  Or,
  Xor,
  Equal,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
};
} // namespace

static Function getFunction(StringRef op) {
  return llvm::StringSwitch<Function>(op)
      .Cases({"Add", "Sum"}, Function::Add)
      .Case("Sub", Function::Sub)
      .Case("Mul", Function::Mul)
      .Case("Div", Function::Div)
      .Case("Min", Function::Min)
      .Case("Max", Function::Max)
      .Case("Mod", Function::FloorMod)
      .Cases({"And", "BitwiseAnd"}, Function::And)
      .Cases({"Or", "BitwiseOr"}, Function::Or)
      .Cases({"Xor", "BitwiseXor"}, Function::Xor)
      .Case("Equal", Function::Equal)
      .Case("Less", Function::Less)
      .Case("LessOrEqual", Function::LessOrEqual)
      .Case("Greater", Function::Greater)
      .Default(Function::GreaterOrEqual);
}

static bool isComparison(Function function) {
  return function >= Function::Equal;
}

//===----------------------------------------------------------------------===//
// On constants
//===----------------------------------------------------------------------===//

/// In 64 bits that wrap around; std::nullopt for a division by 0.
static std::optional<int64_t> compute(Function function, int64_t a, int64_t b) {
  uint64_t x = a, y = b;
  switch (function) {
  case Function::Add:
    return static_cast<int64_t>(x + y);
  case Function::Sub:
    return static_cast<int64_t>(x - y);
  case Function::Mul:
    return static_cast<int64_t>(x * y);
  case Function::Min:
    return std::min(a, b);
  case Function::Max:
    return std::max(a, b);
  case Function::And:
    return a & b;
  case Function::Or:
    return a | b;
  case Function::Xor:
    return a ^ b;
  case Function::Equal:
    return a == b;
  case Function::Less:
    return a < b;
  case Function::LessOrEqual:
    return a <= b;
  case Function::Greater:
    return a > b;
  case Function::GreaterOrEqual:
    return a >= b;
  case Function::Div:
  case Function::FloorMod:
  case Function::TruncMod:
    break;
  }
  if (b == 0)
    return std::nullopt;
  if (function == Function::Div)
    return b == -1 ? static_cast<int64_t>(0 - x) : a / b;
  int64_t rest = b == -1 ? 0 : a % b;
  bool isOther =
      function == Function::FloorMod && rest && (rest < 0) != (b < 0);
  return isOther ? rest + b : rest;
}

static double compute(Function function, double a, double b) {
  switch (function) {
  case Function::Add:
    return a + b;
  case Function::Sub:
    return a - b;
  case Function::Mul:
    return a * b;
  case Function::Div:
    return a / b;
  case Function::Min:
  case Function::Max:
    if (std::isnan(a) || std::isnan(b))
      return std::numeric_limits<double>::quiet_NaN();
    return function == Function::Min ? std::min(a, b) : std::max(a, b);
  case Function::Equal:
    return a == b;
  case Function::Less:
    return a < b;
  case Function::LessOrEqual:
    return a <= b;
  case Function::Greater:
    return a > b;
  case Function::GreaterOrEqual:
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
static Value createDivision(Function function, OpBuilder &b, Location l,
                            Value x, Value y, bool isUnsigned) {
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
    if (function == Function::Div)
      return arith::DivUIOp::create(b, l, x, divisor);
    return arith::RemUIOp::create(b, l, x, divisor);
  }
  Value isMinusOne = equals(divisor, -1);
  divisor = select(isMinusOne, constant(1), divisor);
  if (function == Function::Div) {
    Value negated = arith::SubIOp::create(b, l, constant(0), x);
    return select(isMinusOne, negated,
                  arith::DivSIOp::create(b, l, x, divisor));
  }
  // By 1 or -1 the remainder is 0.
  Value rest = arith::RemSIOp::create(b, l, x, divisor);
  if (function == Function::TruncMod)
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

static Value createFloat(Function function, OpBuilder &b, Location l, Value x,
                         Value y) {
  auto compare = [&](arith::CmpFPredicate predicate) -> Value {
    return arith::CmpFOp::create(b, l, predicate, x, y);
  };
  switch (function) {
  case Function::Add:
    return arith::AddFOp::create(b, l, x, y);
  case Function::Sub:
    return arith::SubFOp::create(b, l, x, y);
  case Function::Mul:
    return arith::MulFOp::create(b, l, x, y);
  case Function::Div:
    return arith::DivFOp::create(b, l, x, y);
  case Function::Min:
    return arith::MinimumFOp::create(b, l, x, y);
  case Function::Max:
    return arith::MaximumFOp::create(b, l, x, y);
  case Function::Equal:
    return compare(arith::CmpFPredicate::OEQ);
  case Function::Less:
    return compare(arith::CmpFPredicate::OLT);
  case Function::LessOrEqual:
    return compare(arith::CmpFPredicate::OLE);
  case Function::Greater:
    return compare(arith::CmpFPredicate::OGT);
  case Function::GreaterOrEqual:
    return compare(arith::CmpFPredicate::OGE);
  default:
    llvm_unreachable("a function of integers");
  }
}

static Value createInteger(Function function, OpBuilder &b, Location l, Value x,
                           Value y, bool isUnsigned) {
  using arith::CmpIPredicate;
  auto compare = [&](CmpIPredicate ofSigned,
                     CmpIPredicate ofUnsigned) -> Value {
    return arith::CmpIOp::create(b, l, isUnsigned ? ofUnsigned : ofSigned, x,
                                 y);
  };
  switch (function) {
  case Function::Add:
    return arith::AddIOp::create(b, l, x, y);
  case Function::Sub:
    return arith::SubIOp::create(b, l, x, y);
  case Function::Mul:
    return arith::MulIOp::create(b, l, x, y);
  case Function::Div:
  case Function::FloorMod:
  case Function::TruncMod:
    return createDivision(function, b, l, x, y, isUnsigned);
  case Function::Min:
    return isUnsigned ? arith::MinUIOp::create(b, l, x, y).getResult()
                      : arith::MinSIOp::create(b, l, x, y).getResult();
  case Function::Max:
    return isUnsigned ? arith::MaxUIOp::create(b, l, x, y).getResult()
                      : arith::MaxSIOp::create(b, l, x, y).getResult();
  case Function::And:
    return arith::AndIOp::create(b, l, x, y);
  case Function::Or:
    return arith::OrIOp::create(b, l, x, y);
  case Function::Xor:
    return arith::XOrIOp::create(b, l, x, y);
  case Function::Equal:
    return compare(CmpIPredicate::eq, CmpIPredicate::eq);
  case Function::Less:
    return compare(CmpIPredicate::slt, CmpIPredicate::ult);
  case Function::LessOrEqual:
    return compare(CmpIPredicate::sle, CmpIPredicate::ule);
  case Function::Greater:
    return compare(CmpIPredicate::sgt, CmpIPredicate::ugt);
  case Function::GreaterOrEqual:
    return compare(CmpIPredicate::sge, CmpIPredicate::uge);
  }
  llvm_unreachable("no such function");
}

//===----------------------------------------------------------------------===//
// Handlers
//===----------------------------------------------------------------------===//

/// Which types a function is defined on.
static LogicalResult checkType(NodeImporter &n, Function function,
                               ElementType type) {
  StringRef op = n.getOpType();
  bool isLogic = op == "And" || op == "Or" || op == "Xor";
  bool isBits = op.starts_with("Bitwise");
  bool isMod = op == "Mod";
  bool isGood = isLogic                       ? type == ElementType::Bool
                : isBits || isMod             ? isInteger(type)
                : function == Function::Equal ? true
                                              : type != ElementType::Bool;
  if (isGood)
    return success();
  return n.fail("of " + toString(type) + " is not supported" +
                (isMod ? "; of integers it is" : ""));
}

/// Operands of one type, two or (Min, Max, Sum) any number.
LogicalResult mlir::compress::importArithmetic(NodeImporter &n) {
  FailureOr<SmallVector<Tensor>> operands = n.getAllInputs();
  if (failed(operands))
    return failure();
  Function function = getFunction(n.getOpType());
  if (n.getInt("fmod", 0) != 0)
    function = Function::TruncMod;
  if (n.hasFailed())
    return failure();
  ElementType type = operands->front().type;
  for (const Tensor &operand : *operands)
    if (operand.type != type)
      return n.fail("requires operands of one type, not " + toString(type) +
                    " and " + toString(operand.type));
  if (failed(checkType(n, function, type)))
    return failure();
  ElementType resultType = isComparison(function) ? ElementType::Bool : type;
  if (canFold(*operands)) {
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
    return n.setResult(
        foldElementwise(n, *operands, resultType,
                        {[&](ArrayRef<int64_t> v) { return join(v); },
                         [&](ArrayRef<double> v) { return *join(v); }}));
  }
  bool isUnsigned = !isFloat(type) && !isSignedInteger(type);
  FailureOr<Value> result = n.b.elementwise(
      *operands,
      [&](OpBuilder &b, Location l, ValueRange v) {
        Value joined = v.front();
        for (Value operand : v.drop_front())
          joined = isFloat(type) ? createFloat(function, b, l, joined, operand)
                                 : createInteger(function, b, l, joined,
                                                 operand, isUnsigned);
        return joined;
      },
      resultType);
  if (failed(result))
    return failure();
  return n.setResult(FailureOr<Tensor>(Tensor::fromValue(*result, resultType)));
}

/// condition ? x : y.
LogicalResult mlir::compress::importWhere(NodeImporter &n) {
  FailureOr<SmallVector<Tensor>> operands = n.getAllInputs();
  if (failed(operands))
    return failure();
  ElementType type = (*operands)[1].type;
  if ((*operands)[0].type != ElementType::Bool || (*operands)[2].type != type)
    return n.fail("requires a condition of bool and two operands of one type, "
                  "not " +
                  toString((*operands)[0].type) + ", " + toString(type) +
                  " and " + toString((*operands)[2].type));
  if (canFold(*operands))
    return n.setResult(foldElementwise(
        n, *operands, type,
        {[](ArrayRef<int64_t> v) { return v[0] ? v[1] : v[2]; },
         [](ArrayRef<double> v) { return v[0] != 0 ? v[1] : v[2]; }}));
  FailureOr<Value> result = n.b.elementwise(
      *operands,
      [](OpBuilder &b, Location l, ValueRange v) -> Value {
        return arith::SelectOp::create(b, l, v[0], v[1], v[2]);
      },
      type);
  if (failed(result))
    return failure();
  return n.setResult(FailureOr<Tensor>(Tensor::fromValue(*result, type)));
}

/// Not, BitwiseNot: all bits flipped.
LogicalResult mlir::compress::importNot(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool isLogic = n.getOpType() == "Not";
  if (isLogic ? x.type != ElementType::Bool : !isInteger(x.type))
    return n.fail("of " + toString(x.type) + " is not supported");
  if (canFold(x))
    return n.setResult(foldElementwise(
        n, x, x.type,
        {[&](ArrayRef<int64_t> v) { return isLogic ? v[0] == 0 : ~v[0]; },
         [](ArrayRef<double> v) { return v[0]; }}));
  FailureOr<Value> result = n.b.elementwise(
      x,
      [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value ones = arith::ConstantOp::create(
            b, l, b.getIntegerAttr(v[0].getType(), -1));
        return arith::XOrIOp::create(b, l, v[0], ones);
      },
      x.type);
  if (failed(result))
    return failure();
  return n.setResult(FailureOr<Tensor>(Tensor::fromValue(*result, x.type)));
}

/// Squares and roots are exact and cheap, the rest is math.powf. The root of
/// -infinity is NaN and that of -0 is -0, where C's powf gives infinity and 0.
LogicalResult mlir::compress::importPow(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  Tensor exponent = n.getInput(1);
  if (exponent.isPlainConstant() && exponent.type != ElementType::F32) {
    if (failed(n.b.charge(exponent.getNumElements() * sizeof(float))))
      return failure();
    exponent = Tensor::fromConstant(exponent.constant->cast(ElementType::F32));
  }
  double power = exponent.getScalar().value_or(0);
  if (canFold(x) && x.type == ElementType::F32 && (power == 2 || power == 0.5))
    return n.setResult(
        foldElementwise(n, {x, exponent}, ElementType::F32,
                        {[](ArrayRef<int64_t> v) { return v[0]; },
                         [](ArrayRef<double> v) {
                           return v[1] == 2 ? v[0] * v[0] : std::sqrt(v[0]);
                         }}));
  if (x.type != ElementType::F32 || exponent.type != ElementType::F32)
    return n.fail("of " + toString(x.type) + " by " + toString(exponent.type) +
                  " is not supported; of float32 by float32 or a constant it "
                  "is");
  return n.setResult(n.b.elementwise(
      {x, exponent}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        if (power == 2)
          return arith::MulFOp::create(b, l, v[0], v[0]);
        if (power == 0.5)
          return math::SqrtOp::create(b, l, v[0]);
        return math::PowFOp::create(b, l, v[0], v[1]);
      }));
}

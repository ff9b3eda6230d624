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

#include "Compress/Import/Common/Arithmetic.h"
#include "Compress/Import/Common/FoldConstants.h"
#include "Compress/Import/Common/ScalarFunctions.h"
#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::compress;

static ArithmeticFunction getFunction(StringRef op) {
  return llvm::StringSwitch<ArithmeticFunction>(op)
      .Cases({"Add", "Sum"}, ArithmeticFunction::Add)
      .Case("Sub", ArithmeticFunction::Sub)
      .Case("Mul", ArithmeticFunction::Mul)
      .Case("Div", ArithmeticFunction::Div)
      .Case("Min", ArithmeticFunction::Min)
      .Case("Max", ArithmeticFunction::Max)
      .Case("Mod", ArithmeticFunction::FloorMod)
      .Cases({"And", "BitwiseAnd"}, ArithmeticFunction::And)
      .Cases({"Or", "BitwiseOr"}, ArithmeticFunction::Or)
      .Cases({"Xor", "BitwiseXor"}, ArithmeticFunction::Xor)
      .Case("Equal", ArithmeticFunction::Equal)
      .Case("Less", ArithmeticFunction::Less)
      .Case("LessOrEqual", ArithmeticFunction::LessOrEqual)
      .Case("Greater", ArithmeticFunction::Greater)
      .Default(ArithmeticFunction::GreaterOrEqual);
}

//===----------------------------------------------------------------------===//
// Handlers
//===----------------------------------------------------------------------===//

/// Which types a function is defined on.
static LogicalResult checkType(NodeImporter &n, ArithmeticFunction function,
                               ElementType type) {
  StringRef op = n.getOpType();
  bool isLogic = op == "And" || op == "Or" || op == "Xor";
  bool isBits = op.starts_with("Bitwise");
  bool isMod = op == "Mod";
  bool isGood = isLogic           ? type == ElementType::Bool
                : isBits || isMod ? isInteger(type)
                : function == ArithmeticFunction::Equal
                    ? true
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
  ArithmeticFunction function = getFunction(n.getOpType());
  if (n.getInt("fmod", 0) != 0)
    function = ArithmeticFunction::TruncMod;
  if (n.hasFailed())
    return failure();
  ElementType type = operands->front().type;
  for (const Tensor &operand : *operands)
    if (operand.type != type)
      return n.fail("requires operands of one type, not " + toString(type) +
                    " and " + toString(operand.type));
  if (failed(checkType(n, function, type)))
    return failure();
  return n.setResult(createArithmetic(n.b, function, *operands));
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
  return n.setResult(
      createSelect(n.b, (*operands)[0], (*operands)[1], (*operands)[2]));
}

/// Not, BitwiseNot: all bits flipped.
LogicalResult mlir::compress::importNot(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool isLogic = n.getOpType() == "Not";
  if (isLogic ? x.type != ElementType::Bool : !isInteger(x.type))
    return n.fail("of " + toString(x.type) + " is not supported");
  if (canFold(x))
    return n.setResult(foldElementwise(
        n.b, x, x.type,
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

LogicalResult mlir::compress::importPow(NodeImporter &n) {
  return n.setResult(createPower(n.b, n.getInput(0), n.getInput(1)));
}

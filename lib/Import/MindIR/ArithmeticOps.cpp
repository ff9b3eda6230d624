//===- ArithmeticOps.cpp - functions of the elements ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Arithmetic.h"
#include "Compress/Import/Common/ChannelMask.h"
#include "Compress/Import/Common/ScalarFunctions.h"
#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

/// Quantizations are ops of their own here: constants of any size may be
/// computed.
static constexpr int64_t kAnySize = std::numeric_limits<int64_t>::max();

//===----------------------------------------------------------------------===//
// Two operands
//===----------------------------------------------------------------------===//

static ArithmeticFunction getFunction(StringRef op) {
  using Function = ArithmeticFunction;
  return llvm::StringSwitch<ArithmeticFunction>(op)
      .Cases({"Add", "Adds"}, Function::Add)
      .Cases({"Sub", "Subs"}, Function::Sub)
      .Cases({"Mul", "Muls"}, Function::Mul)
      .Cases({"Div", "Divs", "RealDiv"}, Function::Div)
      .Case("Maximum", Function::Max)
      .Case("Minimum", Function::Min)
      .Cases({"Equal", "NotEqual"}, Function::Equal)
      .Case("Greater", Function::Greater)
      .Case("GreaterEqual", Function::GreaterOrEqual)
      .Case("Less", Function::Less)
      .Case("LessEqual", Function::LessOrEqual)
      .Case("LogicalAnd", Function::And)
      .Default(Function::Or);
}

/// A scalar takes the type of the tensor beside it.
static FailureOr<std::array<Tensor, 2>> getOperands(MindIRNode &n) {
  std::array<Tensor, 2> operands{n.getInput(0), n.getInput(1)};
  for (auto [own, other] : {std::pair(0, 1), std::pair(1, 0)}) {
    Tensor &scalar = operands[own];
    ElementType type = operands[other].type;
    bool isScalar = scalar.isPlainConstant() && scalar.getRank() == 0;
    if (!isScalar || scalar.type == type || operands[other].getRank() == 0)
      continue;
    if (isFloat(scalar.type) && !isFloat(type)) { // the tensor becomes f32
      FailureOr<Tensor> real = n.b.convert(operands[other], ElementType::F32);
      if (failed(real))
        return failure();
      operands[other] = *real;
      type = ElementType::F32;
    }
    ConstantTensorRef converted = scalar.constant->cast(type);
    if (!converted)
      return n.fail("of " + toString(type) + " is not supported");
    scalar = Tensor::fromConstant(converted);
  }
  if (operands[0].type != operands[1].type)
    return n.fail("requires operands of one type, not " +
                  toString(operands[0].type) + " and " +
                  toString(operands[1].type));
  return operands;
}

/// Integers are divided as the file says: to integers, or in float32.
static LogicalResult convertDividends(MindIRNode &n,
                                      std::array<Tensor, 2> &operands) {
  if (isFloat(operands.front().type))
    return success();
  std::optional<ElementType> type = n.getDeclaredType();
  if (!type)
    return n.fail("of " + toString(operands.front().type) +
                  " is not supported where the file does not say the type of "
                  "the result");
  if (*type != ElementType::F32)
    return success(); // which is checked
  for (Tensor &operand : operands) {
    FailureOr<Tensor> real = n.b.convert(operand, ElementType::F32);
    if (failed(real))
      return failure();
    operand = *real;
  }
  return success();
}

static FailureOr<Tensor> createNot(ModelOpBuilder &b, const Tensor &x) {
  return createArithmetic(b, ArithmeticFunction::Xor,
                          {x, Tensor::fromConstant(ConstantTensor::fromInts(
                                  ElementType::Bool, {}, {1}))});
}

LogicalResult mlir::compress::importArithmetic(MindIRNode &n) {
  FailureOr<std::array<Tensor, 2>> operands = getOperands(n);
  if (failed(operands))
    return failure();
  StringRef op = n.getOpType();
  ArithmeticFunction function = getFunction(op);
  if (function == ArithmeticFunction::Div && op != "RealDiv" &&
      failed(convertDividends(n, *operands)))
    return failure();
  ElementType type = operands->front().type;
  bool isLogic = op.starts_with("Logical"), isBool = type == ElementType::Bool;
  bool isEquality = function == ArithmeticFunction::Equal;
  if ((isLogic && !isBool) || (isBool && !isLogic && !isEquality) ||
      (op == "RealDiv" && type != ElementType::F32) ||
      (isFloat(type) && type != ElementType::F32))
    return n.fail("of " + toString(type) + " is not supported");
  if (function == ArithmeticFunction::Mul)
    for (auto [x, factor] : {std::pair(0, 1), std::pair(1, 0)})
      if (auto masked = maskChannels(n.b, (*operands)[x], (*operands)[factor]))
        return n.setResult(*masked);
  FailureOr<Tensor> result =
      createArithmetic(n.b, function, *operands, kAnySize);
  if (failed(result) || op != "NotEqual")
    return n.setResult(result);
  return n.setResult(createNot(n.b, *result));
}

LogicalResult mlir::compress::importLogicalNot(MindIRNode &n) {
  if (n.getInput(0).type != ElementType::Bool)
    return n.fail("of " + toString(n.getInput(0).type) + " is not supported");
  return n.setResult(createNot(n.b, n.getInput(0)));
}

/// condition ? x : y.
LogicalResult mlir::compress::importSelect(MindIRNode &n) {
  const Tensor &x = n.getInput(1), &y = n.getInput(2);
  if (n.getInput(0).type != ElementType::Bool || x.type != y.type)
    return n.fail("requires a condition of bool and two operands of one type, "
                  "not " +
                  toString(n.getInput(0).type) + ", " + toString(x.type) +
                  " and " + toString(y.type));
  return n.setResult(createSelect(n.b, n.getInput(0), x, y));
}

//===----------------------------------------------------------------------===//
// One operand
//===----------------------------------------------------------------------===//

/// Functions that ONNX has by the same name.
LogicalResult mlir::compress::importUnary(MindIRNode &n) {
  if (n.getInt(1, "decimals", 0) != 0 || n.hasFailed())
    return n.fail("to decimals is not supported");
  return n.setResult(createUnary(n.b, n.getOpType(), n.getInput(0), kAnySize));
}

LogicalResult mlir::compress::importActivation(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  StringRef op = n.getOpType();
  if (op == "ReLU")
    return n.setResult(createClamp(n.b, x, 0.0f, std::nullopt));
  if (op == "ReLU6")
    return n.setResult(createClamp(n.b, x, 0.0f, 6.0f));
  if (op == "HSigmoid" || op == "HSwish")
    return n.setResult(
        createHardSigmoid(n.b, x, 1.0f / 6.0f, 0.5f, op == "HSwish"));
  if (op == "SiLU" || op == "FastGeLU")
    return n.setResult(createSwish(n.b, x, op == "SiLU" ? 1.0f : 1.702f));
  if (op == "GeLU")
    return n.setResult(createGelu(n.b, x, /*isTanh=*/true));
  if (op == "SeLU")
    return n.setResult(createSelu(n.b, x, 1.67326319f, 1.05070102f, 1.0f));
  float alpha = n.getFloat(1, "alpha", 1.0f);
  if (n.hasFailed() || !(alpha != 0))
    return n.fail("requires an alpha other than 0");
  return n.setResult(op == "Elu" ? createElu(n.b, x, alpha)
                                 : createSelu(n.b, x, alpha, 1.0f, alpha));
}

/// x, the least, the greatest; None is no bound.
LogicalResult mlir::compress::importClampScalar(MindIRNode &n) {
  std::optional<float> bounds[2];
  for (unsigned i = 0; i < 2; ++i)
    if (n.isGiven(1 + i, ""))
      bounds[i] = n.getFloat(1 + i, i == 0 ? "min" : "max");
  if (n.hasFailed())
    return failure();
  return n.setResult(createClamp(n.b, n.getInput(0), bounds[0], bounds[1]));
}

/// One slope, or one for each channel of dimension 1.
LogicalResult mlir::compress::importPReLU(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  FailureOr<Tensor> slope = n.getInput(1);
  if (slope->getNumElements() != 1 && x.getRank() > 2) {
    SmallVector<int64_t> shape(x.getRank() - 1, 1);
    shape[0] = x.shape[1];
    if (slope->getNumElements() != shape[0])
      return n.fail("requires one slope, or one for each of " +
                    Twine(shape[0]) + " channels, not " +
                    toString(slope->shape));
    slope = n.b.reshape(*slope, shape);
  }
  if (failed(slope))
    return failure();
  return n.setResult(createLeakyRelu(n.b, x, *slope));
}

LogicalResult mlir::compress::importPow(MindIRNode &n) {
  return n.setResult(createPower(n.b, n.getInput(0), n.getInput(1)));
}

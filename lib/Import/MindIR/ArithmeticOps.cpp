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
  if (op == "SiLU")
    return n.setResult(createSwish(n.b, x, 1.0f));
  return n.setResult(createGelu(n.b, x, /*isTanh=*/true));
}

/// x, gamma, beta, mean, variance, is_training, epsilon, momentum, format. The
/// result is a tuple, of which inference uses the first element.
LogicalResult mlir::compress::importBatchNorm(MindIRNode &n) {
  bool isTraining = n.getBool(5, "is_training", false);
  float epsilon = n.getFloat(6, "epsilon", 1e-5f);
  int64_t format = n.getNumInputs() > 8 ? n.getInt(8, "format") : 0;
  FailureOr<Value> x = n.materialize(0);
  if (failed(x) || n.hasFailed())
    return failure();
  if (isTraining || format != 0)
    return n.fail("requires inference, and the format 0 (NCHW); export the "
                  "network after set_train(False)");
  FailureOr<Value> y = n.b.batchNorm(*x, n.getInput(1), n.getInput(2),
                                     n.getInput(3), n.getInput(4), epsilon);
  if (failed(y))
    return failure();
  n.setValue(
      MindIRValue::fromTuple({MindIRValue::fromTensor(Tensor::fromValue(*y))}));
  return success();
}

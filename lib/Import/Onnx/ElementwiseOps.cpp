//===- ElementwiseOps.cpp - activations, arithmetic, batch norm ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ScalarFunctions.h"
#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::compress;

/// `body` of input 0 and of `numbers`.
static LogicalResult importFunction(NodeImporter &n, ArrayRef<float> numbers,
                                    ScalarBody body) {
  return n.setResult(createFunction(n.b, n.getInput(0), numbers, body));
}

LogicalResult mlir::compress::importUnary(NodeImporter &n) {
  return n.setResult(createUnary(n.b, n.getOpType(), n.getInput(0)));
}

/// max(x, 0). On signed codes it is max(code, 0): the number of code 0.
LogicalResult mlir::compress::importRelu(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  auto body = [](OpBuilder &b, Location l, ValueRange v) -> Value {
    return arith::MaximumFOp::create(b, l, v[0], v[1]);
  };
  if (!x.isCodes())
    return importFunction(n, 0.0f, body);
  if (x.quant->axis || !isSignedInteger(x.type))
    return n.fail("requires signed codes quantized per tensor; dequantize them "
                  "first");
  float lowest = static_cast<float>(-x.quant->zeroPoint(0)) * x.quant->scale(0);
  FailureOr<Value> y =
      n.b.elementwise({Tensor::fromValue(x.value), number(lowest)}, body);
  if (failed(y))
    return failure();
  Tensor result = x;
  result.value = *y;
  return n.setResult(FailureOr<Tensor>(result));
}

/// min(max(x, low), high); bounds are attributes before opset 11.
LogicalResult mlir::compress::importClip(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool isOpen = (n.hasInput(1) && !n.getInput(1).isConstant()) ||
                (n.hasInput(2) && !n.getInput(2).isConstant());
  if (isOpen || x.type != ElementType::F32) {
    FailureOr<Tensor> result = x;
    if (n.hasInput(1))
      result = n.importAs("Max", importArithmetic, {&*result, &n.getInput(1)});
    if (n.hasInput(2) && succeeded(result))
      result = n.importAs("Min", importArithmetic, {&*result, &n.getInput(2)});
    return n.setResult(result);
  }
  std::optional<float> bounds[2];
  for (unsigned i = 0; i < 2; ++i) {
    StringRef name = i == 0 ? "min" : "max";
    if (n.hasInput(1 + i)) {
      FailureOr<double> bound = n.getConstantScalar(1 + i, name);
      if (failed(bound))
        return failure();
      bounds[i] = static_cast<float>(*bound);
    } else if (n.hasAttribute(name)) {
      bounds[i] = n.getFloat(name, 0);
    }
  }
  if (n.hasFailed())
    return failure();
  if (!bounds[0] && !bounds[1])
    return n.setResult(n.getValue(0));
  return n.setResult(createClamp(n.b, x, bounds[0], bounds[1]));
}

LogicalResult mlir::compress::importLeakyRelu(NodeImporter &n) {
  float alpha = n.getFloat("alpha", 0.01f);
  if (n.hasFailed())
    return failure();
  return n.setResult(createLeakyRelu(n.b, n.getInput(0), number(alpha)));
}

/// The slope broadcasts to x in one direction.
LogicalResult mlir::compress::importPRelu(NodeImporter &n) {
  return n.setResult(createLeakyRelu(n.b, n.getInput(0), n.getInput(1)));
}

/// x >= 0 ? x : alpha * (exp(x) - 1).
LogicalResult mlir::compress::importElu(NodeImporter &n) {
  float alpha = n.getFloat("alpha", 1.0f);
  if (n.hasFailed())
    return failure();
  return n.setResult(createElu(n.b, n.getInput(0), alpha));
}

/// HardSigmoid: max(0, min(1, alpha * x + beta)); HardSwish: x times that with
/// alpha 1/6 and beta 1/2.
LogicalResult mlir::compress::importHardSigmoid(NodeImporter &n) {
  bool isSwish = n.getOpType() == "HardSwish";
  float alpha = isSwish ? 1.0f / 6.0f : n.getFloat("alpha", 0.2f);
  float beta = isSwish ? 0.5f : n.getFloat("beta", 0.5f);
  if (n.hasFailed())
    return failure();
  return n.setResult(
      createHardSigmoid(n.b, n.getInput(0), alpha, beta, isSwish));
}

/// x / 2 * (1 + erf(x / sqrt(2))), or with approximate = "tanh"
/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))).
LogicalResult mlir::compress::importGelu(NodeImporter &n) {
  std::string approximate = n.getString("approximate", "none");
  if (n.hasFailed())
    return failure();
  if (approximate != "none" && approximate != "tanh")
    return n.fail("has an unknown approximation " + quoted(approximate));
  return n.setResult(createGelu(n.b, n.getInput(0), approximate == "tanh"));
}

/// Swish: x * sigmoid(alpha * x); QuickGelu of com.microsoft is the same.
LogicalResult mlir::compress::importSwish(NodeImporter &n) {
  float alpha = n.getFloat("alpha", n.getOpType() == "Swish" ? 1.0f : 1.702f);
  if (n.hasFailed())
    return failure();
  return n.setResult(createSwish(n.b, n.getInput(0), alpha));
}

/// Selu: gamma * (x > 0 ? x : alpha * (exp(x) - 1)); Celu: max(x, 0) +
/// min(0, alpha * (exp(x / alpha) - 1)).
LogicalResult mlir::compress::importSelu(NodeImporter &n) {
  bool isCelu = n.getOpType() == "Celu";
  float alpha = n.getFloat("alpha", isCelu ? 1.0f : 1.67326319f);
  float gamma = n.getFloat("gamma", isCelu ? 1.0f : 1.05070102f);
  if (n.hasFailed())
    return failure();
  if (isCelu && !(alpha != 0))
    return n.fail("requires an alpha other than 0");
  return n.setResult(
      createSelu(n.b, n.getInput(0), alpha, gamma, isCelu ? alpha : 1.0f));
}

/// x > alpha ? x : 0.
LogicalResult mlir::compress::importThresholdedRelu(NodeImporter &n) {
  float alpha = n.getFloat("alpha", 1.0f);
  if (n.hasFailed())
    return failure();
  return importFunction(
      n, {alpha, 0.0f}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value isAbove =
            arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGT, v[0], v[1]);
        return arith::SelectOp::create(b, l, isAbove, v[0], v[2]);
      });
}

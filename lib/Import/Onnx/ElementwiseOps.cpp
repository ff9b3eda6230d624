//===- ElementwiseOps.cpp - activations, arithmetic, batch norm ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
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

template <typename OpTy>
static Value create(OpBuilder &b, Location l, ValueRange v) {
  return OpTy::create(b, l, v);
}

/// `body` of input 0 and of `numbers`.
static LogicalResult importFunction(NodeImporter &n, ArrayRef<float> numbers,
                                    ScalarBody body) {
  const Tensor &x = n.getInput(0);
  if (x.type != ElementType::F32)
    return n.fail("of " + toString(x.type) + (x.isCodes() ? " codes" : "") +
                  " is not supported; of float32 it is");
  SmallVector<Tensor> operands{x};
  for (float value : numbers)
    operands.push_back(number(value));
  return n.setResult(n.b.elementwise(operands, body));
}

/// Abs, Neg and Sign of signed integers, which wrap around.
static LogicalResult importIntegerUnary(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  StringRef op = n.getOpType();
  bool isSign = op == "Sign";
  if (!isSignedInteger(x.type) || !(isSign || op == "Abs" || op == "Neg"))
    return n.fail("of " + toString(x.type) + " is not supported");
  return n.setElementwise(
      x,
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        auto constant = [&](int64_t value) -> Value {
          return arith::ConstantOp::create(
              b, l, b.getIntegerAttr(v[0].getType(), value));
        };
        Value zero = constant(0);
        if (isSign) {
          Value low = arith::MaxSIOp::create(b, l, v[0], constant(-1));
          return arith::MinSIOp::create(b, l, low, constant(1));
        }
        Value negated = arith::SubIOp::create(b, l, zero, v[0]);
        if (op == "Neg")
          return negated;
        return arith::MaxSIOp::create(b, l, v[0], negated);
      },
      x.type);
}

//===----------------------------------------------------------------------===//
// Functions of one element without attributes
//===----------------------------------------------------------------------===//

static Value createNegate(OpBuilder &b, Location l, ValueRange v) {
  return arith::NegFOp::create(b, l, v[0]);
}
/// 1 / x.
static Value createReciprocal(OpBuilder &b, Location l, ValueRange v) {
  return arith::DivFOp::create(b, l, v[1], v[0]);
}
/// 1 / (1 + exp(-x)).
static Value createSigmoid(OpBuilder &b, Location l, ValueRange v) {
  Value power = math::ExpOp::create(b, l, arith::NegFOp::create(b, l, v[0]));
  Value sum = arith::AddFOp::create(b, l, v[1], power);
  return arith::DivFOp::create(b, l, v[1], sum);
}
/// max(x, 0) + log(1 + exp(-|x|)), which does not overflow.
static Value createSoftplus(OpBuilder &b, Location l, ValueRange v) {
  Value zero = arith::SubFOp::create(b, l, v[1], v[1]);
  Value positive = arith::MaximumFOp::create(b, l, v[0], zero);
  Value magnitude = math::AbsFOp::create(b, l, v[0]);
  Value power =
      math::ExpOp::create(b, l, arith::NegFOp::create(b, l, magnitude));
  return arith::AddFOp::create(b, l, positive,
                               math::Log1pOp::create(b, l, power));
}

/// x / (1 + |x|).
static Value createSoftsign(OpBuilder &b, Location l, ValueRange v) {
  Value magnitude = math::AbsFOp::create(b, l, v[0]);
  Value sum = arith::AddFOp::create(b, l, v[1], magnitude);
  return arith::DivFOp::create(b, l, v[0], sum);
}
/// x * tanh(softplus(x)).
static Value createMish(OpBuilder &b, Location l, ValueRange v) {
  Value bend = math::TanhOp::create(b, l, createSoftplus(b, l, v));
  return arith::MulFOp::create(b, l, v[0], bend);
}
/// -1, 0 or 1; NaN of NaN.
static Value createSign(OpBuilder &b, Location l, ValueRange v) {
  Value zero = arith::SubFOp::create(b, l, v[1], v[1]);
  Value minusOne = arith::NegFOp::create(b, l, v[1]);
  Value isPositive =
      arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGT, v[0], zero);
  Value isNegative =
      arith::CmpFOp::create(b, l, arith::CmpFPredicate::OLT, v[0], zero);
  Value below = arith::SelectOp::create(b, l, isNegative, minusOne, zero);
  Value sign = arith::SelectOp::create(b, l, isPositive, v[1], below);
  Value isNan =
      arith::CmpFOp::create(b, l, arith::CmpFPredicate::UNO, v[0], v[0]);
  return arith::SelectOp::create(b, l, isNan, v[0], sign);
}

namespace {
struct UnaryFunction {
  Value (*body)(OpBuilder &, Location, ValueRange);
  /// The function takes 1 as the second operand.
  bool takesOne = false;
  /// On constants; null where the result depends on the C library, or is left
  /// to run time.
  double (*ofFloat)(double) = nullptr;
  std::optional<int64_t> (*ofInteger)(int64_t) = nullptr;
};
} // namespace

static UnaryFunction getUnary(StringRef op) {
  auto exact = [](int64_t x) -> std::optional<int64_t> { return x; };
  return llvm::StringSwitch<UnaryFunction>(op)
      .Case("Abs",
            {create<math::AbsFOp>, false, [](double x) { return std::fabs(x); },
             [](int64_t x) -> std::optional<int64_t> {
               return x < 0 ? static_cast<int64_t>(-uint64_t(x)) : x;
             }})
      .Case("Ceil", {create<math::CeilOp>, false,
                     [](double x) { return std::ceil(x); }, exact})
      .Case("Erf", {create<math::ErfOp>})
      .Case("Exp", {create<math::ExpOp>})
      .Case("Floor", {create<math::FloorOp>, false,
                      [](double x) { return std::floor(x); }, exact})
      .Case("Log", {create<math::LogOp>})
      .Case("Mish", {createMish, true})
      .Case("Neg", {createNegate, false, [](double x) { return -x; },
                    [](int64_t x) -> std::optional<int64_t> {
                      return static_cast<int64_t>(-uint64_t(x));
                    }})
      .Case("Reciprocal",
            {createReciprocal, true, [](double x) { return 1 / x; }})
      .Case("Round", {create<math::RoundEvenOp>, false,
                      [](double x) { return std::nearbyint(x); }})
      .Case("Sigmoid", {createSigmoid, true})
      .Case("Sign", {createSign, true,
                     [](double x) {
                       return std::isnan(x) ? x : double((x > 0) - (x < 0));
                     },
                     [](int64_t x) -> std::optional<int64_t> {
                       return (x > 0) - (x < 0);
                     }})
      .Case("Softplus", {createSoftplus, true})
      .Case("Softsign", {createSoftsign, true})
      .Case("Sqrt", {create<math::SqrtOp>, false,
                     [](double x) { return std::sqrt(x); }})
      .Case("Tanh", {create<math::TanhOp>})
      .Default({nullptr});
}

LogicalResult mlir::compress::importUnary(NodeImporter &n) {
  UnaryFunction function = getUnary(n.getOpType());
  const Tensor &x = n.getInput(0);
  if (canFold(x) && (isFloat(x.type) ? function.ofFloat != nullptr
                                     : function.ofInteger != nullptr))
    return n.setResult(foldElementwise(
        n, x, x.type,
        {[&](ArrayRef<int64_t> v) { return function.ofInteger(v[0]); },
         [&](ArrayRef<double> v) { return function.ofFloat(v[0]); }}));
  if (x.type != ElementType::F32)
    return importIntegerUnary(n);
  return importFunction(
      n, function.takesOne ? ArrayRef<float>(1.0f) : ArrayRef<float>(),
      function.body);
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

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
  SmallVector<float> numbers;
  for (std::optional<float> bound : bounds)
    if (bound)
      numbers.push_back(*bound);
  return importFunction(
      n, numbers, [&](OpBuilder &b, Location l, ValueRange v) {
        Value result = v[0];
        if (bounds[0])
          result = arith::MaximumFOp::create(b, l, result, v[1]);
        if (bounds[1])
          result = arith::MinimumFOp::create(b, l, result, v.back());
        return result;
      });
}

/// x >= 0 ? x : v[1] * x; v[2] is 0.
static Value createLeaky(OpBuilder &b, Location l, ValueRange v) {
  Value isPositive =
      arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, v[0], v[2]);
  Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
  return arith::SelectOp::create(b, l, isPositive, v[0], scaled);
}

LogicalResult mlir::compress::importLeakyRelu(NodeImporter &n) {
  float alpha = n.getFloat("alpha", 0.01f);
  if (n.hasFailed())
    return failure();
  return importFunction(n, {alpha, 0.0f}, createLeaky);
}

/// The slope broadcasts to x in one direction.
LogicalResult mlir::compress::importPRelu(NodeImporter &n) {
  const Tensor &x = n.getInput(0), &slope = n.getInput(1);
  std::optional<SmallVector<int64_t>> shape =
      broadcastShapes(x.shape, slope.shape);
  if (!shape || *shape != x.shape)
    return n.fail("cannot broadcast the slope " + toString(slope.shape) +
                  " to " + toString(x.shape));
  return n.setResult(n.b.elementwise({x, slope, number(0.0f)}, createLeaky));
}

/// x >= 0 ? x : alpha * (exp(x) - 1).
LogicalResult mlir::compress::importElu(NodeImporter &n) {
  float alpha = n.getFloat("alpha", 1.0f);
  if (n.hasFailed())
    return failure();
  return importFunction(
      n, {alpha, 0.0f}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value isPositive =
            arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, v[0], v[2]);
        Value scaled = arith::MulFOp::create(b, l, v[1],
                                             math::ExpM1Op::create(b, l, v[0]));
        return arith::SelectOp::create(b, l, isPositive, v[0], scaled);
      });
}

/// HardSigmoid: max(0, min(1, alpha * x + beta)); HardSwish: x times that with
/// alpha 1/6 and beta 1/2.
LogicalResult mlir::compress::importHardSigmoid(NodeImporter &n) {
  bool isSwish = n.getOpType() == "HardSwish";
  float alpha = isSwish ? 1.0f / 6.0f : n.getFloat("alpha", 0.2f);
  float beta = isSwish ? 0.5f : n.getFloat("beta", 0.5f);
  if (n.hasFailed())
    return failure();
  return importFunction(
      n, {alpha, beta, 0.0f, 1.0f},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
        Value shifted = arith::AddFOp::create(b, l, scaled, v[2]);
        Value raised = arith::MaximumFOp::create(b, l, shifted, v[3]);
        Value gate = arith::MinimumFOp::create(b, l, raised, v[4]);
        return isSwish ? arith::MulFOp::create(b, l, v[0], gate) : gate;
      });
}

/// x / 2 * (1 + erf(x / sqrt(2))), or with approximate = "tanh"
/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))).
LogicalResult mlir::compress::importGelu(NodeImporter &n) {
  std::string approximate = n.getString("approximate", "none");
  if (n.hasFailed())
    return failure();
  if (approximate != "none" && approximate != "tanh")
    return n.fail("has an unknown approximation " + quoted(approximate));
  bool isTanh = approximate == "tanh";
  float factor = isTanh ? 0.79788456f : 0.70710678f;
  return importFunction(
      n, {0.5f, 1.0f, factor, 0.044715f},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value inner = v[0];
        if (isTanh) {
          Value square = arith::MulFOp::create(b, l, v[0], v[0]);
          Value cube = arith::MulFOp::create(b, l, square, v[0]);
          Value term = arith::MulFOp::create(b, l, v[4], cube);
          inner = arith::AddFOp::create(b, l, v[0], term);
        }
        inner = arith::MulFOp::create(b, l, v[3], inner);
        Value bend = isTanh ? math::TanhOp::create(b, l, inner).getResult()
                            : math::ErfOp::create(b, l, inner).getResult();
        Value sum = arith::AddFOp::create(b, l, v[2], bend);
        Value half = arith::MulFOp::create(b, l, v[1], v[0]);
        return arith::MulFOp::create(b, l, half, sum);
      });
}

/// Swish: x * sigmoid(alpha * x); QuickGelu of com.microsoft is the same.
LogicalResult mlir::compress::importSwish(NodeImporter &n) {
  float alpha = n.getFloat("alpha", n.getOpType() == "Swish" ? 1.0f : 1.702f);
  if (n.hasFailed())
    return failure();
  return importFunction(
      n, {alpha, 1.0f}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
        return arith::MulFOp::create(b, l, v[0],
                                     createSigmoid(b, l, {scaled, v[2]}));
      });
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
  float divisor = isCelu ? alpha : 1.0f;
  return importFunction(
      n, {alpha, gamma, divisor, 0.0f},
      [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value isPositive =
            arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGT, v[0], v[4]);
        Value inner = arith::DivFOp::create(b, l, v[0], v[3]);
        Value bend = arith::MulFOp::create(b, l, v[1],
                                           math::ExpM1Op::create(b, l, inner));
        Value chosen = arith::SelectOp::create(b, l, isPositive, v[0], bend);
        return arith::MulFOp::create(b, l, v[2], chosen);
      });
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

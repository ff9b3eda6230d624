//===- ScalarFunctions.cpp - functions of one element ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ScalarFunctions.h"
#include "Compress/Import/Common/FoldConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

template <typename OpTy>
static Value create(OpBuilder &b, Location l, ValueRange v) {
  return OpTy::create(b, l, v);
}

FailureOr<Tensor> mlir::compress::createFunction(ModelOpBuilder &b,
                                                 const Tensor &x,
                                                 ArrayRef<float> numbers,
                                                 ScalarBody body) {
  if (x.type != ElementType::F32)
    return b.fail("of " + toString(x.type) + (x.isCodes() ? " codes" : "") +
                  " is not supported; of float32 it is");
  SmallVector<Tensor> operands{x};
  for (float value : numbers)
    operands.push_back(number(value));
  FailureOr<Value> result = b.elementwise(operands, body);
  if (failed(result))
    return failure();
  return Tensor::fromValue(*result);
}

/// Abs, Neg and Sign of signed integers, which wrap around.
static FailureOr<Tensor> createIntegerUnary(ModelOpBuilder &b, StringRef op,
                                            const Tensor &x) {
  bool isSign = op == "Sign";
  if (!isSignedInteger(x.type) || !(isSign || op == "Abs" || op == "Neg"))
    return b.fail("of " + toString(x.type) + (x.isCodes() ? " codes" : "") +
                  " is not supported; of float32 it is");
  FailureOr<Value> result = b.elementwise(
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
  if (failed(result))
    return failure();
  return Tensor::fromValue(*result, x.type);
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
/// 1 / sqrt(x), rounded twice.
static Value createInverseRoot(OpBuilder &b, Location l, ValueRange v) {
  return arith::DivFOp::create(b, l, v[1],
                               math::SqrtOp::create(b, l, v[0]).getResult());
}
static Value createSquare(OpBuilder &b, Location l, ValueRange v) {
  return arith::MulFOp::create(b, l, v[0], v[0]);
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
      .Case("Rsqrt", {createInverseRoot, true,
                      [](double x) {
                        double root = static_cast<float>(std::sqrt(x));
                        return 1 / root;
                      }})
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
      .Case("Square", {createSquare, false, [](double x) { return x * x; }})
      .Case("Tanh", {create<math::TanhOp>})
      .Default({nullptr});
}

FailureOr<Tensor> mlir::compress::createUnary(ModelOpBuilder &b, StringRef name,
                                              const Tensor &x,
                                              int64_t maxNumbers) {
  UnaryFunction function = getUnary(name);
  if (canFold(x, maxNumbers) &&
      (isFloat(x.type) ? function.ofFloat != nullptr
                       : function.ofInteger != nullptr))
    return foldElementwise(
        b, x, x.type,
        {[&](ArrayRef<int64_t> v) { return function.ofInteger(v[0]); },
         [&](ArrayRef<double> v) { return function.ofFloat(v[0]); }});
  if (x.type != ElementType::F32)
    return createIntegerUnary(b, name, x);
  return createFunction(
      b, x, function.takesOne ? ArrayRef<float>(1.0f) : ArrayRef<float>(),
      function.body);
}

//===----------------------------------------------------------------------===//
// Functions with parameters
//===----------------------------------------------------------------------===//

FailureOr<Tensor> mlir::compress::createClamp(ModelOpBuilder &b,
                                              const Tensor &x,
                                              std::optional<float> low,
                                              std::optional<float> high) {
  SmallVector<float> numbers;
  for (std::optional<float> bound : {low, high})
    if (bound)
      numbers.push_back(*bound);
  return createFunction(
      b, x, numbers, [&](OpBuilder &b, Location l, ValueRange v) {
        Value result = v[0];
        if (low)
          result = arith::MaximumFOp::create(b, l, result, v[1]);
        if (high)
          result = arith::MinimumFOp::create(b, l, result, v.back());
        return result;
      });
}

FailureOr<Tensor> mlir::compress::createHardSigmoid(ModelOpBuilder &b,
                                                    const Tensor &x,
                                                    float alpha, float beta,
                                                    bool timesX) {
  return createFunction(
      b, x, {alpha, beta, 0.0f, 1.0f},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
        Value shifted = arith::AddFOp::create(b, l, scaled, v[2]);
        Value raised = arith::MaximumFOp::create(b, l, shifted, v[3]);
        Value gate = arith::MinimumFOp::create(b, l, raised, v[4]);
        return timesX ? arith::MulFOp::create(b, l, v[0], gate) : gate;
      });
}

FailureOr<Tensor> mlir::compress::createSwish(ModelOpBuilder &b,
                                              const Tensor &x, float alpha) {
  return createFunction(
      b, x, {alpha, 1.0f}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
        return arith::MulFOp::create(b, l, v[0],
                                     createSigmoid(b, l, {scaled, v[2]}));
      });
}

FailureOr<Tensor> mlir::compress::createGelu(ModelOpBuilder &b, const Tensor &x,
                                             bool isTanh) {
  float factor = isTanh ? 0.79788456f : 0.70710678f;
  return createFunction(
      b, x, {0.5f, 1.0f, factor, 0.044715f},
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

/// x >= 0 ? x : v[1] * x; v[2] is 0.
static Value createLeaky(OpBuilder &b, Location l, ValueRange v) {
  Value isPositive =
      arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, v[0], v[2]);
  Value scaled = arith::MulFOp::create(b, l, v[0], v[1]);
  return arith::SelectOp::create(b, l, isPositive, v[0], scaled);
}

FailureOr<Tensor> mlir::compress::createLeakyRelu(ModelOpBuilder &b,
                                                  const Tensor &x,
                                                  const Tensor &slope) {
  std::optional<SmallVector<int64_t>> shape =
      broadcastShapes(x.shape, slope.shape);
  if (!shape || *shape != x.shape)
    return b.fail("cannot broadcast the slope " + toString(slope.shape) +
                  " to " + toString(x.shape));
  if (x.type != ElementType::F32 || slope.type != ElementType::F32)
    return b.fail("of " + toString(x.type) + (x.isCodes() ? " codes" : "") +
                  " is not supported; of float32 it is");
  FailureOr<Value> result =
      b.elementwise({x, slope, number(0.0f)}, createLeaky);
  if (failed(result))
    return failure();
  return Tensor::fromValue(*result);
}

FailureOr<Tensor> mlir::compress::createElu(ModelOpBuilder &b, const Tensor &x,
                                            float alpha) {
  return createFunction(
      b, x, {alpha, 0.0f}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value isPositive =
            arith::CmpFOp::create(b, l, arith::CmpFPredicate::OGE, v[0], v[2]);
        Value scaled = arith::MulFOp::create(b, l, v[1],
                                             math::ExpM1Op::create(b, l, v[0]));
        return arith::SelectOp::create(b, l, isPositive, v[0], scaled);
      });
}

FailureOr<Tensor> mlir::compress::createSelu(ModelOpBuilder &b, const Tensor &x,
                                             float alpha, float gamma,
                                             float divisor) {
  return createFunction(
      b, x, {alpha, gamma, divisor, 0.0f},
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

FailureOr<Tensor> mlir::compress::createPower(ModelOpBuilder &b,
                                              const Tensor &x,
                                              Tensor exponent) {
  if (exponent.isPlainConstant() && exponent.type != ElementType::F32) {
    if (failed(b.charge(exponent.getNumElements() * sizeof(float))))
      return failure();
    exponent = Tensor::fromConstant(exponent.constant->cast(ElementType::F32));
  }
  double power = exponent.getScalar().value_or(0);
  if (canFold(x) && x.type == ElementType::F32 && (power == 2 || power == 0.5))
    return (foldElementwise(b, {x, exponent}, ElementType::F32,
                            {[](ArrayRef<int64_t> v) { return v[0]; },
                             [](ArrayRef<double> v) {
                               return v[1] == 2 ? v[0] * v[0] : std::sqrt(v[0]);
                             }}));
  if (x.type != ElementType::F32 || exponent.type != ElementType::F32)
    return b.fail("of " + toString(x.type) + " by " + toString(exponent.type) +
                  " is not supported; of float32 by float32 or a constant it "
                  "is");
  FailureOr<Value> result = b.elementwise(
      {x, exponent}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        if (power == 2)
          return arith::MulFOp::create(b, l, v[0], v[0]);
        if (power == 0.5)
          return math::SqrtOp::create(b, l, v[0]);
        return math::PowFOp::create(b, l, v[0], v[1]);
      });
  if (failed(result))
    return failure();
  return Tensor::fromValue(*result);
}

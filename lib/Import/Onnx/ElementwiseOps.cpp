//===- ElementwiseOps.cpp - activations, arithmetic, batch norm ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::compress;

/// `value` as the scalar operand of an elementwise op.
static Tensor number(float value) {
  return Tensor::fromConstant(ConstantTensor::fromFloats({}, {value}));
}

template <typename OpTy>
static Value create(OpBuilder &b, Location l, ValueRange v) {
  return OpTy::create(b, l, v);
}

/// `body` of input 0 and of `numbers`.
static LogicalResult importFunction(NodeImporter &n, ArrayRef<float> numbers,
                                    ScalarBody body) {
  SmallVector<Tensor> operands{n.getInput(0)};
  for (float value : numbers)
    operands.push_back(number(value));
  return n.setResult(n.b.elementwise(operands, body));
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

LogicalResult mlir::compress::importUnary(NodeImporter &n) {
  using Body = Value (*)(OpBuilder &, Location, ValueRange);
  auto body = llvm::StringSwitch<Body>(n.getOpType())
                  .Case("Abs", create<math::AbsFOp>)
                  .Case("Ceil", create<math::CeilOp>)
                  .Case("Erf", create<math::ErfOp>)
                  .Case("Exp", create<math::ExpOp>)
                  .Case("Floor", create<math::FloorOp>)
                  .Case("Log", create<math::LogOp>)
                  .Case("Neg", createNegate)
                  .Case("Reciprocal", createReciprocal)
                  .Case("Round", create<math::RoundEvenOp>)
                  .Case("Sigmoid", createSigmoid)
                  .Case("Softplus", createSoftplus)
                  .Case("Sqrt", create<math::SqrtOp>)
                  .Case("Tanh", create<math::TanhOp>)
                  .Default(nullptr);
  // The functions of two operands take 1 as the second.
  bool takesOne = body == createReciprocal || body == createSigmoid ||
                  body == createSoftplus;
  return importFunction(n, takesOne ? ArrayRef<float>(1.0f) : ArrayRef<float>(),
                        body);
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

//===----------------------------------------------------------------------===//
// Arithmetic
//===----------------------------------------------------------------------===//

/// a op b in 64 bits that wrap around; std::nullopt for a division by 0.
static std::optional<int64_t> compute(StringRef op, int64_t a, int64_t b) {
  uint64_t x = a, y = b;
  if (op == "Add" || op == "Sum")
    return static_cast<int64_t>(x + y);
  if (op == "Sub")
    return static_cast<int64_t>(x - y);
  if (op == "Mul")
    return static_cast<int64_t>(x * y);
  if (op == "Min")
    return std::min(a, b);
  if (op == "Max")
    return std::max(a, b);
  if (b == 0)
    return std::nullopt;
  return b == -1 ? static_cast<int64_t>(0 - x) : a / b;
}

static float compute(StringRef op, float a, float b) {
  if (op == "Add" || op == "Sum")
    return a + b;
  if (op == "Sub")
    return a - b;
  if (op == "Mul")
    return a * b;
  if (op == "Div")
    return a / b;
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<float>::quiet_NaN();
  return op == "Min" ? std::min(a, b) : std::max(a, b);
}

/// Computes one op on constants of one type: shape arithmetic, and f32.
static FailureOr<ConstantTensorRef> foldArithmetic(NodeImporter &n,
                                                   const ConstantTensor &a,
                                                   const ConstantTensor &b) {
  std::optional<SmallVector<int64_t>> shape =
      broadcastShapes(a.getShape(), b.getShape());
  std::optional<int64_t> count = shape ? countElements(*shape) : std::nullopt;
  if (!count || a.getType() != b.getType())
    return n.fail("requires constants of one type that broadcast, not " +
                  toString(a.getType()) + " " + toString(a.getShape()) +
                  " and " + toString(b.getType()) + " " +
                  toString(b.getShape()));
  if (failed(n.b.charge(*count * 4 * sizeof(int64_t))))
    return failure();
  // Both over the result's shape: stride 0 where an operand repeats.
  auto spread = [&](const ConstantTensor &operand) {
    SmallVector<int64_t> own = getRowMajorStrides(operand.getShape());
    SmallVector<int64_t> strides(shape->size(), 0);
    size_t missing = shape->size() - own.size();
    for (size_t i = 0; i < own.size(); ++i)
      strides[missing + i] = operand.getShape()[i] == 1 ? 0 : own[i];
    return operand.view(*shape, 0, strides);
  };
  ConstantTensorRef left = spread(a), right = spread(b);
  if (a.getType() == ElementType::F32) {
    SmallVector<float> values(*count);
    for (auto [i, value] : llvm::enumerate(values))
      value = compute(n.getOpType(), static_cast<float>(left->getDouble(i)),
                      static_cast<float>(right->getDouble(i)));
    return ConstantTensor::fromFloats(*shape, values);
  }
  SmallVector<int64_t> values(*count);
  for (auto [i, value] : llvm::enumerate(values)) {
    std::optional<int64_t> result =
        compute(n.getOpType(), left->getInt(i), right->getInt(i));
    if (!result)
      return n.fail("divides by 0");
    value = *result;
  }
  return ConstantTensor::fromInts(a.getType(), *shape, values);
}

/// Add, Sub, Mul, Div, Min, Max, Sum; the last three of any number of operands.
LogicalResult mlir::compress::importArithmetic(NodeImporter &n) {
  FailureOr<SmallVector<Tensor>> operands = n.getAllInputs();
  if (failed(operands))
    return failure();
  StringRef op = n.getOpType();
  bool canFold = llvm::all_of(*operands, [](const Tensor &operand) {
    return operand.isPlainConstant() && operand.type != ElementType::U64 &&
           (isInteger(operand.type) || operand.type == ElementType::F32);
  });
  if (canFold) {
    ConstantTensorRef result = operands->front().constant;
    for (const Tensor &operand : llvm::drop_begin(*operands)) {
      FailureOr<ConstantTensorRef> next =
          foldArithmetic(n, *result, *operand.constant);
      if (failed(next))
        return failure();
      result = *next;
    }
    return n.setResult(FailureOr<Tensor>(Tensor::fromConstant(result)));
  }
  using Body = Value (*)(OpBuilder &, Location, ValueRange);
  auto body = llvm::StringSwitch<Body>(op)
                  .Cases({"Add", "Sum"}, create<arith::AddFOp>)
                  .Case("Sub", create<arith::SubFOp>)
                  .Case("Mul", create<arith::MulFOp>)
                  .Case("Div", create<arith::DivFOp>)
                  .Case("Min", create<arith::MinimumFOp>)
                  .Default(create<arith::MaximumFOp>);
  return n.setResult(
      n.b.elementwise(*operands, [&](OpBuilder &b, Location l, ValueRange v) {
        Value result = v[0];
        for (Value operand : v.drop_front())
          result = body(b, l, {result, operand});
        return result;
      }));
}

/// Squares and roots are exact and cheap, the rest is math.powf.
LogicalResult mlir::compress::importPow(NodeImporter &n) {
  Tensor exponent = n.getInput(1);
  if (exponent.isPlainConstant() && isInteger(exponent.type)) {
    if (failed(n.b.charge(exponent.getNumElements() * sizeof(float))))
      return failure();
    exponent = Tensor::fromConstant(exponent.constant->cast(ElementType::F32));
  }
  double power = exponent.getScalar().value_or(0);
  return n.setResult(
      n.b.elementwise({n.getInput(0), exponent},
                      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                        if (power == 2)
                          return arith::MulFOp::create(b, l, v[0], v[0]);
                        if (power == 0.5)
                          return math::SqrtOp::create(b, l, v[0]);
                        return math::PowFOp::create(b, l, v[0], v[1]);
                      }));
}

//===----------------------------------------------------------------------===//
// Normalization
//===----------------------------------------------------------------------===//

/// Inference only: X, scale, B, mean, var.
LogicalResult mlir::compress::importBatchNorm(NodeImporter &n) {
  float epsilon = n.getFloat("epsilon", 1e-5f);
  bool isTraining = n.getInt("training_mode", 0);
  bool isSpatial = n.getInt("spatial", 1);
  if (n.hasFailed())
    return failure();
  if (isTraining || !isSpatial)
    return n.fail("requires inference with one mean and variance a channel; "
                  "export the model in evaluation mode");
  FailureOr<Value> x = n.getValue(0);
  if (failed(x))
    return failure();
  return n.setResult(n.b.batchNorm(*x, n.getInput(1), n.getInput(2),
                                   n.getInput(3), n.getInput(4), epsilon));
}

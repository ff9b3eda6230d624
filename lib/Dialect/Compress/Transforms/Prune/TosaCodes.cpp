//===- TosaCodes.cpp - constant channels of integer TOSA ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TosaCodes.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

using Number = std::optional<double>;

/// Of signless integers, which are signed.
static bool fits(int64_t number, Type type) {
  auto integer = dyn_cast<IntegerType>(getElementTypeOrSelf(type));
  return integer && integer.getWidth() <= 48 &&
         llvm::isIntN(integer.getWidth(), number);
}

/// RESCALE: apply_scale_32 or apply_scale_16 of the specification.
static std::optional<int64_t> rescale(tosa::RescaleOp op,
                                      ArrayRef<Number> args) {
  if (llvm::is_contained(args, std::nullopt) || op.getInputUnsigned() ||
      op.getOutputUnsigned() ||
      op.getRoundingMode() == tosa::RoundingMode::INEXACT_ROUND)
    return std::nullopt;
  auto value = static_cast<int64_t>(*args[0] - *args[3]);
  auto multiplier = static_cast<int64_t>(*args[1]);
  auto shift = static_cast<int64_t>(*args[2]);
  bool doubles = op.getRoundingMode() == tosa::RoundingMode::DOUBLE_ROUND;
  if (shift < 2 || shift > 62 || !llvm::isInt<48>(value) ||
      (op.getScale32() ? !llvm::isInt<32>(value) : doubles))
    return std::nullopt;
  // 32 by 32 and 48 by 16 bits fit, with the rounding.
  int64_t round = int64_t(1) << (shift - 1);
  if (doubles && shift > 31)
    round += value >= 0 ? int64_t(1) << 30 : -(int64_t(1) << 30);
  int64_t result = (value * multiplier + round) >> shift;
  result += static_cast<int64_t>(*args[4]);
  unsigned width = getElementTypeOrSelf(op.getType()).getIntOrFloatBitWidth();
  return std::clamp(result, llvm::minIntN(width), llvm::maxIntN(width));
}

/// TABLE of 8 bits.
static std::optional<int64_t> lookUp(tosa::TableOp op, Number x) {
  FailureOr<ConstantData> table = readConstant(op.getTable());
  if (!x || failed(table) || table->size() != 256)
    return std::nullopt;
  return table->getInt(static_cast<int64_t>(*x) + 128);
}

static std::optional<int64_t> evaluate(Operation *op, ArrayRef<Number> args) {
  using namespace tosa;
  if (auto rescaleOp = dyn_cast<RescaleOp>(op))
    return rescale(rescaleOp, args);
  if (auto table = dyn_cast<TableOp>(op))
    return lookUp(table, args[0]);
  if (isa<AvgPool2dOp>(op)) // of zeros: other means are rounded
    return args[0] && args[0] == args[1] && args[2]
               ? std::optional<int64_t>(*args[2])
               : std::nullopt;
  if (isa<ReduceSumOp>(op))
    return args[0] == 0.0 ? std::optional<int64_t>(0) : std::nullopt;
  Number x = args[0], y = args.size() > 1 ? args[1] : std::nullopt;
  if (!x)
    return std::nullopt;
  auto a = static_cast<int64_t>(*x);
  auto binary = [&](auto compute) -> std::optional<int64_t> {
    if (!y)
      return std::nullopt;
    return compute(a, static_cast<int64_t>(*y));
  };
  return TypeSwitch<Operation *, std::optional<int64_t>>(op)
      .Case<IdentityOp, TransposeOp, GatherOp, TileOp>([&](auto) { return a; })
      .Case([&](ClampOp clamp) -> std::optional<int64_t> {
        auto low = dyn_cast<IntegerAttr>(clamp.getMinVal());
        auto high = dyn_cast<IntegerAttr>(clamp.getMaxVal());
        if (!low || !high)
          return std::nullopt;
        return std::min(std::max(a, low.getValue().getSExtValue()),
                        high.getValue().getSExtValue());
      })
      .Case<AddOp>(
          [&](auto) { return binary([](auto a, auto b) { return a + b; }); })
      .Case<SubOp>(
          [&](auto) { return binary([](auto a, auto b) { return a - b; }); })
      .Case<MaximumOp>([&](auto) {
        return binary([](auto a, auto b) { return std::max(a, b); });
      })
      .Case<MinimumOp>([&](auto) {
        return binary([](auto a, auto b) { return std::min(a, b); });
      })
      .Default([](Operation *) { return std::nullopt; });
}

Number mlir::compress::evaluateTosaCodes(Operation *op, ArrayRef<Number> args) {
  std::optional<int64_t> result = evaluate(op, args);
  if (!result || !fits(*result, op->getResult(0).getType()))
    return std::nullopt;
  return static_cast<double>(*result);
}

SmallVector<double>
mlir::compress::sumTosaCodes(const ConstantData &filter,
                             std::pair<double, double> zeroPoints, unsigned dim,
                             unsigned index, unsigned resultDim, double code) {
  ArrayRef<int64_t> shape = filter.type.getShape();
  int64_t inner = 1, resultInner = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    inner *= d > dim ? shape[d] : 1;
    resultInner *= d > resultDim ? shape[d] : 1;
  }
  auto factor = static_cast<int64_t>(code - zeroPoints.first);
  auto zero = static_cast<int64_t>(zeroPoints.second);
  SmallVector<int64_t> sums(shape[resultDim]);
  for (int64_t i = 0; i < filter.size(); ++i)
    if (i / inner % shape[dim] == index)
      sums[i / resultInner % shape[resultDim]] +=
          factor * (filter.getInt(i) - zero);
  return SmallVector<double>(sums.begin(), sums.end());
}

std::optional<double> mlir::compress::getTosaBiasLimit(Operation *op,
                                                       std::string &reason) {
  Value bias = op->getOperand(2);
  FailureOr<ConstantData> data = readConstant(bias);
  if (failed(data) || !data->type.getElementType().isInteger(32)) {
    reason = "its bias is no constant in i32";
    return std::nullopt;
  }
  double largest = 0;
  for (int64_t i = 0; i < data->size(); ++i)
    largest = std::max(largest, std::abs(data->getReal(i)));
  return INT32_MAX - largest;
}

void mlir::compress::addToTosaBias(Operation *op, ArrayRef<double> numbers) {
  OpOperand &bias = op->getOpOperand(2);
  OpBuilder b(op);
  Type element = getElementTypeOrSelf(bias.get().getType());
  auto type =
      RankedTensorType::get(static_cast<int64_t>(numbers.size()), element);
  FailureOr<ConstantData> old = readConstant(bias.get());
  auto oldAt = [&](size_t channel) {
    return failed(old) ? 0 : old->getReal(old->size() == 1 ? 0 : channel);
  };
  ElementsAttr values;
  if (element.isF32()) {
    SmallVector<float> sums;
    for (auto [channel, number] : llvm::enumerate(numbers))
      sums.push_back(static_cast<float>(number) +
                     static_cast<float>(oldAt(channel)));
    values = makeConstant(type, ArrayRef<float>(sums));
  } else {
    SmallVector<int32_t> sums;
    for (auto [channel, number] : llvm::enumerate(numbers))
      sums.push_back(static_cast<int32_t>(number + oldAt(channel)));
    values = makeConstant(type, ArrayRef<int32_t>(sums));
  }
  Value constant = tosa::ConstOp::create(b, op->getLoc(), type, values);
  bias.set(succeeded(old) ? constant
                          : tosa::AddOp::create(b, op->getLoc(), type,
                                                bias.get(), constant)
                                .getResult());
}

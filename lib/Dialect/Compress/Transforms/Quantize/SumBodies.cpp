//===- SumBodies.cpp - bodies that bring integers back to f32 -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "IntegerBodies.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// A factor of a body: one number, or one for each index of a loop.
struct Factor {
  SmallVector<double> values;
  std::optional<unsigned> loop;
};
} // namespace

/// The constant `value` of a body before it is rounded to f32.
static std::optional<Factor> matchFactor(linalg::LinalgOp op, Value value,
                                         ConstantEvaluator &constants) {
  while (Operation *def = value.getDefiningOp()) {
    if (!isa<arith::TruncFOp, arith::ExtFOp>(def))
      break;
    value = def->getOperand(0);
  }
  if (!isa<FloatType>(value.getType()))
    return std::nullopt;
  if (std::optional<Scalar> scalar = readScalar(value))
    return Factor{{scalar->real}, std::nullopt};
  auto argument = dyn_cast<BlockArgument>(value);
  if (!argument || argument.getOwner() != op.getBlock())
    return std::nullopt;
  OpOperand *operand = op.getMatchingOpOperand(argument);
  if (std::optional<Scalar> splat = matchConstantArgument(operand->get()))
    return Factor{{splat->real}, std::nullopt};
  const ConstantData *data = constants.evaluate(operand->get());
  if (!data)
    return std::nullopt;
  // One dimension counts: the others are of extent 1.
  AffineMap map = op.getMatchingIndexingMap(operand);
  Factor factor;
  for (auto [extent, expr] :
       llvm::zip_equal(data->type.getShape(), map.getResults())) {
    if (extent == 1)
      continue;
    auto loop = dyn_cast<AffineDimExpr>(expr);
    if (!loop || factor.loop)
      return std::nullopt;
    factor.loop = loop.getPosition();
  }
  for (int64_t i = 0; i < data->size(); ++i)
    factor.values.push_back(data->getReal(i));
  return factor;
}

std::optional<SumScale>
mlir::compress::matchSumScale(linalg::LinalgOp op, OpOperand *input,
                              ConstantEvaluator &constants, StringRef &reason) {
  reason = "is no multiplication of a sum by a constant";
  if (!isElementwiseOp(op) || !op.getMatchingIndexingMap(input).isIdentity() ||
      !getElementTypeOrSelf(op->getResult(0)).isF32())
    return std::nullopt;
  SumScale result{{1}, std::nullopt};
  bool converted = false;
  Value value = op.getBlock()->getTerminator()->getOperand(0);
  while (value != op.getMatchingBlockArgument(input)) {
    Operation *def = value.getDefiningOp();
    if (!def)
      return std::nullopt;
    if (isa<arith::SIToFPOp>(def)) {
      converted = true;
    } else if (isa<arith::MulFOp>(def)) {
      Value x = def->getOperand(0), constant = def->getOperand(1);
      std::optional<Factor> factor = matchFactor(op, constant, constants);
      if (!factor) {
        factor = matchFactor(op, x, constants);
        std::swap(x, constant);
      }
      if (!factor)
        return std::nullopt;
      if (factor->loop) {
        if (result.axis && *result.axis != *factor->loop)
          return std::nullopt;
        if (!result.axis)
          result.scales.assign(factor->values.size(), result.scales[0]);
        result.axis = factor->loop;
      }
      for (auto [i, scale] : llvm::enumerate(result.scales))
        scale *= factor->values[factor->loop ? i : 0];
      value = x;
      continue;
    } else if (!isa<arith::TruncFOp, arith::ExtFOp, arith::ExtSIOp>(def)) {
      return std::nullopt;
    }
    value = def->getOperand(0);
  }
  if (!converted)
    return std::nullopt;
  reason = "multiplies a sum by a number that is no scale";
  for (double scale : result.scales)
    if (!toScale(scale))
      return std::nullopt;
  return result;
}

std::optional<StoredGrid>
mlir::compress::matchStored(linalg::LinalgOp op, OpOperand *input,
                            const ConstantData &data,
                            ConstantEvaluator &constants) {
  // Wider integers are no codes.
  unsigned width = data.type.getElementTypeBitWidth();
  if (!isElementwiseOp(op) || !op.getMatchingIndexingMap(input).isIdentity() ||
      (width != 8 && width != 16 && width != 32) ||
      !getElementTypeOrSelf(op->getResult(0)).isF32())
    return std::nullopt;
  std::optional<ScalarBody> body = ScalarBody::get(op);
  if (!body)
    return std::nullopt;
  // What else the body reads is one number, or one for each index of the axis.
  StoredGrid grid;
  SmallVector<Scalar> arguments(op->getNumOperands());
  SmallVector<std::pair<unsigned, const ConstantData *>> vectors;
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned i = operand.getOperandNumber();
    if (&operand == input || !body->uses(i))
      continue;
    if (std::optional<Scalar> splat = matchConstantArgument(operand.get())) {
      arguments[i] = *splat;
      continue;
    }
    if (!constants.evaluate(operand.get()))
      return std::nullopt;
    auto type = cast<RankedTensorType>(operand.get().getType());
    AffineMap map = op.getMatchingIndexingMap(&operand);
    for (auto [extent, expr] :
         llvm::zip_equal(type.getShape(), map.getResults())) {
      if (extent == 1)
        continue;
      auto loop = dyn_cast<AffineDimExpr>(expr);
      if (!loop || (grid.axis && *grid.axis != loop.getPosition()))
        return std::nullopt;
      grid.axis = loop.getPosition();
    }
    vectors.emplace_back(i, nullptr);
  }
  for (auto &[i, vector] : vectors)
    vector = constants.evaluate(op->getOperand(i));

  int64_t channels = grid.axis ? data.type.getDimSize(*grid.axis) : 1;
  int64_t inner = 1;
  if (grid.axis)
    for (int64_t extent : data.type.getShape().drop_front(*grid.axis + 1))
      inner *= extent;
  unsigned index = input->getOperandNumber();
  auto real = [&](int64_t code) {
    arguments[index].integer = signExtend(code + grid.offset, width);
    return body->evaluate(arguments).real;
  };
  auto setChannel = [&](int64_t channel) {
    for (auto [i, vector] : vectors)
      arguments[i] = getScalar(*vector, channel);
  };
  // The zero point is where the real value is 0: of wide integers 0 itself.
  auto findParameters = [&](int64_t first, int64_t end) {
    int64_t zero = first;
    while (zero < end && real(zero) != 0)
      ++zero;
    if (zero == end)
      return false;
    bool last = width == 8 && zero + 1 == end;
    std::optional<float> scale =
        toScale(last ? -real(zero - 1) : real(zero + 1));
    if (!scale)
      return false;
    grid.scales.push_back(*scale);
    grid.zeroPoints.push_back(zero);
    return true;
  };
  auto matches = [&] {
    grid.scales.clear();
    grid.zeroPoints.clear();
    for (int64_t c = 0; c < channels; ++c) {
      setChannel(c);
      if (width == 8 ? !findParameters(-128, 128) : !findParameters(0, 1))
        return false;
    }
    // Every element that there is has to come out right.
    for (int64_t i = 0, e = data.size(); i < e; ++i) {
      int64_t c = i / inner % channels;
      int64_t code = signExtend(data.getInt(i) - grid.offset, width);
      setChannel(c);
      float expected = static_cast<float>(code - grid.zeroPoints[c]) *
                       static_cast<float>(grid.scales[c]);
      if (real(code) != expected)
        return false;
    }
    return true;
  };
  if (matches())
    return grid;
  grid.offset = 128;
  if (width == 8 && matches())
    return grid;
  return std::nullopt;
}

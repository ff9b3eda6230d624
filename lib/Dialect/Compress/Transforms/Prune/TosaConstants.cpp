//===- TosaConstants.cpp - what TOSA ops make of constant channels --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelConstants.h"
#include "CodeLayer.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "PrunableLayer.h"
#include "TosaCodes.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

using Number = std::optional<double>;

/// What an elementwise f32 op computes of what is known of its operands.
static Number evaluateElementwise(Operation *op, ArrayRef<Number> args) {
  using namespace tosa;
  Number x = args[0], y = args.size() > 1 ? args[1] : std::nullopt;
  if (isa<MulOp>(op) && (x == 0.0 || y == 0.0))
    return 0.0;
  if (!x)
    return std::nullopt;
  float a = *x;
  auto binary = [&](auto compute) -> Number {
    if (!y)
      return std::nullopt;
    return compute(a, static_cast<float>(*y));
  };
  return TypeSwitch<Operation *, Number>(op)
      .Case<IdentityOp, TransposeOp, GatherOp, TileOp>([&](auto) { return x; })
      .Case<AbsOp>([&](auto) { return std::abs(a); })
      .Case<NegateOp>([&](auto) { return -a; })
      .Case<CeilOp>([&](auto) { return std::ceil(a); })
      .Case<FloorOp>([&](auto) { return std::floor(a); })
      .Case<ExpOp>([&](auto) { return std::exp(a); })
      .Case<LogOp>([&](auto) { return std::log(a); })
      .Case<TanhOp>([&](auto) { return std::tanh(a); })
      .Case<ErfOp>([&](auto) { return std::erf(a); })
      .Case<SigmoidOp>([&](auto) { return 1 / (1 + std::exp(-a)); })
      .Case<ReciprocalOp>([&](auto) { return 1 / a; })
      .Case<RsqrtOp>([&](auto) { return 1 / std::sqrt(a); })
      .Case<ClampOp>([&](ClampOp clamp) -> Number {
        auto lo = dyn_cast<FloatAttr>(clamp.getMinVal());
        auto hi = dyn_cast<FloatAttr>(clamp.getMaxVal());
        if (!lo || !hi)
          return std::nullopt;
        return std::min(std::max(static_cast<double>(a), lo.getValueAsDouble()),
                        hi.getValueAsDouble());
      })
      .Case<AddOp>(
          [&](auto) { return binary([](float a, float b) { return a + b; }); })
      .Case<SubOp>(
          [&](auto) { return binary([](float a, float b) { return a - b; }); })
      .Case<MulOp>(
          [&](auto) { return binary([](float a, float b) { return a * b; }); })
      .Case<MaximumOp>([&](auto) {
        return binary([](float a, float b) { return std::max(a, b); });
      })
      .Case<MinimumOp>([&](auto) {
        return binary([](float a, float b) { return std::min(a, b); });
      })
      .Case<PowOp>([&](auto) {
        return binary([](float a, float b) { return std::pow(a, b); });
      })
      .Default([](Operation *) { return std::nullopt; });
}

/// The sum of a convolution or product of which one factor is zero is its bias.
static Number evaluateProduct(Operation *op, ArrayRef<Number> args) {
  auto zeroPoints = getZeroPoints(op);
  if (!zeroPoints ||
      (args[0] != zeroPoints->first && args[1] != zeroPoints->second))
    return std::nullopt;
  // How lowering rounds the bias of a TOSA layer on codes is not looked at.
  if (!isa<tosa::MatMulOp>(op) && args[2] != 0.0 &&
      findFilterScale(op->getOperand(1)))
    return std::nullopt;
  return isa<tosa::MatMulOp>(op) ? Number(0) : args[2];
}

void ChannelConstants::visitTosa(Operation *op) {
  Value result = op->getResult(0);
  std::optional<SmallVector<AffineMap>> maps = getDimensionMaps(op);
  bool isFloat = getElementTypeOrSelf(result.getType()).isF32();
  Reduction reduction = matchReduction(op);
  for (auto [dim, expr] : llvm::enumerate(maps->back().getResults())) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    unsigned axis = graph.getAxis(result, dim);
    if (!loop || axis == ChannelGraph::kNone)
      continue;
    for (unsigned index = 0; index < graph.getAxis(axis).extent; ++index) {
      SmallVector<Number> args;
      SmallVector<double> argSlacks;
      bool hasNews = false;
      for (auto [operand, map] : llvm::zip(op->getOperands(), *maps)) {
        Number number = matchSplat(operand);
        std::optional<unsigned> from = dimOfLoop(map, loop.getPosition());
        unsigned source =
            from ? graph.getAxis(operand, *from) : ChannelGraph::kNone;
        if (!number && source != ChannelGraph::kNone)
          number = get(source, index);
        argSlacks.push_back(
            source == ChannelGraph::kNone ? 0 : getSlack(source, index));
        hasNews |= number && (*number == 0 || !isConstant(operand));
        args.push_back(number);
      }
      if (!hasNews)
        continue;
      auto evaluate = [&](ArrayRef<Number> args) -> Number {
        if (reduction == Reduction::Product)
          return evaluateProduct(op, args);
        if (reduction == Reduction::Maximum)
          return args[0]; // what a pool pads with has no part in it
        if (!isFloat)
          return evaluateTosaCodes(op, args);
        if (isa<tosa::ReduceSumOp, tosa::AvgPool2dOp, tosa::ResizeOp>(op))
          return args[0] == 0.0 ? args[0] : std::nullopt;
        return reduction == Reduction::None ? evaluateElementwise(op, args)
                                            : std::nullopt;
      };
      if (Number number = evaluate(args))
        set(graph.getAxis(axis).first + index, *number,
            isFloat ? spread(evaluate, args, argSlacks, *number,
                             units.lookup(result))
                    : 0);
    }
  }
}

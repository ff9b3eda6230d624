//===- FloatRounding.cpp - fake quantizations written in f32 --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quantization aware training leaves networks that divide, round, clamp and
// multiply in f32, with no integer between, in one body or in one op each.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "IntegerBodies.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

namespace {
/// One op of a chain, ready to be computed.
struct Link {
  ScalarBody body;
  SmallVector<Scalar> arguments;
  unsigned input;
};
} // namespace

static bool holds(linalg::LinalgOp op, function_ref<bool(Operation *)> fn) {
  return llvm::any_of(op.getBlock()->without_terminator(),
                      [&](Operation &inner) { return fn(&inner); });
}
static bool scales(linalg::LinalgOp op) {
  return holds(op, [](Operation *inner) {
    return isa<arith::MulFOp, arith::DivFOp>(inner);
  });
}

/// The operand of an elementwise op from f32 to f32 that depends on it alone,
/// read at the same place; null for other ops.
static OpOperand *matchRealUnary(Operation *operation) {
  auto op = dyn_cast_or_null<linalg::LinalgOp>(operation);
  StringRef reason;
  if (!op || op->getNumResults() != 1 ||
      !getElementTypeOrSelf(op->getResult(0)).isF32())
    return nullptr;
  OpOperand *input = matchUnary(op, reason);
  if (!input || !op.getMatchingIndexingMap(input).isIdentity() ||
      !getElementTypeOrSelf(input->get().getType()).isF32())
    return nullptr;
  return input;
}

/// The ops from a scaling before the rounding in `anchor` to one after it, each
/// the only user of the one before.
static SmallVector<OpOperand *> findChain(linalg::LinalgOp anchor) {
  constexpr unsigned most = 16;
  OpOperand *input = matchRealUnary(anchor);
  if (!input)
    return {};
  SmallVector<OpOperand *> before, after;
  // In one body the factor may stand before the rounding or after it.
  bool fused = holds(anchor, [](Operation *inner) {
    auto round = dyn_cast<math::RoundEvenOp>(inner);
    Operation *def = round ? round.getOperand().getDefiningOp() : nullptr;
    while (def && !isa<arith::DivFOp, arith::MulFOp>(def))
      def = def->getNumOperands() > 0 ? def->getOperand(0).getDefiningOp()
                                      : nullptr;
    return def != nullptr;
  });
  OpOperand *at = input;
  while (!fused && before.size() < most) {
    if (!at->get().hasOneUse())
      return {};
    at = matchRealUnary(at->get().getDefiningOp());
    if (!at)
      return {};
    before.push_back(at);
    fused = scales(cast<linalg::LinalgOp>(at->getOwner()));
  }
  linalg::LinalgOp last = anchor;
  auto isEnd = [&] {
    Value yielded = last.getBlock()->getTerminator()->getOperand(0);
    return isa_and_nonnull<arith::MulFOp, arith::DivFOp>(
        yielded.getDefiningOp());
  };
  while (!isEnd() && after.size() < most) {
    Value result = last->getResult(0);
    OpOperand *next = result.hasOneUse()
                          ? matchRealUnary(*result.getUsers().begin())
                          : nullptr;
    if (!next || next->get() != result)
      return {};
    after.push_back(next);
    last = cast<linalg::LinalgOp>(next->getOwner());
  }
  if (!fused || !isEnd())
    return {};
  SmallVector<OpOperand *> chain(llvm::reverse(before));
  chain.push_back(input);
  chain.append(after);
  return chain;
}

/// Whether the chain, which never falls, gives the real values of `grid` on
/// both sides of every step.
static bool roundsTo(function_ref<float(float)> compute, const CodeGrid &grid) {
  auto agrees = [&](int64_t order) {
    float x = numberAt(order);
    return compute(x) == grid.real(quantize(x, grid.scale, grid.zeroPoint,
                                            grid.qmin, grid.qmax));
  };
  for (int32_t code = grid.qmin + 1; code <= grid.qmax; ++code) {
    int64_t threshold = thresholdOf(grid, code);
    if (!agrees(threshold) || !agrees(threshold - 1))
      return false;
  }
  return true;
}

std::optional<FloatRounding>
mlir::compress::matchFloatRounding(linalg::LinalgOp anchor) {
  if (!holds(anchor,
             [](Operation *inner) { return isa<math::RoundEvenOp>(inner); }))
    return std::nullopt;
  SmallVector<OpOperand *> chain = findChain(anchor);
  std::vector<Link> links;
  SmallVector<float> candidates;
  for (OpOperand *operand : chain) {
    auto op = cast<linalg::LinalgOp>(operand->getOwner());
    Link link{*ScalarBody::get(op), constantArguments(op),
              operand->getOperandNumber()};
    if (!link.body.getMonotoneRange(link.input, link.arguments))
      return std::nullopt;
    links.push_back(std::move(link));
    candidates.append(scaleCandidates(op));
  }
  if (links.empty())
    return std::nullopt;
  auto compute = [&](float x) {
    double value = x;
    for (Link &link : links) {
      link.arguments[link.input].real = value;
      value = link.body.evaluate(link.arguments).real;
    }
    return static_cast<float>(value);
  };
  float low = compute(-INFINITY), high = compute(INFINITY);
  if (!std::isfinite(low) || !std::isfinite(high) || low >= high)
    return std::nullopt;
  for (float scale : candidates) {
    // The bounds less the zero point, which is free where the range is.
    double lo = std::nearbyint(low / scale), hi = std::nearbyint(high / scale);
    if (hi - lo > 65535 || std::abs(lo) > 65535 || std::abs(hi) > 65535)
      continue;
    FloatRounding result{chain.front()->get(), {}, {}};
    for (OpOperand *operand : chain)
      result.ops.push_back(operand->getOwner());
    CodeGrid &grid = result.grid;
    grid.bits = grid.width = hi - lo > 255 ? 16 : 8;
    int32_t half = 1 << (grid.bits - 1);
    grid.scale = scale;
    grid.zeroPoint =
        lo >= -half && hi < half ? 0 : static_cast<int32_t>(-half - lo);
    grid.qmin = static_cast<int32_t>(lo) + grid.zeroPoint;
    grid.qmax = static_cast<int32_t>(hi) + grid.zeroPoint;
    if (grid.real(grid.qmin) == low && grid.real(grid.qmax) == high &&
        roundsTo(compute, grid))
      return result;
  }
  return std::nullopt;
}

bool mlir::compress::isFloatFakeQuant(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && matchFloatRounding(linalgOp).has_value();
}

//===- MonotoneBody.cpp - bodies that keep the order of numbers -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every value of a body is followed as a function of one argument: constant, or
// growing from `low` to `high`. As it never falls, these two bound it, and
// integers can be seen not to wrap.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/ScalarBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/Support/MathExtras.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::compress;

namespace {
enum class Course { Constant, Grows, Unknown };

struct Bounds {
  Course course = Course::Constant;
  Scalar low, high;
};
} // namespace

struct ScalarBody::Ends {
  SmallVector<Bounds> places;
};

/// Whether integers of `width` bits hold these bounds, signed or not.
static bool fitsSigned(const Bounds &b, unsigned width) {
  if (width >= 64)
    return true;
  int64_t limit = int64_t(1) << (width - 1);
  return b.low.integer >= -limit && b.high.integer < limit;
}
static bool fitsUnsigned(const Bounds &b, unsigned width) {
  return b.low.integer >= 0 &&
         (width >= 63 || b.high.integer < (int64_t(1) << width));
}

/// A maximum or minimum written as a comparison and a selection.
static std::optional<bool> isSelectedMax(arith::SelectOp select) {
  Operation *compare = select.getCondition().getDefiningOp();
  if (!isa_and_nonnull<arith::CmpFOp, arith::CmpIOp>(compare))
    return std::nullopt;
  Value a = compare->getOperand(0), b = compare->getOperand(1);
  bool straight = select.getTrueValue() == a && select.getFalseValue() == b;
  bool crossed = select.getTrueValue() == b && select.getFalseValue() == a;
  if (!straight && !crossed)
    return std::nullopt;
  if (auto floats = dyn_cast<arith::CmpFOp>(compare)) {
    using P = arith::CmpFPredicate;
    P p = floats.getPredicate();
    if (llvm::is_contained({P::OGT, P::OGE, P::UGT, P::UGE}, p))
      return straight;
    if (llvm::is_contained({P::OLT, P::OLE, P::ULT, P::ULE}, p))
      return crossed;
    return std::nullopt;
  }
  using P = arith::CmpIPredicate;
  P p = cast<arith::CmpIOp>(compare).getPredicate();
  if (p == P::sgt || p == P::sge)
    return straight;
  if (p == P::slt || p == P::sle)
    return crossed;
  return std::nullopt;
}

/// Follows step `at`; whether its result grows and fits in its type. A place
/// that depends on the argument in another way becomes Unknown.
bool ScalarBody::growWith(Ends &ends, unsigned at) const {
  const ScalarStep &step = steps[at];
  Operation *op = ops[at];
  Bounds &result = ends.places[step.result];
  auto operand = [&](unsigned i) -> const Bounds & {
    return ends.places[step.operands[i]];
  };
  bool constant = true, known = true;
  for (unsigned i = 0; i < step.arity; ++i) {
    constant &= operand(i).course == Course::Constant;
    known &= operand(i).course != Course::Unknown;
  }
  if (constant) {
    result.low =
        step.compute(step, operand(0).low, operand(1).low, operand(2).low);
    result.high = result.low;
    return true;
  }
  result.course = Course::Unknown;
  // What a selection looks at is judged with it.
  if (isa<arith::CmpFOp, arith::CmpIOp>(op))
    return true;
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    std::optional<bool> max = isSelectedMax(select);
    const Bounds &a = operand(1), &b = operand(2);
    if (!max || a.course == Course::Unknown || b.course == Course::Unknown)
      return false;
    bool isFloat = isa<FloatType>(select.getType());
    if (!isFloat && (!fitsSigned(a, step.width) || !fitsSigned(b, step.width)))
      return false;
    auto choose = [&](Scalar x, Scalar y) {
      bool first =
          isFloat ? (x.real > y.real) == *max : (x.integer > y.integer) == *max;
      return first ? x : y;
    };
    result = {Course::Grows, choose(a.low, b.low), choose(a.high, b.high)};
    return true;
  }
  if (!known)
    return false;

  const Bounds &a = operand(0), &b = operand(1);
  unsigned from = step.fromWidth;
  auto ends2 = [&](auto fn) {
    result = {Course::Grows, fn(a.low, b.low), fn(a.high, b.high)};
    return true;
  };
  auto compute = [&] {
    return ends2(
        [&](Scalar x, Scalar y) { return step.compute(step, x, y, {}); });
  };
  auto exact = [&](auto fn) {
    ends2([&](Scalar x, Scalar y) {
      return Scalar{0, fn(x.integer, y.integer)};
    });
    return fitsSigned(result, step.width) || fitsUnsigned(result, step.width);
  };
  auto same = [](int64_t x, int64_t) { return x; };
  bool growsByConstant = b.course == Course::Constant;
  if (isa<arith::AddFOp, arith::MaximumFOp, arith::MinimumFOp, arith::MaxNumFOp,
          arith::MinNumFOp, arith::TruncFOp, arith::ExtFOp, math::FloorOp,
          math::CeilOp, math::TruncOp, math::RoundOp, math::RoundEvenOp>(op))
    return compute();
  if (isa<arith::SubFOp>(op))
    return growsByConstant && compute();
  if (isa<arith::MulFOp, arith::DivFOp>(op)) {
    const Bounds &factor = growsByConstant ? b : a;
    return (growsByConstant || isa<arith::MulFOp>(op)) &&
           factor.course == Course::Constant && factor.low.real > 0 &&
           std::isfinite(factor.low.real) && compute();
  }
  if (isa<arith::FPToSIOp>(op)) {
    compute();
    if (step.width >= 32) {
      int64_t limit = (int64_t(1) << (std::min(step.width, 62u) - 1)) - 65536;
      for (Scalar *end : {&result.low, &result.high})
        end->integer = std::clamp(end->integer, -limit, limit);
    }
    return true;
  }
  if (isa<arith::FPToUIOp>(op)) {
    if (step.width > 32)
      return false;
    compute();
    int64_t mask = (int64_t(1) << step.width) - 1;
    result.low.integer &= mask;
    result.high.integer &= mask;
    return true;
  }
  if (isa<arith::SIToFPOp>(op))
    return fitsSigned(a, from) && compute();
  if (isa<arith::UIToFPOp>(op))
    return fitsUnsigned(a, from) && compute();
  bool overflows = false;
  if (isa<arith::AddIOp>(op))
    return exact([&](int64_t x, int64_t y) {
             int64_t sum;
             overflows |= llvm::AddOverflow(x, y, sum);
             return sum;
           }) &&
           !overflows;
  if (isa<arith::SubIOp>(op))
    return growsByConstant && exact([&](int64_t x, int64_t y) {
             int64_t difference;
             overflows |= llvm::SubOverflow(x, y, difference);
             return difference;
           }) &&
           !overflows;
  if (isa<arith::MaxSIOp, arith::MinSIOp>(op)) {
    bool max = isa<arith::MaxSIOp>(op);
    return fitsSigned(a, step.width) && fitsSigned(b, step.width) &&
           exact([&](int64_t x, int64_t y) {
             return max ? std::max(x, y) : std::min(x, y);
           });
  }
  if (isa<arith::MaxUIOp, arith::MinUIOp>(op)) {
    bool max = isa<arith::MaxUIOp>(op);
    return fitsUnsigned(a, step.width) && fitsUnsigned(b, step.width) &&
           exact([&](int64_t x, int64_t y) {
             return max ? std::max(x, y) : std::min(x, y);
           });
  }
  if (isa<arith::TruncIOp>(op))
    return exact(same);
  if (isa<arith::ExtSIOp>(op))
    return fitsSigned(a, from) && exact(same);
  if (isa<arith::ExtUIOp>(op))
    return fitsUnsigned(a, from) && exact(same);
  return false;
}

std::optional<std::pair<Scalar, Scalar>>
ScalarBody::getMonotoneRange(unsigned index, ArrayRef<Scalar> arguments) const {
  Ends ends;
  for (Scalar constant : places)
    ends.places.push_back({Course::Constant, constant, constant});
  for (auto [i, value] : llvm::enumerate(arguments))
    ends.places[i] = {Course::Constant, value, value};
  constexpr double inf = std::numeric_limits<double>::infinity();
  ends.places[index] = {Course::Grows, {-inf, 0}, {inf, 0}};
  for (unsigned i = 0; i < steps.size(); ++i)
    if (!growWith(ends, i))
      return std::nullopt;
  const Bounds &bounds = ends.places[result];
  if (bounds.course != Course::Grows)
    return std::nullopt;
  return std::make_pair(bounds.low, bounds.high);
}

//===- ScalarBody.cpp - computing the bodies of linalg ops ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/ScalarBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

Scalar mlir::compress::getScalar(const ConstantData &data, int64_t i) {
  if (isa<FloatType>(data.type.getElementType()))
    return {data.getReal(i), 0};
  return {0, data.getInt(i)};
}

//===----------------------------------------------------------------------===//
// The operations
//===----------------------------------------------------------------------===//

using Step = ScalarStep;

/// Rounded to the width of the result. Operations on f32 numbers are done in
/// f64, which has more than twice their digits: rounding once more changes
/// nothing.
static Scalar rounded(const Step &step, double value) {
  return {step.width == 32 ? static_cast<float>(value) : value, 0};
}

static int64_t signExtend(uint64_t value, unsigned width) {
  return width >= 64
             ? static_cast<int64_t>(value)
             : static_cast<int64_t>(value << (64 - width)) >> (64 - width);
}
static uint64_t zeroExtend(int64_t value, unsigned width) {
  return width >= 64
             ? static_cast<uint64_t>(value)
             : static_cast<uint64_t>(value) & ((uint64_t(1) << width) - 1);
}
static Scalar wrapped(const Step &step, uint64_t value) {
  return {0, signExtend(value, step.width)};
}

/// IEEE's maximum and minimum: NaN if one is; numbers: the other one.
static double pick(double a, double b, bool larger, bool numbers) {
  if (std::isnan(a) || std::isnan(b)) {
    double other = std::isnan(a) ? b : a;
    return numbers ? other : std::nan("");
  }
  if (a == b)
    return std::signbit(a) == larger ? b : a;
  return (a > b) == larger ? a : b;
}

static bool compareFloats(arith::CmpFPredicate predicate, double a, double b) {
  using P = arith::CmpFPredicate;
  bool open = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case P::AlwaysFalse:
    return false;
  case P::OEQ:
    return !open && a == b;
  case P::OGT:
    return !open && a > b;
  case P::OGE:
    return !open && a >= b;
  case P::OLT:
    return !open && a < b;
  case P::OLE:
    return !open && a <= b;
  case P::ONE:
    return !open && a != b;
  case P::ORD:
    return !open;
  case P::UEQ:
    return open || a == b;
  case P::UGT:
    return open || a > b;
  case P::UGE:
    return open || a >= b;
  case P::ULT:
    return open || a < b;
  case P::ULE:
    return open || a <= b;
  case P::UNE:
    return open || a != b;
  case P::UNO:
    return open;
  case P::AlwaysTrue:
    return true;
  }
  return false;
}

static bool compareInts(arith::CmpIPredicate predicate, int64_t a, int64_t b,
                        unsigned width) {
  using P = arith::CmpIPredicate;
  uint64_t ua = zeroExtend(a, width), ub = zeroExtend(b, width);
  switch (predicate) {
  case P::eq:
    return a == b;
  case P::ne:
    return a != b;
  case P::slt:
    return a < b;
  case P::sle:
    return a <= b;
  case P::sgt:
    return a > b;
  case P::sge:
    return a >= b;
  case P::ult:
    return ua < ub;
  case P::ule:
    return ua <= ub;
  case P::ugt:
    return ua > ub;
  case P::uge:
    return ua >= ub;
  }
  return false;
}

/// A number of 32 bits as the other type of as many.
static Scalar bitsOfReal(const Step &, Scalar a, Scalar, Scalar) {
  return {0, llvm::bit_cast<int32_t>(static_cast<float>(a.real))};
}
static Scalar realOfBits(const Step &, Scalar a, Scalar, Scalar) {
  return {llvm::bit_cast<float>(static_cast<int32_t>(a.integer)), 0};
}

/// Shifts by the width or more are undefined: here they leave the sign or 0.
static int64_t shifted(int64_t a, uint64_t by, unsigned width, bool isSigned) {
  if (isSigned)
    return a >> std::min<uint64_t>(by, 63);
  return by >= width ? 0 : static_cast<int64_t>(zeroExtend(a, width) >> by);
}

static Scalar toSigned(const Step &step, Scalar a, Scalar, Scalar) {
  double limit = std::ldexp(1.0, step.width - 1), v = std::trunc(a.real);
  if (std::isnan(v))
    return {};
  int64_t most = static_cast<int64_t>((uint64_t(1) << (step.width - 1)) - 1);
  if (v >= limit)
    return {0, most};
  return {0, v < -limit ? -most - 1 : static_cast<int64_t>(v)};
}

static Scalar toUnsigned(const Step &step, Scalar a, Scalar, Scalar) {
  double limit = std::ldexp(1.0, step.width), v = std::trunc(a.real);
  if (!(v > 0))
    return {};
  return wrapped(step, v >= limit ? ~uint64_t(0) : static_cast<uint64_t>(v));
}

/// From integers directly, as 64 bits may take more digits than f64 has.
static Scalar fromSigned(const Step &step, Scalar a, Scalar, Scalar) {
  if (step.width == 32)
    return {static_cast<float>(a.integer), 0};
  return {static_cast<double>(a.integer), 0};
}
static Scalar fromUnsigned(const Step &step, Scalar a, Scalar, Scalar) {
  uint64_t value = zeroExtend(a.integer, step.fromWidth);
  if (step.width == 32)
    return {static_cast<float>(value), 0};
  return {static_cast<double>(value), 0};
}

#define REAL(EXPR)                                                             \
  [](const Step &s, Scalar x, Scalar y, Scalar) -> Scalar {                    \
    [[maybe_unused]] double a = x.real, b = y.real;                            \
    return rounded(s, EXPR);                                                   \
  }
#define INT(EXPR)                                                              \
  [](const Step &s, Scalar x, Scalar y, Scalar) -> Scalar {                    \
    [[maybe_unused]] int64_t a = x.integer, b = y.integer;                     \
    [[maybe_unused]] uint64_t ua = zeroExtend(a, s.fromWidth),                 \
                              ub = zeroExtend(b, s.fromWidth);                 \
    return wrapped(s, static_cast<uint64_t>(EXPR));                            \
  }

/// What `op` computes, or null.
static Step::Compute computeOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Step::Compute>(op)
      .Case<arith::AddFOp>([](auto) { return REAL(a + b); })
      .Case<arith::SubFOp>([](auto) { return REAL(a - b); })
      .Case<arith::MulFOp>([](auto) { return REAL(a * b); })
      .Case<arith::DivFOp>([](auto) { return REAL(a / b); })
      .Case<arith::NegFOp>([](auto) { return REAL(-a); })
      .Case<arith::MaximumFOp>(
          [](auto) { return REAL(pick(a, b, true, false)); })
      .Case<arith::MinimumFOp>(
          [](auto) { return REAL(pick(a, b, false, false)); })
      .Case<arith::MaxNumFOp>([](auto) { return REAL(pick(a, b, true, true)); })
      .Case<arith::MinNumFOp>(
          [](auto) { return REAL(pick(a, b, false, true)); })
      .Case<arith::TruncFOp, arith::ExtFOp>([](auto) { return REAL(a); })
      .Case<math::AbsFOp>([](auto) { return REAL(std::abs(a)); })
      .Case<math::CopySignOp>([](auto) { return REAL(std::copysign(a, b)); })
      .Case<math::SqrtOp>([](auto) { return REAL(std::sqrt(a)); })
      .Case<math::FloorOp>([](auto) { return REAL(std::floor(a)); })
      .Case<math::CeilOp>([](auto) { return REAL(std::ceil(a)); })
      .Case<math::TruncOp>([](auto) { return REAL(std::trunc(a)); })
      .Case<math::RoundOp>([](auto) { return REAL(std::round(a)); })
      .Case<math::RoundEvenOp>([](auto) { return REAL(std::nearbyint(a)); })
      .Case<arith::AddIOp>([](auto) { return INT(ua + ub); })
      .Case<arith::SubIOp>([](auto) { return INT(ua - ub); })
      .Case<arith::MulIOp>([](auto) { return INT(ua * ub); })
      .Case<arith::AndIOp>([](auto) { return INT(ua & ub); })
      .Case<arith::OrIOp>([](auto) { return INT(ua | ub); })
      .Case<arith::XOrIOp>([](auto) { return INT(ua ^ ub); })
      .Case<arith::ShLIOp>(
          [](auto) { return INT(ub >= s.fromWidth ? 0 : ua << ub); })
      .Case<arith::ShRSIOp>(
          [](auto) { return INT(shifted(a, ub, s.fromWidth, true)); })
      .Case<arith::ShRUIOp>(
          [](auto) { return INT(shifted(a, ub, s.fromWidth, false)); })
      .Case<arith::MaxSIOp>([](auto) { return INT(std::max(a, b)); })
      .Case<arith::MinSIOp>([](auto) { return INT(std::min(a, b)); })
      .Case<arith::MaxUIOp>([](auto) { return INT(std::max(ua, ub)); })
      .Case<arith::MinUIOp>([](auto) { return INT(std::min(ua, ub)); })
      .Case<arith::ExtSIOp, arith::TruncIOp, arith::IndexCastOp>(
          [](auto) { return INT(a); })
      .Case<arith::ExtUIOp>([](auto) { return INT(ua); })
      .Case<arith::FPToSIOp>([](auto) { return toSigned; })
      .Case<arith::FPToUIOp>([](auto) { return toUnsigned; })
      .Case<arith::SIToFPOp>([](auto) { return fromSigned; })
      .Case<arith::UIToFPOp>([](auto) { return fromUnsigned; })
      .Case<arith::BitcastOp>([](arith::BitcastOp cast) -> Step::Compute {
        Type from = cast.getIn().getType(), to = cast.getType();
        if (from.isF32() && to.isInteger(32))
          return bitsOfReal;
        if (from.isInteger(32) && to.isF32())
          return realOfBits;
        return nullptr;
      })
      .Case<arith::CmpFOp>([](auto) {
        return [](const Step &s, Scalar a, Scalar b, Scalar) -> Scalar {
          auto predicate = static_cast<arith::CmpFPredicate>(s.predicate);
          return {0, compareFloats(predicate, a.real, b.real) ? -1 : 0};
        };
      })
      .Case<arith::CmpIOp>([](auto) {
        return [](const Step &s, Scalar a, Scalar b, Scalar) -> Scalar {
          auto predicate = static_cast<arith::CmpIPredicate>(s.predicate);
          bool holds =
              compareInts(predicate, a.integer, b.integer, s.fromWidth);
          return {0, holds ? -1 : 0};
        };
      })
      .Case<arith::SelectOp>([](auto) {
        return [](const Step &, Scalar c, Scalar a, Scalar b) -> Scalar {
          return c.integer != 0 ? a : b;
        };
      })
      .Default([](auto) -> Step::Compute { return nullptr; });
}

#undef REAL
#undef INT

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

static bool isSupported(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return integer.isSignless() && integer.getWidth() >= 1 &&
           integer.getWidth() <= 64;
  return type.isF32() || type.isF64() || type.isIndex();
}
static unsigned widthOf(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

std::optional<Scalar> mlir::compress::readScalar(Value value) {
  Attribute attr;
  if (!isSupported(value.getType()))
    return std::nullopt;
  // A constant that is rounded outside of the body.
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<arith::TruncFOp, arith::ExtFOp>(def) &&
      matchPattern(def->getOperand(0), m_Constant())) {
    std::optional<Scalar> source = readScalar(def->getOperand(0));
    if (source && value.getType().isF32())
      source->real = static_cast<float>(source->real);
    return source;
  }
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  if (auto real = dyn_cast<FloatAttr>(attr))
    return Scalar{real.getValueAsDouble(), 0};
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return Scalar{0, integer.getValue().getSExtValue()};
  return std::nullopt;
}

std::optional<ScalarBody> ScalarBody::get(linalg::LinalgOp op, Lookup lookup) {
  Block *block = op.getBlock();
  ScalarBody body;
  DenseMap<Value, unsigned> placeOf;
  for (BlockArgument argument : block->getArguments()) {
    placeOf[argument] = body.places.size();
    body.places.emplace_back();
  }
  body.numArguments = block->getNumArguments();
  body.used.assign(body.numArguments, false);
  // The place of an operand; constants get one when they are met.
  auto place = [&](Value value) -> std::optional<unsigned> {
    auto it = placeOf.find(value);
    if (it != placeOf.end())
      return it->second;
    std::optional<Scalar> constant = readScalar(value);
    if (!constant)
      return std::nullopt;
    placeOf[value] = body.places.size();
    body.places.push_back(*constant);
    return body.places.size() - 1;
  };
  DenseMap<Value, std::shared_ptr<ConstantData>> tables;
  for (Operation &inner : block->without_terminator()) {
    if (inner.hasTrait<OpTrait::ConstantLike>())
      continue;
    if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
      placeOf[index] = body.places.size();
      body.loops.emplace_back(body.places.size(), index.getDim());
      body.places.emplace_back();
      continue;
    }
    if (auto extract = dyn_cast<tensor::ExtractOp>(inner)) {
      const ConstantData *data = lookup ? lookup(extract.getTensor()) : nullptr;
      if (!data)
        return std::nullopt;
      // One copy of a table, however often it is read.
      std::shared_ptr<ConstantData> &table = tables[extract.getTensor()];
      if (!table)
        table = std::make_shared<ConstantData>(*data);
      ScalarLookup element{table, {}};
      for (Value index : extract.getIndices()) {
        std::optional<unsigned> at = place(index);
        if (!at)
          return std::nullopt;
        element.indices.push_back(*at);
      }
      element.result = body.places.size();
      placeOf[extract] = body.places.size();
      body.places.emplace_back();
      body.lookups.emplace_back(body.steps.size(), std::move(element));
      continue;
    }
    Step::Compute compute = computeOf(&inner);
    if (!compute || body.steps.size() == 256 || inner.getNumResults() != 1 ||
        inner.getNumOperands() > 3 ||
        !isSupported(inner.getResult(0).getType()))
      return std::nullopt;
    Step step{compute};
    step.arity = inner.getNumOperands();
    step.width = widthOf(inner.getResult(0).getType());
    for (auto [i, operand] : llvm::enumerate(inner.getOperands())) {
      std::optional<unsigned> at = place(operand);
      if (!at || !isSupported(operand.getType()))
        return std::nullopt;
      step.operands[i] = *at;
    }
    step.fromWidth = widthOf(inner.getOperand(0).getType());
    if (auto compare = dyn_cast<arith::CmpFOp>(inner))
      step.predicate = static_cast<int64_t>(compare.getPredicate());
    if (auto compare = dyn_cast<arith::CmpIOp>(inner))
      step.predicate = static_cast<int64_t>(compare.getPredicate());
    placeOf[inner.getResult(0)] = body.places.size();
    body.places.emplace_back();
    body.steps.push_back(step);
    body.ops.push_back(&inner);
    // Constants between two steps take places too: note where the result is.
    body.steps.back().result = body.places.size() - 1;
  }
  Value yielded = block->getTerminator()->getOperand(0);
  std::optional<unsigned> at = place(yielded);
  if (!at || !isSupported(yielded.getType()))
    return std::nullopt;
  body.result = *at;

  // From the result backwards.
  SmallVector<bool> needed(body.places.size(), false);
  needed[body.result] = true;
  for (const Step &step : llvm::reverse(body.steps))
    if (needed[step.result] || !body.lookups.empty())
      for (unsigned operand : ArrayRef(step.operands).take_front(step.arity))
        needed[operand] = true;
  for (const auto &[step, element] : body.lookups)
    for (unsigned index : element.indices)
      needed[index] = true;
  for (unsigned i = 0; i < body.numArguments; ++i)
    body.used[i] = needed[i];
  return body;
}

/// The element at `element.indices`.
static Scalar readElement(const ScalarLookup &element,
                          ArrayRef<Scalar> places) {
  ArrayRef<int64_t> shape = element.data->type.getShape();
  int64_t at = 0;
  for (auto [extent, place] : llvm::zip_equal(shape, element.indices)) {
    int64_t index = places[place].integer;
    if (index < 0 || index >= extent)
      return {};
    at = at * extent + index;
  }
  return getScalar(*element.data, at);
}

Scalar ScalarBody::evaluate(ArrayRef<Scalar> arguments,
                            ArrayRef<int64_t> indices) {
  llvm::copy(arguments, places.begin());
  for (auto [place, loop] : loops)
    places[place].integer = indices[loop];
  auto next = lookups.begin();
  auto readUpTo = [&](unsigned step) {
    for (; next != lookups.end() && next->first <= step; ++next)
      places[next->second.result] = readElement(next->second, places);
  };
  for (auto [i, step] : llvm::enumerate(steps)) {
    readUpTo(i);
    places[step.result] =
        step.compute(step, places[step.operands[0]], places[step.operands[1]],
                     places[step.operands[2]]);
  }
  readUpTo(steps.size());
  return places[result];
}

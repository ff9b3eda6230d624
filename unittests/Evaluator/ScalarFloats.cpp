//===- ScalarFloats.cpp - float ops and casts of scalar programs ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include "ScalarProgram.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace oracle;

/// `fn` is generic over float and double.
template <typename Fn>
void ScalarProgram::binaryFloat(Operation *op, Fn fn) {
  unsigned a = slotOf(op->getOperand(0)), b = slotOf(op->getOperand(1));
  unsigned to = slotOf(op->getResult(0));
  if (op->getOperand(0).getType().isF32())
    steps.push_back([=](Scalar *s) { s[to].f = fn(s[a].f, s[b].f); });
  else
    steps.push_back([=](Scalar *s) { s[to].d = fn(s[a].d, s[b].d); });
}

template <typename Fn>
void ScalarProgram::unaryFloat(Operation *op, Fn fn) {
  unsigned a = slotOf(op->getOperand(0)), to = slotOf(op->getResult(0));
  if (op->getOperand(0).getType().isF32())
    steps.push_back([=](Scalar *s) { s[to].f = fn(s[a].f); });
  else
    steps.push_back([=](Scalar *s) { s[to].d = fn(s[a].d); });
}

/// The larger one; +0 is larger than -0. `propagate`: NaN wins, else it loses.
template <typename T>
static T largest(T a, T b, bool propagate) {
  if (std::isnan(a))
    return propagate ? a : b;
  if (std::isnan(b))
    return propagate ? b : a;
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

template <typename T>
static bool compare(arith::CmpFPredicate predicate, T a, T b) {
  using P = arith::CmpFPredicate;
  bool unordered = std::isnan(a) || std::isnan(b);
  switch (predicate) {
  case P::AlwaysFalse:
    return false;
  case P::AlwaysTrue:
    return true;
  case P::ORD:
    return !unordered;
  case P::UNO:
    return unordered;
  case P::OEQ:
    return !unordered && a == b;
  case P::UEQ:
    return unordered || a == b;
  case P::ONE:
    return !unordered && a != b;
  case P::UNE:
    return unordered || a != b;
  case P::OGT:
    return !unordered && a > b;
  case P::UGT:
    return unordered || a > b;
  case P::OGE:
    return !unordered && a >= b;
  case P::UGE:
    return unordered || a >= b;
  case P::OLT:
    return !unordered && a < b;
  case P::ULT:
    return unordered || a < b;
  case P::OLE:
    return !unordered && a <= b;
  case P::ULE:
    return unordered || a <= b;
  }
  llvm_unreachable("no such comparison");
}

bool ScalarProgram::addFloat(Operation *op) {
  if (auto select = dyn_cast<arith::SelectOp>(op)) {
    unsigned c = slotOf(select.getCondition());
    unsigned a = slotOf(select.getTrueValue());
    unsigned b = slotOf(select.getFalseValue());
    unsigned to = slotOf(select.getResult());
    steps.push_back([=](Scalar *s) { s[to] = s[c].i ? s[a] : s[b]; });
    return true;
  }
  if (op->getNumOperands() == 0 || !(op->getOperand(0).getType().isF32() ||
                                     op->getOperand(0).getType().isF64()))
    return false;
  if (auto cmp = dyn_cast<arith::CmpFOp>(op)) {
    unsigned a = slotOf(cmp.getLhs()), b = slotOf(cmp.getRhs());
    unsigned to = slotOf(cmp.getResult());
    bool single = cmp.getLhs().getType().isF32();
    steps.push_back([=, predicate = cmp.getPredicate()](Scalar *s) {
      bool holds = single ? compare(predicate, s[a].f, s[b].f)
                          : compare(predicate, s[a].d, s[b].d);
      s[to].i = holds ? -1 : 0;
    });
    return true;
  }
  if (isa<arith::AddFOp>(op))
    return binaryFloat(op, [](auto a, auto b) { return a + b; }), true;
  if (isa<arith::SubFOp>(op))
    return binaryFloat(op, [](auto a, auto b) { return a - b; }), true;
  if (isa<arith::MulFOp>(op))
    return binaryFloat(op, [](auto a, auto b) { return a * b; }), true;
  if (isa<arith::DivFOp>(op))
    return binaryFloat(op, [](auto a, auto b) { return a / b; }), true;
  if (isa<arith::RemFOp>(op))
    return binaryFloat(op, [](auto a, auto b) { return std::fmod(a, b); }),
           true;
  if (isa<arith::MaximumFOp, arith::MaxNumFOp>(op)) {
    bool propagate = isa<arith::MaximumFOp>(op);
    return binaryFloat(
               op, [=](auto a, auto b) { return largest(a, b, propagate); }),
           true;
  }
  if (isa<arith::MinimumFOp, arith::MinNumFOp>(op)) {
    bool propagate = isa<arith::MinimumFOp>(op);
    return binaryFloat(
               op, [=](auto a, auto b) { return -largest(-a, -b, propagate); }),
           true;
  }
  if (isa<arith::NegFOp>(op))
    return unaryFloat(op, [](auto a) { return -a; }), true;
  return false;
}

//===----------------------------------------------------------------------===//
// Casts
//===----------------------------------------------------------------------===//

static unsigned widthOf(Type type) {
  return type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
}

bool ScalarProgram::addCast(Operation *op) {
  if (op->getNumOperands() != 1 || op->getNumResults() != 1)
    return false;
  Type from = op->getOperand(0).getType(), type = op->getResult(0).getType();
  if (!from.isIntOrIndexOrFloat() || !type.isIntOrIndexOrFloat())
    return false;
  unsigned a = slotOf(op->getOperand(0)), to = slotOf(op->getResult(0));
  unsigned fromBits = widthOf(from), bits = widthOf(type);
  bool isUnsigned = isa<arith::ExtUIOp, arith::IndexCastUIOp, arith::UIToFPOp,
                        arith::FPToUIOp>(op);
  // The operand as a number; at most 32 bits where it counts as unsigned.
  auto integer = [=](Scalar *s) -> int64_t {
    if (!isUnsigned || fromBits >= 64)
      return s[a].i;
    return s[a].i & ((int64_t(1) << fromBits) - 1);
  };
  if (isa<arith::ExtSIOp, arith::ExtUIOp, arith::TruncIOp, arith::IndexCastOp,
          arith::IndexCastUIOp>(op)) {
    steps.push_back([=](Scalar *s) { s[to].i = wrap(integer(s), bits); });
    return true;
  }
  if (isa<arith::SIToFPOp, arith::UIToFPOp>(op)) {
    if (isUnsigned && fromBits >= 64)
      return false;
    if (type.isF32())
      steps.push_back([=](Scalar *s) { s[to].f = integer(s); });
    else
      steps.push_back([=](Scalar *s) { s[to].d = integer(s); });
    return true;
  }
  if (isa<arith::FPToSIOp, arith::FPToUIOp>(op)) {
    double high = std::ldexp(1.0, isUnsigned ? bits : bits - 1);
    double low = isUnsigned ? 0 : -high;
    bool single = from.isF32();
    steps.push_back([=](Scalar *s) {
      double v = std::trunc(single ? s[a].f : s[a].d);
      if (!(v >= low && v < high)) {
        undefined = "a conversion to an integer out of range";
        v = 0;
      }
      s[to].i = wrap(static_cast<int64_t>(v), bits);
    });
    return true;
  }
  if (isa<arith::ExtFOp>(op)) {
    steps.push_back([=](Scalar *s) { s[to].d = s[a].f; });
    return true;
  }
  if (isa<arith::TruncFOp>(op)) {
    steps.push_back([=](Scalar *s) { s[to].f = static_cast<float>(s[a].d); });
    return true;
  }
  if (isa<arith::BitcastOp>(op) && bits == 32) {
    bool toFloat = type.isF32();
    if (toFloat == from.isF32())
      return false;
    steps.push_back([=](Scalar *s) {
      int32_t word;
      if (toFloat) {
        word = static_cast<int32_t>(s[a].i);
        std::memcpy(&s[to].f, &word, 4);
      } else {
        std::memcpy(&word, &s[a].f, 4);
        s[to].i = word;
      }
    });
    return true;
  }
  return false;
}

//===----------------------------------------------------------------------===//
// math
//===----------------------------------------------------------------------===//

bool ScalarProgram::addMath(Operation *op) {
  if (auto fma = dyn_cast<math::FmaOp>(op)) {
    if (!fma.getType().isF32())
      return false;
    unsigned a = slotOf(fma.getA()), b = slotOf(fma.getB());
    unsigned c = slotOf(fma.getC()), to = slotOf(fma.getResult());
    steps.push_back(
        [=](Scalar *s) { s[to].f = std::fma(s[a].f, s[b].f, s[c].f); });
    return true;
  }
  if (isa<math::CopySignOp>(op))
    return binaryFloat(op, [](auto a, auto b) { return std::copysign(a, b); }),
           true;
  if (op->getNumOperands() != 1 || op->getNumResults() != 1)
    return false;
  Type type = op->getOperand(0).getType();
  if (type.isIntOrIndex()) {
    unsigned a = slotOf(op->getOperand(0)), to = slotOf(op->getResult(0));
    unsigned bits = widthOf(type);
    if (isa<math::CountLeadingZerosOp>(op)) {
      steps.push_back([=](Scalar *s) {
        int64_t zeros = 0;
        while (zeros < bits && !(s[a].i >> (bits - 1 - zeros) & 1))
          ++zeros;
        s[to].i = wrap(zeros, bits);
      });
      return true;
    }
    if (isa<math::AbsIOp>(op)) {
      steps.push_back(
          [=](Scalar *s) { s[to].i = wrap(std::abs(s[a].i), bits); });
      return true;
    }
    return false;
  }
  // Correctly rounded everywhere.
  if (isa<math::AbsFOp>(op))
    return unaryFloat(op, [](auto a) { return std::fabs(a); }), true;
  if (isa<math::FloorOp>(op))
    return unaryFloat(op, [](auto a) { return std::floor(a); }), true;
  if (isa<math::CeilOp>(op))
    return unaryFloat(op, [](auto a) { return std::ceil(a); }), true;
  if (isa<math::TruncOp>(op))
    return unaryFloat(op, [](auto a) { return std::trunc(a); }), true;
  if (isa<math::RoundOp>(op))
    return unaryFloat(op, [](auto a) { return std::round(a); }), true;
  if (isa<math::RoundEvenOp>(op))
    return unaryFloat(op,
                      [](auto a) -> decltype(a) {
                        if (!std::isfinite(a))
                          return a;
                        return std::copysign(roundHalfEven(a), a);
                      }),
           true;
  if (isa<math::SqrtOp>(op))
    return unaryFloat(op, [](auto a) { return std::sqrt(a); }), true;
  // What follows the C library rounds as it likes.
  inexact |=
      isa<math::ExpOp, math::LogOp, math::TanhOp, math::ErfOp, math::RsqrtOp>(
          op);
  if (isa<math::ExpOp>(op))
    return unaryFloat(op, [](auto a) { return std::exp(a); }), true;
  if (isa<math::LogOp>(op))
    return unaryFloat(op, [](auto a) { return std::log(a); }), true;
  if (isa<math::TanhOp>(op))
    return unaryFloat(op, [](auto a) { return std::tanh(a); }), true;
  if (isa<math::ErfOp>(op))
    return unaryFloat(op, [](auto a) { return std::erf(a); }), true;
  if (isa<math::RsqrtOp>(op))
    return unaryFloat(op, [](auto a) { return 1 / std::sqrt(a); }), true;
  return false;
}

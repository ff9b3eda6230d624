//===- ExpandRequantize.cpp - compress.requantize in arith ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Isa/CodePacker.h"
#include "Isa/VectorTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"
#include <cmath>
#include <limits>

namespace mlir::compress {
#define GEN_PASS_DEF_EXPANDREQUANTIZEPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// 1.5 * 2^23: one unit in the last place of a sum with it is 1.
static constexpr float kRoundingMagic = 12582912.0f;

/// The type of `like` with another element type.
static Type withElement(Type like, Type element) {
  if (auto vector = dyn_cast<VectorType>(like))
    return vector.clone(element);
  return element;
}

static Value buildConstant(OpBuilder &b, Location loc, Type type,
                           TypedAttr value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(vector, Attribute(value)));
  return arith::ConstantOp::create(b, loc, value);
}

/// The constant that `value` is in all its elements.
static std::optional<int64_t> matchInteger(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  return std::nullopt;
}

namespace {
/// How far from 0 the elements of f32 values can be.
class Magnitudes {
public:
  static constexpr double kUnknown = std::numeric_limits<double>::infinity();

  void set(Value value, double bound) { known[value] = bound; }

  /// Infinity where nothing is known from what computes `value`, and where it
  /// may be NaN.
  double get(Value value, int depth = 0) const {
    if (auto it = known.find(value); it != known.end())
      return it->second;
    Operation *op = value.getDefiningOp();
    if (!op || depth > 8)
      return kUnknown;
    APFloat constant(0.0f);
    if (matchPattern(value, m_ConstantFloat(&constant)))
      return constant.isFinite() ? std::abs(constant.convertToDouble())
                                 : kUnknown;
    if (isa<arith::SIToFPOp, arith::UIToFPOp>(op))
      return std::ldexp(1.0, getElementTypeOrSelf(op->getOperand(0).getType())
                                 .getIntOrFloatBitWidth());
    auto of = [&](unsigned operand) {
      return get(op->getOperand(operand), depth + 1);
    };
    double bound = kUnknown;
    if (isa<arith::MulFOp>(op))
      bound = of(0) * of(1);
    else if (isa<arith::AddFOp, arith::SubFOp>(op))
      bound = of(0) + of(1);
    // The product of 0 and the unknown is no bound.
    return bound < std::numeric_limits<float>::max() / 2 ? bound : kUnknown;
  }

private:
  DenseMap<Value, double> known;
};
} // namespace

namespace {
/// The expansion of one op.
struct Expansion {
  RewriterBase &rewriter;
  const std::optional<CodePacker> &packer;
  Magnitudes &magnitudes;
  RequantizeOp op;
  Location loc = op.getLoc();
  int32_t zp = static_cast<int32_t>(op.getZeroPoint());

  Type f32() {
    return withElement(op.getCode().getType(), rewriter.getF32Type());
  }
  Type i32() {
    return withElement(op.getCode().getType(), rewriter.getI32Type());
  }
  Value floatConstant(float value) {
    return buildConstant(rewriter, loc, f32(), rewriter.getF32FloatAttr(value));
  }

  /// The product, with 0 for NaN.
  Value buildProduct() {
    Value v = op.getAcc();
    bool isInteger = getElementTypeOrSelf(v.getType()).isInteger(32);
    if (isInteger)
      v = arith::SIToFPOp::create(rewriter, loc, f32(), v);
    v = arith::MulFOp::create(rewriter, loc, v, op.getScale());
    // An integer times a scale, which is finite, is never NaN.
    if (isInteger || std::isfinite(magnitudes.get(v)))
      return v;
    Value isNan =
        arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::UNO, v, v);
    return arith::SelectOp::create(rewriter, loc, isNan, floatConstant(0), v);
  }

  // Compare and select is what one min or max instruction computes.
  Value buildAtLeast(Value v, int32_t code) {
    Value bound = floatConstant(static_cast<float>(code - zp));
    Value above = arith::CmpFOp::create(rewriter, loc,
                                        arith::CmpFPredicate::OGT, v, bound);
    return arith::SelectOp::create(rewriter, loc, above, v, bound);
  }
  Value buildAtMost(Value v, int32_t code) {
    Value bound = floatConstant(static_cast<float>(code - zp));
    Value below = arith::CmpFOp::create(rewriter, loc,
                                        arith::CmpFPredicate::OLT, v, bound);
    return arith::SelectOp::create(rewriter, loc, below, v, bound);
  }

  /// The one user, where it flips the highest bit of 8-bit codes.
  Operation *findFlip() {
    Value code = op.getCode();
    if (!code.hasOneUse() || !getElementTypeOrSelf(code).isInteger(8))
      return nullptr;
    auto flip = dyn_cast<arith::XOrIOp>(*code.user_begin());
    return flip && matchInteger(flip.getRhs()) == -128 ? flip : nullptr;
  }

  /// What computes f32(code) + constant takes it from the rounded real: no
  /// conversion to the code and back.
  void replaceReals(Value rounded) {
    for (Operation *user :
         llvm::make_early_inc_range(op.getCode().getUsers())) {
      auto wide = dyn_cast<arith::ExtSIOp>(user);
      if (!wide || !getElementTypeOrSelf(wide.getType()).isInteger(32))
        continue;
      replaceConversions(wide, zp, rounded);
      for (Operation *sum : llvm::make_early_inc_range(wide->getUsers())) {
        if (sum->getNumOperands() != 2 || sum->getOperand(0) != wide)
          continue;
        std::optional<int64_t> constant = matchInteger(sum->getOperand(1));
        if (!constant || std::abs(*constant) > (1 << 20))
          continue;
        if (isa<arith::AddIOp>(sum))
          replaceConversions(sum->getResult(0), zp + *constant, rounded);
        else if (isa<arith::SubIOp>(sum))
          replaceConversions(sum->getResult(0), zp - *constant, rounded);
      }
    }
  }

  /// f32(integer), which is `rounded` + shift: small integers, so exact.
  void replaceConversions(Value integer, int64_t shift, Value rounded) {
    for (Operation *user : llvm::make_early_inc_range(integer.getUsers())) {
      auto conversion = dyn_cast<arith::SIToFPOp>(user);
      if (!conversion || !getElementTypeOrSelf(conversion.getType()).isF32())
        continue;
      Value real = rounded;
      if (shift != 0)
        real = arith::AddFOp::create(rewriter, loc, rounded,
                                     floatConstant(static_cast<float>(shift)));
      rewriter.replaceOp(conversion, real);
    }
  }

  /// Where saturating instructions do the rest, the codes; else null.
  Value buildPacked(Value v, bool flipped) {
    if (!packer || !packer->takes(op.getCode().getType()) ||
        !getElementTypeOrSelf(op.getCode()).isInteger(8))
      return {};
    auto qmin = static_cast<int32_t>(op.getQmin());
    int32_t shift = flipped ? zp + 128 : zp;
    // What is far below 0 becomes INT_MIN, which a negative shift would wrap.
    if (qmin > -128 || shift < 0)
      v = buildAtLeast(v, qmin);
    // Also what the conversion could not take.
    v = buildAtMost(v, static_cast<int32_t>(op.getQmax()));
    return packer->build(rewriter, loc, v, shift, flipped);
  }

  void expand() {
    Value v = buildProduct();
    Operation *flip = findFlip();
    bool onlyReals = llvm::all_of(op.getCode().getUsers(), [](Operation *user) {
      return isa<arith::ExtSIOp>(user);
    });
    Value codes = onlyReals ? Value() : buildPacked(v, flip != nullptr);
    if (!codes)
      codes = buildClamped(v, flip != nullptr);
    Operation *replaced = flip ? flip : op.getOperation();
    rewriter.replaceOp(replaced, codes);
    if (flip)
      rewriter.eraseOp(op);
  }

  /// The integer is read from the bits of v + 1.5*2^23 instead of subtracting
  /// and converting: |v| < 2^22 after the clamp, so both give the same.
  Value buildClamped(Value v, bool flipped) {
    v = buildAtLeast(v, static_cast<int32_t>(op.getQmin()));
    v = buildAtMost(v, static_cast<int32_t>(op.getQmax()));
    // A code that is only stored as q + 128 is one with another zero point.
    int32_t shift = flipped ? zp + 128 : zp;
    // The magic number is 0 in the bits that are kept. An even zero point can
    // be added before the rounding: ties go to the same code.
    bool even = shift % 2 == 0;
    Value magic =
        floatConstant(kRoundingMagic + static_cast<float>(even ? shift : 0));
    Value sum = arith::AddFOp::create(rewriter, loc, v, magic);
    auto rounded = arith::SubFOp::create(rewriter, loc, sum, magic);
    replaceReals(rounded);
    if (rounded->use_empty())
      rewriter.eraseOp(rounded);
    else
      magnitudes.set(rounded, 1 << 17); // codes have at most 16 bits
    Value code = arith::BitcastOp::create(rewriter, loc, i32(), sum);
    if (!even)
      code = arith::AddIOp::create(
          rewriter, loc, code,
          buildConstant(rewriter, loc, i32(),
                        rewriter.getI32IntegerAttr(shift)));
    return arith::TruncIOp::create(rewriter, loc, op.getCode().getType(), code);
  }
};
} // namespace

namespace {
struct ExpandRequantize
    : public mlir::compress::impl::ExpandRequantizePassBase<ExpandRequantize> {
  using ExpandRequantizePassBase::ExpandRequantizePassBase;

  void runOnOperation() override {
    SmallVector<RequantizeOp> ops;
    getOperation()->walk([&](RequantizeOp op) { ops.push_back(op); });
    std::optional<CodePacker> packer = CodePacker::get(parseFeatures(features));
    Magnitudes magnitudes;
    IRRewriter rewriter(&getContext());
    for (RequantizeOp op : ops) {
      if (isa<TensorType>(op.getCode().getType())) {
        op.emitError("requires scalars or vectors; write the op in the body of "
                     "a linalg.generic");
        return signalPassFailure();
      }
      rewriter.setInsertionPoint(op);
      Expansion{rewriter, packer, magnitudes, op}.expand();
      ++numExpanded;
    }
  }
};
} // namespace

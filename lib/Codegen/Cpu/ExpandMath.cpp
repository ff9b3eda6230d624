//===- ExpandMath.cpp - math functions as fixed polynomials --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>
#include <limits>

namespace mlir::compress {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// On ops that were there before the expansion.
static constexpr StringLiteral kGiven = "compress.given";

/// What every target computes with instructions, correctly rounded.
static bool isInstruction(Operation *op) {
  return isa<math::AbsFOp, math::AbsIOp, math::CopySignOp, math::SqrtOp,
             math::IsFiniteOp, math::IsInfOp, math::IsNaNOp, math::IsNormalOp,
             math::CtPopOp, math::CountLeadingZerosOp,
             math::CountTrailingZerosOp>(op);
}

static bool isLibraryCall(Operation *op) {
  return isa<arith::RemFOp>(op) ||
         (isa_and_nonnull<math::MathDialect>(op->getDialect()) &&
          !isInstruction(op));
}

namespace {
/// Builds f32 arithmetic on scalars and vectors alike.
struct FloatBuilder {
  PatternRewriter &rewriter;
  Location loc;
  Type type;

  Value constant(float value) const {
    TypedAttr attr = rewriter.getF32FloatAttr(value);
    if (auto vector = dyn_cast<VectorType>(type))
      attr = DenseElementsAttr::get(vector, Attribute(attr));
    return arith::ConstantOp::create(rewriter, loc, attr);
  }
  Value compare(arith::CmpFPredicate predicate, Value a, Value b) const {
    return arith::CmpFOp::create(rewriter, loc, predicate, a, b);
  }
  /// Rounds towards zero where |x| < 2^23; larger numbers are integers.
  Value truncate(Value x) const {
    Type i32 = rewriter.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      i32 = vector.clone(i32);
    Value integer = arith::FPToSIOp::create(rewriter, loc, i32, x);
    Value real = arith::SIToFPOp::create(rewriter, loc, type, integer);
    Value whole = math::CopySignOp::create(rewriter, loc, real, x);
    Value magnitude = math::AbsFOp::create(rewriter, loc, x);
    Value small =
        compare(arith::CmpFPredicate::OLT, magnitude, constant(8388608.0f));
    return arith::SelectOp::create(rewriter, loc, small, whole, x);
  }
};

/// floor, ceil and trunc: upstream leaves them to instructions that the oldest
/// targets lack.
template <typename OpTy>
struct ExpandRounding : public OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "not an f32 operation");
    FloatBuilder f{rewriter, op.getLoc(), type};
    Value x = op.getOperand();
    Value whole = f.truncate(x);
    if (isa<math::TruncOp>(op)) {
      rewriter.replaceOp(op, whole);
      return success();
    }
    bool down = isa<math::FloorOp>(op);
    Value past = f.compare(
        down ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT, whole, x);
    Value one = arith::SelectOp::create(
        rewriter, op.getLoc(), past, f.constant(down ? 1 : -1), f.constant(0));
    Value moved = arith::SubFOp::create(rewriter, op.getLoc(), whole, one);
    // ceil(-0.5) is -0: the sign of the argument survives.
    rewriter.replaceOpWithNewOp<math::CopySignOp>(op, moved, x);
    return success();
  }
};

/// exp(x) = 2^n exp(r) with n = roundeven(x / ln 2), at most 127, and |r|
/// mostly within ln(2) / 2, whose exponential is a polynomial: half of the
/// operations of upstream's expansion, of the same polynomial. What is too
/// large becomes infinite; what is smaller than normal numbers is that, or 0;
/// NaN stays.
///
/// Source: the coefficients are those of Cephes' expf.
struct ExpandExp : public OpRewritePattern<math::ExpOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "not an f32 operation");
    Location loc = op.getLoc();
    FloatBuilder f{rewriter, loc, type};
    using arith::CmpFPredicate;
    auto add = [&](Value a, Value b) -> Value {
      return arith::AddFOp::create(rewriter, loc, a, b);
    };
    auto multiply = [&](Value a, Value b) -> Value {
      return arith::MulFOp::create(rewriter, loc, a, b);
    };
    auto clamp = [&](Value x, float end, CmpFPredicate beyond) -> Value {
      Value limit = f.constant(end);
      return arith::SelectOp::create(rewriter, loc, f.compare(beyond, limit, x),
                                     limit, x);
    };
    // Below, n is -127 and 2^n written as 0; above, the last product overflows.
    Value x = clamp(op.getOperand(), -88.37625f, CmpFPredicate::OGT);
    x = clamp(x, 89.0f, CmpFPredicate::OLT);
    // One unit in the last place of a sum with 1.5 * 2^23 is 1: its low bits
    // are n, and with 127 more the exponent of 2^n.
    constexpr float magic = 12582912.0f + 127.0f;
    Value sum =
        add(multiply(x, f.constant(1.44269504088896341f)), f.constant(magic));
    sum = clamp(sum, magic + 127.0f, CmpFPredicate::OLT);
    Value n = add(sum, f.constant(-magic));
    // The first part of ln 2 has few digits: its product with n is exact.
    Value r = add(multiply(n, f.constant(-0.693359375f)), x);
    r = add(multiply(n, f.constant(2.12194440e-4f)), r);
    Value polynomial = f.constant(1.9875691500e-4f);
    for (float coefficient :
         {1.3981999507e-3f, 8.3334519073e-3f, 4.1665795894e-2f,
          1.6666665459e-1f, 5.0000001201e-1f})
      polynomial = add(multiply(polynomial, r), f.constant(coefficient));
    polynomial = add(multiply(polynomial, multiply(r, r)), r);
    polynomial = add(polynomial, f.constant(1));
    Type i32 = rewriter.getI32Type();
    if (auto vector = dyn_cast<VectorType>(type))
      i32 = vector.clone(i32);
    TypedAttr bits = rewriter.getI32IntegerAttr(23);
    if (auto vector = dyn_cast<VectorType>(i32))
      bits = DenseElementsAttr::get(vector, Attribute(bits));
    Value power = arith::BitcastOp::create(rewriter, loc, i32, sum);
    power = arith::ShLIOp::create(
        rewriter, loc, power, arith::ConstantOp::create(rewriter, loc, bits));
    power = arith::BitcastOp::create(rewriter, loc, type, power);
    rewriter.replaceOp(op, multiply(polynomial, power));
    return success();
  }
};

/// x^y as C's powf: for a base below 0 by the parity of y, which upstream's
/// exp(y * log(x)) leaves out. Small constant whole exponents are products.
struct ExpandPow : public OpRewritePattern<math::PowFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::PowFOp op,
                                PatternRewriter &rewriter) const override {
    Type type = op.getType();
    if (!getElementTypeOrSelf(type).isF32())
      return rewriter.notifyMatchFailure(op, "not an f32 operation");
    FloatBuilder f{rewriter, op.getLoc(), type};
    Value x = op.getLhs(), y = op.getRhs();
    if (std::optional<int> exponent = matchExponent(y)) {
      rewriter.replaceOp(op, power(f, x, *exponent));
      return success();
    }
    Location loc = op.getLoc();
    using arith::CmpFPredicate;
    auto select = [&](Value condition, Value yes, Value no) -> Value {
      return arith::SelectOp::create(rewriter, loc, condition, yes, no);
    };
    auto both = [&](Value a, Value b) -> Value {
      return arith::AndIOp::create(rewriter, loc, a, b);
    };
    Value zero = f.constant(0), one = f.constant(1);
    Value magnitude = math::AbsFOp::create(rewriter, loc, x);
    Value logarithm = math::LogOp::create(rewriter, loc, magnitude);
    Value product = arith::MulFOp::create(rewriter, loc, y, logarithm);
    Value result = math::ExpOp::create(rewriter, loc, product);
    // Floats from 2^24 on are even; infinities are whole and even as well.
    Value isWhole = f.compare(CmpFPredicate::OEQ, f.truncate(y), y);
    Value half = arith::MulFOp::create(rewriter, loc, y, f.constant(0.5f));
    Value isOdd =
        both(isWhole, f.compare(CmpFPredicate::ONE, f.truncate(half), half));
    Value signedOne = math::CopySignOp::create(rewriter, loc, one, x);
    Value isNegative = f.compare(CmpFPredicate::OLT, signedOne, zero);
    Value negated = arith::NegFOp::create(rewriter, loc, result);
    result = select(both(isNegative, isOdd), negated, result);
    // A negative number has no root; 0 and infinity have.
    Value isBetween =
        both(f.compare(CmpFPredicate::OLT, x, zero),
             f.compare(CmpFPredicate::OLT, magnitude,
                       f.constant(std::numeric_limits<float>::infinity())));
    Value isBroken = f.compare(CmpFPredicate::ONE, f.truncate(y), y);
    result =
        select(both(isBetween, isBroken),
               f.constant(std::numeric_limits<float>::quiet_NaN()), result);
    // x^0 and 1^y are 1, whatever the other is, and so is (-1)^inf.
    Value isInfinite =
        f.compare(CmpFPredicate::OEQ, math::AbsFOp::create(rewriter, loc, y),
                  f.constant(std::numeric_limits<float>::infinity()));
    Value isUnit = f.compare(CmpFPredicate::OEQ, magnitude, one);
    Value isOne = arith::OrIOp::create(
        rewriter, loc, f.compare(CmpFPredicate::OEQ, y, zero),
        arith::OrIOp::create(rewriter, loc,
                             f.compare(CmpFPredicate::OEQ, x, one),
                             both(isUnit, isInfinite)));
    rewriter.replaceOp(op, select(isOne, one, result));
    return success();
  }

private:
  static std::optional<int> matchExponent(Value y) {
    APFloat value(0.0f);
    constexpr float most = 64;
    if (!matchPattern(y, m_ConstantFloat(&value)))
      return std::nullopt;
    float exponent = value.convertToFloat();
    if (!(std::fabs(exponent) <= most) || exponent != std::trunc(exponent))
      return std::nullopt;
    return static_cast<int>(exponent);
  }

  /// By squaring; 1 over it for an exponent below 0.
  static Value power(FloatBuilder &f, Value x, int exponent) {
    Value result;
    Value square = x;
    for (int left = std::abs(exponent); left != 0; left /= 2) {
      if (left % 2)
        result = result
                     ? arith::MulFOp::create(f.rewriter, f.loc, result, square)
                           .getResult()
                     : square;
      if (left > 1)
        square = arith::MulFOp::create(f.rewriter, f.loc, square, square);
    }
    if (!result)
      return f.constant(1);
    if (exponent < 0)
      result = arith::DivFOp::create(f.rewriter, f.loc, f.constant(1), result);
    return result;
  }
};
} // namespace

/// What expansions convert to integers is sometimes no number, or too large,
/// and is not used then; but such a conversion has no value, and LLVM may drop
/// all that depends on it.
static void defineConversion(arith::FPToSIOp op) {
  Value x = op.getIn();
  if (!getElementTypeOrSelf(x.getType()).isF32())
    return;
  PatternRewriter pattern(op.getContext());
  pattern.setInsertionPoint(op);
  FloatBuilder f{pattern, op.getLoc(), x.getType()};
  unsigned width = getElementTypeOrSelf(op.getType()).getIntOrFloatBitWidth();
  Value magnitude = math::AbsFOp::create(pattern, op.getLoc(), x);
  Value fits =
      f.compare(arith::CmpFPredicate::OLT, magnitude,
                f.constant(std::ldexp(1.0f, static_cast<int>(width) - 1)));
  op.getInMutable().assign(
      arith::SelectOp::create(pattern, op.getLoc(), fits, x, f.constant(0)));
}

/// Rounds the sum once, with a product that serves nothing else.
static void fuseSum(arith::AddFOp sum) {
  auto vector = dyn_cast<VectorType>(sum.getType());
  if (!getElementTypeOrSelf(sum.getType()).isF32() ||
      (vector && vector.getRank() != 1))
    return;
  for (unsigned side : {0, 1}) {
    auto product = sum->getOperand(side).getDefiningOp<arith::MulFOp>();
    if (!product || !product->hasOneUse())
      continue;
    IRRewriter rewriter(sum);
    rewriter.replaceOpWithNewOp<LLVM::FMAOp>(
        sum, product.getLhs(), product.getRhs(), sum->getOperand(1 - side));
    rewriter.eraseOp(product);
    return;
  }
}

namespace {
struct ExpandMath
    : public mlir::compress::impl::ExpandMathPassBase<ExpandMath> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<ExpandRounding<math::FloorOp>, ExpandRounding<math::CeilOp>,
            ExpandRounding<math::TruncOp>, ExpandExp, ExpandPow>(
        context, /*benefit=*/10);
    // Upstream's rsqrt is an instruction of one CPU, whose bits differ from
    // maker to maker; what it expands to otherwise is 1 / sqrt.
    populateMathPolynomialApproximationPatterns(
        set,
        [](StringRef name) {
          return name != math::RsqrtOp::getOperationName();
        },
        /*benefit=*/5);
    math::populateExpansionPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    int64_t before = 0;
    getOperation()->walk([&](Operation *op) { before += isLibraryCall(op); });
    if (before == 0)
      return;
    // Marked, as the addresses of ops that are erased serve again.
    UnitAttr mark = UnitAttr::get(&getContext());
    getOperation()->walk([&](Operation *op) {
      if (isa<arith::FPToSIOp, arith::AddFOp>(op))
        op->setDiscardableAttr(kGiven, mark);
    });
    if (failed(applyPatternsGreedily(getOperation(), patterns))) {
      getOperation()->emitError("requires math functions whose expansion ends");
      return signalPassFailure();
    }
    // Networks of f32 alone; what holds codes has the same bits everywhere.
    bool fused = getOperation()->hasAttr(kFusedSumsAttr);
    getOperation()->walk([&](Operation *op) {
      if (op->removeDiscardableAttr(kGiven))
        return;
      if (auto conversion = dyn_cast<arith::FPToSIOp>(op))
        defineConversion(conversion);
      else if (auto sum = dyn_cast<arith::AddFOp>(op); sum && fused)
        fuseSum(sum);
    });
    WalkResult left = getOperation()->walk([](Operation *op) {
      if (!isLibraryCall(op))
        return WalkResult::advance();
      op->emitError("requires a math function with an expansion to arithmetic; "
                    "generated code calls no library");
      return WalkResult::interrupt();
    });
    if (left.wasInterrupted())
      return signalPassFailure();
    numExpanded += before;
  }

  FrozenRewritePatternSet patterns;
};
} // namespace

//===- ExpandMath.cpp - math functions as fixed polynomials --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EXPANDMATHPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

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
} // namespace

namespace {
struct ExpandMath
    : public mlir::compress::impl::ExpandMathPassBase<ExpandMath> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    set.add<ExpandRounding<math::FloorOp>, ExpandRounding<math::CeilOp>,
            ExpandRounding<math::TruncOp>>(context, /*benefit=*/10);
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
    if (failed(applyPatternsGreedily(getOperation(), patterns))) {
      getOperation()->emitError("requires math functions whose expansion ends");
      return signalPassFailure();
    }
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

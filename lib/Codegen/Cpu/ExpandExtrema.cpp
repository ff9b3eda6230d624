//===- ExpandExtrema.cpp - minima and maxima with constants ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EXPANDEXTREMAPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// A constant, scalar or vector, without any NaN.
static bool isNumber(Value value) {
  TypedAttr attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return false;
  if (auto scalar = dyn_cast<FloatAttr>(attr))
    return !scalar.getValue().isNaN();
  auto elements = dyn_cast<DenseFPElementsAttr>(attr);
  return elements && (elements.isSplat()
                          ? !elements.getSplatValue<APFloat>().isNaN()
                          : llvm::none_of(elements, [](const APFloat &element) {
                              return element.isNaN();
                            }));
}

namespace {
template <typename OpTy, arith::CmpFPredicate kTakesConstant>
struct ExpandExtremum : public OpRewritePattern<OpTy> {
  ExpandExtremum(MLIRContext *context, Pass::Statistic &numExpanded)
      : OpRewritePattern<OpTy>(context), numExpanded(numExpanded) {}

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getLhs(), constant = op.getRhs();
    if (isNumber(x))
      std::swap(x, constant);
    if (!isNumber(constant))
      return rewriter.notifyMatchFailure(op, "no operand is a constant number");
    Value takes = arith::CmpFOp::create(rewriter, op.getLoc(), kTakesConstant,
                                        constant, x);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, takes, constant, x);
    ++numExpanded;
    return success();
  }

  Pass::Statistic &numExpanded;
};

struct ExpandExtrema
    : public mlir::compress::impl::ExpandExtremaPassBase<ExpandExtrema> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandExtremum<arith::MaximumFOp, arith::CmpFPredicate::OGT>,
                 ExpandExtremum<arith::MinimumFOp, arith::CmpFPredicate::OLT>>(
        &getContext(), numExpanded);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace

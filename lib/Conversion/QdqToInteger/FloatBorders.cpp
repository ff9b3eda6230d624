//===- FloatBorders.cpp - between codes and f32 ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/Quant.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// A convolution or product of codes whose result stays f32: integer sums,
/// dequantized.
struct DequantizeSums : public OpInterfaceRewritePattern<linalg::LinalgOp> {
  DequantizeSums(MLIRContext *ctx, LoweringLog &log)
      : OpInterfaceRewritePattern(ctx), log(log) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1 || op.getNumReductionLoops() == 0 ||
        !getElementTypeOrSelf(op->getResult(0).getType()).isF32() ||
        !matchWeightedOp(op))
      return rewriter.notifyMatchFailure(op, "is no f32 sum of products");
    std::string reason;
    std::optional<Accumulator> acc = buildWeighted(rewriter, op, reason);
    if (!acc) {
      log.reasons.try_emplace(op, reason);
      return rewriter.notifyMatchFailure(op, reason);
    }
    Value value = buildFloat(rewriter, op.getLoc(), *acc);
    if (!value) {
      reason = "a scale of its sums leaves the range of normal f32 numbers";
      log.reasons.try_emplace(op, reason);
      return rewriter.notifyMatchFailure(op, reason);
    }
    rewriter.replaceOp(op, value);
    ++log.numInteger;
    return success();
  }
  LoweringLog &log;
};

/// quant.dcast of codes that something uses as f32.
struct DequantizeCodes : public OpRewritePattern<quant::DequantizeCastOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(quant::DequantizeCastOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Codes> codes = matchCodes(op.getResult());
    if (!codes)
      return rewriter.notifyMatchFailure(op, "is no dcast of an scast");
    FailureOr<ConstantData> data = readConstant(codes->codes);
    if (succeeded(data)) {
      rewriter.replaceOpWithNewOp<arith::ConstantOp>(
          op, dequantizeConstant(*data, codes->params));
      return success();
    }
    rewriter.replaceOp(
        op, buildDequantize(rewriter, op.getLoc(), codes->codes, codes->type));
    return success();
  }

private:
  static ElementsAttr dequantizeConstant(const ConstantData &data,
                                         const QuantParams &params) {
    int64_t inner = 1, extent = 1;
    if (params.isPerAxis()) {
      extent = data.type.getDimSize(*params.axis);
      for (int64_t s : data.type.getShape().drop_front(*params.axis + 1))
        inner *= s;
    }
    std::vector<float> values(data.size());
    for (int64_t i = 0; i < data.size(); ++i) {
      int64_t c = i / inner % extent;
      values[i] = dequantize(static_cast<int32_t>(data.getInt(i)),
                             params.scale(c), params.zeroPoint(c));
    }
    return makeConstant(
        RankedTensorType::get(data.type.getShape(),
                              Float32Type::get(data.type.getContext())),
        ArrayRef<float>(values));
  }
};
} // namespace

void mlir::compress::populateDequantizeSumsPatterns(RewritePatternSet &patterns,
                                                    LoweringLog &log) {
  patterns.add<DequantizeSums>(patterns.getContext(), log);
}

void mlir::compress::populateDequantizeCodesPatterns(
    RewritePatternSet &patterns) {
  patterns.add<DequantizeCodes>(patterns.getContext());
}

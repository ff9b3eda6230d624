//===- TosaConstants.cpp - what TOSA leaves to operands and attributes ----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "PrepareTosa.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

Value mlir::compress::repeatConstant(OpBuilder &b, Location loc, Value value,
                                     int64_t times) {
  FailureOr<ConstantData> data = readConstant(value);
  if (failed(data))
    return {};
  std::vector<char> bytes;
  for (int64_t i = 0; i < times; ++i)
    llvm::append_range(bytes, data->bytes);
  auto type = data->type.clone({data->size() * times});
  return tosa::ConstOp::create(b, loc, type,
                               makeConstant(type, ArrayRef<char>(bytes)));
}

namespace {
/// One bias for all channels becomes one for each, as later passes read it.
template <typename ConvOp>
struct WideBias : public OpRewritePattern<ConvOp> {
  WideBias(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern<ConvOp>(ctx), count(count) {}

  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    auto bias = dyn_cast<RankedTensorType>(op.getBias().getType());
    if (!type || !bias || bias.getShape() != ArrayRef<int64_t>(1))
      return rewriter.notifyMatchFailure(op, "has a bias for each channel");
    int64_t channels = type.getShape().back();
    if (channels <= 1 || ShapedType::isDynamic(channels))
      return rewriter.notifyMatchFailure(op, "has one channel, or any number");
    Value wide = repeatConstant(rewriter, op.getLoc(), op.getBias(), channels);
    if (!wide)
      return rewriter.notifyMatchFailure(op, "requires a constant bias");
    rewriter.modifyOpInPlace(op, [&] { op.getBiasMutable().assign(wide); });
    ++count;
    return success();
  }

private:
  Pass::Statistic &count;
};

/// Weights of 4 bits become i8, for which there are dot products.
template <typename ConvOp>
struct WideWeights : public OpRewritePattern<ConvOp> {
  WideWeights(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern<ConvOp>(ctx), count(count) {}

  LogicalResult matchAndRewrite(ConvOp op,
                                PatternRewriter &rewriter) const override {
    auto widen = [&](Value value) -> Value {
      DenseIntElementsAttr attr;
      if (!getElementTypeOrSelf(value.getType()).isInteger(4) ||
          !matchPattern(value, m_Constant(&attr)))
        return {};
      auto type =
          cast<RankedTensorType>(attr.getType()).clone(rewriter.getI8Type());
      std::vector<int8_t> codes;
      for (const APInt &code : attr.getValues<APInt>())
        codes.push_back(static_cast<int8_t>(code.getSExtValue()));
      return tosa::ConstOp::create(rewriter, value.getLoc(), type,
                                   makeConstant(type, ArrayRef<int8_t>(codes)));
    };
    Value weight = widen(op.getWeight()), zero = widen(op.getWeightZp());
    if (!weight || !zero)
      return rewriter.notifyMatchFailure(op, "has no constant i4 weights");
    rewriter.modifyOpInPlace(op, [&] {
      op.getWeightMutable().assign(weight);
      op.getWeightZpMutable().assign(zero);
    });
    ++count;
    return success();
  }

private:
  Pass::Statistic &count;
};

/// Any rounding will do, so the exact one does.
struct ExactRounding : public OpRewritePattern<tosa::RescaleOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tosa::RescaleOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getRoundingMode() != tosa::RoundingMode::INEXACT_ROUND)
      return rewriter.notifyMatchFailure(op, "says how to round");
    rewriter.modifyOpInPlace(
        op, [&] { op.setRoundingMode(tosa::RoundingMode::SINGLE_ROUND); });
    return success();
  }
};
} // namespace

void mlir::compress::populateWideWeightsPatterns(RewritePatternSet &patterns,
                                                 Pass::Statistic &count) {
  patterns.add<WideWeights<tosa::Conv2DOp>, WideWeights<tosa::Conv3DOp>,
               WideWeights<tosa::DepthwiseConv2DOp>,
               WideWeights<tosa::TransposeConv2DOp>>(patterns.getContext(),
                                                     count);
}

void mlir::compress::populateRoundingPatterns(RewritePatternSet &patterns) {
  patterns.add<ExactRounding>(patterns.getContext());
}

void mlir::compress::populateWideBiasPatterns(RewritePatternSet &patterns,
                                              Pass::Statistic &count) {
  patterns.add<WideBias<tosa::Conv2DOp>, WideBias<tosa::Conv3DOp>,
               WideBias<tosa::DepthwiseConv2DOp>>(patterns.getContext(), count);
}

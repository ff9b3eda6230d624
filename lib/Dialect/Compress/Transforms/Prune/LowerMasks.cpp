//===- LowerMasks.cpp - masks and scattered channels to linalg -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelRuns.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERMASKSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static remark::RemarkOpts named() {
  return remark::RemarkOpts::name("LowerMasks").category("compress");
}

SmallVector<ChannelRun> mlir::compress::findRuns(ScatterChannelsOp op) {
  SmallVector<ChannelRun> runs;
  for (auto [i, at] : llvm::enumerate(op.getIndices())) {
    if (!runs.empty() && at == runs.back().at + runs.back().count)
      ++runs.back().count;
    else
      runs.push_back({static_cast<int64_t>(i), 1, at});
  }
  if (runs.empty()) // of no channels: all zeros
    runs.push_back({0, 0, 0});
  return runs;
}

SmallVector<RunPart> mlir::compress::placeRuns(ArrayRef<ChannelRun> runs,
                                               int64_t extent) {
  // Each part ends where the next run begins.
  SmallVector<RunPart> parts;
  int64_t begin = 0;
  for (auto [r, run] : llvm::enumerate(runs)) {
    bool isLast = r + 1 == runs.size();
    int64_t end = isLast ? extent : run.at + run.count;
    parts.push_back({run, run.at - begin, end - run.at - run.count});
    begin = end;
  }
  return parts;
}

namespace {
struct DropGate : public OpRewritePattern<ChannelGateOp> {
  DropGate(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(ChannelGateOp op,
                                PatternRewriter &rewriter) const override {
    remark::missed(op.getLoc(), named())
        << "compress.channel_gate dropped: nobody scored its channels; run "
           "--scop-prune to take the lowest out";
    rewriter.replaceOp(op, op.getInput());
    ++count;
    return success();
  }

private:
  Pass::Statistic &count;
};

/// x * mask[c].
struct LowerMask : public OpRewritePattern<ChannelMaskOp> {
  LowerMask(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(ChannelMaskOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    Type element = type.getElementType();
    Value mask = buildFactors(rewriter, loc, op.getMask(), element);
    Value init = tensor::EmptyOp::create(
        rewriter, loc, tensor::getMixedSizes(rewriter, loc, op.getInput()),
        element);
    unsigned rank = type.getRank();
    AffineMap all = rewriter.getMultiDimIdentityMap(rank);
    AffineMap channel =
        AffineMap::get(rank, 0, rewriter.getAffineDimExpr(op.getAxis()));
    SmallVector<AffineMap> maps{all, channel, all};
    SmallVector<utils::IteratorType> iterators(rank,
                                               utils::IteratorType::parallel);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{type}, ValueRange{op.getInput(), mask}, ValueRange{init},
        maps, iterators, [](OpBuilder &b, Location loc, ValueRange args) {
          Value product =
              isa<FloatType>(args[0].getType())
                  ? arith::MulFOp::create(b, loc, args[0], args[1]).getResult()
                  : arith::MulIOp::create(b, loc, args[0], args[1]).getResult();
          linalg::YieldOp::create(b, loc, product);
        });
    ++count;
    return success();
  }

private:
  static Value buildFactors(OpBuilder &b, Location loc, ArrayRef<bool> mask,
                            Type element) {
    if (element.isF32())
      return buildVector(b, loc, std::vector<float>(mask.begin(), mask.end()));
    if (element.isInteger(32))
      return buildVector(b, loc,
                         std::vector<int32_t>(mask.begin(), mask.end()));
    std::vector<int8_t> factors(mask.begin(), mask.end());
    auto type =
        RankedTensorType::get(static_cast<int64_t>(mask.size()), element);
    return arith::ConstantOp::create(
        b, loc, makeConstant(type, ArrayRef<int8_t>(factors)));
  }

  Pass::Statistic &count;
};

struct LowerScatter : public OpRewritePattern<ScatterChannelsOp> {
  LowerScatter(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(ScatterChannelsOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    int64_t axis = op.getAxis();
    int64_t extent = op.getOutput().getType().getDimSize(axis);
    SmallVector<ChannelRun> runs = findRuns(op);
    if (runs.size() > kMostRuns)
      return rewriter.notifyMatchFailure(op, "has too many runs");
    Value zero = arith::ConstantOp::create(rewriter, loc,
                                           rewriter.getF32FloatAttr(0.0f));
    SmallVector<Value> parts;
    for (const RunPart &part : placeRuns(runs, extent)) {
      Value channels =
          runs.size() == 1 ? op.getInput() : slice(rewriter, op, part.run);
      parts.push_back(
          pad(rewriter, loc, channels, axis, part.low, part.high, zero));
    }
    Value joined = parts.front();
    if (parts.size() > 1)
      joined = tensor::ConcatOp::create(rewriter, loc, axis, parts);
    rewriter.replaceOp(op, joined);
    ++count;
    return success();
  }

private:
  static Value slice(OpBuilder &b, ScatterChannelsOp op, ChannelRun run) {
    int64_t rank = op.getInput().getType().getRank();
    SmallVector<OpFoldResult> offsets(rank, b.getIndexAttr(0));
    SmallVector<OpFoldResult> strides(rank, b.getIndexAttr(1));
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(b, op.getLoc(), op.getInput());
    offsets[op.getAxis()] = b.getIndexAttr(run.first);
    sizes[op.getAxis()] = b.getIndexAttr(run.count);
    return tensor::ExtractSliceOp::create(b, op.getLoc(), op.getInput(),
                                          offsets, sizes, strides);
  }

  static Value pad(OpBuilder &b, Location loc, Value x, int64_t axis,
                   int64_t low, int64_t high, Value zero) {
    if (low == 0 && high == 0)
      return x;
    auto type = cast<RankedTensorType>(x.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[axis] += low + high;
    SmallVector<OpFoldResult> lows(type.getRank(), b.getIndexAttr(0)),
        highs(type.getRank(), b.getIndexAttr(0));
    lows[axis] = b.getIndexAttr(low);
    highs[axis] = b.getIndexAttr(high);
    return tensor::PadOp::create(b, loc, type.clone(shape), x, lows, highs,
                                 zero);
  }

  Pass::Statistic &count;
};

struct LowerMasks
    : public mlir::compress::impl::LowerMasksPassBase<LowerMasks> {
  LogicalResult initialize(MLIRContext *ctx) override {
    RewritePatternSet set(ctx);
    set.add<DropGate>(ctx, numDropped);
    set.add<LowerMask>(ctx, numMasks);
    set.add<LowerScatter>(ctx, numScattered);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    walkAndApplyPatterns(getOperation(), patterns);
  }

  FrozenRewritePatternSet patterns;
};
} // namespace

//===- PrepareTosa.cpp - TOSA ops that upstream lowers too far -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrepareTosa.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PREPARETOSAPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// How many of the `kernel` positions of window `i` lie inside [0, extent).
static int64_t countInside(int64_t i, int64_t stride, int64_t pad,
                           int64_t kernel, int64_t extent) {
  int64_t begin = std::max<int64_t>(i * stride - pad, 0);
  int64_t end = std::min(i * stride - pad + kernel, extent);
  return std::max<int64_t>(end - begin, 0);
}

namespace {
struct AveragePool : public OpRewritePattern<tosa::AvgPool2dOp> {
  AveragePool(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(tosa::AvgPool2dOp op,
                                PatternRewriter &rewriter) const override {
    auto inType = dyn_cast<RankedTensorType>(op.getInput().getType());
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!inType || !type || !inType.hasStaticShape() ||
        !type.hasStaticShape() || !inType.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "is no static f32 pool");
    Location loc = op.getLoc();
    ArrayRef<int64_t> kernel = op.getKernel(), stride = op.getStride(),
                      pad = op.getPad();
    std::vector<float> counts;
    for (int64_t h = 0; h < type.getDimSize(1); ++h)
      for (int64_t w = 0; w < type.getDimSize(2); ++w)
        counts.push_back(
            countInside(h, stride[0], pad[0], kernel[0], inType.getDimSize(1)) *
            countInside(w, stride[1], pad[2], kernel[1], inType.getDimSize(2)));
    if (llvm::is_contained(counts, 0.0f))
      return rewriter.notifyMatchFailure(op, "a window has only padding");
    Type f32 = rewriter.getF32Type();
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getF32FloatAttr(0));
    Value input = op.getInput();
    if (llvm::any_of(pad, [](int64_t p) { return p != 0; })) {
      SmallVector<int64_t> shape(inType.getShape());
      shape[1] += pad[0] + pad[1];
      shape[2] += pad[2] + pad[3];
      auto index = [&](ArrayRef<int64_t> v) {
        return getAsIndexOpFoldResult(rewriter.getContext(), v);
      };
      input = tensor::PadOp::create(rewriter, loc, inType.clone(shape), input,
                                    index({0, pad[0], pad[2], 0}),
                                    index({0, pad[1], pad[3], 0}), zero);
    }
    Value window = tensor::EmptyOp::create(rewriter, loc, kernel, f32);
    Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(), f32);
    Value init =
        linalg::FillOp::create(rewriter, loc, zero, empty)->getResult(0);
    Value sum = linalg::PoolingNhwcSumOp::create(
                    rewriter, loc, TypeRange{type}, ValueRange{input, window},
                    ValueRange{init}, rewriter.getI64TensorAttr(stride),
                    rewriter.getI64TensorAttr({1, 1}))
                    ->getResult(0);
    bool uniform = llvm::all_equal(counts);
    auto countType =
        RankedTensorType::get({type.getDimSize(1), type.getDimSize(2)}, f32);
    Value divisor =
        uniform ? Value(arith::ConstantOp::create(
                      rewriter, loc, rewriter.getF32FloatAttr(counts[0])))
                : Value(arith::ConstantOp::create(
                      rewriter, loc,
                      makeConstant(countType, ArrayRef<float>(counts))));
    AffineMap identity = rewriter.getMultiDimIdentityMap(4);
    AffineMap image = AffineMap::get(
        4, 0, {rewriter.getAffineDimExpr(1), rewriter.getAffineDimExpr(2)},
        rewriter.getContext());
    SmallVector<Value> inputs = {sum};
    SmallVector<AffineMap> maps = {identity};
    if (!uniform) {
      inputs.push_back(divisor);
      maps.push_back(image);
    }
    maps.push_back(identity);
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{type}, inputs, ValueRange{empty}, maps,
        SmallVector<utils::IteratorType>(4, utils::IteratorType::parallel),
        [&](OpBuilder &b, Location loc, ValueRange args) {
          Value by = uniform ? divisor : args[1];
          linalg::YieldOp::create(
              b, loc, arith::DivFOp::create(b, loc, args[0], by).getResult());
        });
    ++count;
    remark::passed(loc,
                   remark::RemarkOpts::name("PrepareTosa").category("compress"))
        << "tosa.avg_pool2d made a window sum and a division";
    return success();
  }

private:
  Pass::Statistic &count;
};

/// A sum over several dimensions, which TOSA writes one dimension at a time, as
/// one: only so a later pass sees the mean of an image.
///
///   %a = tosa.reduce_sum %x {axis = 1}
///   %y = tosa.reduce_sum %a {axis = 2}
///   ->
///   %s = linalg.generic { addf } over dimensions 1 and 2
///   %y = tensor.expand_shape %s
struct MergeSums : public OpRewritePattern<tosa::ReduceSumOp> {
  MergeSums(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(tosa::ReduceSumOp op,
                                PatternRewriter &rewriter) const override {
    if (op->hasOneUse() && isa<tosa::ReduceSumOp>(*op->user_begin()))
      return rewriter.notifyMatchFailure(op, "is not the last sum");
    SmallVector<bool> isSummed(cast<ShapedType>(op.getType()).getRank(), false);
    isSummed[op.getAxis()] = true;
    Value input = op.getInput();
    while (auto inner = input.getDefiningOp<tosa::ReduceSumOp>()) {
      if (!inner->hasOneUse())
        break;
      isSummed[inner.getAxis()] = true;
      input = inner.getInput();
    }
    auto type = dyn_cast<RankedTensorType>(input.getType());
    if (input == op.getInput() || !type || !type.hasStaticShape() ||
        !type.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "is no static f32 sum of sums");

    Location loc = op.getLoc();
    SmallVector<int64_t> kept;
    SmallVector<AffineExpr> keptDims;
    SmallVector<utils::IteratorType> iterators;
    SmallVector<ReassociationIndices> groups;
    ReassociationIndices leading;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      iterators.push_back(isSummed[dim] ? utils::IteratorType::reduction
                                        : utils::IteratorType::parallel);
      // A summed dimension of extent 1 goes with the kept one before it.
      if (!isSummed[dim]) {
        kept.push_back(type.getDimSize(dim));
        keptDims.push_back(rewriter.getAffineDimExpr(dim));
        groups.push_back(leading);
        leading.clear();
      }
      (groups.empty() ? leading : groups.back()).push_back(dim);
    }
    Type f32 = rewriter.getF32Type();
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getF32FloatAttr(0));
    Value empty = tensor::EmptyOp::create(rewriter, loc, kept, f32);
    Value init =
        linalg::FillOp::create(rewriter, loc, zero, empty)->getResult(0);
    SmallVector<AffineMap> maps = {
        rewriter.getMultiDimIdentityMap(type.getRank()),
        AffineMap::get(type.getRank(), 0, keptDims, rewriter.getContext())};
    Value sum =
        linalg::GenericOp::create(
            rewriter, loc, TypeRange{init.getType()}, ValueRange{input},
            ValueRange{init}, maps, iterators,
            [](OpBuilder &b, Location loc, ValueRange args) {
              linalg::YieldOp::create(
                  b, loc,
                  arith::AddFOp::create(b, loc, args[1], args[0]).getResult());
            })
            ->getResult(0);
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(op, op.getType(), sum,
                                                       groups);
    ++count;
    remark::passed(loc,
                   remark::RemarkOpts::name("PrepareTosa").category("compress"))
        << "tosa.reduce_sum over several dimensions made one sum";
    return success();
  }

private:
  Pass::Statistic &count;
};

struct PrepareTosa
    : public mlir::compress::impl::PrepareTosaPassBase<PrepareTosa> {
  LogicalResult initialize(MLIRContext *ctx) override {
    // The walk applies one pattern to an op: constants come first.
    RewritePatternSet first(ctx), second(ctx);
    populateWideWeightsPatterns(first, numWeights);
    populateRoundingPatterns(first);
    second.add<AveragePool>(ctx, numPools);
    second.add<MergeSums>(ctx, numSums);
    populateTransposeConvPatterns(second, numTransposed);
    populateWideBiasPatterns(second, numBiases);
    populateStaticPadPatterns(second, numPads);
    populateGatherSlicePatterns(second, numGathers);
    populateScatterPatterns(second, numScatters);
    populateResizePatterns(second, numResizes);
    phases = {FrozenRewritePatternSet(std::move(first)),
              FrozenRewritePatternSet(std::move(second))};
    return success();
  }

  void runOnOperation() override {
    for (const FrozenRewritePatternSet &patterns : phases)
      walkAndApplyPatterns(getOperation(), patterns);
  }

  SmallVector<FrozenRewritePatternSet, 2> phases;
};
} // namespace

//===- TosaMoves.cpp - TOSA ops that move elements ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "PrepareTosa.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;
using namespace mlir::compress;

static void remarkMade(Location loc, StringRef what) {
  remark::passed(loc,
                 remark::RemarkOpts::name("PrepareTosa").category("compress"))
      << what;
}

namespace {
struct StaticPad : public OpRewritePattern<tosa::PadOp> {
  StaticPad(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(tosa::PadOp op,
                                PatternRewriter &rewriter) const override {
    DenseIntElementsAttr amounts;
    if (!matchPattern(op.getPadding(), m_Constant(&amounts)))
      return rewriter.notifyMatchFailure(op, "requires constant padding");
    if (!isa<RankedTensorType>(op.getType()) ||
        !isa<RankedTensorType>(op.getInput1().getType()))
      return rewriter.notifyMatchFailure(op, "requires a rank");
    SmallVector<OpFoldResult> low, high;
    for (auto [i, amount] : llvm::enumerate(amounts.getValues<APInt>()))
      (i % 2 ? high : low)
          .push_back(rewriter.getIndexAttr(amount.getSExtValue()));
    Location loc = op.getLoc();
    DenseElementsAttr known;
    Value padding;
    if (matchPattern(op.getPadConst(), m_Constant(&known))) {
      padding = arith::ConstantOp::create(
          rewriter, loc, cast<TypedAttr>(known.getValues<Attribute>()[0]));
    } else {
      Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
      padding = tensor::ExtractOp::create(rewriter, loc, op.getPadConst(),
                                          ValueRange{zero});
    }
    rewriter.replaceOpWithNewOp<tensor::PadOp>(op, op.getType(), op.getInput1(),
                                               low, high, padding);
    ++count;
    remarkMade(loc, "tosa.pad made tensor.pad");
    return success();
  }

private:
  Pass::Statistic &count;
};

/// Every element of the result looks up who writes it:
///
///   writer[n, k]    = the last w with indices[n, w] == k, or -1
///   result[n, k, c] = writer < 0 ? values_in[n, k, c] : input[n, writer, c]
/// A strided slice, as torch-mlir writes it in TOSA: a gather of rows at equal
/// distances, the same in every batch. The batches may be dimensions that a
/// reshape has merged; the slice is of the tensor before.
struct GatherSlice : public OpRewritePattern<tosa::GatherOp> {
  GatherSlice(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(tosa::GatherOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    auto values = dyn_cast<RankedTensorType>(op.getValues().getType());
    if (!type || !values || !type.hasStaticShape() || !values.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "requires static shapes");
    // One row of indices may be repeated for every batch.
    Value list = op.getIndices();
    if (auto tile = list.getDefiningOp<tosa::TileOp>()) {
      auto row = dyn_cast<RankedTensorType>(tile.getInput1().getType());
      if (row && row.getNumElements() == type.getDimSize(1))
        list = tile.getInput1();
    }
    FailureOr<ConstantData> indices = readConstant(list);
    if (failed(indices))
      return rewriter.notifyMatchFailure(op, "requires constant indices");
    int64_t rows = type.getDimSize(1), first = indices->getInt(0);
    int64_t step = rows > 1 ? indices->getInt(1) - first : 1;
    if (step < 1 || first < 0 ||
        first + (rows - 1) * step >= values.getDimSize(1))
      return rewriter.notifyMatchFailure(op, "indices do not ascend");
    for (int64_t i = 0; i < indices->size(); ++i)
      if (indices->getInt(i) != first + i % rows * step)
        return rewriter.notifyMatchFailure(op, "indices are no slice");

    Value source = op.getValues();
    int64_t dim = 1;
    while (auto reshape = source.getDefiningOp<tosa::ReshapeOp>()) {
      std::optional<int64_t> before = findDim(reshape, values);
      if (!before)
        break;
      source = reshape.getInput1();
      dim = *before;
    }
    auto sourceType = cast<RankedTensorType>(source.getType());
    SmallVector<int64_t> offsets(sourceType.getRank(), 0);
    SmallVector<int64_t> sizes(sourceType.getShape());
    SmallVector<int64_t> steps(sourceType.getRank(), 1);
    offsets[dim] = first;
    sizes[dim] = rows;
    steps[dim] = step;
    MLIRContext *ctx = op.getContext();
    Location loc = op.getLoc(); // which the replacement below takes away
    Value slice = tensor::ExtractSliceOp::create(
        rewriter, loc, sourceType.clone(sizes), source,
        getAsIndexOpFoldResult(ctx, offsets),
        getAsIndexOpFoldResult(ctx, sizes), getAsIndexOpFoldResult(ctx, steps));
    if (slice.getType() == type)
      rewriter.replaceOp(op, slice);
    else
      rewriter.replaceOpWithNewOp<tosa::ReshapeOp>(
          op, type, slice,
          tosa::getTosaConstShape(rewriter, loc, type.getShape()));
    ++count;
    remarkMade(loc, "tosa.gather made a slice");
    return success();
  }

private:
  /// The dimension of the reshape's operand that is dimension 1 of [N, K, C]:
  /// those before it are merged to N, those behind to C.
  static std::optional<int64_t> findDim(tosa::ReshapeOp reshape,
                                        RankedTensorType merged) {
    auto type = dyn_cast<RankedTensorType>(reshape.getInput1().getType());
    if (!type || !type.hasStaticShape())
      return std::nullopt;
    int64_t before = 1;
    for (int64_t d = 0; d < type.getRank(); ++d) {
      if (before == merged.getDimSize(0) &&
          type.getDimSize(d) == merged.getDimSize(1))
        return d;
      before *= type.getDimSize(d);
    }
    return std::nullopt;
  }

  Pass::Statistic &count;
};

struct Scatter : public OpRewritePattern<tosa::ScatterOp> {
  Scatter(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(tosa::ScatterOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<RankedTensorType>(op.getType());
    auto indexType = dyn_cast<RankedTensorType>(op.getIndices().getType());
    if (!type || !indexType || !type.hasStaticShape() ||
        !indexType.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "requires static shapes");
    Location loc = op.getLoc();
    Type element = indexType.getElementType();
    auto writersType = RankedTensorType::get(
        {type.getDimSize(0), type.getDimSize(1)}, element);
    Value none = arith::ConstantOp::create(
        rewriter, loc, rewriter.getIntegerAttr(element, -1));
    Value empty =
        tensor::EmptyOp::create(rewriter, loc, writersType.getShape(), element);
    Value init =
        linalg::FillOp::create(rewriter, loc, none, empty)->getResult(0);
    auto mapOf = [&](unsigned numDims, ArrayRef<unsigned> dims) {
      return AffineMap::getMultiDimMapWithTargets(numDims, dims,
                                                  rewriter.getContext());
    };
    using utils::IteratorType;
    auto indexOf = [](OpBuilder &b, Location loc, int64_t dim, Type type) {
      return arith::IndexCastOp::create(b, loc, type,
                                        linalg::IndexOp::create(b, loc, dim));
    };
    Value writers =
        linalg::GenericOp::create(
            rewriter, loc, TypeRange{writersType}, op.getIndices(), init,
            {mapOf(3, {0, 2}), mapOf(3, {0, 1})},
            {IteratorType::parallel, IteratorType::parallel,
             IteratorType::reduction},
            [&](OpBuilder &b, Location loc, ValueRange args) {
              Value hit =
                  arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                        args[0], indexOf(b, loc, 1, element));
              Value writer = arith::SelectOp::create(
                  b, loc, hit, indexOf(b, loc, 2, element), args[1]);
              linalg::YieldOp::create(b, loc, writer);
            })
            ->getResult(0);
    Value zero =
        arith::ConstantOp::create(rewriter, loc, rewriter.getZeroAttr(element));
    Value result = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                           type.getElementType());
    rewriter.replaceOpWithNewOp<linalg::GenericOp>(
        op, TypeRange{type}, ValueRange{writers, op.getValuesIn()}, result,
        ArrayRef<AffineMap>{mapOf(3, {0, 1}), mapOf(3, {0, 1, 2}),
                            mapOf(3, {0, 1, 2})},
        SmallVector<IteratorType>(3, IteratorType::parallel),
        [&](OpBuilder &b, Location loc, ValueRange args) {
          Value untouched = arith::CmpIOp::create(
              b, loc, arith::CmpIPredicate::slt, args[0], zero);
          Value safe = arith::MaxSIOp::create(b, loc, args[0], zero);
          Value row =
              arith::IndexCastOp::create(b, loc, b.getIndexType(), safe);
          Value written = tensor::ExtractOp::create(
              b, loc, op.getInput(),
              ValueRange{linalg::IndexOp::create(b, loc, 0), row,
                         linalg::IndexOp::create(b, loc, 2)});
          linalg::YieldOp::create(
              b, loc,
              arith::SelectOp::create(b, loc, untouched, args[1], written)
                  .getResult());
        });
    ++count;
    remarkMade(loc, "tosa.scatter made a lookup of who writes an element");
    return success();
  }

private:
  Pass::Statistic &count;
};
} // namespace

void mlir::compress::populateStaticPadPatterns(RewritePatternSet &patterns,
                                               Pass::Statistic &count) {
  patterns.add<StaticPad>(patterns.getContext(), count);
}

void mlir::compress::populateGatherSlicePatterns(RewritePatternSet &patterns,
                                                 Pass::Statistic &count) {
  patterns.add<GatherSlice>(patterns.getContext(), count);
}

void mlir::compress::populateScatterPatterns(RewritePatternSet &patterns,
                                             Pass::Statistic &count) {
  patterns.add<Scatter>(patterns.getContext(), count);
}

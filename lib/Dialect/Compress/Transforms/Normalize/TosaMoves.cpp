//===- TosaMoves.cpp - TOSA ops that move elements ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrepareTosa.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
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

void mlir::compress::populateScatterPatterns(RewritePatternSet &patterns,
                                             Pass::Statistic &count) {
  patterns.add<Scatter>(patterns.getContext(), count);
}

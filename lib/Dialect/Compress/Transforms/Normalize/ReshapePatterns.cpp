//===- ReshapePatterns.cpp - reshapes before and after layers ------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Layout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

/// A constant, read through `map`, as one read through the dimensions that each
/// of its dimensions is split into; the map changes alike.
static Value splitConstant(OpBuilder &b, Location loc, const ConstantData &data,
                           AffineMap &map,
                           ArrayRef<ReassociationIndices> groups,
                           ArrayRef<int64_t> fine) {
  SmallVector<int64_t> shape;
  SmallVector<AffineExpr> results;
  for (unsigned dim = 0; dim < map.getNumResults(); ++dim)
    for (int64_t part : groups[map.getDimPosition(dim)]) {
      shape.push_back(fine[part]);
      results.push_back(b.getAffineDimExpr(part));
    }
  map = AffineMap::get(fine.size(), 0, results, b.getContext());
  return arith::ConstantOp::create(
      b, loc, makeConstant(data.type.clone(shape), data.bytes));
}

namespace {
/// f(collapse(x), c) is collapse(f(x, c')) where f looks at one element at a
/// time: so the collapse stands right before the dense layer whose weights can
/// take the order, and a bias right behind its convolution.
struct SinkCollapse : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (op->getNumResults() != 1 || op.hasIndexSemantics() ||
        op.getNumLoops() != op.getNumParallelLoops() ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
        op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
      return rewriter.notifyMatchFailure(op, "looks at more than an element");
    tensor::CollapseShapeOp collapse;
    for (OpOperand *operand : op.getDpsInputOperands())
      if (op.getMatchingIndexingMap(operand).isIdentity() && !collapse)
        collapse = operand->get().getDefiningOp<tensor::CollapseShapeOp>();
    if (!collapse || !collapse->hasOneUse() ||
        !collapse.getSrcType().hasStaticShape())
      return rewriter.notifyMatchFailure(op, "no static collapse before it");
    SmallVector<ReassociationIndices> groups =
        collapse.getReassociationIndices();
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto fine = collapse.getSrcType().clone(type.getElementType());
    AffineMap identity = rewriter.getMultiDimIdentityMap(fine.getRank());

    // The other operands are scalars or constants.
    DenseMap<Value, ConstantData> constants;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      Value value = operand->get();
      if (!isa<RankedTensorType>(value.getType()) ||
          (value == collapse.getResult() &&
           op.getMatchingIndexingMap(operand).isIdentity()))
        continue;
      FailureOr<ConstantData> data = readConstant(value);
      if (failed(data) ||
          !op.getMatchingIndexingMap(operand).isProjectedPermutation())
        return rewriter.notifyMatchFailure(op, "an operand is no constant");
      constants[value] = std::move(*data);
    }
    SmallVector<Value> operands;
    SmallVector<AffineMap> maps;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      Value value = operand->get();
      AffineMap map = op.getMatchingIndexingMap(operand);
      if (value == collapse.getResult()) {
        value = collapse.getSrc();
        map = identity;
      } else if (constants.contains(value)) {
        value = splitConstant(rewriter, value.getLoc(), constants[value], map,
                              groups, fine.getShape());
      } else {
        map = AffineMap::get(fine.getRank(), 0, getContext());
      }
      operands.push_back(value);
      maps.push_back(map);
    }
    operands.push_back(tensor::EmptyOp::create(
        rewriter, op.getLoc(), fine.getShape(), fine.getElementType()));
    maps.push_back(identity);
    SmallVector<utils::IteratorType> iterators(fine.getRank(),
                                               utils::IteratorType::parallel);
    linalg::LinalgOp moved =
        rebuildLinalg(rewriter, op, operands, maps, iterators);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, type, moved->getResult(0), groups);
    return success();
  }
};

/// The same for annotations and for fake quantizations with one scale.
template <typename OpTy>
struct SinkCollapseThrough : public OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    auto fake = dyn_cast<FakeQuantOp>(op.getOperation());
    if (fake && !isa<quant::UniformQuantizedType>(fake.getType()))
      return rewriter.notifyMatchFailure(op, "has more than one scale");
    auto collapse =
        op.getInput().template getDefiningOp<tensor::CollapseShapeOp>();
    if (!collapse || !collapse->hasOneUse())
      return rewriter.notifyMatchFailure(op, "no collapse before it");
    SmallVector<Value> source = {collapse.getSrc()};
    Operation *moved = clone(rewriter, op.getOperation(),
                             TypeRange{collapse.getSrcType()}, source);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        op, op.getOutput().getType(), moved->getResult(0),
        collapse.getReassociationIndices());
    return success();
  }
};

/// HWCM filters with a multiplier of 1 are HWC filters:
///
///   %y = depthwise_conv_2d_nhwc_hwcm ins(%x, %w) outs(%b) -> NxHxWxCx1
///   ->
///   %z = depthwise_conv_2d_nhwc_hwc ins(%x, collapse(%w)) outs(collapse(%b))
///   %y = tensor.expand_shape %z
template <typename Multiplied, typename Plain>
struct DropMultiplier : public OpRewritePattern<Multiplied> {
  using OpRewritePattern<Multiplied>::OpRewritePattern;

  LogicalResult matchAndRewrite(Multiplied op,
                                PatternRewriter &rewriter) const override {
    auto filterType = cast<RankedTensorType>(op.getDpsInputs()[1].getType());
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    if (filterType.getDimSize(3) != 1 || !filterType.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "has a multiplier");
    SmallVector<ReassociationIndices> filterGroups = {{0}, {1}, {2, 3}};
    SmallVector<ReassociationIndices> groups = {{0}, {1}, {2}, {3, 4}};
    Location loc = op.getLoc();
    SmallVector<Value> inputs(op.getDpsInputs());
    FailureOr<ConstantData> data = readConstant(inputs[1]);
    if (succeeded(data))
      inputs[1] = arith::ConstantOp::create(
          rewriter, inputs[1].getLoc(),
          makeConstant(data->type.clone(filterType.getShape().drop_back()),
                       data->bytes));
    else
      inputs[1] = tensor::CollapseShapeOp::create(rewriter, loc, inputs[1],
                                                  filterGroups);
    Value init = op.getDpsInits()[0];
    auto fill = init.getDefiningOp<linalg::FillOp>();
    if (fill) {
      SmallVector<OpFoldResult> sizes =
          tensor::getMixedSizes(rewriter, loc, init);
      sizes.pop_back();
      Value empty =
          tensor::EmptyOp::create(rewriter, loc, sizes, type.getElementType());
      init = linalg::FillOp::create(rewriter, loc, fill.getInputs(), empty)
                 ->getResult(0);
    } else {
      init = tensor::CollapseShapeOp::create(rewriter, loc, init, groups);
    }
    auto plain =
        Plain::create(rewriter, loc, TypeRange{init.getType()}, inputs,
                      ValueRange{init}, op.getStrides(), op.getDilations());
    copyDiscardableAttrs(op, plain);
    // What only takes the multiplier off again is done.
    for (Operation *user : llvm::make_early_inc_range(op->getUsers()))
      if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(user))
        if (collapse.getResultType() == plain->getResult(0).getType())
          rewriter.replaceOp(collapse, plain);
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, type, plain->getResult(0), groups);
    return success();
  }
};
} // namespace

namespace {
/// A reshape of a constant is a constant of another shape: what permutes it can
/// then be done at once. Upstream folds only splats.
template <typename OpTy>
struct FoldConstantReshape : public OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;

  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!op.getResultType().hasStaticShape())
      return rewriter.notifyMatchFailure(op, "has no static shape");
    FailureOr<ConstantData> data = readConstant(op.getSrc());
    if (failed(data))
      return rewriter.notifyMatchFailure(op, "its source is no constant");
    rewriter.replaceOpWithNewOp<arith::ConstantOp>(
        op, makeConstant(data->type.clone(op.getResultType().getShape()),
                         data->bytes));
    return success();
  }
};
} // namespace

void mlir::compress::populateMultiplierPatterns(RewritePatternSet &patterns) {
  using namespace linalg;
  MLIRContext *ctx = patterns.getContext();
  patterns.add<FoldConstantReshape<tensor::ExpandShapeOp>,
               FoldConstantReshape<tensor::CollapseShapeOp>>(ctx);
  patterns.add<
      DropMultiplier<DepthwiseConv2DNhwcHwcmOp, DepthwiseConv2DNhwcHwcOp>,
      DropMultiplier<DepthwiseConv2DNhwcHwcmQOp, DepthwiseConv2DNhwcHwcQOp>>(
      ctx);
}

void mlir::compress::populateReshapePatterns(RewritePatternSet &patterns) {
  patterns.add<SinkCollapse, SinkCollapseThrough<FakeQuantOp>,
               SinkCollapseThrough<ObserveOp>>(patterns.getContext());
}

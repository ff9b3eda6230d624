//===- SinkTransposes.cpp - transposes move down and cancel --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One pattern an op family. All read `op(transpose(x, p))` and make
// `transpose(op'(x), p)`; other operands of the same rank get the inverse
// transpose, which cancels with one that is already there or with a constant.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::compress;

static Value createTranspose(OpBuilder &b, Location loc, Value x,
                             ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, x);
  SmallVector<OpFoldResult> permuted;
  for (int64_t p : perm)
    permuted.push_back(sizes[p]);
  Value empty = tensor::EmptyOp::create(b, loc, permuted, type.getElementType());
  return linalg::TransposeOp::create(b, loc, x, empty, perm)->getResult(0);
}

template <typename T>
static SmallVector<T> permuted(ArrayRef<T> values, ArrayRef<int64_t> perm) {
  SmallVector<T> result;
  for (int64_t p : perm)
    result.push_back(values[p]);
  return result;
}

namespace {

/// transpose(transpose(x)) and transposes that change nothing.
struct ComposeTransposes : public OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> perm = op.getPermutation();
    if (isIdentityPermutation(perm)) {
      rewriter.replaceOp(op, op.getInput());
      return success();
    }
    auto inner = op.getInput().getDefiningOp<linalg::TransposeOp>();
    if (!inner)
      return rewriter.notifyMatchFailure(op, "operand is no transpose");
    SmallVector<int64_t> composed = permuted(inner.getPermutation(), perm);
    if (isIdentityPermutation(composed)) {
      rewriter.replaceOp(op, inner.getInput());
      return success();
    }
    rewriter.replaceOp(
        op, createTranspose(rewriter, op.getLoc(), inner.getInput(), composed));
    return success();
  }
};

/// A transpose that moves only unit dimensions is a reshape.
struct TransposeToReshape : public OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    auto source = cast<RankedTensorType>(op.getInput().getType());
    auto target = cast<RankedTensorType>(op->getResult(0).getType());
    if (!source.hasStaticShape() || source.getRank() < 2)
      return rewriter.notifyMatchFailure(op, "shape is not static");
    SmallVector<int64_t> order;
    for (int64_t p : op.getPermutation())
      if (source.getDimSize(p) != 1)
        order.push_back(p);
    if (!llvm::is_sorted(order))
      return rewriter.notifyMatchFailure(op, "moves more than unit dimensions");
    ReassociationIndices all = llvm::to_vector(llvm::seq<int64_t>(0, source.getRank()));
    Value flat = tensor::CollapseShapeOp::create(
        rewriter, op.getLoc(), op.getInput(), ArrayRef<ReassociationIndices>(all));
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, target, flat, ArrayRef<ReassociationIndices>(all));
    return success();
  }
};

/// transpose(constant), also behind quant.dcast(quant.scast(constant)).
struct FoldTransposeOfConstant : public OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    Value input = op.getInput();
    auto dcast = input.getDefiningOp<quant::DequantizeCastOp>();
    auto scast = dcast ? dcast.getInput().getDefiningOp<quant::StorageCastOp>()
                       : quant::StorageCastOp();
    if (dcast && !scast)
      return rewriter.notifyMatchFailure(op, "dequantizes no stored codes");
    FailureOr<ConstantData> data = readConstant(scast ? scast.getInput() : input);
    if (failed(data))
      return rewriter.notifyMatchFailure(op, "operand is no constant");
    ArrayRef<int64_t> perm = op.getPermutation();
    ConstantData moved = transposeConstant(*data, perm);
    Location loc = dcast ? dcast.getLoc() : op.getLoc();
    Value result = arith::ConstantOp::create(
        rewriter, loc, makeConstant(moved.type, moved.bytes));
    if (scast) {
      Type element = getElementTypeOrSelf(scast.getType());
      if (auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(element)) {
        int32_t dim = llvm::find(perm, axis.getQuantizedDimension()) - perm.begin();
        element = quant::UniformQuantizedPerAxisType::get(
            axis.getFlags(), axis.getStorageType(), axis.getExpressedType(),
            axis.getScales(), axis.getZeroPoints(), dim,
            axis.getStorageTypeMin(), axis.getStorageTypeMax());
      }
      result = quant::StorageCastOp::create(
          rewriter, loc, moved.type.clone(element), result);
      result = quant::DequantizeCastOp::create(
          rewriter, loc, op->getResult(0).getType(), result);
    }
    rewriter.replaceOp(op, result);
    return success();
  }
};

/// transpose(broadcast(x)) and transpose(fill(c)) are a broadcast and a fill.
struct FoldTransposeOfRepeat : public OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    ArrayRef<int64_t> perm = op.getPermutation();
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    auto empty = [&] {
      return tensor::EmptyOp::create(rewriter, op.getLoc(), type.getShape(),
                                     type.getElementType());
    };
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "shape is not static");
    if (auto fill = op.getInput().getDefiningOp<linalg::FillOp>()) {
      rewriter.replaceOpWithNewOp<linalg::FillOp>(op, fill.getInputs(),
                                                  ValueRange{empty()});
      return success();
    }
    if (op.getInput().getDefiningOp<tensor::EmptyOp>()) {
      rewriter.replaceOp(op, empty());
      return success();
    }
    auto broadcast = op.getInput().getDefiningOp<linalg::BroadcastOp>();
    if (!broadcast)
      return rewriter.notifyMatchFailure(op, "operand repeats nothing");
    // The dimensions that are not broadcast must keep their order.
    SmallVector<int64_t> dims, kept;
    for (auto [i, p] : llvm::enumerate(perm)) {
      if (llvm::is_contained(broadcast.getDimensions(), p))
        dims.push_back(i);
      else
        kept.push_back(p);
    }
    if (!llvm::is_sorted(kept))
      return rewriter.notifyMatchFailure(op, "broadcast source is permuted");
    rewriter.replaceOpWithNewOp<linalg::BroadcastOp>(op, broadcast.getInput(),
                                                     empty(), dims);
    return success();
  }
};

/// Through elementwise linalg ops.
struct SinkThroughElementwise
    : public OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;
  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::TransposeOp, linalg::FillOp, linalg::BroadcastOp>(op))
      return rewriter.notifyMatchFailure(op, "has a pattern of its own");
    if (op.getNumLoops() != op.getNumParallelLoops() ||
        op->getNumResults() != 1 || op.hasIndexSemantics() ||
        !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
      return rewriter.notifyMatchFailure(op, "is not elementwise");
    if (!op.getDpsInits()[0].getDefiningOp<tensor::EmptyOp>() &&
        op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
      return rewriter.notifyMatchFailure(op, "reads its init");
    linalg::TransposeOp first;
    for (OpOperand *operand : op.getDpsInputOperands())
      if (op.getMatchingIndexingMap(operand).isIdentity() && !first)
        first = operand->get().getDefiningOp<linalg::TransposeOp>();
    if (!first)
      return rewriter.notifyMatchFailure(op, "no operand is a transpose");
    SmallVector<int64_t> perm(first.getPermutation());
    SmallVector<int64_t> inverse = invertPermutationVector(perm);
    int64_t rank = perm.size();
    MLIRContext *ctx = op.getContext();
    // Loop i of the new op is loop inverse[i] of the old one: old d_k is new
    // d_{perm[k]}.
    SmallVector<AffineExpr> dims(rank);
    for (int64_t k = 0; k < rank; ++k)
      dims[k] = getAffineDimExpr(perm[k], ctx);
    SmallVector<Value> inputs;
    SmallVector<AffineMap> maps;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(operand);
      Value value = operand->get();
      if (map.isIdentity() && rank > 0 &&
          isa<RankedTensorType>(value.getType())) {
        auto transpose = value.getDefiningOp<linalg::TransposeOp>();
        if (transpose && transpose.getPermutation() == ArrayRef<int64_t>(perm))
          value = transpose.getInput();
        else
          value = createTranspose(rewriter, op.getLoc(), value, inverse);
      } else {
        map = map.replaceDimsAndSymbols(dims, {}, rank, 0);
      }
      inputs.push_back(value);
      maps.push_back(map);
    }
    maps.push_back(AffineMap::getMultiDimIdentityMap(rank, ctx));
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<int64_t> shape = permuted(type.getShape(), inverse);
    if (!type.hasStaticShape())
      return rewriter.notifyMatchFailure(op, "shape is not static");
    Value empty = tensor::EmptyOp::create(rewriter, op.getLoc(), shape,
                                          type.getElementType());
    auto generic = linalg::GenericOp::create(
        rewriter, op.getLoc(), type.clone(shape), inputs, empty, maps,
        SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel));
    rewriter.cloneRegionBefore(op->getRegion(0), generic.getRegion(),
                               generic.getRegion().end());
    rewriter.replaceOp(op, createTranspose(rewriter, op.getLoc(),
                                           generic.getResult(0), perm));
    return success();
  }
};

/// Into reductions and other generics: the map takes the permutation.
struct AbsorbIntoReduction : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::GenericOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumReductionLoops() == 0)
      return rewriter.notifyMatchFailure(op, "reduces nothing");
    for (OpOperand *operand : op.getDpsInputOperands()) {
      auto transpose = operand->get().getDefiningOp<linalg::TransposeOp>();
      if (!transpose)
        continue;
      AffineMap map = op.getMatchingIndexingMap(operand);
      SmallVector<int64_t> inverse =
          invertPermutationVector(transpose.getPermutation());
      SmallVector<AffineExpr> results =
          permuted(map.getResults(), ArrayRef<int64_t>(inverse));
      SmallVector<AffineMap> maps = op.getIndexingMapsArray();
      maps[operand->getOperandNumber()] =
          AffineMap::get(map.getNumDims(), 0, results, op.getContext());
      rewriter.modifyOpInPlace(op, [&] {
        op->setOperand(operand->getOperandNumber(), transpose.getInput());
        op.setIndexingMapsAttr(rewriter.getAffineMapArrayAttr(maps));
      });
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no operand is a transpose");
  }
};

/// linalg.reduce has no maps to change: as a generic it has.
struct GeneralizeReduceOfTranspose : public OpRewritePattern<linalg::ReduceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::ReduceOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getInputs()[0].getDefiningOp<linalg::TransposeOp>())
      return rewriter.notifyMatchFailure(op, "operand is no transpose");
    return failure(failed(linalg::generalizeNamedOp(rewriter, op)));
  }
};

struct SinkThroughFakeQuant : public OpRewritePattern<FakeQuantOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(FakeQuantOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getInput().getDefiningOp<linalg::TransposeOp>();
    if (!transpose)
      return rewriter.notifyMatchFailure(op, "operand is no transpose");
    Type type = op.getType();
    if (auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
      type = quant::UniformQuantizedPerAxisType::get(
          axis.getFlags(), axis.getStorageType(), axis.getExpressedType(),
          axis.getScales(), axis.getZeroPoints(),
          transpose.getPermutation()[axis.getQuantizedDimension()],
          axis.getStorageTypeMin(), axis.getStorageTypeMax());
    Value fake = FakeQuantOp::create(
        rewriter, op.getLoc(), transpose.getInput().getType(),
        transpose.getInput(), TypeAttr::get(type));
    rewriter.replaceOp(op, createTranspose(rewriter, op.getLoc(), fake,
                                           transpose.getPermutation()));
    return success();
  }
};

struct SinkThroughPad : public OpRewritePattern<tensor::PadOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::PadOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getSource().getDefiningOp<linalg::TransposeOp>();
    Value padding = op.getConstantPaddingValue();
    if (!transpose || !padding)
      return rewriter.notifyMatchFailure(op, "no transpose or no constant pad");
    SmallVector<int64_t> inverse =
        invertPermutationVector(transpose.getPermutation());
    SmallVector<OpFoldResult> low = permuted<OpFoldResult>(op.getMixedLowPad(), inverse);
    SmallVector<OpFoldResult> high = permuted<OpFoldResult>(op.getMixedHighPad(), inverse);
    auto type = cast<RankedTensorType>(op.getType());
    Value pad = tensor::PadOp::create(
        rewriter, op.getLoc(), type.clone(permuted(type.getShape(), inverse)),
        transpose.getInput(), low, high, padding);
    rewriter.replaceOp(op, createTranspose(rewriter, op.getLoc(), pad,
                                           transpose.getPermutation()));
    return success();
  }
};

struct SinkThroughSlice : public OpRewritePattern<tensor::ExtractSliceOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ExtractSliceOp op,
                                PatternRewriter &rewriter) const override {
    auto transpose = op.getSource().getDefiningOp<linalg::TransposeOp>();
    if (!transpose || op.getType().getRank() != op.getSourceType().getRank())
      return rewriter.notifyMatchFailure(op, "no transpose, or drops a dimension");
    SmallVector<int64_t> inverse =
        invertPermutationVector(transpose.getPermutation());
    Value slice = tensor::ExtractSliceOp::create(
        rewriter, op.getLoc(), transpose.getInput(),
        permuted<OpFoldResult>(op.getMixedOffsets(), inverse),
        permuted<OpFoldResult>(op.getMixedSizes(), inverse),
        permuted<OpFoldResult>(op.getMixedStrides(), inverse));
    rewriter.replaceOp(op, createTranspose(rewriter, op.getLoc(), slice,
                                           transpose.getPermutation()));
    return success();
  }
};

struct SinkThroughConcat : public OpRewritePattern<tensor::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(tensor::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    linalg::TransposeOp first;
    for (Value input : op.getInputs())
      if (!first)
        first = input.getDefiningOp<linalg::TransposeOp>();
    if (!first)
      return rewriter.notifyMatchFailure(op, "no operand is a transpose");
    SmallVector<int64_t> perm(first.getPermutation());
    SmallVector<int64_t> inverse = invertPermutationVector(perm);
    SmallVector<Value> inputs;
    for (Value input : op.getInputs())
      inputs.push_back(createTranspose(rewriter, op.getLoc(), input, inverse));
    Value concat = tensor::ConcatOp::create(rewriter, op.getLoc(),
                                            perm[op.getDim()], inputs);
    rewriter.replaceOp(op,
                       createTranspose(rewriter, op.getLoc(), concat, perm));
    return success();
  }
};

} // namespace

void mlir::compress::populateSinkTransposePatterns(RewritePatternSet &patterns) {
  patterns.add<ComposeTransposes, TransposeToReshape, FoldTransposeOfConstant,
               FoldTransposeOfRepeat, SinkThroughElementwise,
               AbsorbIntoReduction, GeneralizeReduceOfTranspose,
               SinkThroughFakeQuant, SinkThroughPad, SinkThroughSlice,
               SinkThroughConcat>(patterns.getContext());
}

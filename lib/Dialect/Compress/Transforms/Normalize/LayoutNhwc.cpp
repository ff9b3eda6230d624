//===- LayoutNhwc.cpp - convolutions and pools in NHWC -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LAYOUTNHWCPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// The place of every loop in the wanted operand order: batch, image and
/// filter window, group, input channel, output channel. Filters put the group
/// first, unless every group has one channel (depthwise).
static SmallVector<int64_t> loopRanks(const linalg::ConvolutionDimensions &dims,
                                      unsigned numLoops, bool forFilter) {
  SmallVector<int64_t> rank(numLoops, 0);
  int64_t next = 0;
  bool grouped = !dims.inputChannel.empty() || !dims.outputChannel.empty();
  auto assign = [&](ArrayRef<unsigned> loops) {
    for (unsigned loop : loops)
      rank[loop] = next++;
  };
  if (forFilter && grouped)
    assign(dims.depth);
  assign(dims.batch);
  for (auto [image, filter] : llvm::zip(dims.outputImage, dims.filterLoop))
    rank[image] = rank[filter] = next++;
  if (!forFilter || !grouped)
    assign(dims.depth);
  assign(dims.inputChannel);
  assign(dims.outputChannel);
  return rank;
}

/// The permutation that sorts the results of `map` by the rank of the first
/// loop each one uses.
static SmallVector<int64_t> sortResults(AffineMap map, ArrayRef<int64_t> rank) {
  auto perm = llvm::to_vector(llvm::seq<int64_t>(0, map.getNumResults()));
  auto key = [&](int64_t i) {
    for (unsigned d = 0; d < map.getNumDims(); ++d)
      if (map.getResult(i).isFunctionOfDim(d))
        return rank[d];
    return int64_t(0);
  };
  llvm::stable_sort(perm, [&](int64_t a, int64_t b) { return key(a) < key(b); });
  return perm;
}

static Value transposed(OpBuilder &b, Location loc, Value x,
                        ArrayRef<int64_t> perm) {
  if (isIdentityPermutation(perm))
    return x;
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> shape = applyPermutation(type.getShape(), perm);
  Value empty = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
  return linalg::TransposeOp::create(b, loc, x, empty, perm)->getResult(0);
}

static AffineMap permuteResults(AffineMap map, ArrayRef<int64_t> perm) {
  SmallVector<AffineExpr> results;
  for (int64_t p : perm)
    results.push_back(map.getResult(p));
  return AffineMap::get(map.getNumDims(), 0, results, map.getContext());
}

/// The NHWC op of the same kind with the same strides and dilations, or null.
static linalg::LinalgOp createNamed(OpBuilder &b, linalg::LinalgOp op,
                                    ValueRange inputs, Value init) {
  Location loc = op.getLoc();
  auto make = [&](auto source, auto *target) -> linalg::LinalgOp {
    using Target = std::remove_pointer_t<decltype(target)>;
    return cast<linalg::LinalgOp>(
        Target::create(b, loc, TypeRange{init.getType()}, inputs,
                       ValueRange{init}, source.getStrides(),
                       source.getDilations())
            .getOperation());
  };
  using namespace linalg;
  Operation *raw = op;
  if (auto conv = dyn_cast<Conv2DNchwFchwOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNhwcFhwcOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNchwFchwQOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfQOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNhwcFhwcQOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfQOp *>(nullptr));
  if (auto conv = dyn_cast<DepthwiseConv2DNchwChwOp>(raw))
    return make(conv, static_cast<DepthwiseConv2DNhwcHwcOp *>(nullptr));
  if (auto pool = dyn_cast<PoolingNchwMaxOp>(raw))
    return make(pool, static_cast<PoolingNhwcMaxOp *>(nullptr));
  if (auto pool = dyn_cast<PoolingNchwSumOp>(raw))
    return make(pool, static_cast<PoolingNhwcSumOp *>(nullptr));
  return {};
}

/// Rewrites one convolution or pool; returns false where it is NHWC already.
static bool convertToNhwc(IRRewriter &rewriter, linalg::LinalgOp op,
                          const linalg::ConvolutionDimensions &dims) {
  SmallVector<int64_t> rank = loopRanks(dims, op.getNumLoops(), false);
  SmallVector<int64_t> filterRank = loopRanks(dims, op.getNumLoops(), true);
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<SmallVector<int64_t>> perms;
  bool changed = false;
  for (auto [i, map] : llvm::enumerate(maps)) {
    perms.push_back(sortResults(map, i == 1 ? filterRank : rank));
    changed |= !isIdentityPermutation(perms.back());
  }
  if (!changed)
    return false;
  rewriter.setInsertionPoint(op);
  Location loc = op.getLoc();
  SmallVector<Value> operands;
  for (auto [i, value] : llvm::enumerate(op->getOperands())) {
    operands.push_back(isa<RankedTensorType>(value.getType())
                           ? transposed(rewriter, loc, value, perms[i])
                           : value);
    maps[i] = permuteResults(maps[i], perms[i]);
  }
  ValueRange inputs = ValueRange(operands).drop_back();
  Value init = operands.back();
  linalg::LinalgOp converted = createNamed(rewriter, op, inputs, init);
  if (!converted) {
    // Loops in the order of the result, then the reductions.
    SmallVector<unsigned> order;
    for (AffineExpr e : maps.back().getResults())
      order.push_back(cast<AffineDimExpr>(e).getPosition());
    for (unsigned d = 0; d < op.getNumLoops(); ++d)
      if (!llvm::is_contained(order, d))
        order.push_back(d);
    SmallVector<AffineExpr> replacement(op.getNumLoops());
    SmallVector<utils::IteratorType> iterators;
    for (auto [i, d] : llvm::enumerate(order)) {
      replacement[d] = rewriter.getAffineDimExpr(i);
      iterators.push_back(op.getIteratorTypesArray()[d]);
    }
    for (AffineMap &map : maps)
      map = map.replaceDimsAndSymbols(replacement, {}, order.size(), 0);
    auto generic =
        linalg::GenericOp::create(rewriter, loc, TypeRange{init.getType()},
                                  inputs, ValueRange{init}, maps, iterators);
    rewriter.cloneRegionBefore(op->getRegion(0), generic.getRegion(),
                               generic.getRegion().end());
    converted = generic;
  }
  rewriter.replaceOp(op, transposed(rewriter, loc, converted->getResult(0),
                                    invertPermutationVector(perms.back())));
  return true;
}

/// Moves a transpose above an elementwise op, a pad or a fake_quant whose
/// operand comes straight from the function's inputs, so that the one
/// transpose that is needed stands at the border.
struct HoistToArguments : public OpRewritePattern<linalg::TransposeOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(linalg::TransposeOp op,
                                PatternRewriter &rewriter) const override {
    Operation *producer = op.getInput().getDefiningOp();
    if (!producer || !producer->hasOneUse() || !reachesArgument(producer))
      return rewriter.notifyMatchFailure(op, "not at the function's border");
    SmallVector<int64_t> perm(op.getPermutation());
    Location loc = producer->getLoc();
    if (auto fake = dyn_cast<FakeQuantOp>(producer)) {
      if (isa<quant::UniformQuantizedPerAxisType>(fake.getType()))
        return rewriter.notifyMatchFailure(op, "quantized per channel");
      Value x = transposed(rewriter, op.getLoc(), fake.getInput(), perm);
      rewriter.replaceOpWithNewOp<FakeQuantOp>(op, x.getType(), x,
                                               fake.getTypeAttr());
      return success();
    }
    auto pad = dyn_cast<tensor::PadOp>(producer);
    Value padding = pad ? pad.getConstantPaddingValue() : Value();
    if (!padding)
      return rewriter.notifyMatchFailure(op, "producer moves no transpose");
    Value x = transposed(rewriter, op.getLoc(), pad.getSource(), perm);
    Value moved = tensor::PadOp::create(
        rewriter, loc, op->getResult(0).getType(), x,
        applyPermutation(pad.getMixedLowPad(), perm),
        applyPermutation(pad.getMixedHighPad(), perm), padding);
    rewriter.replaceOp(op, moved);
    return success();
  }

private:
  static bool reachesArgument(Operation *op) {
    while (op && isa<FakeQuantOp, tensor::PadOp>(op)) {
      if (isa<BlockArgument>(op->getOperand(0)))
        return true;
      op = op->getOperand(0).getDefiningOp();
    }
    return false;
  }
};

namespace {
struct LayoutNhwc : public mlir::compress::impl::LayoutNhwcPassBase<LayoutNhwc> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    SmallVector<linalg::LinalgOp> ops;
    func.walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (linalg::LinalgOp op : ops) {
      // Convolutions of two images, results without a fold: statically shaped.
      if (op->getNumResults() != 1 || op.getNumDpsInputs() < 2 ||
          op.getNumReductionLoops() == 0 || op.hasDynamicShape())
        continue;
      FailureOr<linalg::ConvolutionDimensions> dims =
          linalg::inferConvolutionDims(op);
      if (failed(dims) || dims->outputImage.empty())
        continue;
      if (convertToNhwc(rewriter, op, *dims))
        ++numConverted;
    }
    if (failed(sink()) || failed(hoist()))
      return signalPassFailure();
    func.walk([&](linalg::TransposeOp) { ++numTransposes; });
  }

  LogicalResult sink() {
    RewritePatternSet patterns(&getContext());
    populateSinkTransposePatterns(patterns);
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    return apply(std::move(patterns));
  }

  LogicalResult hoist() {
    RewritePatternSet patterns(&getContext());
    patterns.add<HoistToArguments>(&getContext());
    return apply(std::move(patterns));
  }

  LogicalResult apply(RewritePatternSet patterns) {
    if (succeeded(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return success();
    getOperation().emitError("transposes did not settle; please report the model");
    return failure();
  }
};
} // namespace

//===- StoreUnsigned.cpp - 8-bit codes as q + 128 in memory --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "EntryFunction.h"
#include "Isa/VectorBuilders.h"
#include "Isa/VectorTarget.h"
#include "Kernel/ChooseDot.h"
#include "Kernel/KernelGroup.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_STOREUNSIGNEDPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
/// extsi(x ^ 128) -> extui(x) - 128: what reads codes takes the constant into
/// its zero point.
struct ExtendFlipped : public OpRewritePattern<arith::ExtSIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtSIOp op,
                                PatternRewriter &rewriter) const override {
    Value stored = matchFlipped(op.getIn());
    if (!stored)
      return rewriter.notifyMatchFailure(op, "extends no flipped code");
    Location loc = op.getLoc();
    int64_t shift = int64_t(1)
                    << (stored.getType().getIntOrFloatBitWidth() - 1);
    Value wide = arith::ExtUIOp::create(rewriter, loc, op.getType(), stored);
    Value constant = arith::ConstantOp::create(
        rewriter, loc, rewriter.getIntegerAttr(op.getType(), -shift));
    rewriter.replaceOpWithNewOp<arith::AddIOp>(op, wide, constant);
    return success();
  }
};

/// x ^ 128 ^ 128 -> x, whatever constants they are.
struct FlipTwice : public OpRewritePattern<arith::XOrIOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::XOrIOp op,
                                PatternRewriter &rewriter) const override {
    Value flipped = matchFlipped(op);
    Value value = flipped ? matchFlipped(flipped) : Value();
    if (!value)
      return rewriter.notifyMatchFailure(op, "flips no flipped code");
    rewriter.replaceOp(op, value);
    return success();
  }
};

/// max(x ^ 128, y ^ 128) -> max(x, y) ^ 128 of the other signedness.
template <typename SignedT, typename UnsignedT>
struct CompareFlipped : public OpRewritePattern<SignedT> {
  using OpRewritePattern<SignedT>::OpRewritePattern;

  LogicalResult matchAndRewrite(SignedT op,
                                PatternRewriter &rewriter) const override {
    Value lhs = matchFlipped(op.getLhs()), rhs = matchFlipped(op.getRhs());
    if (!lhs || !rhs)
      return rewriter.notifyMatchFailure(op, "compares no flipped codes");
    Value stored = UnsignedT::create(rewriter, op.getLoc(), lhs, rhs);
    rewriter.replaceOp(op, buildFlipped(rewriter, op.getLoc(), stored));
    return success();
  }
};
} // namespace

/// `buffer` and all views of it.
static SmallVector<Value> collectViews(Value buffer) {
  SmallVector<Value> views{buffer};
  for (size_t i = 0; i < views.size(); ++i)
    for (Operation *user : views[i].getUsers())
      if (auto view = dyn_cast<ViewLikeOpInterface>(user))
        views.push_back(view.getViewDest());
  return views;
}

/// Whether the body of `op` is all that it does with elements of its operands,
/// and can be changed.
static bool hasOwnBody(linalg::LinalgOp op) {
  return isa<linalg::GenericOp>(op) ||
         (op.getRegionBuilder() && op->getNumRegions() == 1);
}

static bool isByteBuffer(Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  return type && type.getElementType().isInteger(8);
}

/// Whether all that touches `views` can be told of another way of storage.
static bool canFlip(ArrayRef<Value> views) {
  return llvm::all_of(views, [](Value view) {
    return isByteBuffer(view) &&
           llvm::all_of(view.getUsers(), [](Operation *user) {
             if (auto op = dyn_cast<linalg::LinalgOp>(user))
               return op.hasPureBufferSemantics() && hasOwnBody(op);
             if (isa<memref::LoadOp>(user))
               return user->getParentOfType<linalg::LinalgOp>() != nullptr;
             return isa<memref::CopyOp, ViewLikeOpInterface>(user);
           });
  });
}

namespace {
struct StoreUnsigned
    : public mlir::compress::impl::StoreUnsignedPassBase<StoreUnsigned> {
  using StoreUnsignedPassBase::StoreUnsignedPassBase;

  void runOnOperation() override {
    FailureOr<func::FuncOp> entry = getEntryFunction(getOperation());
    if (failed(entry))
      return signalPassFailure();
    Block &body = entry->getBody().front();
    llvm::SmallPtrSet<Value, 32> flipped;
    for (Value buffer : findDotInputs(body)) {
      SmallVector<Value> views = collectViews(buffer);
      if (!canFlip(views))
        continue;
      flipped.insert(views.begin(), views.end());
      ++numFlipped;
    }
    if (flipped.empty())
      return;
    auto isFlipped = [&](Value value) { return flipped.contains(value); };
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::LinalgOp> touched;
    for (Operation &op : llvm::make_early_inc_range(body)) {
      rewriter.setInsertionPoint(&op);
      if (auto copy = dyn_cast<memref::CopyOp>(op)) {
        if (isFlipped(copy.getSource()) != isFlipped(copy.getTarget()))
          flipCopy(rewriter, copy);
        continue;
      }
      auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      if (!linalgOp)
        continue;
      bool loads = false;
      linalgOp.walk([&](memref::LoadOp load) {
        if (!isFlipped(load.getMemRef()))
          return;
        rewriter.setInsertionPointAfter(load);
        Value value = buildFlipped(rewriter, load.getLoc(), load);
        rewriter.replaceAllUsesExcept(load, value, value.getDefiningOp());
        loads = true;
      });
      if (llvm::any_of(op.getOperands(), isFlipped))
        touched.push_back(flipOperands(rewriter, linalgOp, isFlipped));
      else if (loads)
        touched.push_back(linalgOp);
    }
    if (failed(simplify(touched)))
      signalPassFailure();
  }

  /// Buffers of the network's own that instructions with unsigned inputs read.
  SmallVector<Value> findDotInputs(Block &body) {
    llvm::StringSet<> names = parseFeatures(features);
    llvm::SetVector<Value> inputs;
    for (auto op : body.getOps<linalg::LinalgOp>()) {
      if (op.getNumReductionLoops() == 0)
        continue;
      std::optional<KernelGroup> group = matchKernelGroup(op);
      FailureOr<Kernel> kernel =
          analyzeKernel(group ? *group : KernelGroup{nullptr, op, nullptr, {}});
      if (failed(kernel))
        continue;
      std::optional<ProductOperands> product = matchProduct(*kernel);
      if (!product)
        continue;
      Access &input = kernel->root.operands[product->input];
      if (!input.getElementType().isInteger(8))
        continue;
      std::optional<ChosenDot> chosen = chooseDot(*kernel, names);
      if (!chosen || chosen->isa->shift == 0)
        continue;
      Value buffer = getViewedBuffer(input.value);
      if (buffer.getDefiningOp<memref::AllocOp>())
        inputs.insert(buffer);
    }
    return inputs.takeVector();
  }

  /// One side of a copy is stored flipped, the other is not.
  static void flipCopy(RewriterBase &rewriter, memref::CopyOp copy) {
    int64_t rank = cast<MemRefType>(copy.getSource().getType()).getRank();
    AffineMap map = rewriter.getMultiDimIdentityMap(rank);
    SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
    auto generic = linalg::GenericOp::create(
        rewriter, copy.getLoc(), copy.getSource(), copy.getTarget(),
        ArrayRef<AffineMap>{map, map}, loops,
        [](OpBuilder &b, Location loc, ValueRange args) {
          linalg::YieldOp::create(b, loc, buildFlipped(b, loc, args[0]));
        });
    setKernelName(generic, "copy");
    rewriter.eraseOp(copy);
  }

  /// Flips what the body of `op` reads from and writes to such buffers.
  static linalg::LinalgOp flipOperands(RewriterBase &rewriter,
                                       linalg::LinalgOp op,
                                       function_ref<bool(Value)> isFlipped) {
    if (!isa<linalg::GenericOp>(op)) {
      StringRef name = op->getName().stripDialect();
      rewriter.setInsertionPoint(op);
      // hasOwnBody was asked for: it cannot fail.
      op = cast<linalg::LinalgOp>(
          linalg::generalizeNamedOp(rewriter, op)->getOperation());
      setKernelName(op, name);
    }
    Block *body = op.getBlock();
    Location loc = op.getLoc();
    rewriter.setInsertionPointToStart(body);
    for (OpOperand &operand : op->getOpOperands()) {
      BlockArgument arg = op.getMatchingBlockArgument(&operand);
      if (!isFlipped(operand.get()) || arg.use_empty())
        continue;
      Value value = buildFlipped(rewriter, loc, arg);
      rewriter.replaceAllUsesExcept(arg, value, value.getDefiningOp());
    }
    Operation *yield = body->getTerminator();
    rewriter.setInsertionPoint(yield);
    for (OpOperand &operand : yield->getOpOperands())
      if (isFlipped(op.getDpsInits()[operand.getOperandNumber()]))
        operand.set(buildFlipped(rewriter, loc, operand.get()));
    return op;
  }

  /// Constants meet those of the bodies.
  LogicalResult simplify(ArrayRef<linalg::LinalgOp> touched) {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<ExtendFlipped, FlipTwice,
                 CompareFlipped<arith::MaxSIOp, arith::MaxUIOp>,
                 CompareFlipped<arith::MinSIOp, arith::MinUIOp>>(context);
    arith::AddIOp::getCanonicalizationPatterns(patterns, context);
    arith::SubIOp::getCanonicalizationPatterns(patterns, context);
    SmallVector<Operation *> ops;
    for (linalg::LinalgOp op : touched)
      for (Operation &nested : op.getBlock()->without_terminator())
        ops.push_back(&nested);
    GreedyRewriteConfig config;
    config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
    if (ops.empty() ||
        succeeded(applyOpPatternsGreedily(ops, std::move(patterns), config)))
      return success();
    return touched.front()->emitError(
        "and what reads the same codes cannot be simplified: the patterns do "
        "not come to an end; this is an error of the compiler");
  }
};
} // namespace

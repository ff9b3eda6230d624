//===- FuseElementwise.cpp - one op of chains of elementwise ops ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Kernel/Interleave.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_FUSEELEMENTWISEPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static bool isAllParallel(linalg::LinalgOp op) {
  return op.getNumLoops() == op.getNumParallelLoops();
}

static bool isSum(Value value) {
  auto op = value.getDefiningOp<linalg::LinalgOp>();
  return op && op.getNumReductionLoops() > 0;
}

/// Whether the dimensions of the results appear in the order of the loops.
static bool keepsOrder(AffineMap map) {
  int64_t last = -1;
  for (AffineExpr expr : map.getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    if (!dim)
      continue;
    if (static_cast<int64_t>(dim.getPosition()) <= last)
      return false;
    last = dim.getPosition();
  }
  return true;
}

/// An op that only repeats a smaller tensor or a number: free to compute
/// anywhere.
static bool isBroadcast(linalg::LinalgOp op) {
  if (!op.getBlock()->without_terminator().empty())
    return false;
  if (op.getNumDpsInputs() == 0)
    return matchPattern(op.getBlock()->getTerminator()->getOperand(0),
                        m_Constant());
  return op.getNumDpsInputs() == 1 &&
         op.getMatchingIndexingMap(op.getDpsInputOperand(0)).getNumResults() <
             op.getNumLoops();
}

/// Whether the innermost dimension of the result is so short that vectors run
/// along another one anyway.
static bool isInterleaved(linalg::LinalgOp op) {
  auto type = cast<ShapedType>(op.getDpsInits()[0].getType());
  return type.getRank() > 1 && type.getShape().back() <= kMaxInterleaved &&
         type.getShape().back() > 1;
}

static bool shouldFuse(OpOperand *fused) {
  auto producer = fused->get().getDefiningOp<linalg::LinalgOp>();
  auto consumer = dyn_cast<linalg::LinalgOp>(fused->getOwner());
  if (!producer || !consumer || !isAllParallel(producer) ||
      !isAllParallel(consumer))
    return false;
  if (!producer->hasOneUse() && !isBroadcast(producer))
    return false;
  bool inOrder = keepsOrder(consumer.getMatchingIndexingMap(fused));
  for (OpOperand &operand : producer->getOpOperands())
    inOrder &= keepsOrder(producer.getMatchingIndexingMap(&operand));
  if (!inOrder && !isInterleaved(consumer))
    return false;
  llvm::SmallPtrSet<Operation *, 4> sums;
  for (Operation *op : {producer.getOperation(), consumer.getOperation()})
    for (Value operand : op->getOperands())
      if (isSum(operand))
        sums.insert(operand.getDefiningOp());
  return sums.size() <= 1;
}

/// Upstream fuses generics only. What initializes a sum keeps its name.
static LogicalResult generalizeElementwise(func::FuncOp func) {
  SmallVector<linalg::LinalgOp> ops;
  func.walk([&](linalg::LinalgOp op) {
    if (!isAllParallel(op) || isa<linalg::GenericOp, linalg::FillOp>(op) ||
        !op.hasPureTensorSemantics())
      return;
    bool initializes = llvm::any_of(op->getUses(), [](OpOperand &use) {
      auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
      return user && user.isDpsInit(&use) && user.getNumReductionLoops() > 0;
    });
    if (!initializes)
      ops.push_back(op);
  });
  IRRewriter rewriter(func.getContext());
  for (linalg::LinalgOp op : ops) {
    rewriter.setInsertionPoint(op);
    if (failed(linalg::generalizeNamedOp(rewriter, op)))
      return op.emitError("requires an elementwise op that can be written as "
                          "linalg.generic");
  }
  return success();
}

static int64_t countElementwise(func::FuncOp func) {
  int64_t count = 0;
  func.walk([&](linalg::LinalgOp op) { count += isAllParallel(op); });
  return count;
}

namespace {
struct FuseElementwise
    : public mlir::compress::impl::FuseElementwisePassBase<FuseElementwise> {
  LogicalResult initialize(MLIRContext *context) override {
    RewritePatternSet set(context);
    linalg::populateElementwiseOpsFusionPatterns(set, shouldFuse);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(set);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    if (failed(generalizeElementwise(getOperation())))
      return signalPassFailure();
    int64_t before = countElementwise(getOperation());
    if (failed(applyPatternsGreedily(getOperation(), patterns))) {
      getOperation().emitError("requires elementwise ops whose fusion ends");
      return signalPassFailure();
    }
    numFused += before - countElementwise(getOperation());
  }

  FrozenRewritePatternSet patterns;
};
} // namespace

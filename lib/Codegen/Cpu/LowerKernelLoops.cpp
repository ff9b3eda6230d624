//===- LowerKernelLoops.cpp - scalar loops for what is left --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Kernel/Parallel.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERKERNELLOOPSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// A copy between buffers of any strides as a linalg op.
static linalg::LinalgOp toGeneric(RewriterBase &rewriter, memref::CopyOp copy) {
  rewriter.setInsertionPoint(copy);
  int64_t rank = cast<MemRefType>(copy.getSource().getType()).getRank();
  AffineMap identity = rewriter.getMultiDimIdentityMap(rank);
  return rewriter.replaceOpWithNewOp<linalg::GenericOp>(
      copy, copy.getSource(), copy.getTarget(),
      ArrayRef<AffineMap>{identity, identity},
      SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
      [](OpBuilder &b, Location loc, ValueRange args) {
        linalg::YieldOp::create(b, loc, args[0]);
      });
}

namespace {
struct LowerKernelLoops
    : public mlir::compress::impl::LowerKernelLoopsPassBase<LowerKernelLoops> {
  using LowerKernelLoopsPassBase::LowerKernelLoopsPassBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<linalg::LinalgOp, memref::CopyOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      auto copy = dyn_cast<memref::CopyOp>(op);
      auto linalgOp =
          copy ? toGeneric(rewriter, copy) : cast<linalg::LinalgOp>(op);
      if (!linalgOp.hasPureBufferSemantics() || linalgOp.hasDynamicShape()) {
        linalgOp.emitError("requires buffers of static shape; bufferize first");
        return signalPassFailure();
      }
      if (failed(lower(rewriter, linalgOp)))
        return signalPassFailure();
      ++numLowered;
    }
  }

  LogicalResult lower(RewriterBase &rewriter, linalg::LinalgOp op) {
    bool outermostParallel =
        op.getNumLoops() > 0 &&
        op.getIteratorTypesArray()[0] == utils::IteratorType::parallel;
    int64_t instructions = countBodyOps(op);
    for (int64_t extent : op.getStaticLoopRanges())
      instructions *= extent;
    rewriter.setInsertionPoint(op);
    FailureOr<linalg::LinalgLoops> loops =
        linalg::linalgOpToLoops(rewriter, op);
    if (failed(loops))
      return op.emitError("requires an op that can be written as loops");
    Operation *outermost = loops->empty() ? nullptr : loops->front();
    bool atTop = outermost && isa<func::FuncOp>(outermost->getParentOp());
    rewriter.eraseOp(op);
    if (parallel && outermostParallel && atTop && isWorthThreads(instructions))
      if (succeeded(makeParallel(rewriter, cast<scf::ForOp>(outermost))))
        ++numParallel;
    return success();
  }
};
} // namespace

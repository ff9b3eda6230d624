//===- Parallel.cpp - work for threads -----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Parallel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::compress;

int64_t mlir::compress::countBodyOps(linalg::LinalgOp op) {
  int64_t count = 0;
  for (Operation &nested : *op.getBlock())
    count += !nested.hasTrait<OpTrait::ConstantLike>();
  return count;
}

scf::ForallOp mlir::compress::buildForall(OpBuilder &b, Location loc,
                                          int64_t extent) {
  return scf::ForallOp::create(
      b, loc, ArrayRef<OpFoldResult>{b.getIndexAttr(0)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(extent)},
      ArrayRef<OpFoldResult>{b.getIndexAttr(1)}, /*outputs=*/ValueRange{},
      /*mapping=*/std::nullopt);
}

FailureOr<scf::ForallOp> mlir::compress::makeParallel(RewriterBase &rewriter,
                                                      scf::ForOp loop) {
  std::optional<int64_t> lower = getConstantIntValue(loop.getLowerBound());
  std::optional<int64_t> upper = getConstantIntValue(loop.getUpperBound());
  std::optional<int64_t> step = getConstantIntValue(loop.getStep());
  if (lower != 0 || step != 1 || !upper || loop.getNumResults() != 0)
    return rewriter.notifyMatchFailure(
        loop, "not a loop from 0 to a constant in steps of 1");
  rewriter.setInsertionPoint(loop);
  scf::ForallOp forall = buildForall(rewriter, loop.getLoc(), *upper);
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(), forall.getBody()->getTerminator(),
                             forall.getInductionVars());
  rewriter.eraseOp(loop);
  return forall;
}

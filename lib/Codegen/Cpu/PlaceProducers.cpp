//===- PlaceProducers.cpp - sums next to what they belong to -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PLACEPRODUCERSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;

static bool isAllParallel(linalg::LinalgOp op) {
  return op.getNumLoops() == op.getNumParallelLoops();
}

static bool isOnlyUser(Operation *user, Operation *op) {
  return llvm::all_of(op->getUsers(), [&](Operation *u) { return u == user; });
}

namespace {
struct PlaceProducers
    : public mlir::compress::impl::PlaceProducersPassBase<PlaceProducers> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody()) {
      // Readers first: what moves stands before an op that has its place.
      SmallVector<linalg::LinalgOp> ops(block.getOps<linalg::LinalgOp>());
      for (linalg::LinalgOp op : llvm::reverse(ops))
        if (op.hasPureTensorSemantics())
          place(op);
    }
  }

  void place(linalg::LinalgOp op) {
    if (isAllParallel(op))
      for (Value input : op.getDpsInputs())
        if (auto sum = input.getDefiningOp<linalg::LinalgOp>())
          if (!isAllParallel(sum) && isOnlyUser(op, sum) &&
              sum->getBlock() == op->getBlock())
            move(sum, op);
    for (OpOperand &init : op.getDpsInitsMutable()) {
      Operation *def = init.get().getDefiningOp();
      auto initial = dyn_cast_or_null<linalg::LinalgOp>(def);
      bool isFill = initial && !isAllParallel(op) && isAllParallel(initial);
      if (!isFill && !isa_and_nonnull<tensor::EmptyOp>(def))
        continue;
      if (def->getBlock() != op->getBlock())
        continue;
      if (def->hasOneUse()) {
        move(def, op);
        continue;
      }
      // Only what costs nothing to compute again is repeated.
      if (isFill && !isa<linalg::FillOp, linalg::BroadcastOp>(def))
        continue;
      OpBuilder b(op);
      init.set(b.clone(*def)->getResult(
          cast<OpResult>(init.get()).getResultNumber()));
      ++numMoved;
    }
  }

  void move(Operation *op, Operation *before) {
    if (op->getNextNode() == before)
      return;
    op->moveBefore(before);
    ++numMoved;
  }
};
} // namespace

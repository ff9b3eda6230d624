//===- HoistAllocas.cpp - stack memory out of loops -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::compress {
#define GEN_PASS_DEF_HOISTALLOCASPASS
#include "Compress/Codegen/Common/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct HoistAllocas
    : public mlir::compress::impl::HoistAllocasPassBase<HoistAllocas> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    Block *entry = &getOperation().getBody().front();
    SmallVector<memref::AllocaOp> nested;
    WalkResult result = getOperation().walk([&](memref::AllocaOp alloca) {
      if (alloca->getNumOperands() != 0) {
        alloca.emitOpError("requires a static size; give the most it can be");
        return WalkResult::interrupt();
      }
      if (alloca->getBlock() != entry)
        nested.push_back(alloca);
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      return signalPassFailure();
    // In the order in which they stood.
    for (memref::AllocaOp alloca : llvm::reverse(nested))
      alloca->moveBefore(entry, entry->begin());
    numHoisted += nested.size();
  }
};

} // namespace

//===- MarkFusedSums.cpp - where products are fused with sums -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Isa/VectorTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::compress {
#define GEN_PASS_DEF_MARKFUSEDSUMSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static bool isCode(Value value) {
  Type type = getElementTypeOrSelf(value.getType());
  return type.isInteger() && type.getIntOrFloatBitWidth() > 1 &&
         type.getIntOrFloatBitWidth() <= 16;
}

/// Whether `op` computes codes, be it within a body, or has weights that are
/// codes.
static bool hasCodes(Operation *op) {
  for (Value result : op->getResults())
    if (isCode(result) && (result.getType().isInteger() ||
                           isa<memref::GetGlobalOp, memref::AllocOp>(op)))
      return true;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && llvm::any_of(linalgOp.getDpsInits(), isCode);
}

namespace {
struct MarkFusedSums
    : public mlir::compress::impl::MarkFusedSumsPassBase<MarkFusedSums> {
  using Base::Base;

  void runOnOperation() override {
    if (!getVectorTarget(parseFeatures(features)).hasFusedMultiplyAdd)
      return;
    bool isQuantized = getOperation()
                           ->walk([](Operation *op) {
                             return hasCodes(op) ? WalkResult::interrupt()
                                                 : WalkResult::advance();
                           })
                           .wasInterrupted();
    if (isQuantized)
      return;
    getOperation()->setAttr(kFusedSumsAttr, UnitAttr::get(&getContext()));
    ++numMarked;
  }
};
} // namespace

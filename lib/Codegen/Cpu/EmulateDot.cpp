//===- EmulateDot.cpp - dot product instructions in plain arithmetic -----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EMULATEDOTPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;

/// `value` with 32-bit elements.
static Value widen(OpBuilder &b, Location loc, Value value, bool isSigned) {
  Type type = cast<VectorType>(value.getType()).clone(b.getI32Type());
  if (isSigned)
    return arith::ExtSIOp::create(b, loc, type, value);
  return arith::ExtUIOp::create(b, loc, type, value);
}

/// Sums of neighbours, `count` of them (a power of 2) at a time.
static Value sumNeighbours(OpBuilder &b, Location loc, Value value,
                           int64_t count) {
  for (; count > 1; count /= 2) {
    auto halves = vector::DeinterleaveOp::create(b, loc, value);
    value = arith::AddIOp::create(b, loc, halves.getRes1(), halves.getRes2());
  }
  return value;
}

namespace {
struct EmulateDot
    : public mlir::compress::impl::EmulateDotPassBase<EmulateDot> {
  void runOnOperation() override {
    SmallVector<LLVM::CallIntrinsicOp> calls;
    getOperation()->walk(
        [&](LLVM::CallIntrinsicOp call) { calls.push_back(call); });
    IRRewriter rewriter(&getContext());
    for (LLVM::CallIntrinsicOp call : calls) {
      rewriter.setInsertionPoint(call);
      Location loc = call.getLoc();
      StringRef name = call.getIntrin();
      ValueRange args = call.getArgs();
      if (name.starts_with("llvm.x86.avx512.vpdpbusd.")) {
        Value products = arith::MulIOp::create(
            rewriter, loc, widen(rewriter, loc, args[1], /*isSigned=*/false),
            widen(rewriter, loc, args[2], /*isSigned=*/true));
        rewriter.replaceOpWithNewOp<arith::AddIOp>(
            call, args[0], sumNeighbours(rewriter, loc, products, 4));
      } else if (name.contains(".pmadd.wd") || name.contains(".pmaddw.d.")) {
        Value products = arith::MulIOp::create(
            rewriter, loc, widen(rewriter, loc, args[0], /*isSigned=*/true),
            widen(rewriter, loc, args[1], /*isSigned=*/true));
        rewriter.replaceOp(call, sumNeighbours(rewriter, loc, products, 2));
      } else {
        call.emitError("requires vpdpbusd or pmaddwd; no other instruction is "
                       "emulated");
        return signalPassFailure();
      }
      ++numEmulated;
    }
  }
};
} // namespace

//===- Float.cpp - sums of products of f32 --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotIsa.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
class FloatIsa : public DotIsa {
public:
  FloatIsa(const VectorTarget &target, bool fused)
      : DotIsa(fused ? "fma" : "fmul", target.lanes, target.registers,
               /*group=*/1, /*shift=*/0),
        fused(fused) {}

  // The load that repeats an input runs beside the products.
  StepCost getCost(bool) const override {
    return {/*perProduct=*/fused ? 1. : 2., /*perPixel=*/0.5,
            /*perVector=*/0.5};
  }

  Value buildDot(OpBuilder &b, Location loc, Value accumulators, Value inputs,
                 Value weights) const override {
    // vector.fma may become two operations; this one may not.
    if (fused)
      return LLVM::FMAOp::create(b, loc, inputs, weights, accumulators);
    return arith::AddFOp::create(
        b, loc, accumulators, arith::MulFOp::create(b, loc, inputs, weights));
  }

private:
  bool fused; // a product and its sum are rounded once
};
} // namespace

std::unique_ptr<DotIsa>
mlir::compress::createFloatIsa(const VectorTarget &target, bool fused) {
  return std::make_unique<FloatIsa>(target, fused);
}

//===- Pmaddwd.cpp - pmaddwd ---------------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// SSE2, AVX2 and AVX512BW: two products of signed 16-bit integers a lane.
// Bytes are widened: sums of pmaddubsw may saturate (Pmaddubsw.cpp).
//
//===----------------------------------------------------------------------===//

#include "DotIsa.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::compress;

/// Bytes as 16-bit integers; those stay as they are.
static Value widen(OpBuilder &b, Location loc, Value value) {
  auto type = cast<VectorType>(value.getType());
  if (type.getElementTypeBitWidth() == 16)
    return value;
  return arith::ExtSIOp::create(b, loc, type.clone(b.getI16Type()), value);
}

namespace {
class PmaddwdIsa : public DotIsa {
public:
  PmaddwdIsa(int64_t lanes, int64_t registers)
      : DotIsa("pmaddwd", lanes, registers, /*group=*/2, /*shift=*/0) {}

  StepCost getCost(bool) const override {
    return {/*perProduct=*/2, /*perPixel=*/2, /*perVector=*/1};
  }

  // Pairs are repeated, then widened: one load that repeats and one conversion.
  Value prepareInput(OpBuilder &b, Location loc, Value inputs,
                     bool storedUnsigned) const override {
    if (storedUnsigned)
      inputs = buildFlipped(b, loc, inputs);
    return widen(b, loc, inputs);
  }

  Value buildWeights(OpBuilder &b, Location loc, Value packed) const override {
    return widen(b, loc, packed);
  }

  Value buildDot(OpBuilder &b, Location loc, Value accumulators, Value inputs,
                 Value weights) const override {
    StringRef name = lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                     : lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                  : "llvm.x86.sse2.pmadd.wd";
    Value sums =
        buildIntrinsic(b, loc, accumulators.getType(), name, {inputs, weights});
    return arith::AddIOp::create(b, loc, accumulators, sums);
  }
};
} // namespace

std::unique_ptr<DotIsa> mlir::compress::createPmaddwdIsa(int64_t lanes,
                                                         int64_t registers) {
  return std::make_unique<PmaddwdIsa>(lanes, registers);
}

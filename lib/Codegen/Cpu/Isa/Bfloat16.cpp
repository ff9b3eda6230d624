//===- Bfloat16.cpp - vdpbf16ps and bfdot --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// x86 with AVX512-BF16 and AArch64 with FEAT_BF16: two products of bf16 a lane,
// summed in f32. Both round sums to nearest (or, bfdot, to odd) and take
// denormals for 0.
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "DotIsa.h"
#include "VectorBuilders.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
class Bfloat16Isa : public DotIsa {
public:
  Bfloat16Isa(const VectorTarget &target, bool isArm)
      : DotIsa(isArm ? "bfdot" : "vdpbf16ps", target.lanes, target.registers,
               /*group=*/2, /*shift=*/0),
        isArm(isArm) {}

  // The load that repeats a pair of inputs runs beside the products.
  StepCost getCost(bool) const override {
    return {/*perProduct=*/1, /*perPixel=*/0.5, /*perVector=*/0.5};
  }

  Value buildDot(OpBuilder &b, Location loc, Value accumulators, Value inputs,
                 Value weights) const override {
    StringRef name = isArm         ? "llvm.aarch64.neon.bfdot.v4f32.v8bf16"
                     : lanes == 16 ? "llvm.x86.avx512bf16.dpbf16ps.512"
                     : lanes == 8  ? "llvm.x86.avx512bf16.dpbf16ps.256"
                                   : "llvm.x86.avx512bf16.dpbf16ps.128";
    return buildIntrinsic(b, loc, accumulators.getType(), name,
                          {accumulators, inputs, weights});
  }

private:
  bool isArm;
};
} // namespace

bool mlir::compress::hasBfloat16Dot(const llvm::StringSet<> &features) {
  return (features.contains("avx512bf16") && features.contains("avx512vl")) ||
         (features.contains("neon") && features.contains("bf16"));
}

bool mlir::compress::multipliesBfloat16(StringRef features) {
  return hasBfloat16Dot(parseFeatures(features));
}

std::unique_ptr<DotIsa>
mlir::compress::createBfloat16Isa(const VectorTarget &target,
                                  const llvm::StringSet<> &features) {
  return std::make_unique<Bfloat16Isa>(target, features.contains("neon"));
}

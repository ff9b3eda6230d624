//===- Vnni.cpp - vpdpbusd -----------------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// AVX512-VNNI and AVX-VNNI: four products of an unsigned and a signed byte a
// lane, without saturation. Signed inputs q are taken as q + 128, which is q
// with the highest bit flipped: once for every vector of inputs, unless they
// lie in memory like that.
//
//===----------------------------------------------------------------------===//

#include "DotIsa.h"
#include "VectorBuilders.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
class VnniIsa : public DotIsa {
public:
  VnniIsa(int64_t lanes, int64_t registers)
      : DotIsa("vpdpbusd", lanes, registers, /*group=*/4, /*shift=*/128) {}

  // The load that repeats an input runs beside the products.
  StepCost getCost(bool storedUnsigned) const override {
    return {/*perProduct=*/1, /*perPixel=*/storedUnsigned ? 0.5 : 1.5,
            /*perVector=*/0.5};
  }

  Value buildDot(OpBuilder &b, Location loc, Value accumulators, Value inputs,
                 Value weights) const override {
    StringRef name = lanes == 16 ? "llvm.x86.avx512.vpdpbusd.512"
                                 : "llvm.x86.avx512.vpdpbusd.256";
    return buildIntrinsic(b, loc, accumulators.getType(), name,
                          {accumulators, inputs, weights});
  }
};
} // namespace

std::unique_ptr<DotIsa> mlir::compress::createVnniIsa(int64_t lanes,
                                                      int64_t registers) {
  return std::make_unique<VnniIsa>(lanes, registers);
}

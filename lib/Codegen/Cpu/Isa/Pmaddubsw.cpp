//===- Pmaddubsw.cpp - pmaddubsw -----------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// SSSE3, AVX2 and AVX512BW: two products of an unsigned and a signed byte in 16
// bits, whose sum saturates, and pmaddwd, which sums two of those. It serves
// only weights that cannot saturate; the inputs are taken as those of vpdpbusd.
//
//===----------------------------------------------------------------------===//

#include "DotIsa.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
class PmaddubswIsa : public DotIsa {
public:
  PmaddubswIsa(int64_t lanes, int64_t registers)
      : DotIsa("pmaddubsw", lanes, registers, /*group=*/4, /*shift=*/128) {}

  StepCost getCost(bool storedUnsigned) const override {
    return {/*perProduct=*/3, /*perPixel=*/storedUnsigned ? 0.5 : 1.5,
            /*perVector=*/0.5};
  }

  bool takesWeights(ArrayRef<char> packed) const override {
    constexpr int kMost = 255; // an input
    for (size_t i = 0; i + 1 < packed.size(); i += 2) {
      int x = static_cast<int8_t>(packed[i]);
      int y = static_cast<int8_t>(packed[i + 1]);
      if (kMost * (std::max(x, 0) + std::max(y, 0)) > INT16_MAX ||
          kMost * (std::min(x, 0) + std::min(y, 0)) < INT16_MIN)
        return false;
    }
    return true;
  }

  Value buildDot(OpBuilder &b, Location loc, Value accumulators, Value inputs,
                 Value weights) const override {
    StringRef pairs = lanes == 16  ? "llvm.x86.avx512.pmaddubs.w.512"
                      : lanes == 8 ? "llvm.x86.avx2.pmadd.ub.sw"
                                   : "llvm.x86.ssse3.pmadd.ub.sw.128";
    StringRef sums = lanes == 16  ? "llvm.x86.avx512.pmaddw.d.512"
                     : lanes == 8 ? "llvm.x86.avx2.pmadd.wd"
                                  : "llvm.x86.sse2.pmadd.wd";
    auto i16 = VectorType::get({2 * lanes}, b.getI16Type());
    Value ones = arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(i16, Attribute(b.getI16IntegerAttr(1))));
    Value products = buildIntrinsic(b, loc, i16, pairs, {inputs, weights});
    Value sum =
        buildIntrinsic(b, loc, accumulators.getType(), sums, {products, ones});
    return arith::AddIOp::create(b, loc, accumulators, sum);
  }
};
} // namespace

std::unique_ptr<DotIsa> mlir::compress::createPmaddubswIsa(int64_t lanes,
                                                           int64_t registers) {
  return std::make_unique<PmaddubswIsa>(lanes, registers);
}

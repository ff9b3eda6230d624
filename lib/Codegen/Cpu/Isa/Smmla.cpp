//===- Smmla.cpp - smmla of AArch64 ---------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotIsa.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// An instruction multiplies two pixels of eight inputs with two channels: its
/// four accumulators are those of the first pixel, then of the second. Four
/// channels of two pixels take two of them.
class SmmlaIsa : public DotIsa {
public:
  // Of 32 registers some are for what tiles do not count: a second one for the
  // weights of each vector, and the sums of a pixel without a neighbour.
  SmmlaIsa()
      : DotIsa("smmla", /*lanes=*/4, /*registers=*/25, /*group=*/8,
               /*shift=*/0, /*pixels=*/2) {}

  StepCost getCost(bool storedUnsigned) const override {
    return {/*perProduct=*/1, /*perPixel=*/storedUnsigned ? 1.5 : 1,
            /*perVector=*/1, /*pixels=*/2};
  }

  Value buildDot(OpBuilder &b, Location loc, Value accumulators, Value inputs,
                 Value weights) const override {
    return buildIntrinsic(b, loc, accumulators.getType(),
                          "llvm.aarch64.neon.smmla.v4i32.v16i8",
                          {accumulators, inputs, weights});
  }

  SmallVector<Value> buildDots(OpBuilder &b, Location loc,
                               ValueRange accumulators, Value inputs,
                               Value weights) const override {
    SmallVector<Value> results;
    for (auto [i, accumulator] : llvm::enumerate(accumulators)) {
      Value half = vector::ExtractStridedSliceOp::create(
          b, loc, weights, ArrayRef<int64_t>{static_cast<int64_t>(i) * 16},
          ArrayRef<int64_t>{16}, ArrayRef<int64_t>{1});
      results.push_back(buildDot(b, loc, accumulator, inputs, half));
    }
    return results;
  }

  SmallVector<Value> packSums(OpBuilder &b, Location loc,
                              ValueRange sums) const override {
    return exchangeHalves(b, loc, sums[0], sums[1]);
  }

  SmallVector<Value> unpackSums(OpBuilder &b, Location loc,
                                ValueRange accumulators) const override {
    return exchangeHalves(b, loc, accumulators[0], accumulators[1]);
  }

private:
  /// The lower halves of both, then the upper ones: zip1 and zip2.
  static SmallVector<Value> exchangeHalves(OpBuilder &b, Location loc,
                                           Value first, Value second) {
    return {vector::ShuffleOp::create(b, loc, first, second,
                                      ArrayRef<int64_t>{0, 1, 4, 5}),
            vector::ShuffleOp::create(b, loc, first, second,
                                      ArrayRef<int64_t>{2, 3, 6, 7})};
  }
};
} // namespace

std::unique_ptr<DotIsa> mlir::compress::createSmmlaIsa() {
  return std::make_unique<SmmlaIsa>();
}

//===- Sdot.cpp - sdot ---------------------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// AArch64 with FEAT_DotProd: four products of signed bytes a lane.
//
//===----------------------------------------------------------------------===//

#include "DotIsa.h"
#include "VectorBuilders.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
class SdotIsa : public DotIsa {
public:
  SdotIsa()
      : DotIsa("sdot", /*lanes=*/4, /*registers=*/32, /*group=*/4,
               /*shift=*/0) {}

  // The load that repeats an input runs beside the products.
  StepCost getCost(bool storedUnsigned) const override {
    return {/*perProduct=*/1, /*perPixel=*/storedUnsigned ? 1.5 : 0.5,
            /*perVector=*/0.5};
  }

  Value buildDot(OpBuilder &b, Location loc, Value accumulators, Value inputs,
                 Value weights) const override {
    return buildIntrinsic(b, loc, accumulators.getType(),
                          "llvm.aarch64.neon.sdot.v4i32.v16i8",
                          {accumulators, inputs, weights});
  }
};
} // namespace

std::unique_ptr<DotIsa> mlir::compress::createSdotIsa() {
  return std::make_unique<SdotIsa>();
}

//===- ChooseDot.cpp - the instruction for a kernel ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChooseDot.h"
#include "DepthwiseTile.h"
#include "TileBuilder.h"

using namespace mlir;
using namespace mlir::compress;

/// Neighbours in a lane are the same in tiles of every size.
static bool takesWeights(const DotKernel &dot, const DotIsa &isa) {
  FailureOr<ConstantData> data =
      readConstantBuffer(dot.kernel.root.operands[dot.operands.weights].value);
  return succeeded(data) &&
         isa.takesWeights(packWeights(dot, *data, /*tileVectors=*/1).bytes);
}

/// Whether there are pixels and channels for an instruction of two of each.
static bool hasNeighbours(const DotKernel &dot) {
  std::optional<unsigned> pixel =
      findPixelLoop(dot.kernel, dot.lane, dot.selecting);
  return pixel && dot.getExtent(*pixel) > 1 && dot.getExtent(dot.lane) > 2;
}

std::optional<ChosenDot>
mlir::compress::chooseDot(const Kernel &kernel,
                          const llvm::StringSet<> &features) {
  std::optional<ProductOperands> operands = matchProduct(kernel);
  if (!operands || !kernel.root.getOut().getElementType().isInteger())
    return std::nullopt;
  auto bits = [&](unsigned operand) {
    return kernel.root.operands[operand]
        .getElementType()
        .getIntOrFloatBitWidth();
  };
  auto isas =
      getDotIsas(features, bits(operands->input), bits(operands->weights));
  for (std::unique_ptr<DotIsa> &isa : isas) {
    bool last = &isa == &isas.back();
    for (bool depthwise : {false, true}) {
      std::optional<DotKernel> dot = depthwise
                                         ? analyzeDepthwiseKernel(kernel, *isa)
                                         : analyzeDotKernel(kernel, *isa);
      if (dot && isa->pixels > 1 && (depthwise || !hasNeighbours(*dot)))
        continue;
      if (dot && (last || takesWeights(*dot, *isa)))
        return ChosenDot{std::move(isa), std::move(*dot), depthwise};
    }
  }
  return std::nullopt;
}

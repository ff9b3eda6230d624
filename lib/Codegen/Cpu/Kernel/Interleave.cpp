//===- Interleave.cpp - outputs with a short innermost dimension ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Interleave.h"
#include "../Isa/VectorBuilders.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<TileLoops>
mlir::compress::findInterleavedLoops(const Kernel &kernel,
                                     int64_t vectorLanes) {
  if (kernel.hasReduction() || kernel.initial || kernel.epilogue ||
      kernel.readsOut())
    return std::nullopt;
  const Access &out = kernel.getOut();
  auto findLoop = [&](int64_t stride) -> std::optional<unsigned> {
    for (unsigned loop = 0; loop < kernel.loops.size(); ++loop)
      if (out.strides[loop] == stride)
        return loop;
    return std::nullopt;
  };
  std::optional<unsigned> inner = findLoop(1);
  if (!inner || kernel.loops[*inner].extent > kMaxInterleaved)
    return std::nullopt;
  std::optional<unsigned> lane = findLoop(kernel.loops[*inner].extent);
  if (!lane)
    return std::nullopt;
  bool fits = true;
  kernel.forEachAccess([&](const Access &access) {
    fits &= &access == &out || access.strides[*lane] == 0 ||
            access.strides[*lane] == 1;
  });
  if (!fits)
    return std::nullopt;
  return TileLoops{*lane, *inner, vectorLanes};
}

Value mlir::compress::interleave(OpBuilder &b, Location loc,
                                 ArrayRef<Value> vectors) {
  int64_t count = vectors.size();
  if (count == 1)
    return vectors[0];
  int64_t width = cast<VectorType>(vectors[0].getType()).getDimSize(0);
  // Two by two one after another, then all elements to their places.
  Value low = buildConcatenated(b, loc, {vectors[0], vectors[1]});
  Value high = count > 2
                   ? buildConcatenated(b, loc, {vectors[2], vectors[count - 1]})
                   : low;
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < count * width; ++i)
    order.push_back(i % count * width + i / count);
  return vector::ShuffleOp::create(b, loc, low, high, order);
}

//===- WeightPrefetch.cpp - weights of the next tile ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WeightPrefetch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

/// Bytes that a cache takes from memory at a time.
static constexpr int64_t kLine = 64;

WeightPrefetch::WeightPrefetch(OpBuilder &b, Location loc, Value buffer,
                               Value begin, int64_t size, int64_t passes,
                               Value pass)
    : loc(loc), buffer(buffer), begin(begin), logParts(0) {
  auto type = cast<MemRefType>(buffer.getType());
  elementBytes = type.getElementTypeBitWidth() / 8;
  if (passes < 2)
    return;
  logParts = llvm::Log2_64(passes);
  Value last =
      arith::ConstantIndexOp::create(b, loc, (int64_t(1) << logParts) - 1);
  if (pass)
    pass = scaleIndex(b, loc, arith::MinUIOp::create(b, loc, pass, last),
                      size >> logParts);
  ahead = addToIndex(b, loc, addIndices(b, loc, begin, pass), size);
}

WeightPrefetch WeightPrefetch::get(OpBuilder &b, Location loc,
                                   const PackedKernel &packed, const Tile &tile,
                                   int64_t vectors, Value begin) {
  int64_t passes = 1;
  Value pass;
  for (const BlockedLoop &loop : packed.passes) {
    int64_t count = llvm::divideCeil(loop.extent, loop.block);
    passes *= count;
    pass = scaleIndex(b, loc, pass, count);
    if (Value at = tile.begin[loop.loop])
      pass = addIndices(
          b, loc, pass,
          arith::DivUIOp::create(
              b, loc, at, arith::ConstantIndexOp::create(b, loc, loop.block)));
  }
  int64_t size = vectors * packed.dot.lanes * packed.dot.getLaneSize();
  return {b, loc, packed.weights, begin, size, passes, pass};
}

void WeightPrefetch::build(OpBuilder &b, Value weightAt, int64_t size) const {
  if (!ahead)
    return;
  Value done = weightAt;
  if (begin)
    done = arith::SubIOp::create(b, loc, weightAt, begin);
  Value at = ahead;
  if (done)
    at = addIndices(
        b, loc, at,
        arith::ShRUIOp::create(
            b, loc, done, arith::ConstantIndexOp::create(b, loc, logParts)));
  int64_t bytes = (size * elementBytes) >> logParts;
  for (int64_t byte = 0; byte < std::max<int64_t>(bytes, 1); byte += kLine)
    memref::PrefetchOp::create(
        b, loc, buffer, addToIndex(b, loc, at, byte / elementBytes),
        /*isWrite=*/false, /*localityHint=*/2, /*isDataCache=*/true);
}

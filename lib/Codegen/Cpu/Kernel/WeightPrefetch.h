//===- WeightPrefetch.h - weights of the next tile --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// While the pixels of an image are computed with the weights of some channels,
// which are in the cache then, those of the next channels come from memory;
// not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_WEIGHTPREFETCH_H
#define LIB_CODEGEN_CPU_KERNEL_WEIGHTPREFETCH_H

#include "DotTile.h"

namespace mlir::compress {

/// What one pass over the weights of a tile asks of the next ones: a share of
/// them, so that all passes together ask for all.
class WeightPrefetch {
public:
  /// `vectors` of the tile; its weights begin at `weights`. Without effect
  /// where the tile's weights are not used by several passes one after another.
  WeightPrefetch(OpBuilder &b, Location loc, const PackedKernel &packed,
                 const Tile &tile, int64_t vectors, Value weights);

  /// In a step that uses `size` weights from `weightAt` on.
  void build(OpBuilder &b, Value weightAt, int64_t size) const;

private:
  Location loc;
  Value buffer;
  Value begin;       // of the weights of the tile
  Value ahead;       // of the share; null: nothing is asked for
  unsigned logParts; // the share is one of 2^logParts
  int64_t elementBytes;
};

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_WEIGHTPREFETCH_H

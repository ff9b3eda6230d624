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

/// Weights of no more bytes stay in the second cache level.
constexpr int64_t kCachedWeightBytes = 512 * 1024;
/// The same where little else passes through it.
constexpr int64_t kSecondLevelBytes = 1024 * 1024;

/// What one pass over the weights of a tile asks of the next ones: a share of
/// them, so that all passes together ask for all.
class WeightPrefetch {
public:
  /// `passes` use the `size` weights of `buffer` from `begin` on, one after
  /// another, and this is number `pass` (null: 0). Without effect where there
  /// is one only.
  WeightPrefetch(OpBuilder &b, Location loc, Value buffer, Value begin,
                 int64_t size, int64_t passes, Value pass);
  /// Of a tile with `vectors`, whose weights begin at `begin`.
  static WeightPrefetch get(OpBuilder &b, Location loc,
                            const PackedKernel &packed, const Tile &tile,
                            int64_t vectors, Value begin);

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

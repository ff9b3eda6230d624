//===- DotTile.h - a tile of sums of products -------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The code of one tile of a kernel with constant weights, by dot product
// instructions on vectors; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_DOTTILE_H
#define LIB_CODEGEN_CPU_KERNEL_DOTTILE_H

#include "DotProduct.h"
#include "TileBuilder.h"

namespace mlir::compress {

/// A kernel with its constants in the order in which instructions read them.
struct PackedKernel {
  const DotKernel &dot;
  const DotIsa &isa;
  TileLoops loops;
  Value weights;
  Value corrections; // what sums begin with besides, one a lane; may be null
  /// The loops over tiles that use the weights of one after another: what is
  /// within the loop over channels, where that is the outermost.
  SmallVector<BlockedLoop> passes;
};

class WeightPrefetch;

/// Makes of the sums so far those that go on, with weights from an address on.
using SumBuilder = function_ref<SmallVector<Value>(OpBuilder &, Value weightAt,
                                                   ArrayRef<Value> sums)>;

/// Loops over all reductions of `dot` but the grouped one, which `build` sums
/// in the innermost, for tiles of `vectors` vectors. `ivs` has the iteration of
/// every loop of the kernel.
SmallVector<Value> buildReductionLoops(OpBuilder &b, Location loc,
                                       const DotKernel &dot, int64_t vectors,
                                       SmallVector<Value> &ivs, Value weightAt,
                                       ArrayRef<Value> sums, SumBuilder build,
                                       unsigned depth = 0);

/// Sums of `tile` pixels and vectors in registers over all reductions.
class DotTile {
public:
  DotTile(OpBuilder &b, Location loc, const PackedKernel &packed,
          const Tile &tile)
      : loc(loc), packed(packed), dot(packed.dot), isa(packed.isa), tile(tile),
        builder(b, loc, dot.kernel, packed.loops, tile) {}

  int64_t getVectors() const { return builder.getVectors(); }

  /// Sums begin as the kernel says, in whole vectors, less what the shift of
  /// the inputs adds where it is `corrected`; [pixel][vector].
  SmallVector<Value> buildInitialValues(OpBuilder &b, bool corrected) const;
  /// Where the weights of the tile begin.
  Value getWeightAddress(OpBuilder &b) const;
  /// As TileBuilder has it.
  void setLaneOrder(ArrayRef<int64_t> order) { builder.setLaneOrder(order); }
  /// Computes the epilogue of sums, [pixel][vector], and stores the results.
  void storeSums(OpBuilder &b, ValueRange sums) const;
  /// All of it.
  void build(OpBuilder &b) const;

private:
  Value index(OpBuilder &b, int64_t value) const;
  /// The iteration of all selecting loops together, times `size`.
  Value getSelected(OpBuilder &b, int64_t size) const;
  /// One value a channel to the first of its lanes, zero to the others.
  Value spread(OpBuilder &b, Value value, Value zero) const;
  /// The sums of the lanes of each channel.
  Value addLanes(OpBuilder &b, Value sums) const;
  /// Sums of pixels as the instruction has them, where it takes several pixels
  /// at once, and back.
  SmallVector<Value> packSums(OpBuilder &b, ArrayRef<Value> sums) const;
  SmallVector<Value> unpackSums(OpBuilder &b, ArrayRef<Value> sums) const;
  /// The first `count` inputs of a group, the others zero.
  Value loadInputs(OpBuilder &b, int64_t p, ArrayRef<Value> ivs,
                   int64_t count) const;
  /// One group of `count` inputs times its weights, for all sums of the tile.
  SmallVector<Value> buildStep(OpBuilder &b, ArrayRef<Value> ivs,
                               Value weightAt, int64_t count,
                               ArrayRef<Value> sums) const;
  /// All groups of the grouped loop: whole ones in a loop, then the rest.
  SmallVector<Value> buildGroups(OpBuilder &b, SmallVector<Value> &ivs,
                                 Value weightAt, ArrayRef<Value> sums) const;

  Location loc;
  const PackedKernel &packed;
  const DotKernel &dot;
  const DotIsa &isa;
  const Tile &tile;
  mutable TileBuilder builder;
  mutable const WeightPrefetch *prefetch = nullptr; // within build
};

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_DOTTILE_H

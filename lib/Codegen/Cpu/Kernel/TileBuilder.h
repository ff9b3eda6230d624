//===- TileBuilder.h - code of one tile -------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Loads, first values of accumulators, and what is done with them in the end:
// the parts that all kernels share; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_TILEBUILDER_H
#define LIB_CODEGEN_CPU_KERNEL_TILEBUILDER_H

#include "Kernel.h"
#include "LoopNest.h"

namespace mlir::compress {

/// The loops whose iterations a tile computes side by side.
struct TileLoops {
  unsigned lane;                 // elements of vectors
  std::optional<unsigned> pixel; // one accumulator each
  int64_t vectorLanes;           // elements of a vector
  int64_t registerLanes = 0; // of a register, if a vector is only a part of it

  int64_t getRegisterLanes() const {
    return std::max(vectorLanes, registerLanes);
  }
};

/// The loop to take pixels from: where the most operands stay the same, so
/// that what is loaded once serves all pixels. Never one of `excluded`.
std::optional<unsigned> findPixelLoop(const Kernel &kernel, unsigned lane,
                                      ArrayRef<unsigned> excluded = {});

/// The blocks of the lane and pixel loops, within loops over all other parallel
/// loops. Lanes come outermost where `lanesOutermost`.
LoopNest buildTileNest(const Kernel &kernel, const TileLoops &loops,
                       int64_t pixels, int64_t vectors, bool lanesOutermost);

class TileBuilder {
public:
  TileBuilder(OpBuilder &b, Location loc, const Kernel &kernel,
              const TileLoops &loops, const Tile &tile);

  int64_t getPixels() const { return pixels; }
  int64_t getVectors() const { return widths.size(); }
  /// Elements of vector `v`; less than a register's for the last one.
  int64_t getWidth(int64_t v) const { return widths[v]; }

  /// Where the first element of `access` for pixel `p` and vector `v` is, with
  /// the reductions at `reductions` (null values: at 0).
  Value getAddress(OpBuilder &b, const Access &access, int64_t p, int64_t v,
                   ArrayRef<Value> reductions);
  /// A vector, or a scalar where all lanes read the same.
  Value load(OpBuilder &b, const Access &access, int64_t p, int64_t v,
             ArrayRef<Value> reductions);

  /// First values of the accumulators, [pixel][vector] in one list. Empty for
  /// an elementwise kernel that does not read its output.
  SmallVector<Value> buildInitialValues(OpBuilder &b);
  /// Computes the epilogue and stores the result. `finish` makes the sums of
  /// vectors that are one after another from their accumulators; where there
  /// is none they are the same.
  void storeResults(OpBuilder &b, ValueRange accumulators,
                    function_ref<Value(OpBuilder &, Value)> finish = nullptr);

  /// Tells that accumulators, all vectors of a pixel one after another, are not
  /// in the order of memory: lane i is that of channel order[i] of the tile,
  /// whose vectors are whole and stored as one.
  void setLaneOrder(ArrayRef<int64_t> order);

  /// Stores one vector from where the output of the tile begins.
  void storeVector(OpBuilder &b, Value vector);

  /// The memory of `buffer` as a vector of all its elements.
  Value flatten(OpBuilder &b, Value buffer);

private:
  /// Vectors that lie side by side in the output and are computed as one.
  struct Block {
    int64_t pixel, vector; // the first of them
    int64_t pixels = 1, vectors = 1;
  };

  /// The vectors of `block` one after another, or a scalar.
  Value loadBlock(OpBuilder &b, const Access &access, const Block &block);
  /// `value`, if it is a vector, in `order`, if there is one.
  Value reorder(OpBuilder &b, Value value, ArrayRef<int64_t> order);
  /// The operands of `stage` for `block`; `accumulator` may be null where the
  /// body does not use it.
  SmallVector<Value> loadOperands(OpBuilder &b, const Stage &stage,
                                  const Block &block, Value accumulator);
  /// How many whole vectors, from `v` on, are stored as one.
  int64_t countJoined(int64_t v) const;
  /// How many pixels, from `p` on, are stored as one: a power of 2.
  int64_t countJoinedPixels(int64_t p) const;

  Location loc;
  const Kernel &kernel;
  const TileLoops &loops;
  const Tile &tile;
  int64_t pixels;
  SmallVector<int64_t> widths;
  SmallVector<int64_t> laneOrder, inverseOrder;
  /// What all pixels read the same, in that order.
  DenseMap<const Access *, Value> reordered;
};

/// `a + b` and `a * factor` as indices; null stands for 0.
Value addIndices(OpBuilder &b, Location loc, Value lhs, Value rhs);
Value scaleIndex(OpBuilder &b, Location loc, Value value, int64_t factor);
Value addToIndex(OpBuilder &b, Location loc, Value value, int64_t constant);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_TILEBUILDER_H

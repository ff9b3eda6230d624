//===- LoopNest.h - loops over tiles ----------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Builds the loops that visit every tile of a kernel; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_LOOPNEST_H
#define LIB_CODEGEN_CPU_KERNEL_LOOPNEST_H

#include "mlir/IR/Builders.h"

namespace mlir::compress {

/// A loop of the kernel, cut into blocks of equal size; the last one may be
/// smaller.
struct BlockedLoop {
  unsigned loop;
  int64_t extent;
  int64_t block;
};

/// Loops from the outermost to the innermost; the first `numParallel` of them
/// become one scf.forall. Where a loop stands twice the inner one has the
/// extent of a block of the outer, which divide evenly.
struct LoopNest {
  SmallVector<BlockedLoop> loops;
  unsigned numParallel = 0;
};

/// What one visit computes: for every loop of the kernel where it begins
/// (null: at 0) and how many iterations it takes, known statically.
struct Tile {
  SmallVector<Value> begin;
  SmallVector<int64_t> size;
};

/// Takes the fewest outermost loops that give threads enough to do, none where
/// the `instructions` of all together are too few.
void chooseParallelLoops(LoopNest &nest, int64_t instructions);

/// Cuts the loop `pixel`, within one over channels, into parts outside of it:
/// threads then have pixels of their own, the same ones in each layer, which
/// stay in their caches. Where the blocks do not divide evenly the two loops
/// are exchanged if the weights are `small`. Does nothing where there are
/// others.
void splitPixels(LoopNest &nest, std::optional<unsigned> pixel, bool small);

/// Calls `emit` to build the code of every kind of tile there is.
void buildLoopNest(OpBuilder &b, Location loc, const LoopNest &nest,
                   unsigned numKernelLoops,
                   function_ref<void(OpBuilder &, const Tile &)> emit);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_LOOPNEST_H

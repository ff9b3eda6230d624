//===- MatrixTile.h - a tile of sums by matrix instructions -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// AMX: products of matrices of 8-bit integers that lie in tile registers, each
// up to 16 rows of 64 bytes. The rows of the first factor are pixels, as they
// lie in memory; the second is weights as they are packed for vpdpbusd, whose
// groups of four inputs are its rows; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_MATRIXTILE_H
#define LIB_CODEGEN_CPU_KERNEL_MATRIXTILE_H

#include "DotTile.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::compress {

/// Tile registers with sums, of the eight that there are.
inline constexpr int64_t kMatrixSums = 4;

/// How a kernel is cut for matrix instructions. All tile registers of a kernel
/// have one shape a role: the function has one configuration.
struct MatrixShape {
  int64_t rows;    // pixels of a register, at most 16
  int64_t depth;   // inputs of a step: a multiple of 4, at most 64
  int64_t vectors; // of output channels of a tile: 1 or 2
  int64_t pixels;  // of a tile
  /// Where a row of pixels is short, a tile has several iterations of this
  /// parallel loop.
  std::optional<unsigned> outer;
  int64_t outerBlock = 1;
};

/// std::nullopt where `features` have no such instructions, or the kernel is
/// better served without: inputs that are not contiguous or not a multiple of
/// 4, few pixels, or few channels. `rows` and `vectors`, where they are not 0,
/// are taken in place of what a model says.
std::optional<MatrixShape> chooseMatrixShape(const llvm::StringSet<> &features,
                                             const DotKernel &dot,
                                             const TileLoops &loops,
                                             int64_t rows = 0,
                                             int64_t vectors = 0);

/// The loops over tiles of `shape`.
LoopNest buildMatrixNest(const DotKernel &dot, const TileLoops &loops,
                         const MatrixShape &shape, bool lanesOutermost);

/// The code of one tile. Pixels that fill no register are summed by
/// instructions on vectors.
void buildMatrixTile(OpBuilder &b, Location loc, const PackedKernel &packed,
                     const MatrixShape &shape, const Tile &tile);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_MATRIXTILE_H

//===- DepthwiseTile.h - a tile of sums of each channel's own ---*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Depthwise convolutions by dot product instructions: what lies in a column of
// the window is put side by side in the lane of its channel, once for all
// pixels whose windows have that column; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_DEPTHWISETILE_H
#define LIB_CODEGEN_CPU_KERNEL_DEPTHWISETILE_H

#include "DotTile.h"

namespace mlir::compress {

/// Views `kernel` as a dot product whose lanes have inputs of their own: inputs
/// and outputs are contiguous along the lanes, and the grouped loop is that
/// over the rows of the window. std::nullopt where it is none, or where the
/// window has more columns than code is to be made for.
std::optional<DotKernel> analyzeDepthwiseKernel(const Kernel &kernel,
                                                const DotIsa &isa);

/// The most pixels of a tile whose sums fit into registers.
int64_t getMostDepthwisePixels(const DotIsa &isa, int64_t vectors);

/// Pixels and vectors whose sums fit into registers.
TileShape chooseDepthwiseShape(const DotKernel &dot, const DotIsa &isa,
                               int64_t pixels);

/// Weights packed for tiles of `tileVectors` vectors in the order that the code
/// of a tile has them.
void arrangeDepthwiseWeights(const DotKernel &dot, int64_t tileVectors,
                             MutableArrayRef<char> packed);

/// The code of one tile.
void buildDepthwiseTile(OpBuilder &b, Location loc, const PackedKernel &packed,
                        const Tile &tile);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_DEPTHWISETILE_H

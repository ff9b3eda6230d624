//===- WinogradTile.h - 3x3 convolutions with fewer products ----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Winograd's F(2x2, 3x3) and F(4x4, 3x3) for f32: 2x2 outputs of 16 products a
// channel instead of 36, or 4x4 of 36 instead of 144. Inputs and sums pass
// through the linear transforms of WinogradTransform.h; those of the weights
// are applied when compiling. Sums round otherwise than in a direct convolution
// (docs/numerics.md). Not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_WINOGRADTILE_H
#define LIB_CODEGEN_CPU_KERNEL_WINOGRADTILE_H

#include "../Isa/VectorTarget.h"
#include "DotProduct.h"
#include "LoopNest.h"
#include "TileBuilder.h"

namespace mlir::compress {

/// A convolution with a 3x3 window, no stride and no dilation, over inputs that
/// are contiguous along their channels, and how its tiles are cut.
struct WinogradKernel {
  Kernel kernel;
  ProductOperands operands;
  unsigned row, column, lane;       // loops over outputs
  unsigned windowRow, windowColumn; // loops over the window
  unsigned channel;                 // loop over inputs
  SmallVector<unsigned> outer;      // other loops over outputs
  int64_t outputs;                  // of a tile along each side: 2 or 4
  int64_t rowTiles, columnTiles;
  int64_t blockRows; // rows of tiles that pass through at a time
  TileShape shape;   // tiles by vectors of channels with sums in registers
  int64_t lanes;     // elements of a vector
  // What a model expects, in cycles of one thread.
  double cycles, directCycles;
  // Threads share images, blocks of rows and blocks of output channels.
  int64_t outerItems = 1, rowItems = 1, vectorItems = 1;

  int64_t getItems() const { return outerItems * rowItems * vectorItems; }
  int64_t getOuterCount() const; // iterations of the outer loops
  int64_t getExtent(unsigned loop) const { return kernel.loops[loop].extent; }
  int64_t getTiles() const { return blockRows * columnTiles; } // of a block
  int64_t getRowBlocks() const;
  int64_t getVectors() const;     // of output channels
  int64_t getVectorTiles() const; // of shape.vectors each
  int64_t getWeightBytes() const; // of the transformed weights
  int64_t getInputWidth() const;  // channels in whole vectors
  int64_t getPlaces() const { return outputs + 2; } // of inputs along a side
  int64_t getParts() const { return getPlaces() * getPlaces(); } // products
  int64_t getInputSize() const;   // of one of the transformed inputs, in f32
  int64_t getSumSize() const;     // of one of the sums, in f32
  int64_t getScratchSize() const; // of one item, in f32
  const Access &getInput() const {
    return kernel.root.operands[operands.input];
  }
  bool isFaster() const { return cycles < 0.95 * directCycles; }
};

/// Views `kernel` as such a convolution, in tiles of `outputs` x `outputs` (2
/// or 4), where it is one. `threads` share its work.
std::optional<WinogradKernel> analyzeWinograd(const Kernel &kernel,
                                              const VectorTarget &target,
                                              bool threads, int64_t outputs);

/// The transformed weights, f32 [tile of vectors][part][channel][vector][lane].
std::vector<char> packWinogradWeights(const WinogradKernel &winograd,
                                      const ConstantData &data);

/// The code of all of it. `scratch` is f32 of getItems() times
/// getScratchSize().
void buildWinograd(OpBuilder &b, Location loc, const WinogradKernel &winograd,
                   Value weights, Value scratch);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_WINOGRADTILE_H

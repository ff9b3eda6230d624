//===- TileShape.h - how many accumulators a tile has -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Chooses how many pixels and how many vectors of channels a kernel computes at
// a time; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_TILESHAPE_H
#define LIB_CODEGEN_CPU_KERNEL_TILESHAPE_H

#include <cstdint>

namespace mlir::compress {

/// Instructions that one step of the reduction takes.
struct StepCost {
  double perProduct;  // for each pixel and vector
  double perPixel;    // to load and spread an input
  double perVector;   // to load weights
  int64_t pixels = 1; // that a product takes at once
};

struct TileShape {
  int64_t pixels;
  int64_t vectors;
};

/// The tile that covers `pixels` x `lanes` in the least time. Registers hold
/// pixels * vectors accumulators, the weights, an input and a product. A step
/// takes at least as long as an accumulator waits for itself. What does not
/// divide is covered by smaller tiles, which cost what they cost.
TileShape chooseTileShape(int64_t pixels, int64_t lanes, int64_t vectorLanes,
                          int64_t registers, const StepCost &cost);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_TILESHAPE_H

//===- Interleave.h - outputs with a short innermost dimension --*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Elementwise kernels that bring planes together, such as the colors of an
// image: vectors along the planes, interleaved when stored; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_INTERLEAVE_H
#define LIB_CODEGEN_CPU_KERNEL_INTERLEAVE_H

#include "TileBuilder.h"

namespace mlir::compress {

/// Innermost dimensions up to this extent are interleaved.
inline constexpr int64_t kMaxInterleaved = 4;

/// Of an elementwise kernel: the loop along which all inputs are contiguous
/// though the output is not (lane), and the short one along which the output is
/// (pixel).
std::optional<TileLoops> findInterleavedLoops(const Kernel &kernel,
                                              int64_t vectorLanes);

/// Element i of the result is element i / n of vector i % n.
Value interleave(OpBuilder &b, Location loc, ArrayRef<Value> vectors);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_INTERLEAVE_H

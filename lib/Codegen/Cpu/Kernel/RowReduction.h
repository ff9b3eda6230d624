//===- RowReduction.h - sums of rows side by side ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Sums, maxima and the like of rows that are contiguous in memory, as softmax
// and normalizations have them: each lane takes a row. Squares of elements are
// transposed in registers, so that every row is summed in its order: the result
// has the bits of a plain loop. Not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_ROWREDUCTION_H
#define LIB_CODEGEN_CPU_KERNEL_ROWREDUCTION_H

#include "TileBuilder.h"

namespace mlir::compress {

struct RowReduction {
  unsigned lane;   // the loop over rows
  unsigned column; // the reduction, along which the input is contiguous
};

/// What `kernel` is, if it has one input of 32-bit elements, and at least
/// `lanes` rows and columns.
std::optional<RowReduction> analyzeRowReduction(const Kernel &kernel,
                                                int64_t lanes);

/// The reductions of a tile of one vector of `lanes` rows, less at the end,
/// that begin with `accumulator`. `fused` products and sums are rounded once.
Value buildRowReduction(OpBuilder &b, Location loc, const Kernel &kernel,
                        const RowReduction &rows, TileBuilder &tile,
                        int64_t lanes, bool fused, Value accumulator);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_ROWREDUCTION_H

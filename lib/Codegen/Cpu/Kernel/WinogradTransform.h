//===- WinogradTransform.h - sums around fewer products ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The transforms of F(2x2, 3x3) and F(4x4, 3x3), of A. Lavin and S. Gray, "Fast
// Algorithms for Convolutional Neural Networks", 2016: Y = A^T [(G g G^T) *
// (B^T d B)] A, for a window g of 3x3, inputs d of 4x4 or 6x6 and outputs Y of
// 2x2 or 4x4. Not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_WINOGRADTRANSFORM_H
#define LIB_CODEGEN_CPU_KERNEL_WINOGRADTRANSFORM_H

#include "mlir/IR/Builders.h"

namespace mlir::compress {

/// G g G^T, row by row, for tiles of `outputs` (2 or 4) along each side; `g` is
/// a window row by row.
SmallVector<double> transformWeights(int64_t outputs, ArrayRef<double> g);

/// B^T d for 4 or 6 vectors of f32 that lie along one side of a tile.
SmallVector<Value> buildInputTransform(OpBuilder &b, Location loc,
                                       ArrayRef<Value> d);

/// A^T m for 4 or 6 vectors of f32: the 2 or 4 sums along one side.
SmallVector<Value> buildSumTransform(OpBuilder &b, Location loc,
                                     ArrayRef<Value> m);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_WINOGRADTRANSFORM_H

//===- MatrixProduct.h - numpy.matmul ---------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_MATRIXPRODUCT_H
#define COMPRESS_IMPORT_COMMON_MATRIXPRODUCT_H

#include "Compress/Import/Common/OpBuilder.h"

namespace mlir::compress {

/// The product of [M, K] and [K, N], or of stacks of as many.
using MatrixProduct =
    function_ref<FailureOr<Value>(const Tensor &a, const Tensor &b)>;

/// numpy.matmul by products of matrices: a vector becomes a matrix, a stack of
/// matrices on one matrix one tall matrix, other stacks are broadcast to each
/// other. The result has elements of `type`.
FailureOr<Tensor> createMatMul(ModelOpBuilder &builder, const Tensor &left,
                               const Tensor &right, ElementType type,
                               MatrixProduct product);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_MATRIXPRODUCT_H

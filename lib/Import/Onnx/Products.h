//===- Products.h - what matrix products share ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_PRODUCTS_H
#define COMPRESS_LIB_IMPORT_ONNX_PRODUCTS_H

#include "NodeImporter.h"

namespace mlir::compress {

/// The product of [M, K] and [K, N], or of stacks of as many.
using MatrixProduct =
    function_ref<FailureOr<Value>(const Tensor &a, const Tensor &b)>;

/// numpy.matmul by products of matrices: a vector becomes a matrix, a stack of
/// matrices on one matrix one tall matrix, other stacks are broadcast to each
/// other. The result has elements of `type`.
FailureOr<Tensor> createMatMul(NodeImporter &n, const Tensor &a,
                               const Tensor &b, ElementType type,
                               MatrixProduct product);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_PRODUCTS_H

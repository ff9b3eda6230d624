//===- VectorBody.h - bodies of linalg ops on vectors -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Evaluates the scalar body of a linalg op for many elements at once; not
// installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_VECTORBODY_H
#define LIB_CODEGEN_CPU_KERNEL_VECTORBODY_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::compress {

/// Whether every op in the body computes on vectors as it does on scalars.
bool hasVectorBody(linalg::LinalgOp op);

/// What the body yields for `args`, each a scalar or a vector of `width`
/// elements. What depends on scalars only is computed once, as a scalar.
Value evaluateBody(OpBuilder &b, linalg::LinalgOp op, ValueRange args,
                   int64_t width);

/// The addition of f32 by which the body of `op` sums products, where it has
/// one: it yields accumulator + x * y, and nothing else reads the product.
arith::AddFOp matchProductSum(linalg::LinalgOp op);

/// As evaluateBody, but that sum and its product are rounded once.
Value evaluateFusedBody(OpBuilder &b, linalg::LinalgOp op, ValueRange args,
                        int64_t width);

/// `value` as a vector of `width` elements.
Value toVector(OpBuilder &b, Location loc, Value value, int64_t width);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_VECTORBODY_H

//===- VectorBuilders.h - what code of vectors is made of -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_ISA_VECTORBUILDERS_H
#define LIB_CODEGEN_CPU_ISA_VECTORBUILDERS_H

#include "mlir/IR/Builders.h"

namespace mlir::compress {

/// The result of LLVM's intrinsic `name`.
Value buildIntrinsic(OpBuilder &b, Location loc, Type type, StringRef name,
                     ValueRange args);

/// Vectors of equal width one after another, a power of 2 of them.
Value buildConcatenated(OpBuilder &b, Location loc, ValueRange vectors);

/// `value`, an integer or a vector of them, with the highest bit flipped.
Value buildFlipped(OpBuilder &b, Location loc, Value value);

/// Where `value` is x with the highest bit flipped, x; else null.
Value matchFlipped(Value value);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_ISA_VECTORBUILDERS_H

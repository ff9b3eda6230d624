//===- Arithmetic.h - arithmetic on tensors ---------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Arithmetic, comparisons and logic of tensors of one type: f32, integers of
// any width, or bools. On constants they are computed at import.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_ARITHMETIC_H
#define COMPRESS_IMPORT_COMMON_ARITHMETIC_H

#include "Compress/Import/Common/FoldConstants.h"

namespace mlir::compress {

enum class ArithmeticFunction : uint8_t {
  Add,
  Sub,
  Mul,
  Div,
  Min,
  Max,
  FloorMod, // of the sign of the divisor
  TruncMod, // of the sign of the dividend
  And,
  Or,
  Xor,
  Equal,
  Less,
  LessOrEqual,
  Greater,
  GreaterOrEqual,
};

/// The result is of bools.
bool isComparison(ArithmeticFunction function);

/// The operands, one or more of one type for which the function is defined,
/// from the first on: ((a op b) op c); by numpy's rules of shapes. f32
/// constants of up to `maxNumbers` elements are computed.
FailureOr<Tensor> createArithmetic(ModelOpBuilder &b,
                                   ArithmeticFunction function,
                                   ArrayRef<Tensor> operands,
                                   int64_t maxNumbers = kFewNumbers);

/// condition ? x : y; the condition is of bools, x and y are of one type.
FailureOr<Tensor> createSelect(ModelOpBuilder &b, const Tensor &condition,
                               const Tensor &x, const Tensor &y);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_ARITHMETIC_H

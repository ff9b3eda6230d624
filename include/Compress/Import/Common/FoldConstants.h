//===- FoldConstants.h - elementwise ops on constants -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Shape arithmetic and arithmetic on weights, computed at import.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_FOLDCONSTANTS_H
#define COMPRESS_IMPORT_COMMON_FOLDCONSTANTS_H

#include "Compress/Import/Common/OpBuilder.h"

namespace mlir::compress {

/// One element of the result from one of each operand; bools are 0 and 1.
/// Integers of all types come as i64, std::nullopt is a division by 0. Floats
/// come as f64: rounding that once to f32 is exact for +, -, *, / and roots.
struct ConstantFunction {
  function_ref<std::optional<int64_t>(ArrayRef<int64_t>)> ofIntegers;
  function_ref<double(ArrayRef<double>)> ofFloats;
};

/// Weights on their way through a quantization that is written in f32 must stay
/// to be seen: of constants with more numbers --compress-fold-constants
/// computes what is left of them.
inline constexpr int64_t kFewNumbers = 64;

/// True for constants of bool and integers of up to 64 bits but u64, and for
/// those of f32 with at most `maxNumbers` elements.
bool canFold(ArrayRef<Tensor> operands, int64_t maxNumbers = kFewNumbers);

/// The function of operands that can be folded, broadcast by numpy's rules;
/// of floats where one operand is of f32.
FailureOr<Tensor> foldElementwise(ModelOpBuilder &b, ArrayRef<Tensor> operands,
                                  ElementType resultType,
                                  const ConstantFunction &function);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_FOLDCONSTANTS_H

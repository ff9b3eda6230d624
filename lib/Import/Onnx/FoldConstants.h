//===- FoldConstants.h - elementwise ops on constants -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Shape arithmetic and arithmetic on weights, computed at import.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_FOLDCONSTANTS_H
#define COMPRESS_LIB_IMPORT_ONNX_FOLDCONSTANTS_H

#include "NodeImporter.h"

namespace mlir::compress {

/// One element of the result from one of each operand; bools are 0 and 1.
/// Integers of all types come as i64, std::nullopt is a division by 0. Floats
/// come as f64: rounding that once to f32 is exact for +, -, *, / and roots.
struct ConstantFunction {
  function_ref<std::optional<int64_t>(ArrayRef<int64_t>)> ofIntegers;
  function_ref<double(ArrayRef<double>)> ofFloats;
};

/// True for constants of bool and integers of up to 64 bits but u64, and for
/// short ones of f32.
bool canFold(ArrayRef<Tensor> operands);

/// The function of operands that can be folded, broadcast by numpy's rules;
/// of floats where one operand is of f32.
FailureOr<Tensor> foldElementwise(NodeImporter &n, ArrayRef<Tensor> operands,
                                  ElementType resultType,
                                  const ConstantFunction &function);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_FOLDCONSTANTS_H

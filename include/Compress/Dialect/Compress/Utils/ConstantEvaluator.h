//===- ConstantEvaluator.h - ops on constants ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_CONSTANTEVALUATOR_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_CONSTANTEVALUATOR_H

#include "Compress/Dialect/Compress/Utils/ScalarBody.h"
#include "llvm/ADT/DenseMap.h"
#include <optional>

namespace mlir::compress {

/// Computes values that depend on constants alone: all-parallel linalg ops
/// (generics, broadcasts, transposes, fills, elementwise ops) of static shape
/// whose bodies ScalarBody knows, and reshapes. Each value is computed once and
/// kept; `budget` bounds the bytes and the scalar operations of all of them
/// together.
class ConstantEvaluator {
public:
  explicit ConstantEvaluator(int64_t budget) : budget(budget) {}

  /// The elements of `value`, or null where it is not known. The pointer is
  /// valid until the next call.
  const ConstantData *evaluate(Value value, unsigned depth = 0);

  /// The number that a scalar is: a constant, an element of a known tensor, or
  /// one of these converted to an integer. A number that the integer does not
  /// hold, whose conversion is undefined, keeps its low bits: exporters mean
  /// unsigned codes by it.
  std::optional<Scalar> evaluateScalar(Value value);

private:
  std::optional<ConstantData> compute(Value value, unsigned depth);

  DenseMap<Value, std::optional<ConstantData>> known;
  int64_t budget;
};

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_CONSTANTEVALUATOR_H

//===- Constants.h - reading and making constants ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Constants of models: reading them element by element, and making new ones.
// Anything above 1 kB becomes a dense resource: uniqued elements attributes
// would live as long as the context.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_CONSTANTS_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_CONSTANTS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::compress {

/// The elements of a constant as a dense, row-major byte vector; splats are
/// expanded. Element types are bf16, f32, f64 and signless integers of 8 to 64
/// bits.
struct ConstantData {
  RankedTensorType type;
  std::vector<char> bytes;

  unsigned elementBytes() const {
    return type.getElementType().getIntOrFloatBitWidth() / 8;
  }
  int64_t size() const { return type.getNumElements(); }
  /// Element `i` of an integer constant, sign extended.
  int64_t getInt(int64_t i) const;
  /// Element `i` of an integer or floating point constant.
  double getReal(int64_t i) const;
};

/// The data of a dense or dense resource constant; failure for other
/// attributes and for element types that are not whole bytes.
FailureOr<ConstantData> readConstant(Attribute attr);
/// Whether readConstant has them; copies nothing.
bool isReadable(Attribute attr);

/// The data of a value made by a constant op.
FailureOr<ConstantData> readConstant(Value value);

/// An attribute of `type` holding `bytes` (row major).
ElementsAttr makeConstant(RankedTensorType type, ArrayRef<char> bytes);

template <typename T>
ElementsAttr makeConstant(RankedTensorType type, ArrayRef<T> values) {
  return makeConstant(
      type, ArrayRef<char>(reinterpret_cast<const char *>(values.data()),
                           values.size() * sizeof(T)));
}

/// An `arith.constant` of the vector as a 1-D tensor.
Value buildVector(OpBuilder &builder, Location loc, ArrayRef<float> values);
Value buildVector(OpBuilder &builder, Location loc, ArrayRef<int32_t> values);

/// Result dimension i of the returned data is dimension perm[i] of `data`.
ConstantData transposeConstant(const ConstantData &data,
                               ArrayRef<int64_t> perm);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_CONSTANTS_H

//===- ConstantTensor.h - tensors known at import ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A tensor whose elements are known while a model is imported: a weight, or
// the small integer tensors of shape arithmetic. Nothing here emits IR or
// diagnostics; the callers check shapes and sizes first.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_CONSTANTTENSOR_H
#define COMPRESS_IMPORT_COMMON_CONSTANTTENSOR_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mlir::compress {

/// Element types of the formats that are read. In memory all are little endian
/// and the types below 8 bits take one byte an element, sign extended.
enum class ElementType : uint8_t {
  F32,
  F64,
  F16,
  BF16,
  I8,
  U8,
  I16,
  U16,
  I32,
  U32,
  I64,
  U64,
  Bool,
  I4,
  U4,
  I2,
  U2,
};

/// "float32", "int8", "bool" and so on.
StringRef toString(ElementType type);
/// Bytes an element takes in a ConstantTensor.
unsigned getStorageBytes(ElementType type);
/// Bits of an element, 8 for bool.
unsigned getBitWidth(ElementType type);
/// True for the signed and unsigned integers, not for bool.
bool isInteger(ElementType type);
bool isSignedInteger(ElementType type);
bool isFloat(ElementType type);
/// Smallest and largest value of an integer type; u64 is cut at INT64_MAX.
std::pair<int64_t, int64_t> getIntegerRange(ElementType type);

/// The product of `shape`; std::nullopt if an extent is negative, the product
/// is above 2^40 or there are more than 32 dimensions: no model has that.
std::optional<int64_t> countElements(ArrayRef<int64_t> shape);

class ConstantTensor;
using ConstantTensorRef = std::shared_ptr<const ConstantTensor>;

/// An immutable tensor; reshaping shares the bytes.
class ConstantTensor {
public:
  /// `bytes` holds exactly the elements of `shape`, row major.
  static ConstantTensorRef get(ElementType type, ArrayRef<int64_t> shape,
                               std::string bytes, std::string name = "");
  /// Narrows every value to `type`.
  static ConstantTensorRef fromInts(ElementType type, ArrayRef<int64_t> shape,
                                    ArrayRef<int64_t> values);
  static ConstantTensorRef fromFloats(ArrayRef<int64_t> shape,
                                      ArrayRef<float> values);

  ElementType getType() const { return type; }
  ArrayRef<int64_t> getShape() const { return shape; }
  int64_t getRank() const { return shape.size(); }
  int64_t getNumElements() const { return numElements; }
  StringRef getBytes() const { return *bytes; }
  std::shared_ptr<const std::string> getStorage() const { return bytes; }
  /// What the file calls the tensor; empty for a computed one.
  StringRef getName() const { return name; }

  /// Element `index` in row-major order, of an integer type or bool.
  int64_t getInt(int64_t index) const;
  /// Element `index` of any type.
  double getDouble(int64_t index) const;
  SmallVector<int64_t> getInts() const;

  /// The same elements under another shape of the same size.
  ConstantTensorRef reshape(ArrayRef<int64_t> newShape) const;
  /// Result element (i0, i1, ...) is element offset + sum(ik * strides[k]).
  /// Serves transposition, slicing and broadcasting.
  ConstantTensorRef view(ArrayRef<int64_t> newShape, int64_t offset,
                         ArrayRef<int64_t> strides) const;
  ConstantTensorRef transpose(ArrayRef<int64_t> permutation) const;
  /// Steps may be negative.
  ConstantTensorRef slice(ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                          ArrayRef<int64_t> steps) const;
  /// Indices along `axis`, all in range; the result has `indexShape` in place
  /// of that axis.
  ConstantTensorRef gather(int64_t axis, ArrayRef<int64_t> indices,
                           ArrayRef<int64_t> indexShape) const;
  /// Numeric conversion. Float to integer truncates towards zero and saturates,
  /// NaN becomes 0; to bool is `!= 0`; a result type of f16 or bf16 is not
  /// supported and gives null.
  ConstantTensorRef cast(ElementType newType) const;

  /// All of one type; shapes equal but along `axis`.
  static ConstantTensorRef concat(ArrayRef<ConstantTensorRef> parts,
                                  int64_t axis);

private:
  ConstantTensor() = default;

  ElementType type = ElementType::F32;
  SmallVector<int64_t> shape;
  int64_t numElements = 0;
  std::shared_ptr<const std::string> bytes;
  std::string name;
};

/// Row-major strides, in elements.
SmallVector<int64_t> getRowMajorStrides(ArrayRef<int64_t> shape);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_CONSTANTTENSOR_H

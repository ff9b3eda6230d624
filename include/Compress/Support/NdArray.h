//===- NdArray.h - dense arrays in host memory ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_NDARRAY_H
#define COMPRESS_SUPPORT_NDARRAY_H

#include "Compress/Runtime/Abi.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace compress {

/// The type of an array's elements, all little endian. Those of compiled
/// networks have the values of compress_dtype; the rest occurs in files only.
enum class DType : int32_t {
  F32 = COMPRESS_F32,
  I8 = COMPRESS_I8,
  U8 = COMPRESS_U8,
  I16 = COMPRESS_I16,
  I32 = COMPRESS_I32,
  I64 = COMPRESS_I64,
  Bool = COMPRESS_BOOL, // One byte an element, 0 or 1.
  U16 = COMPRESS_U16,
  U32 = COMPRESS_U32,
  U64 = COMPRESS_U64,
  F16 = 100,
  F64
};

/// The most dimensions that an array has.
constexpr unsigned maxRank = 32;

/// The size of an element in bytes, 1 to 8.
unsigned byteSize(DType dtype);

/// The type's name: "f32", "u8", "bool".
llvm::StringRef nameOf(DType dtype);

/// Whether the type is an integer type; bool is none.
bool isInteger(DType dtype);

/// The type that the ABI's number `dtype` stands for, if any.
std::optional<DType> dtypeFromAbi(int32_t dtype);

/// The extents as in "[1,3,32,32]"; "[]" for a single number.
std::string shapeString(llvm::ArrayRef<int64_t> dims);

/// The product of `dims` times `unit`, or nothing where an extent is negative
/// or the product exceeds an int64_t. `unit` is positive.
std::optional<int64_t> checkedProduct(llvm::ArrayRef<int64_t> dims,
                                      int64_t unit = 1);

/// Converts `count` elements at `source`, which need not be aligned, into the
/// nearest floats.
void convertToFloat(DType dtype, const uint8_t *source, int64_t count,
                    float *result);

/// The element at `source`, of an integer type or bool. Nothing where it is
/// above the range of int64_t (u64) or the type is no integer type.
std::optional<int64_t> readInteger(DType dtype, const uint8_t *source);

/// A dense, row major array without padding between elements. It has its
/// elements in memory of its own or in a mapped file; then they are read only.
class NdArray {
public:
  NdArray() = default;

  /// An array of zeros. An error where the memory does not suffice; `what`
  /// names the array in it.
  static llvm::Expected<NdArray>
  create(DType dtype, llvm::ArrayRef<int64_t> dims, llvm::StringRef what);

  /// The bytes of `file` from `offset`, which must be as many as the array
  /// needs at least.
  static NdArray inFile(std::unique_ptr<llvm::MemoryBuffer> file, size_t offset,
                        DType dtype, llvm::ArrayRef<int64_t> dims);

  DType dtype() const { return type; }
  llvm::ArrayRef<int64_t> dims() const { return extents; }
  int64_t numElements() const { return numBytes / byteSize(type); }
  llvm::ArrayRef<uint8_t> bytes() const {
    return llvm::ArrayRef<uint8_t>(data, static_cast<size_t>(numBytes));
  }

  /// The elements for writing; only of an array made by `create`.
  llvm::MutableArrayRef<uint8_t> mutableBytes();

  /// Gives the array other dimensions with the same number of elements.
  void reshape(llvm::ArrayRef<int64_t> dims);

private:
  DType type = DType::F32;
  llvm::SmallVector<int64_t, 6> extents;
  std::unique_ptr<llvm::MemoryBuffer> storage;
  const uint8_t *data = nullptr;
  int64_t numBytes = 0;
  bool writable = false;
};

} // namespace compress

#endif // COMPRESS_SUPPORT_NDARRAY_H

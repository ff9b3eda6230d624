//===- NdArray.cpp - dense arrays in host memory --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/NdArray.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

using namespace llvm;
using namespace compress;

unsigned compress::byteSize(DType dtype) {
  switch (dtype) {
  case DType::I8:
  case DType::U8:
  case DType::Bool:
    return 1;
  case DType::I16:
  case DType::U16:
  case DType::F16:
    return 2;
  case DType::F32:
  case DType::I32:
  case DType::U32:
    return 4;
  case DType::I64:
  case DType::U64:
  case DType::F64:
    return 8;
  }
  llvm_unreachable("no other type");
}

StringRef compress::nameOf(DType dtype) {
  switch (dtype) {
  case DType::F32:
    return "f32";
  case DType::I8:
    return "i8";
  case DType::U8:
    return "u8";
  case DType::I16:
    return "i16";
  case DType::I32:
    return "i32";
  case DType::I64:
    return "i64";
  case DType::Bool:
    return "bool";
  case DType::U16:
    return "u16";
  case DType::U32:
    return "u32";
  case DType::U64:
    return "u64";
  case DType::F16:
    return "f16";
  case DType::F64:
    return "f64";
  }
  llvm_unreachable("no other type");
}

bool compress::isInteger(DType dtype) {
  switch (dtype) {
  case DType::F16:
  case DType::F32:
  case DType::F64:
  case DType::Bool:
    return false;
  default:
    return true;
  }
}

std::optional<DType> compress::dtypeFromAbi(int32_t dtype) {
  if (dtype < COMPRESS_F32 || dtype > COMPRESS_U64)
    return std::nullopt;
  return static_cast<DType>(dtype);
}

std::string compress::shapeString(ArrayRef<int64_t> dims) {
  std::string result;
  raw_string_ostream os(result);
  os << '[';
  for (size_t i = 0; i < dims.size(); ++i)
    os << (i ? "," : "") << dims[i];
  os << ']';
  return result;
}

std::optional<int64_t> compress::checkedProduct(ArrayRef<int64_t> dims,
                                                int64_t unit) {
  bool empty = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      return std::nullopt;
    empty |= dim == 0;
  }
  if (empty)
    return 0;
  int64_t product = unit;
  for (int64_t dim : dims)
    if (MulOverflow(product, dim, product))
      return std::nullopt;
  return product;
}

static float halfToFloat(uint16_t half) {
  uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  uint32_t exponent = half >> 10 & 0x1f, fraction = half & 0x3ff;
  if (exponent == 0) { // Zero or a denormal: fraction * 2^-24, exact.
    float value = std::ldexp(static_cast<float>(fraction), -24);
    return sign ? -value : value;
  }
  uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return bit_cast<float>(sign | wide << 23 | fraction << 13);
}

template <typename T>
static T load(const uint8_t *source) {
  return support::endian::read<T, endianness::little>(source);
}

/// Converts elements that are stored as a T each.
template <typename T, typename Convert>
static void convertEach(const uint8_t *source, int64_t count, float *result,
                        Convert convert) {
  for (int64_t i = 0; i < count; ++i)
    result[i] = convert(load<T>(source + i * sizeof(T)));
}

void compress::convertToFloat(DType dtype, const uint8_t *source, int64_t count,
                              float *result) {
  auto plain = [](auto value) { return static_cast<float>(value); };
  switch (dtype) {
  case DType::F32:
    return convertEach<uint32_t>(source, count, result, [](uint32_t bits) {
      return bit_cast<float>(bits);
    });
  case DType::F64:
    // Out of range becomes infinite, as IEEE 754 has it.
    return convertEach<uint64_t>(source, count, result, [](uint64_t bits) {
      return static_cast<float>(bit_cast<double>(bits));
    });
  case DType::F16:
    return convertEach<uint16_t>(source, count, result, halfToFloat);
  case DType::I8:
    return convertEach<int8_t>(source, count, result, plain);
  case DType::U8:
    return convertEach<uint8_t>(source, count, result, plain);
  case DType::Bool:
    return convertEach<uint8_t>(
        source, count, result, [](uint8_t value) { return value ? 1.f : 0.f; });
  case DType::I16:
    return convertEach<int16_t>(source, count, result, plain);
  case DType::U16:
    return convertEach<uint16_t>(source, count, result, plain);
  case DType::I32:
    return convertEach<int32_t>(source, count, result, plain);
  case DType::U32:
    return convertEach<uint32_t>(source, count, result, plain);
  case DType::I64:
    return convertEach<int64_t>(source, count, result, plain);
  case DType::U64:
    return convertEach<uint64_t>(source, count, result, plain);
  }
  llvm_unreachable("no other type");
}

std::optional<int64_t> compress::readInteger(DType dtype,
                                             const uint8_t *source) {
  switch (dtype) {
  case DType::I8:
    return load<int8_t>(source);
  case DType::U8:
    return load<uint8_t>(source);
  case DType::Bool:
    return load<uint8_t>(source) != 0;
  case DType::I16:
    return load<int16_t>(source);
  case DType::U16:
    return load<uint16_t>(source);
  case DType::I32:
    return load<int32_t>(source);
  case DType::U32:
    return load<uint32_t>(source);
  case DType::I64:
    return load<int64_t>(source);
  case DType::U64: {
    auto value = load<uint64_t>(source);
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
      return std::nullopt;
    return static_cast<int64_t>(value);
  }
  case DType::F16:
  case DType::F32:
  case DType::F64:
    return std::nullopt;
  }
  llvm_unreachable("no other type");
}

Expected<NdArray> NdArray::create(DType dtype, ArrayRef<int64_t> dims,
                                  StringRef what) {
  std::optional<int64_t> bytes = checkedProduct(dims, byteSize(dtype));
  std::unique_ptr<WritableMemoryBuffer> buffer;
  if (bytes)
    buffer = WritableMemoryBuffer::getNewMemBuffer(*bytes);
  if (!buffer)
    return createStringError(inconvertibleErrorCode(),
                             what + " " + nameOf(dtype) + shapeString(dims) +
                                 " does not fit into memory");
  NdArray array;
  array.type = dtype;
  array.extents.assign(dims.begin(), dims.end());
  array.data = reinterpret_cast<const uint8_t *>(buffer->getBufferStart());
  array.storage = std::move(buffer);
  array.numBytes = *bytes;
  array.writable = true;
  return array;
}

NdArray NdArray::inFile(std::unique_ptr<MemoryBuffer> file, size_t offset,
                        DType dtype, ArrayRef<int64_t> dims) {
  std::optional<int64_t> bytes = checkedProduct(dims, byteSize(dtype));
  assert(bytes && offset <= file->getBufferSize() &&
         static_cast<size_t>(*bytes) <= file->getBufferSize() - offset &&
         "the array exceeds the file");
  NdArray array;
  array.type = dtype;
  array.extents.assign(dims.begin(), dims.end());
  array.data =
      reinterpret_cast<const uint8_t *>(file->getBufferStart()) + offset;
  array.storage = std::move(file);
  array.numBytes = *bytes;
  return array;
}

MutableArrayRef<uint8_t> NdArray::mutableBytes() {
  assert(writable && "the array is in a file");
  return MutableArrayRef<uint8_t>(const_cast<uint8_t *>(data),
                                  static_cast<size_t>(numBytes));
}

void NdArray::reshape(ArrayRef<int64_t> dims) {
  assert(checkedProduct(dims) == numElements() && "elements would be lost");
  extents.assign(dims.begin(), dims.end());
}

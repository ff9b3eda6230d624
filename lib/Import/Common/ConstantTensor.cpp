//===- ConstantTensor.cpp - tensors known at import ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ConstantTensor.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/ErrorHandling.h"
#include <algorithm>
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

static_assert(llvm::endianness::native == llvm::endianness::little,
              "the bytes of model files are used as they are");

//===----------------------------------------------------------------------===//
// Element types
//===----------------------------------------------------------------------===//

namespace {
struct ElementTypeInfo {
  const char *name;
  unsigned storageBytes;
  unsigned bits;
  bool isInteger;
  bool isSigned;
};
} // namespace

static const ElementTypeInfo &getInfo(ElementType type) {
  // In the order of the enumeration.
  static const ElementTypeInfo table[] = {
      {"float32", 4, 32, false, true}, {"float64", 8, 64, false, true},
      {"float16", 2, 16, false, true}, {"bfloat16", 2, 16, false, true},
      {"int8", 1, 8, true, true},      {"uint8", 1, 8, true, false},
      {"int16", 2, 16, true, true},    {"uint16", 2, 16, true, false},
      {"int32", 4, 32, true, true},    {"uint32", 4, 32, true, false},
      {"int64", 8, 64, true, true},    {"uint64", 8, 64, true, false},
      {"bool", 1, 8, false, false},    {"int4", 1, 4, true, true},
      {"uint4", 1, 4, true, false},    {"int2", 1, 2, true, true},
      {"uint2", 1, 2, true, false}};
  return table[static_cast<unsigned>(type)];
}

StringRef mlir::compress::toString(ElementType type) {
  return getInfo(type).name;
}
unsigned mlir::compress::getStorageBytes(ElementType type) {
  return getInfo(type).storageBytes;
}
unsigned mlir::compress::getBitWidth(ElementType type) {
  return getInfo(type).bits;
}
bool mlir::compress::isInteger(ElementType type) {
  return getInfo(type).isInteger;
}
bool mlir::compress::isSignedInteger(ElementType type) {
  return getInfo(type).isInteger && getInfo(type).isSigned;
}
bool mlir::compress::isFloat(ElementType type) {
  return !getInfo(type).isInteger && type != ElementType::Bool;
}

std::pair<int64_t, int64_t> mlir::compress::getIntegerRange(ElementType type) {
  const ElementTypeInfo &info = getInfo(type);
  if (info.bits == 64)
    return {info.isSigned ? INT64_MIN : 0, INT64_MAX};
  if (info.isSigned)
    return {-(int64_t(1) << (info.bits - 1)),
            (int64_t(1) << (info.bits - 1)) - 1};
  return {0, (int64_t(1) << info.bits) - 1};
}

std::optional<int64_t> mlir::compress::countElements(ArrayRef<int64_t> shape) {
  constexpr int64_t limit = int64_t(1) << 40;
  constexpr size_t maxRank = 32;
  if (shape.size() > maxRank)
    return std::nullopt;
  int64_t count = 1;
  bool isEmpty = false;
  for (int64_t extent : shape) {
    if (extent < 0 || extent > limit)
      return std::nullopt;
    if (extent == 0) {
      isEmpty = true;
      continue;
    }
    if (count > limit / extent)
      return std::nullopt;
    count *= extent;
  }
  return isEmpty ? 0 : count;
}

SmallVector<int64_t>
mlir::compress::getRowMajorStrides(ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(shape.size(), 1);
  for (int64_t i = static_cast<int64_t>(shape.size()) - 2; i >= 0; --i)
    strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}

//===----------------------------------------------------------------------===//
// Construction and access
//===----------------------------------------------------------------------===//

ConstantTensorRef ConstantTensor::get(ElementType type, ArrayRef<int64_t> shape,
                                      std::string bytes, std::string name) {
  std::optional<int64_t> count = countElements(shape);
  if (!count || bytes.size() != size_t(*count) * getStorageBytes(type))
    return nullptr;
  std::shared_ptr<ConstantTensor> tensor(new ConstantTensor());
  tensor->type = type;
  tensor->shape.assign(shape.begin(), shape.end());
  tensor->numElements = *count;
  tensor->bytes = std::make_shared<const std::string>(std::move(bytes));
  tensor->name = std::move(name);
  return tensor;
}

/// Writes the low bytes of `value` as element `index`.
static void putInt(std::string &bytes, unsigned width, int64_t index,
                   int64_t value) {
  std::memcpy(bytes.data() + index * width, &value, width);
}

ConstantTensorRef ConstantTensor::fromInts(ElementType type,
                                           ArrayRef<int64_t> shape,
                                           ArrayRef<int64_t> values) {
  unsigned width = getStorageBytes(type);
  std::string bytes(values.size() * width, '\0');
  for (auto [i, value] : llvm::enumerate(values))
    putInt(bytes, width, i, value);
  return get(type, shape, std::move(bytes));
}

ConstantTensorRef ConstantTensor::fromFloats(ArrayRef<int64_t> shape,
                                             ArrayRef<float> values) {
  return get(ElementType::F32, shape,
             std::string(reinterpret_cast<const char *>(values.data()),
                         values.size() * sizeof(float)));
}

template <typename T>
static T read(StringRef bytes, int64_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

int64_t ConstantTensor::getInt(int64_t index) const {
  switch (type) {
  case ElementType::I8:
  case ElementType::I4:
  case ElementType::I2:
    return read<int8_t>(*bytes, index);
  case ElementType::U8:
  case ElementType::Bool:
  case ElementType::U4:
  case ElementType::U2:
    return read<uint8_t>(*bytes, index);
  case ElementType::I16:
    return read<int16_t>(*bytes, index);
  case ElementType::U16:
    return read<uint16_t>(*bytes, index);
  case ElementType::I32:
    return read<int32_t>(*bytes, index);
  case ElementType::U32:
    return read<uint32_t>(*bytes, index);
  case ElementType::I64:
  case ElementType::U64:
    return read<int64_t>(*bytes, index);
  case ElementType::F32:
  case ElementType::F64:
  case ElementType::F16:
  case ElementType::BF16:
    break;
  }
  llvm_unreachable("not an integer type");
}

/// Exact: every f16 value is an f64 value.
static double halfToDouble(uint16_t half) {
  int exponent = (half >> 10) & 31, mantissa = half & 1023;
  double value;
  if (exponent == 31)
    value = mantissa ? NAN : INFINITY;
  else if (exponent == 0)
    value = std::ldexp(mantissa, -24);
  else
    value = std::ldexp(1024 + mantissa, exponent - 25);
  return half >> 15 ? -value : value;
}

double ConstantTensor::getDouble(int64_t index) const {
  switch (type) {
  case ElementType::F32:
    return read<float>(*bytes, index);
  case ElementType::F64:
    return read<double>(*bytes, index);
  case ElementType::F16:
    return halfToDouble(read<uint16_t>(*bytes, index));
  case ElementType::BF16:
    return llvm::bit_cast<float>(uint32_t(read<uint16_t>(*bytes, index)) << 16);
  case ElementType::U64:
    return static_cast<double>(read<uint64_t>(*bytes, index));
  default:
    return static_cast<double>(getInt(index));
  }
}

SmallVector<int64_t> ConstantTensor::getInts() const {
  SmallVector<int64_t> values(numElements);
  for (int64_t i = 0; i < numElements; ++i)
    values[i] = getInt(i);
  return values;
}

//===----------------------------------------------------------------------===//
// Moving elements
//===----------------------------------------------------------------------===//

ConstantTensorRef ConstantTensor::reshape(ArrayRef<int64_t> newShape) const {
  std::shared_ptr<ConstantTensor> tensor(new ConstantTensor(*this));
  tensor->shape.assign(newShape.begin(), newShape.end());
  return tensor;
}

ConstantTensorRef ConstantTensor::view(ArrayRef<int64_t> newShape,
                                       int64_t offset,
                                       ArrayRef<int64_t> strides) const {
  int64_t count = countElements(newShape).value_or(0);
  unsigned width = getStorageBytes(type);
  std::string result(count * width, '\0');
  SmallVector<int64_t> index(newShape.size(), 0);
  const char *source = bytes->data();
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(result.data() + i * width, source + offset * width, width);
    for (int64_t d = static_cast<int64_t>(index.size()) - 1; d >= 0; --d) {
      offset += strides[d];
      if (++index[d] < newShape[d])
        break;
      offset -= strides[d] * newShape[d];
      index[d] = 0;
    }
  }
  return get(type, newShape, std::move(result), name);
}

ConstantTensorRef
ConstantTensor::transpose(ArrayRef<int64_t> permutation) const {
  SmallVector<int64_t> strides = getRowMajorStrides(shape), newShape,
                       newStrides;
  for (int64_t d : permutation) {
    newShape.push_back(shape[d]);
    newStrides.push_back(strides[d]);
  }
  return view(newShape, 0, newStrides);
}

ConstantTensorRef ConstantTensor::slice(ArrayRef<int64_t> offsets,
                                        ArrayRef<int64_t> sizes,
                                        ArrayRef<int64_t> steps) const {
  SmallVector<int64_t> strides = getRowMajorStrides(shape);
  int64_t offset = 0;
  for (size_t d = 0; d < strides.size(); ++d) {
    offset += offsets[d] * strides[d];
    strides[d] *= steps[d];
  }
  return view(sizes, offset, strides);
}

ConstantTensorRef ConstantTensor::gather(int64_t axis,
                                         ArrayRef<int64_t> indices,
                                         ArrayRef<int64_t> indexShape) const {
  ArrayRef<int64_t> before = getShape().take_front(axis);
  ArrayRef<int64_t> after = getShape().drop_front(axis + 1);
  int64_t outer = countElements(before).value_or(0);
  int64_t run = countElements(after).value_or(0) * getStorageBytes(type);
  std::string result;
  if (run == 0) // `outer` says nothing of the size then
    outer = 0;
  result.reserve(outer * indices.size() * run);
  for (int64_t o = 0; o < outer && !indices.empty(); ++o)
    for (int64_t index : indices)
      result.append(*bytes, (o * shape[axis] + index) * run, run);
  SmallVector<int64_t> newShape(before);
  newShape.append(indexShape.begin(), indexShape.end());
  newShape.append(after.begin(), after.end());
  return get(type, newShape, std::move(result));
}

ConstantTensorRef ConstantTensor::concat(ArrayRef<ConstantTensorRef> parts,
                                         int64_t axis) {
  SmallVector<int64_t> newShape(parts[0]->getShape());
  newShape[axis] = 0;
  for (const ConstantTensorRef &part : parts)
    newShape[axis] += part->getShape()[axis];
  int64_t outer =
      countElements(ArrayRef<int64_t>(newShape).take_front(axis)).value_or(0);
  std::string result;
  if (countElements(newShape).value_or(0) == 0)
    outer = 0; // nothing to copy, however many times
  for (int64_t o = 0; o < outer; ++o)
    for (const ConstantTensorRef &part : parts) {
      size_t run = part->bytes->size() / outer;
      result.append(*part->bytes, o * run, run);
    }
  return get(parts[0]->type, newShape, std::move(result));
}

//===----------------------------------------------------------------------===//
// Conversion
//===----------------------------------------------------------------------===//

/// Truncates towards zero and saturates; NaN becomes 0.
static int64_t toInt(double value, std::pair<int64_t, int64_t> range) {
  if (std::isnan(value))
    return 0;
  if (value <= static_cast<double>(range.first))
    return range.first;
  if (value >= static_cast<double>(range.second))
    return range.second;
  return static_cast<int64_t>(value);
}

/// Keeps the low bits, as two's complement.
static int64_t wrap(int64_t value, ElementType type) {
  unsigned bits = getBitWidth(type);
  if (bits == 64)
    return value;
  uint64_t mask = (uint64_t(1) << bits) - 1, low = uint64_t(value) & mask;
  bool isNegative = isSignedInteger(type) && (low >> (bits - 1));
  return static_cast<int64_t>(isNegative ? low | ~mask : low);
}

ConstantTensorRef ConstantTensor::cast(ElementType newType) const {
  if (newType == ElementType::F16 || newType == ElementType::BF16)
    return newType == type ? reshape(shape) : nullptr;
  unsigned width = getStorageBytes(newType);
  std::string result(numElements * width, '\0');
  std::pair<int64_t, int64_t> range(0, 0);
  if (isInteger(newType))
    range = getIntegerRange(newType);
  for (int64_t i = 0; i < numElements; ++i) {
    if (newType == ElementType::F32) {
      float value = static_cast<float>(getDouble(i));
      std::memcpy(result.data() + i * width, &value, width);
    } else if (newType == ElementType::F64) {
      double value = getDouble(i);
      std::memcpy(result.data() + i * width, &value, width);
    } else if (newType == ElementType::Bool) {
      result[i] = getDouble(i) != 0;
    } else {
      putInt(result, width, i,
             mlir::compress::isFloat(type) ? toInt(getDouble(i), range)
                                           : wrap(getInt(i), newType));
    }
  }
  return get(newType, shape, std::move(result), name);
}

//===- Constants.cpp - reading and making constants ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/bit.h"
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

/// Constants up to this many bytes stay inline.
static constexpr int64_t kInlineBytes = 1024;

int64_t ConstantData::getInt(int64_t i) const {
  int64_t value = 0;
  unsigned width = elementBytes();
  std::memcpy(&value, bytes.data() + i * width, width);
  unsigned shift = 64 - 8 * width;
  return static_cast<int64_t>(static_cast<uint64_t>(value) << shift) >> shift;
}

double ConstantData::getReal(int64_t i) const {
  Type element = type.getElementType();
  if (element.isBF16()) {
    uint16_t value;
    std::memcpy(&value, bytes.data() + i * 2, 2);
    return llvm::bit_cast<float>(uint32_t(value) << 16);
  }
  if (element.isF32()) {
    float value;
    std::memcpy(&value, bytes.data() + i * 4, 4);
    return value;
  }
  if (element.isF64()) {
    double value;
    std::memcpy(&value, bytes.data() + i * 8, 8);
    return value;
  }
  return static_cast<double>(getInt(i));
}

/// The bytes of a constant, of a splat those of one element.
static FailureOr<ArrayRef<char>> getRawData(ElementsAttr elements) {
  auto type = dyn_cast<RankedTensorType>(elements.getType());
  if (!type || !type.hasStaticShape())
    return failure();
  Type element = type.getElementType();
  if (!element.isBF16() && !element.isF32() && !element.isF64() &&
      !(element.isSignlessInteger() &&
        element.getIntOrFloatBitWidth() % 8 == 0 &&
        element.getIntOrFloatBitWidth() <= 64))
    return failure();
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return dense.getRawData();
  auto resource = dyn_cast<DenseResourceElementsAttr>(elements);
  AsmResourceBlob *blob =
      resource ? resource.getRawHandle().getBlob() : nullptr;
  if (!blob)
    return failure();
  int64_t total = type.getNumElements() * (element.getIntOrFloatBitWidth() / 8);
  if (static_cast<int64_t>(blob->getData().size()) < total)
    return failure();
  return blob->getData().take_front(total);
}

bool mlir::compress::isReadable(Attribute attr) {
  auto elements = dyn_cast_or_null<ElementsAttr>(attr);
  return elements && succeeded(getRawData(elements));
}

FailureOr<ConstantData> mlir::compress::readConstant(Attribute attr) {
  auto elements = dyn_cast_or_null<ElementsAttr>(attr);
  if (!elements)
    return failure();
  FailureOr<ArrayRef<char>> raw = getRawData(elements);
  if (failed(raw))
    return failure();
  ConstantData data{cast<RankedTensorType>(elements.getType()), {}};
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (!dense || !dense.isSplat()) {
    data.bytes.assign(raw->begin(), raw->end());
    return data;
  }
  size_t total = data.type.getNumElements() * data.elementBytes();
  data.bytes.resize(total);
  for (size_t i = 0; i < total; i += data.elementBytes())
    std::memcpy(data.bytes.data() + i, raw->data(), data.elementBytes());
  return data;
}

FailureOr<ConstantData> mlir::compress::readConstant(Value value) {
  Attribute attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return failure();
  return readConstant(attr);
}

ElementsAttr mlir::compress::makeConstant(RankedTensorType type,
                                          ArrayRef<char> bytes) {
  if (static_cast<int64_t>(bytes.size()) <= kInlineBytes)
    return DenseElementsAttr::getFromRawBuffer(type, bytes);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      bytes, /*align=*/64, /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, "constant", std::move(blob));
}

Value mlir::compress::buildVector(OpBuilder &builder, Location loc,
                                  ArrayRef<float> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getF32Type());
  return arith::ConstantOp::create(builder, loc, makeConstant(type, values));
}

Value mlir::compress::buildVector(OpBuilder &builder, Location loc,
                                  ArrayRef<int32_t> values) {
  auto type = RankedTensorType::get({static_cast<int64_t>(values.size())},
                                    builder.getI32Type());
  return arith::ConstantOp::create(builder, loc, makeConstant(type, values));
}

ConstantData mlir::compress::transposeConstant(const ConstantData &data,
                                               ArrayRef<int64_t> perm) {
  ArrayRef<int64_t> shape = data.type.getShape();
  int64_t rank = shape.size();
  SmallVector<int64_t> strides(rank, 1), newShape(rank), newStrides(rank);
  for (int64_t d = rank - 2; d >= 0; --d)
    strides[d] = strides[d + 1] * shape[d + 1];
  for (int64_t d = 0; d < rank; ++d) {
    newShape[d] = shape[perm[d]];
    newStrides[d] = strides[perm[d]];
  }
  ConstantData result{data.type.clone(newShape), {}};
  unsigned width = data.elementBytes();
  result.bytes.resize(data.bytes.size());
  SmallVector<int64_t> index(rank, 0);
  int64_t source = 0, count = data.size();
  for (int64_t i = 0; i < count; ++i) {
    std::memcpy(result.bytes.data() + i * width,
                data.bytes.data() + source * width, width);
    for (int64_t d = rank - 1; d >= 0; --d) {
      source += newStrides[d];
      if (++index[d] < newShape[d])
        break;
      source -= newStrides[d] * newShape[d];
      index[d] = 0;
    }
  }
  return result;
}

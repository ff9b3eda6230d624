//===- HostTensor.cpp - values of the evaluator ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HostTensor.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include <cstring>

using namespace oracle;

llvm::Error oracle::failure(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

std::optional<Kind> oracle::kindOf(mlir::Type type) {
  if (type.isIndex())
    return Kind::I64;
  if (type.isF32())
    return Kind::F32;
  if (type.isF64())
    return Kind::F64;
  if (!type.isInteger())
    return std::nullopt;
  switch (type.getIntOrFloatBitWidth()) {
  case 1:
    return Kind::I1;
  case 8:
    return Kind::I8;
  case 16:
    return Kind::I16;
  case 32:
    return Kind::I32;
  case 64:
    return Kind::I64;
  default:
    return std::nullopt;
  }
}

int64_t oracle::bytesOf(Kind kind) {
  switch (kind) {
  case Kind::I1:
  case Kind::I8:
    return 1;
  case Kind::I16:
    return 2;
  case Kind::I32:
  case Kind::F32:
    return 4;
  case Kind::I64:
  case Kind::F64:
    return 8;
  }
  llvm_unreachable("no such kind");
}

unsigned oracle::bitsOf(Kind kind) {
  return kind == Kind::I1 ? 1 : 8 * bytesOf(kind);
}

HostTensor::HostTensor(Kind kind, std::vector<int64_t> extents)
    : kind(kind), shape(std::move(extents)) {
  // Not zero: who reads what nobody wrote shall be noticed.
  bytes.assign(size() * bytesOf(kind), kind == Kind::I1 ? 1 : 0x55);
}

int64_t HostTensor::size() const {
  int64_t count = 1;
  for (int64_t extent : shape)
    count *= extent;
  return count;
}

std::vector<int64_t> HostTensor::strides() const {
  std::vector<int64_t> result(shape.size(), 1);
  for (int64_t d = static_cast<int64_t>(shape.size()) - 2; d >= 0; --d)
    result[d] = result[d + 1] * shape[d + 1];
  return result;
}

bool oracle::advance(std::vector<int64_t> &index,
                     const std::vector<int64_t> &shape) {
  for (size_t d = shape.size(); d-- > 0;) {
    if (++index[d] < shape[d])
      return true;
    index[d] = 0;
  }
  return false;
}

Scalar HostTensor::get(int64_t i) const {
  Scalar result;
  switch (kind) {
  case Kind::I1:
    result.i = data<int8_t>()[i] ? -1 : 0;
    return result;
  case Kind::I8:
    result.i = data<int8_t>()[i];
    return result;
  case Kind::I16:
    result.i = data<int16_t>()[i];
    return result;
  case Kind::I32:
    result.i = data<int32_t>()[i];
    return result;
  case Kind::I64:
    result.i = data<int64_t>()[i];
    return result;
  case Kind::F32:
    result.f = data<float>()[i];
    return result;
  case Kind::F64:
    result.d = data<double>()[i];
    return result;
  }
  llvm_unreachable("no such kind");
}

void HostTensor::set(int64_t i, Scalar value) {
  switch (kind) {
  case Kind::I1:
    data<int8_t>()[i] = value.i != 0;
    return;
  case Kind::I8:
    data<int8_t>()[i] = static_cast<int8_t>(value.i);
    return;
  case Kind::I16:
    data<int16_t>()[i] = static_cast<int16_t>(value.i);
    return;
  case Kind::I32:
    data<int32_t>()[i] = static_cast<int32_t>(value.i);
    return;
  case Kind::I64:
    data<int64_t>()[i] = value.i;
    return;
  case Kind::F32:
    data<float>()[i] = value.f;
    return;
  case Kind::F64:
    data<double>()[i] = value.d;
    return;
  }
}

llvm::Expected<HostTensor> oracle::fromAttribute(mlir::Attribute attribute) {
  if (auto number = mlir::dyn_cast<mlir::IntegerAttr>(attribute)) {
    std::optional<Kind> kind = kindOf(number.getType());
    if (!kind)
      return failure("a constant has an integer type without evaluation");
    HostTensor result(*kind, {});
    Scalar value;
    value.i = number.getValue().getSExtValue();
    result.set(0, value);
    return result;
  }
  if (auto number = mlir::dyn_cast<mlir::FloatAttr>(attribute)) {
    std::optional<Kind> kind = kindOf(number.getType());
    if (!kind)
      return failure("a constant has a float type without evaluation");
    HostTensor result(*kind, {});
    Scalar value;
    if (kind == Kind::F32)
      value.f = number.getValue().convertToFloat();
    else
      value.d = number.getValue().convertToDouble();
    result.set(0, value);
    return result;
  }
  auto elements = mlir::dyn_cast<mlir::ElementsAttr>(attribute);
  auto type =
      elements
          ? mlir::dyn_cast<mlir::RankedTensorType>(elements.getShapedType())
          : nullptr;
  std::optional<Kind> kind =
      type ? kindOf(type.getElementType()) : std::nullopt;
  if (!kind || !type.hasStaticShape())
    return failure("a constant is no static tensor of numbers");
  HostTensor result(*kind, type.getShape().vec());
  llvm::ArrayRef<char> raw;
  if (auto dense = mlir::dyn_cast<mlir::DenseElementsAttr>(attribute)) {
    if (kind == Kind::I1) {
      for (auto [i, value] : llvm::enumerate(dense.getValues<bool>()))
        result.bytes[i] = value;
      return result;
    }
    raw = dense.getRawData();
  } else if (auto resource =
                 mlir::dyn_cast<mlir::DenseResourceElementsAttr>(attribute)) {
    if (mlir::AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      raw = blob->getData();
  }
  size_t element = bytesOf(*kind);
  if (raw.size() == result.bytes.size()) {
    result.bytes.assign(raw.begin(), raw.end());
    return result;
  }
  if (raw.size() != element)
    return failure("a constant has " + llvm::Twine(raw.size()) +
                   " bytes, not " + llvm::Twine(result.bytes.size()));
  for (size_t i = 0; i < result.bytes.size(); i += element)
    std::memcpy(result.bytes.data() + i, raw.data(), element);
  return result;
}

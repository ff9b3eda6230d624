//===- OnnxConstants.cpp - the constants of a graph -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxGraph.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/bit.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

ValueId OnnxGraph::addConstant(OnnxType type, ArrayRef<int64_t> shape,
                               std::vector<char> bytes, StringRef name,
                               std::shared_ptr<const ConstantScales> quant) {
  OnnxConstant constant{
      std::make_shared<const std::vector<char>>(std::move(bytes)), quant, type,
      name.str()};
  return addValue({quant ? OnnxType::Float : type, SmallVector<int64_t>(shape),
                   -1, std::move(constant)});
}

ValueId OnnxGraph::addIndices(ArrayRef<int64_t> list) {
  auto [known, isNew] = indexLists.try_emplace(list.vec(), kNoValue);
  if (isNew)
    known->second = addConstant<int64_t>(
        OnnxType::Int64, static_cast<int64_t>(list.size()), list);
  return known->second;
}

ValueId OnnxGraph::addScalar(OnnxType type, double number) {
  auto [known, isNew] =
      scalars.try_emplace({type, llvm::bit_cast<uint64_t>(number)}, kNoValue);
  if (!isNew)
    return known->second;
  std::vector<char> bytes(getByteWidth(type));
  if (type == OnnxType::Float) {
    auto single = static_cast<float>(number);
    std::memcpy(bytes.data(), &single, bytes.size());
  } else if (type == OnnxType::Double) {
    std::memcpy(bytes.data(), &number, bytes.size());
  } else {
    auto integer = static_cast<int64_t>(number);
    std::memcpy(bytes.data(), &integer, bytes.size());
  }
  ValueId value = addConstant(type, {}, std::move(bytes));
  scalars[{type, llvm::bit_cast<uint64_t>(number)}] = value;
  return value;
}

/// Element `i` of a constant of integers; unsigned ones of 64 bits wrap around.
static int64_t getInteger(const OnnxConstant &constant, int64_t i) {
  unsigned width = getByteWidth(constant.storage);
  int64_t integer = 0;
  std::memcpy(&integer, constant.bytes->data() + i * width, width);
  bool isSigned = constant.storage == OnnxType::Int8 ||
                  constant.storage == OnnxType::Int16 ||
                  constant.storage == OnnxType::Int32;
  return isSigned
             ? llvm::SignExtend64(static_cast<uint64_t>(integer), width * 8)
             : integer;
}

/// Element `i` of `constant`, whose codes stand for themselves.
static double getReal(const OnnxConstant &constant, int64_t i) {
  unsigned width = getByteWidth(constant.storage);
  const char *at = constant.bytes->data() + i * width;
  if (constant.storage == OnnxType::Float) {
    float single;
    std::memcpy(&single, at, width);
    return single;
  }
  if (constant.storage == OnnxType::Double) {
    double number;
    std::memcpy(&number, at, width);
    return number;
  }
  return static_cast<double>(getInteger(constant, i));
}

std::optional<double> OnnxGraph::getSplat(ValueId value) const {
  if (value == kNoValue || !values[value].constant ||
      values[value].constant->quant)
    return std::nullopt;
  const OnnxConstant &constant = *values[value].constant;
  unsigned width = getByteWidth(constant.storage);
  ArrayRef<char> bytes(*constant.bytes), first = bytes.take_front(width);
  if (bytes.empty())
    return std::nullopt;
  for (; !bytes.empty(); bytes = bytes.drop_front(width))
    if (bytes.take_front(width) != first)
      return std::nullopt;
  return getReal(constant, 0);
}

SmallVector<int64_t> OnnxGraph::getIndices(ValueId value) const {
  ArrayRef<char> bytes(*values[value].constant->bytes);
  SmallVector<int64_t> list(bytes.size() / sizeof(int64_t));
  std::memcpy(list.data(), bytes.data(), bytes.size());
  return list;
}

/// Codes behind a DequantizeLinear node: once, for all that use them.
ValueId OnnxGraph::use(ValueId value) {
  if (value == kNoValue || !values[value].constant ||
      !values[value].constant->quant)
    return value;
  auto known = dequantized.find(value);
  if (known != dequantized.end())
    return known->second;
  OnnxConstant constant = *values[value].constant;
  SmallVector<int64_t> shape = values[value].shape;
  const ConstantScales &quant = *constant.quant;
  bool isPerAxis = quant.begin != quant.end;
  auto count = static_cast<int64_t>(quant.scales.size());
  OnnxType storage = constant.storage;
  std::vector<char> codes = *constant.bytes;
  bool hasZeroPoints =
      llvm::any_of(quant.zeroPoints, [](int64_t zp) { return zp != 0; });
  // The operator knows codes of 8 bits with zero points, and i32 without.
  if (storage != OnnxType::Int8 &&
      (storage != OnnxType::Int32 || hasZeroPoints)) {
    int64_t inner = 1, channels = 1;
    for (int64_t d = quant.end; isPerAxis && d < int64_t(shape.size()); ++d)
      inner *= shape[d];
    channels = count;
    int64_t size = static_cast<int64_t>(codes.size()) / getByteWidth(storage);
    std::vector<char> wide(size * sizeof(int32_t));
    for (int64_t i = 0; i < size; ++i) {
      auto code =
          static_cast<int32_t>(static_cast<int64_t>(getReal(constant, i)) -
                               quant.zeroPoints[i / inner % channels]);
      std::memcpy(wide.data() + i * sizeof(code), &code, sizeof(code));
    }
    codes = std::move(wide);
    storage = OnnxType::Int32;
    hasZeroPoints = false;
  }
  // An axis that has been split is one again meanwhile.
  SmallVector<int64_t> joined(shape);
  if (isPerAxis) {
    joined.assign(shape.begin(), shape.begin() + quant.begin);
    joined.push_back(count);
    joined.append(shape.begin() + quant.end, shape.end());
  }
  ValueId stored =
      addConstant(storage, joined, std::move(codes), constant.name);
  ArrayRef<int64_t> list =
      isPerAxis ? ArrayRef<int64_t>(count) : ArrayRef<int64_t>();
  SmallVector<ValueId> operands{
      stored, addConstant<float>(OnnxType::Float, list, quant.scales)};
  if (storage == OnnxType::Int8) {
    std::vector<char> zeroPoints(quant.zeroPoints.begin(),
                                 quant.zeroPoints.end());
    operands.push_back(addConstant(storage, list, std::move(zeroPoints)));
  }
  OnnxAttributes attributes;
  if (isPerAxis)
    attributes.push_back({"axis", quant.begin});
  ValueId result =
      append("DequantizeLinear", operands, OnnxType::Float, joined, attributes);
  dequantized[value] = reshape(result, shape);
  return dequantized[value];
}

ValueId OnnxGraph::takeLowestBit(ValueId value) {
  if (const std::optional<OnnxConstant> &constant = values[value].constant) {
    unsigned width = getByteWidth(constant->storage);
    std::vector<char> bits;
    for (size_t i = 0; i < constant->bytes->size(); i += width)
      bits.push_back((*constant->bytes)[i] & 1);
    SmallVector<int64_t> shape(getShape(value));
    return addConstant(OnnxType::Bool, shape, std::move(bits));
  }
  // Mod has the sign of the divisor, so that it is 0 or 1.
  return cast(addElementwise("Mod", {value, addScalar(values[value].type, 2)}),
              OnnxType::Bool);
}

ValueId OnnxGraph::convertConstant(ValueId value, OnnxType type) {
  const std::optional<OnnxConstant> &constant = values[value].constant;
  if (!constant || constant->quant || constant->storage == OnnxType::Float ||
      constant->storage == OnnxType::Double)
    return kNoValue;
  auto [known, isNew] = converted.try_emplace({value, type}, kNoValue);
  if (!isNew)
    return known->second;
  unsigned from = getByteWidth(constant->storage), to = getByteWidth(type);
  auto size = static_cast<int64_t>(constant->bytes->size() / from);
  std::vector<char> bytes(size * to);
  for (int64_t i = 0; i < size; ++i) {
    int64_t integer = getInteger(*constant, i);
    std::memcpy(bytes.data() + i * to, &integer, to);
  }
  SmallVector<int64_t> shape(getShape(value));
  std::string name = constant->name;
  return known->second = addConstant(type, shape, std::move(bytes), name);
}

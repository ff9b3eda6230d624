//===- OnnxTensor.cpp - ONNX's tensors and types -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxTensor.h"
#include "Compress/Import/Common/TypedData.h"
#include "CompressOnnx.pb.h"
#include "ExternalData.h"
#include <cstring>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_onnx;

//===----------------------------------------------------------------------===//
// Types and names
//===----------------------------------------------------------------------===//

namespace {
/// What TensorProto.data_type stands for; the schema ends at 16, the numbers
/// behind come with later releases of ONNX.
struct OnnxType {
  const char *name;
  std::optional<ElementType> type;
};
} // namespace

static const OnnxType *getOnnxType(int64_t dataType) {
  static const OnnxType table[] = {
      {"undefined", std::nullopt},      {"float32", ElementType::F32},
      {"uint8", ElementType::U8},       {"int8", ElementType::I8},
      {"uint16", ElementType::U16},     {"int16", ElementType::I16},
      {"int32", ElementType::I32},      {"int64", ElementType::I64},
      {"string", std::nullopt},         {"bool", ElementType::Bool},
      {"float16", ElementType::F16},    {"float64", ElementType::F64},
      {"uint32", ElementType::U32},     {"uint64", ElementType::U64},
      {"complex64", std::nullopt},      {"complex128", std::nullopt},
      {"bfloat16", ElementType::BF16},  {"float8e4m3fn", std::nullopt},
      {"float8e4m3fnuz", std::nullopt}, {"float8e5m2", std::nullopt},
      {"float8e5m2fnuz", std::nullopt}, {"uint4", ElementType::U4},
      {"int4", ElementType::I4},        {"float4e2m1", std::nullopt},
      {"float8e8m0", std::nullopt},     {"uint2", ElementType::U2},
      {"int2", ElementType::I2},        {"float6e2m3", std::nullopt},
      {"float6e3m2", std::nullopt},
  };
  if (dataType < 0 || dataType >= static_cast<int64_t>(std::size(table)))
    return nullptr;
  return &table[dataType];
}

std::optional<ElementType>
mlir::compress::getOnnxElementType(int64_t dataType) {
  const OnnxType *type = getOnnxType(dataType);
  return type ? type->type : std::nullopt;
}

std::string mlir::compress::getOnnxTypeName(int64_t dataType) {
  const OnnxType *type = getOnnxType(dataType);
  return type ? type->name : ("type " + Twine(dataType)).str();
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

/// Spreads the elements below 8 bits, packed from the low bits up, to one byte
/// each, with their signs.
static std::string unpack(StringRef packed, ElementType type, int64_t count) {
  unsigned bits = getBitWidth(type), perByte = 8 / bits;
  unsigned mask = (1u << bits) - 1, sign = 1u << (bits - 1);
  std::string result(count, '\0');
  for (int64_t i = 0; i < count; ++i) {
    unsigned byte = static_cast<uint8_t>(packed[i / perByte]);
    unsigned code = (byte >> (i % perByte * bits)) & mask;
    if (isSignedInteger(type) && (code & sign))
      code |= ~mask;
    result[i] = static_cast<char>(code);
  }
  return result;
}

/// The elements as the typed field for `type` holds them; types below 8 bits
/// are still packed.
static std::string getTypedData(const pb::TensorProto &proto,
                                ElementType type) {
  switch (type) {
  case ElementType::F32:
    return getLowBytes(proto.float_data(), 4);
  case ElementType::F64:
    return getLowBytes(proto.double_data(), 8);
  case ElementType::I64:
    return getLowBytes(proto.int64_data(), 8);
  case ElementType::U32:
  case ElementType::U64:
    return getLowBytes(proto.uint64_data(), getStorageBytes(type));
  default:
    return getLowBytes(proto.int32_data(), getStorageBytes(type));
  }
}

FailureOr<ConstantTensorRef>
mlir::compress::readOnnxTensor(ModelOpBuilder &b, pb::TensorProto &proto,
                               StringRef name,
                               std::optional<StringRef> folder) {
  auto fail = [&](const Twine &message) {
    return b.fail("reads the tensor " + quoted(name) + ", which " + message);
  };
  bool isExternal = proto.data_location() == pb::TensorProto::EXTERNAL ||
                    proto.external_data_size() != 0;
  if (isExternal && !folder)
    return fail("is stored outside of the file, of which no folder is known; "
                "name the file of the model, or store it with its weights "
                "inside: onnx.save(onnx.load(\"in.onnx\"), \"out.onnx\")");
  if (proto.has_segment())
    return fail("is stored in segments, which is not supported");
  std::optional<ElementType> type = getOnnxElementType(proto.data_type());
  if (!type)
    return fail("has elements of " + getOnnxTypeName(proto.data_type()) +
                ", which are not supported");
  SmallVector<int64_t> shape(proto.dims().begin(), proto.dims().end());
  std::optional<int64_t> count = countElements(shape);
  if (!count)
    return fail("has impossible dimensions " + toString(shape));

  bool isPacked = getBitWidth(*type) < 8;
  int64_t expected = *count * getStorageBytes(*type);
  if (isPacked)
    expected = llvm::divideCeil(*count * getBitWidth(*type), 8);
  std::string bytes;
  if (isExternal) {
    llvm::Expected<std::string> data =
        readExternalData(proto, *folder, expected);
    if (!data)
      return fail(llvm::toString(data.takeError()));
    bytes = std::move(*data);
    // The same bytes under many names are no larger model.
    if (failed(b.grant(static_cast<int64_t>(bytes.size()))))
      return failure();
  } else {
    bytes = proto.has_raw_data() ? std::move(*proto.mutable_raw_data())
                                 : getTypedData(proto, *type);
  }
  if (static_cast<int64_t>(bytes.size()) != expected)
    return fail("has " + Twine(bytes.size()) + " bytes of data for " +
                toString(shape) + " elements of " + toString(*type) +
                "; the file is damaged");
  if (isPacked)
    bytes = unpack(bytes, *type, *count);
  return ConstantTensor::get(*type, shape, std::move(bytes), name.str());
}

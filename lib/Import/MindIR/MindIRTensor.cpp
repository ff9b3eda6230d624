//===- MindIRTensor.cpp - tensors and types of MindIR ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRTensor.h"
#include "Compress/Import/Common/ExternalFile.h"
#include "Compress/Import/Common/TypedData.h"
#include "MindIR.pb.h"
#include <cstring>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

namespace {
/// What a number for a type stands for.
struct TypeRow {
  int64_t dataType, typeId;
  const char *name;
  std::optional<ElementType> type;
};
} // namespace

static constexpr TypeRow kTypes[] = {
    {1, 43, "float32", ElementType::F32},
    {2, 37, "uint8", ElementType::U8},
    {3, 32, "int8", ElementType::I8},
    {4, 38, "uint16", ElementType::U16},
    {5, 33, "int16", ElementType::I16},
    {6, 34, "int32", ElementType::I32},
    {7, 35, "int64", ElementType::I64},
    {8, -1, "string", std::nullopt},
    {9, 30, "bool", ElementType::Bool},
    {10, 42, "float16", ElementType::F16},
    {11, 44, "float64", ElementType::F64},
    {12, 39, "uint32", ElementType::U32},
    {13, 40, "uint64", ElementType::U64},
    {14, -1, "complex64", std::nullopt},
    {15, -1, "complex128", std::nullopt},
    {16, 45, "bfloat16", ElementType::BF16},
    {18, -1, "int4", std::nullopt},
};

std::optional<ElementType>
mlir::compress::getMindIRElementType(int64_t dataType) {
  for (const TypeRow &row : kTypes)
    if (row.dataType == dataType)
      return row.type;
  return std::nullopt;
}

std::string mlir::compress::getMindIRTypeName(int64_t dataType) {
  for (const TypeRow &row : kTypes)
    if (row.dataType == dataType)
      return row.name;
  return ("type " + Twine(dataType)).str();
}

std::optional<ElementType>
mlir::compress::getTypeIdElementType(int64_t typeId) {
  for (const TypeRow &row : kTypes)
    if (row.typeId == typeId)
      return row.type;
  return std::nullopt;
}

/// The elements as the typed field for `type` holds them.
static std::string getTypedData(const pb::TensorProto &proto,
                                ElementType type) {
  switch (type) {
  case ElementType::F32:
    return getLowBytes(proto.float_data(), 4);
  case ElementType::F64:
    return getLowBytes(proto.double_data(), 8);
  case ElementType::I64:
  case ElementType::U64:
    return getLowBytes(proto.int64_data(), 8);
  default:
    return getLowBytes(proto.int32_data(), getStorageBytes(type));
  }
}

FailureOr<ConstantTensorRef>
mlir::compress::readMindIRTensor(ModelOpBuilder &b, pb::TensorProto &proto,
                                 StringRef name,
                                 std::optional<StringRef> folder) {
  auto fail = [&](const Twine &message) {
    return b.fail("reads the tensor " + quoted(name) + ", which " + message);
  };
  if (proto.compression_type() != 0)
    return fail("is compressed, which is not supported; export the model "
                "without compression");
  std::optional<ElementType> type = getMindIRElementType(proto.data_type());
  if (!type)
    return fail("has elements of " + getMindIRTypeName(proto.data_type()) +
                ", which are not supported");
  SmallVector<int64_t> shape(proto.dims().begin(), proto.dims().end());
  std::optional<int64_t> count = countElements(shape);
  if (!count)
    return fail("has impossible dimensions " + toString(shape));
  int64_t expected = *count * getStorageBytes(*type);
  std::string bytes;
  if (proto.has_external_data()) {
    const auto &external = proto.external_data();
    if (!folder)
      return fail("is stored outside of the file, of which no folder is known; "
                  "name the file of the model");
    if (external.offset() < 0)
      return fail("has the external offset " + Twine(external.offset()) +
                  "; the file is damaged");
    int64_t length = external.has_length() ? external.length() : expected;
    llvm::Expected<std::string> data = readExternalFile(
        *folder, {external.location(), external.offset(), length}, expected);
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
                toString(shape) + " elements of " + compress::toString(*type) +
                "; the file is damaged");
  return ConstantTensor::get(*type, shape, std::move(bytes), name.str());
}

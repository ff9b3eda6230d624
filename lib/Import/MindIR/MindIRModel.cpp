//===- MindIRModel.cpp - parses the bytes of a model ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRModel.h"
#include "Compress/Import/Common/ProtobufScan.h"
#include "MindIR.pb.h"
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

namespace {
/// The messages of the schema.
enum Message : uint8_t {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kExternal,
  kValueInfo,
  kPrimitive,
};
} // namespace

/// Every field of the schema that holds a message or packed integers.
static constexpr ProtobufField kFields[] = {
    {kModel, 7, kGraph},          {kModel, 8, kGraph},
    {kModel, 12, kPrimitive},     {kGraph, 1, kNode},
    {kGraph, 3, kTensor},         {kGraph, 5, kValueInfo},
    {kGraph, 6, kValueInfo},      {kNode, 5, kAttribute},
    {kPrimitive, 3, kAttribute},  {kValueInfo, 2, kTensor},
    {kTensor, 1, kPackedVarints}, {kTensor, 4, kPackedVarints},
    {kTensor, 6, kPackedVarints}, {kTensor, 12, kExternal},
    {kAttribute, 6, kTensor},     {kAttribute, 10, kPackedVarints},
    {kAttribute, 12, kTensor},    {kAttribute, 17, kAttribute},
};

LogicalResult mlir::compress::parseMindIRModel(StringRef bytes,
                                               pb::ModelProto &model) {
  constexpr int64_t base = int64_t(256) << 20;
  constexpr int maxDepth = 100;
  if (failed(scanProtobuf(bytes, kFields,
                          base + 16 * static_cast<int64_t>(bytes.size()))))
    return failure();
  google::protobuf::LogSilencer silencer;
  google::protobuf::io::CodedInputStream input(
      reinterpret_cast<const uint8_t *>(bytes.data()),
      static_cast<int>(bytes.size()));
  input.SetTotalBytesLimit(static_cast<int>(bytes.size()));
  input.SetRecursionLimit(maxDepth);
  return success(model.ParseFromCodedStream(&input) &&
                 input.ConsumedEntireMessage());
}

//===- OnnxModel.cpp - parses the bytes of a model -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxModel.h"
#include "Compress/Import/Common/ProtobufScan.h"
#include "CompressOnnx.pb.h"
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/logging.h>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_onnx;

namespace {
/// The messages of the schema.
enum Message : uint8_t {
  kModel,
  kGraph,
  kNode,
  kAttribute,
  kTensor,
  kSegment,
  kSparseTensor,
  kValueInfo,
  kType,
  kTensorType,
  kShape,
  kDimension,
  kSequence,
  kMap,
  kOptional,
  kAnnotation,
  kTraining,
  kFunction,
  kEntry, // StringStringEntry
  kOpset,
};
} // namespace

/// Every field of the schema that holds a message or packed integers. Fields of
/// later releases (metadata of nodes, device configurations) are bytes to the
/// parser.
static constexpr ProtobufField kFields[] = {
    {kModel, 7, kGraph},
    {kModel, 8, kOpset},
    {kModel, 14, kEntry},
    {kModel, 20, kTraining},
    {kModel, 25, kFunction},
    {kGraph, 1, kNode},
    {kGraph, 5, kTensor},
    {kGraph, 11, kValueInfo},
    {kGraph, 12, kValueInfo},
    {kGraph, 13, kValueInfo},
    {kGraph, 14, kAnnotation},
    {kGraph, 15, kSparseTensor},
    {kNode, 5, kAttribute},
    {kAttribute, 5, kTensor},
    {kAttribute, 6, kGraph},
    {kAttribute, 8, kPackedVarints},
    {kAttribute, 10, kTensor},
    {kAttribute, 11, kGraph},
    {kAttribute, 14, kType},
    {kAttribute, 15, kType},
    {kAttribute, 22, kSparseTensor},
    {kAttribute, 23, kSparseTensor},
    {kTensor, 1, kPackedVarints},
    {kTensor, 3, kSegment},
    {kTensor, 5, kPackedVarints},
    {kTensor, 7, kPackedVarints},
    {kTensor, 11, kPackedVarints},
    {kTensor, 13, kEntry},
    {kSparseTensor, 1, kTensor},
    {kSparseTensor, 2, kTensor},
    {kSparseTensor, 3, kPackedVarints},
    {kValueInfo, 2, kType},
    {kType, 1, kTensorType},
    {kType, 4, kSequence},
    {kType, 5, kMap},
    {kType, 8, kTensorType}, // of a sparse tensor
    {kType, 9, kOptional},
    {kTensorType, 2, kShape},
    {kShape, 1, kDimension},
    {kSequence, 1, kType},
    {kMap, 2, kType},
    {kOptional, 1, kType},
    {kAnnotation, 2, kEntry},
    {kTraining, 1, kGraph},
    {kTraining, 2, kGraph},
    {kTraining, 3, kEntry},
    {kTraining, 4, kEntry},
    {kFunction, 7, kNode},
    {kFunction, 9, kOpset},
};

LogicalResult mlir::compress::parseOnnxModel(StringRef bytes,
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

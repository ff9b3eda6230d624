//===- OnnxModel.h - parses the bytes of a model ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_ONNXMODEL_H
#define COMPRESS_LIB_IMPORT_ONNX_ONNXMODEL_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace compress_onnx {
class ModelProto;
} // namespace compress_onnx

namespace mlir::compress {

/// Parses with every limit that protobuf has, and without its messages. Fails
/// for damaged bytes and for ones that would take memory out of proportion.
/// At most INT_MAX bytes.
LogicalResult parseOnnxModel(StringRef bytes, compress_onnx::ModelProto &model);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_ONNXMODEL_H

//===- OnnxTensor.h - ONNX's tensors and types ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_ONNXTENSOR_H
#define COMPRESS_LIB_IMPORT_ONNX_ONNXTENSOR_H

#include "Compress/Import/Common/OpBuilder.h"

namespace compress_onnx {
class TensorProto;
} // namespace compress_onnx

namespace mlir::compress {

/// The element type behind TensorProto.data_type (numbers up to ONNX 1.23);
/// std::nullopt for the types that are not read.
std::optional<ElementType> getOnnxElementType(int64_t dataType);
/// "float16", "string"; "type 77" for a number without a meaning.
std::string getOnnxTypeName(int64_t dataType);

/// Reads a tensor that is stored in the file. Moves raw data out of `proto`.
/// Checks that there are exactly as many elements as its dimensions say. Data
/// outside of the model is looked for below `folder`; without one it is
/// refused.
FailureOr<ConstantTensorRef>
readOnnxTensor(ModelOpBuilder &b, compress_onnx::TensorProto &proto,
               StringRef name, std::optional<StringRef> folder = std::nullopt);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_ONNXTENSOR_H

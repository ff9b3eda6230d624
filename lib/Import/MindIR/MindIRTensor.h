//===- MindIRTensor.h - tensors and types of MindIR -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_MINDIRTENSOR_H
#define COMPRESS_LIB_IMPORT_MINDIR_MINDIRTENSOR_H

#include "Compress/Import/Common/OpBuilder.h"

namespace compress_mindir {
class TensorProto;
} // namespace compress_mindir

namespace mlir::compress {

/// The element type behind TensorProto.data_type; std::nullopt for the types
/// that are not read.
std::optional<ElementType> getMindIRElementType(int64_t dataType);
/// "float16", "string"; "type 77" for a number without a meaning.
std::string getMindIRTypeName(int64_t dataType);

/// The element type behind a TypeId, by which Cast and the like name types:
/// other numbers than data_type.
std::optional<ElementType> getTypeIdElementType(int64_t typeId);

/// Reads a tensor, named `name` in messages. Moves raw data out of `proto`.
/// Checks that there are exactly as many elements as its dimensions say. Data
/// outside of the model is looked for below `folder`; without one it is
/// refused.
FailureOr<ConstantTensorRef>
readMindIRTensor(ModelOpBuilder &b, compress_mindir::TensorProto &proto,
                 StringRef name, std::optional<StringRef> folder);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_MINDIRTENSOR_H

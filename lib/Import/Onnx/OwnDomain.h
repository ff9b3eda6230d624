//===- OwnDomain.h - operators that Compress adds to ONNX -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_OWNDOMAIN_H
#define COMPRESS_LIB_IMPORT_ONNX_OWNDOMAIN_H

#include "Compress/Import/Common/OpBuilder.h"

namespace compress_onnx {
class ModelProto;
} // namespace compress_onnx

namespace mlir::compress {

inline constexpr StringLiteral kOwnDomain = "compress";

/// The version of kOwnDomain that the model names, 1 where it names none.
int64_t getOwnOpset(const compress_onnx::ModelProto &model);

/// Functions of kOwnDomain in the file say what its operators are to a runtime
/// that does not know them: all return their first operand. Fails for one that
/// does not.
LogicalResult checkOwnFunctions(ModelOpBuilder &b,
                                const compress_onnx::ModelProto &model);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_OWNDOMAIN_H

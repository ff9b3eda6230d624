//===- ExternalData.h - tensors beside the model ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_EXTERNALDATA_H
#define COMPRESS_LIB_IMPORT_ONNX_EXTERNALDATA_H

#include "llvm/Support/Error.h"
#include <string>

namespace compress_onnx {
class TensorProto;
} // namespace compress_onnx

namespace mlir::compress {

/// Reads the bytes of a tensor that is stored in a file of its own, below
/// `folder`: its path is relative, without "..", and has no symbolic links; it
/// is a regular file and has as many bytes as the tensor says. `expected` is
/// how many the shape takes. An error reads after "which": "is stored in ...".
llvm::Expected<std::string>
readExternalData(const compress_onnx::TensorProto &proto,
                 llvm::StringRef folder, int64_t expected);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_EXTERNALDATA_H

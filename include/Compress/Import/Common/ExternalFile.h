//===- ExternalFile.h - tensors beside the model ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_EXTERNALFILE_H
#define COMPRESS_IMPORT_COMMON_EXTERNALFILE_H

#include "mlir/Support/LLVM.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::compress {

/// Where a file of a model, told by a model that cannot be trusted, has bytes.
struct ExternalRange {
  std::string location;
  int64_t offset, length; // the offset is not below 0
};

/// Reads the bytes of a tensor that is stored in a file of its own, below
/// `folder`: its path is relative, without "..", and has no symbolic links; it
/// is a regular file and has as many bytes as the tensor says. `expected` is
/// how many the shape takes. An error reads after "which": "is stored in ...".
llvm::Expected<std::string> readExternalFile(StringRef folder,
                                             const ExternalRange &range,
                                             int64_t expected);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_EXTERNALFILE_H

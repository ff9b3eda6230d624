//===- CheckConstants.h - what constants may take ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_READER_CHECKCONSTANTS_H
#define COMPRESS_LIB_IMPORT_READER_CHECKCONSTANTS_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// Checks that the constants are dense, and that those of one repeated number
/// take, written out, no more memory than a file of `fileSize` bytes can
/// reasonably want. The sizes of tensors have been checked before.
LogicalResult checkConstants(ModuleOp module, int64_t fileSize);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_READER_CHECKCONSTANTS_H

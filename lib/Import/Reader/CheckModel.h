//===- CheckModel.h - what every model must be ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_READER_CHECKMODEL_H
#define COMPRESS_LIB_IMPORT_READER_CHECKMODEL_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// Checks that all operations are known. Attributes of tools that are not here
/// are welcome, their operations are not: what one computes must be known.
LogicalResult checkOperations(ModuleOp module);

/// Checks that the data of each `dense_resource` is there.
LogicalResult checkResources(ModuleOp module);

/// Checks that tensors are neither empty nor of a size that no memory has, so
/// that nobody after this has to think of overflows.
LogicalResult checkSizes(ModuleOp module);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_READER_CHECKMODEL_H

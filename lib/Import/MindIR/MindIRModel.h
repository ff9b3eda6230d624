//===- MindIRModel.h - parses the bytes of a model --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_MINDIRMODEL_H
#define COMPRESS_LIB_IMPORT_MINDIR_MINDIRMODEL_H

#include "mlir/Support/LLVM.h"

namespace compress_mindir {
class ModelProto;
} // namespace compress_mindir

namespace mlir::compress {

/// Fails for bytes that are no model, and where the parsed model would take
/// memory out of proportion to them.
LogicalResult parseMindIRModel(StringRef bytes,
                               compress_mindir::ModelProto &model);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_MINDIRMODEL_H

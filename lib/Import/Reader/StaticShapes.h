//===- StaticShapes.h - models that leave shapes open -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_READER_STATICSHAPES_H
#define COMPRESS_LIB_IMPORT_READER_STATICSHAPES_H

#include "Compress/Import/Reader/ModelReader.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::compress {

/// Gives the network's arguments the static types that `options` say, and every
/// other tensor the shape that follows. Emits an error where they do not fit or
/// a shape stays open.
LogicalResult makeShapesStatic(func::FuncOp func, const ReadOptions &options);

/// Checks that inputs of static shape have the batch of `options`, if that says
/// one, but for those whose shape it says. Emits an error where they do not.
LogicalResult checkBatch(func::FuncOp func, const ReadOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_READER_STATICSHAPES_H

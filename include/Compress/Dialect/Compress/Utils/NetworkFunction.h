//===- NetworkFunction.h - the function that is a network -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_NETWORKFUNCTION_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_NETWORKFUNCTION_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// The one public function of `module` that has a body, whatever its name;
/// emits an error where there is none or more than one.
FailureOr<func::FuncOp> findNetworkFunction(ModuleOp module);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_NETWORKFUNCTION_H

//===- EntryFunction.h - the function that computes the network -*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The one public function of a module; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_ENTRYFUNCTION_H
#define LIB_CODEGEN_CPU_ENTRYFUNCTION_H

#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// The public function of `module`; emits an error where there is not exactly
/// one, with one block.
FailureOr<func::FuncOp> getEntryFunction(ModuleOp module);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_ENTRYFUNCTION_H

//===- LowerGroups.h - replacing the ops of kernels -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The frame of the passes that replace linalg ops by code; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_LOWERGROUPS_H
#define LIB_CODEGEN_CPU_KERNEL_LOWERGROUPS_H

#include "KernelGroup.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// Calls `lower` for every kernel group and every single linalg op in the
/// functions of `module`, with the place for the new code. Where it returns
/// true the ops and their accumulators are erased; where it returns false it
/// must have built nothing that has an effect.
void lowerGroups(ModuleOp module,
                 function_ref<bool(OpBuilder &, const KernelGroup &)> lower);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_LOWERGROUPS_H

//===- Passes.h - code generation for CPUs ----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_PASSES_H
#define COMPRESS_CODEGEN_CPU_PASSES_H

#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::compress {

#define GEN_PASS_DECL
#include "Compress/Codegen/Cpu/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "Compress/Codegen/Cpu/Passes.h.inc"

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_CPU_PASSES_H

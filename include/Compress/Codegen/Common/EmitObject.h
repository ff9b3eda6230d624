//===- EmitObject.h - LLVM dialect to machine code --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_EMITOBJECT_H
#define COMPRESS_CODEGEN_COMMON_EMITOBJECT_H

#include "Compress/Codegen/Common/TargetCpu.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include <memory>

namespace mlir::compress {

/// Translates a module of the LLVM dialect and optimizes it for `cpu`. Emits an
/// error at `module` on failure. The dialects' translations are registered by
/// registerLlvmTranslations (LlvmPipeline.h).
FailureOr<std::unique_ptr<llvm::Module>>
buildLlvmIr(ModuleOp module, const TargetCpu &cpu, llvm::LLVMContext &context);

/// Chooses how LLVM orders instructions before it allocates registers: not at
/// all for CPUs with AVX2, as kernels are written in an order that fits the
/// registers, and reordered they spill; for others by LLVM's default. LLVM has
/// this option (-enable-misched) for the process: to be called by programs of
/// their own, while no code is generated, and first before they take LLVM's
/// options out of their command line.
void chooseScheduling(const TargetCpu &cpu);

/// The relocatable object of an optimized module. It is an error when the code
/// calls anything but the C library's memory functions, the runtime and what
/// else is `allowed`.
llvm::Expected<llvm::SmallVector<char, 0>>
emitObject(llvm::Module &module, const TargetCpu &cpu,
           llvm::ArrayRef<std::string> allowed = {});

/// The assembly text of an optimized module.
llvm::Expected<std::string> emitAssembly(llvm::Module &module,
                                         const TargetCpu &cpu);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_EMITOBJECT_H

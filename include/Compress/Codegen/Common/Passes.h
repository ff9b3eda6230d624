//===- Passes.h - code generation passes ------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Passes from the code form to the LLVM dialect, the same for every CPU.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_PASSES_H
#define COMPRESS_CODEGEN_COMMON_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::compress {

#define GEN_PASS_DECL
#include "Compress/Codegen/Common/Passes.h.inc"

/// On a call whose last two arguments are a range of independent iterations,
/// at the time 0 and their number: it may be split over threads.
constexpr StringLiteral kParallelAttr = "compress.parallel";

#define GEN_PASS_REGISTRATION
#include "Compress/Codegen/Common/Passes.h.inc"

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_PASSES_H

//===- Passes.td - code generation passes ------------------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_PASSES_TD
#define COMPRESS_CODEGEN_COMMON_PASSES_TD

include "mlir/Pass/PassBase.td"

#endif // COMPRESS_CODEGEN_COMMON_PASSES_TD

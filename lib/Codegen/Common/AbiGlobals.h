//===- AbiGlobals.h - the description of a network as data ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_COMMON_ABIGLOBALS_H
#define COMPRESS_LIB_CODEGEN_COMMON_ABIGLOBALS_H

#include "Compress/Codegen/Common/NetworkInterface.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::compress {

/// What compress_model_info says besides the network's interface.
struct CompilationInfo {
  uint32_t maxThreads = 1;
  std::string target, producer;
};

/// Builds the constants of Abi.h at the insertion point of `b`, as globals of
/// the LLVM dialect with names that begin with `prefix`; returns the
/// compress_model_info.
LLVM::GlobalOp buildModelInfo(OpBuilder &b, Location loc, SymbolTable &symbols,
                              StringRef prefix, const NetworkInterface &network,
                              const CompilationInfo &info);

/// The same for the compress_profile of what kProfileAttr says, `profile`, with
/// the counters of `ticks`.
LLVM::GlobalOp buildProfile(OpBuilder &b, Location loc, SymbolTable &symbols,
                            StringRef prefix, ArrayAttr profile,
                            LLVM::GlobalOp ticks);

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_COMMON_ABIGLOBALS_H

//===- RuntimeCalls.h - calls of the runtime --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_CODEGEN_COMMON_RUNTIMECALLS_H
#define COMPRESS_LIB_CODEGEN_COMMON_RUNTIMECALLS_H

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::compress {

/// Builds calls of what Compress/Runtime/Parallel.h and Tiles.h declare.
class RuntimeCalls {
public:
  RuntimeCalls(OpBuilder &b, Location loc, ModuleOp module,
               SymbolTable &symbols)
      : b(b), loc(loc), module(module), symbols(symbols) {}

  void beginRun(Value threads, uint32_t maxThreads);
  void endRun();
  void parallelFor(Value function, Value context, Value count);
  /// An i32, 0 where the process may use tile registers.
  Value enableTiles();

private:
  LLVM::CallOp call(StringRef name, ValueRange operands, Type result = {});

  OpBuilder &b;
  Location loc;
  ModuleOp module;
  SymbolTable &symbols;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_CODEGEN_COMMON_RUNTIMECALLS_H

//===- RuntimeCalls.cpp - calls of the runtime ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RuntimeCalls.h"

using namespace mlir;
using namespace mlir::compress;

LLVM::CallOp RuntimeCalls::call(StringRef name, ValueRange operands,
                                Type result) {
  auto callee = symbols.lookup<LLVM::LLVMFuncOp>(name);
  if (!callee) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = LLVM::LLVMFunctionType::get(
        result ? result : LLVM::LLVMVoidType::get(b.getContext()),
        llvm::to_vector(operands.getTypes()));
    callee = LLVM::LLVMFuncOp::create(b, loc, name, type);
    // It is linked into the library: no call through a table.
    callee.setVisibility_(LLVM::Visibility::Hidden);
    callee.setDsoLocal(true);
    symbols.insert(callee);
  }
  return LLVM::CallOp::create(b, loc, callee, operands);
}

void RuntimeCalls::beginRun(Value threads, uint32_t maxThreads) {
  Value most = LLVM::ConstantOp::create(b, loc, b.getI32Type(),
                                        b.getI32IntegerAttr(maxThreads));
  call("compress_begin_run", {threads, most});
}

void RuntimeCalls::endRun() { call("compress_end_run", {}); }

void RuntimeCalls::parallelFor(Value function, Value context, Value count) {
  call("compress_parallel_for", {function, context, count});
}

Value RuntimeCalls::enableTiles() {
  return call("compress_enable_tiles", {}, b.getI32Type()).getResult();
}

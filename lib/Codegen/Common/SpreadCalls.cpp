//===- SpreadCalls.cpp - calls over threads -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/Passes.h"
#include "RuntimeCalls.h"

namespace mlir::compress {
#define GEN_PASS_DEF_SPREADCALLSPASS
#include "Compress/Codegen/Common/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct SpreadCalls
    : public mlir::compress::impl::SpreadCallsPassBase<SpreadCalls> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    SmallVector<LLVM::CallOp> calls;
    getOperation().walk([&](LLVM::CallOp call) {
      if (call->hasAttr(kParallelAttr))
        calls.push_back(call);
    });
    for (LLVM::CallOp call : calls)
      if (failed(spread(call, symbols)))
        return signalPassFailure();
  }

private:
  LogicalResult spread(LLVM::CallOp call, SymbolTable &symbols);
  LLVM::LLVMFuncOp buildTaker(OpBuilder b, LLVM::CallOp call,
                              LLVM::LLVMStructType context,
                              SymbolTable &symbols);
};

} // namespace

/// The address of a field of the structure at `base`.
static Value fieldOf(OpBuilder &b, Location loc, LLVM::LLVMStructType type,
                     Value base, size_t index) {
  auto ptr = LLVM::LLVMPointerType::get(b.getContext());
  return LLVM::GEPOp::create(
      b, loc, ptr, type, base,
      ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(index)});
}

/// A function as compress_parallel_for calls it, which takes the arguments of
/// `call` from the structure.
LLVM::LLVMFuncOp SpreadCalls::buildTaker(OpBuilder b, LLVM::CallOp call,
                                         LLVM::LLVMStructType context,
                                         SymbolTable &symbols) {
  Location loc = call.getLoc();
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  Type i64 = b.getI64Type();
  auto caller = call->getParentOfType<LLVM::LLVMFuncOp>();
  b.setInsertionPoint(caller);
  auto taker = LLVM::LLVMFuncOp::create(
      b, loc, (*call.getCallee() + "_call").str(),
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(&getContext()),
                                  {ptr, i64, i64}),
      LLVM::Linkage::Internal);
  symbols.insert(taker, Block::iterator(caller));
  b.setInsertionPointToStart(taker.addEntryBlock(b));
  SmallVector<Value> operands;
  for (auto [i, type] : llvm::enumerate(context.getBody()))
    operands.push_back(LLVM::LoadOp::create(
        b, loc, type, fieldOf(b, loc, context, taker.getArgument(0), i)));
  operands.push_back(taker.getArgument(1));
  operands.push_back(taker.getArgument(2));
  LLVM::CallOp::create(b, loc, TypeRange(), *call.getCallee(), operands);
  LLVM::ReturnOp::create(b, loc, ValueRange());
  return taker;
}

LogicalResult SpreadCalls::spread(LLVM::CallOp call, SymbolTable &symbols) {
  OperandRange operands = call.getArgOperands();
  auto isI64 = [](Value value) { return value.getType().isInteger(64); };
  if (!call.getCallee() || call.getNumResults() != 0 || operands.size() < 2 ||
      !isI64(operands[operands.size() - 1]) ||
      !isI64(operands[operands.size() - 2]) ||
      !matchPattern(operands[operands.size() - 2], m_Zero()))
    return call.emitOpError("marked '")
           << kParallelAttr
           << "' requires a direct call without results whose last arguments "
              "are 0 and an i64 count";

  Location loc = call.getLoc();
  OperandRange passed = operands.drop_back(2);
  auto context = LLVM::LLVMStructType::getLiteral(
      &getContext(), llvm::to_vector(passed.getTypes()));
  LLVM::LLVMFuncOp taker =
      buildTaker(OpBuilder(&getContext()), call, context, symbols);

  // In the first block: elsewhere the stack would grow with each pass.
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  auto caller = call->getParentOfType<LLVM::LLVMFuncOp>();
  OpBuilder b = OpBuilder::atBlockBegin(&caller.getBody().front());
  Value one =
      LLVM::ConstantOp::create(b, loc, b.getI64Type(), b.getI64IntegerAttr(1));
  Value base = LLVM::AllocaOp::create(b, loc, ptr, context, one);
  b.setInsertionPoint(call);
  for (auto [i, value] : llvm::enumerate(passed))
    LLVM::StoreOp::create(b, loc, value, fieldOf(b, loc, context, base, i));
  Value function = LLVM::AddressOfOp::create(b, loc, taker);
  RuntimeCalls(b, loc, getOperation(), symbols)
      .parallelFor(function, base, operands.back());
  call.erase();
  ++numSpread;
  return success();
}

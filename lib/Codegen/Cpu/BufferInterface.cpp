//===- BufferInterface.cpp - memrefs for inputs and outputs --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "EntryFunction.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::compress {
#define GEN_PASS_DEF_BUFFERINTERFACEPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

FailureOr<func::FuncOp> mlir::compress::getEntryFunction(ModuleOp module) {
  func::FuncOp entry;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic())
      continue;
    if (entry)
      return func.emitError("requires one public function; make @")
             << func.getName() << " or @" << entry.getName() << " private";
    entry = func;
  }
  if (!entry)
    return module.emitError("requires a public function");
  if (entry.isExternal() || !entry.getBody().hasOneBlock())
    return entry.emitError("requires a public function with one block");
  return entry;
}

/// The memref that holds a tensor of `type`; null for anything else.
static MemRefType getBufferType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.hasStaticShape())
    return {};
  return MemRefType::get(tensor.getShape(), tensor.getElementType());
}

namespace {
struct BufferInterface
    : public mlir::compress::impl::BufferInterfacePassBase<BufferInterface> {
  void runOnOperation() override {
    FailureOr<func::FuncOp> entry = getEntryFunction(getOperation());
    if (failed(entry) || failed(convert(*entry)))
      signalPassFailure();
  }

  LogicalResult convert(func::FuncOp func) {
    FunctionType type = func.getFunctionType();
    SmallVector<Type> types;
    for (Type t :
         llvm::concat<const Type>(type.getInputs(), type.getResults())) {
      types.push_back(getBufferType(t));
      if (!types.back())
        return func.emitError("requires inputs and outputs that are tensors of "
                              "static shape, not ")
               << t << "; use --batch";
    }
    Block &body = func.getBody().front();
    Operation *terminator = body.getTerminator();
    OpBuilder b(&getContext());
    Location loc = func.getLoc();
    SmallVector<DictionaryAttr> attrs;
    unsigned inputs = type.getNumInputs();
    for (unsigned i = 0; i < inputs; ++i)
      attrs.push_back(func.getArgAttrDict(i));
    for (unsigned i = 0; i < type.getNumResults(); ++i)
      attrs.push_back(func.getResultAttrDict(i));
    func.setAllResultAttrs(ArrayRef<DictionaryAttr>{});
    // Read-only: nothing is ever computed in place of an input.
    b.setInsertionPointToStart(&body);
    for (auto [i, arg] : llvm::enumerate(body.getArguments())) {
      Type tensor = arg.getType();
      arg.setType(types[i]);
      auto read = bufferization::ToTensorOp::create(b, loc, tensor, arg,
                                                    /*restrict=*/true);
      arg.replaceAllUsesExcept(read, read);
    }
    b.setInsertionPoint(terminator);
    for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
      BlockArgument out = body.addArgument(types[inputs + i], loc);
      bufferization::MaterializeInDestinationOp::create(
          b, terminator->getLoc(), TypeRange{}, value, out, /*restrict=*/true,
          /*writable=*/true);
    }
    terminator->setOperands({});
    func.setFunctionType(FunctionType::get(&getContext(), types, {}));
    func.setAllArgAttrs(attrs);
    func->setAttr(kNumInputsAttr, b.getI64IntegerAttr(inputs));
    numBuffers += types.size();
    return success();
  }
};
} // namespace

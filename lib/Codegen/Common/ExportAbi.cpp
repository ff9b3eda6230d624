//===- ExportAbi.cpp - the C functions of a compiled network --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "AbiGlobals.h"
#include "Compress/Codegen/Common/LibraryName.h"
#include "Compress/Codegen/Common/NetworkInterface.h"
#include "Compress/Codegen/Common/Passes.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "RuntimeCalls.h"
#include "mlir/Conversion/LLVMCommon/MemRefBuilder.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EXPORTABIPASS
#include "Compress/Codegen/Common/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {

struct ExportAbi : public mlir::compress::impl::ExportAbiPassBase<ExportAbi> {
  using ExportAbiPassBase::ExportAbiPassBase;

  void runOnOperation() override;

private:
  LogicalResult makeInternal();
  void buildRun(OpBuilder &b, func::FuncOp network,
                const NetworkInterface &interface, bool parallel,
                SymbolTable &symbols);
  /// A function that returns the address of `model`.
  void buildInfo(OpBuilder &b, Location loc, StringRef suffix,
                 LLVM::GlobalOp model, SymbolTable &symbols);
};

} // namespace

/// Gives all functions internal linkage, so that nothing but the interface is
/// exported and unused code goes away.
LogicalResult ExportAbi::makeInternal() {
  for (auto func : getOperation().getOps<func::FuncOp>()) {
    if (func.isExternal())
      return func.emitError("has no body; the code form calls nothing outside "
                            "the module");
    func.setPrivate();
    func->setAttr("llvm.linkage", LLVM::LinkageAttr::get(
                                      &getContext(), LLVM::Linkage::Internal));
  }
  return success();
}

/// Whether there are matrix instructions, for which the operating system must
/// be asked.
static bool usesTiles(ModuleOp module) {
  return module
      .walk([](Operation *op) {
        return isa_and_nonnull<amx::AMXDialect>(op->getDialect())
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

void ExportAbi::buildRun(OpBuilder &b, func::FuncOp network,
                         const NetworkInterface &interface, bool parallel,
                         SymbolTable &symbols) {
  Location loc = network.getLoc();
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  Type i32 = b.getI32Type();
  auto run = func::FuncOp::create(
      b, loc, name + "_run", b.getFunctionType({ptr, ptr, ptr, i32}, {i32}));
  symbols.insert(run);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(run.addEntryBlock());

  LLVMTypeConverter converter(&getContext());
  SmallVector<Value> operands;
  auto pass = [&](Value pointer) {
    auto type = cast<MemRefType>(network.getArgumentTypes()[operands.size()]);
    Value descriptor =
        MemRefDescriptor::fromStaticShape(b, loc, converter, type, pointer);
    operands.push_back(
        UnrealizedConversionCastOp::create(b, loc, type, descriptor)
            .getResult(0));
  };
  auto passAll = [&](Value list, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      Value place = LLVM::GEPOp::create(b, loc, ptr, ptr, list,
                                        LLVM::GEPArg(static_cast<int32_t>(i)));
      pass(LLVM::LoadOp::create(b, loc, ptr, place));
    }
  };
  passAll(run.getArgument(0), interface.inputs.size());
  passAll(run.getArgument(1), interface.outputs.size());
  pass(run.getArgument(2));

  RuntimeCalls runtime(b, loc, getOperation(), symbols);
  if (usesTiles(getOperation())) {
    Value status = runtime.enableTiles();
    Value zero = LLVM::ConstantOp::create(b, loc, i32, b.getI32IntegerAttr(0));
    Value refused =
        LLVM::ICmpOp::create(b, loc, LLVM::ICmpPredicate::ne, status, zero);
    Block *entry = b.getInsertionBlock();
    Block *rest = entry->splitBlock(b.getInsertionPoint());
    Block *stop = b.createBlock(&run.getBody());
    func::ReturnOp::create(b, loc, status);
    b.setInsertionPointToEnd(entry);
    cf::CondBranchOp::create(b, loc, refused, stop, rest);
    b.setInsertionPointToEnd(rest);
  }
  if (parallel)
    runtime.beginRun(run.getArgument(3), threads);
  func::CallOp::create(b, loc, network, operands);
  if (parallel)
    runtime.endRun();
  Value zero = LLVM::ConstantOp::create(b, loc, i32, b.getI32IntegerAttr(0));
  func::ReturnOp::create(b, loc, zero);
}

void ExportAbi::buildInfo(OpBuilder &b, Location loc, StringRef suffix,
                          LLVM::GlobalOp model, SymbolTable &symbols) {
  auto ptr = LLVM::LLVMPointerType::get(&getContext());
  auto info = LLVM::LLVMFuncOp::create(b, loc, name + suffix.str(),
                                       LLVM::LLVMFunctionType::get(ptr, {}));
  symbols.insert(info);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(info.addEntryBlock(b));
  LLVM::ReturnOp::create(b, loc,
                         LLVM::AddressOfOp::create(b, loc, model).getResult());
}

void ExportAbi::runOnOperation() {
  ModuleOp module = getOperation();
  if (!isCIdentifier(name)) {
    module.emitError("cannot export a network named '")
        << name << "'; the name must be a C identifier";
    return signalPassFailure();
  }
  if (threads == 0) {
    module.emitError("cannot export a network for 0 threads; give 1 or more");
    return signalPassFailure();
  }
  FailureOr<NetworkInterface> interface = readNetworkInterface(module);
  if (failed(interface))
    return signalPassFailure();
  func::FuncOp network = *findNetworkFunction(module);
  SymbolTable symbols(module);
  numTensors += interface->inputs.size() + interface->outputs.size();

  // What the interface now says, and what only the producer knew: LLVM IR has
  // no place for it.
  network->removeAttr(kNumInputsAttr);
  for (unsigned i = 0; i < network.getNumArguments(); ++i) {
    SmallVector<NamedAttribute> attrs(
        function_interface_impl::getArgAttrs(network, i));
    for (NamedAttribute attr : attrs)
      if (!isa_and_nonnull<LLVM::LLVMDialect>(attr.getNameDialect()))
        network.removeArgAttr(i, attr.getName());
  }

  // Names of kernels give way to those of the interface.
  bool renamed = succeeded(symbols.renameToUnique(network, {}));
  for (StringRef suffix : {"_run", "_info", "_profile", "_network"})
    if (Operation *other = symbols.lookup(name + suffix.str()))
      renamed &= succeeded(symbols.renameToUnique(other, {}));
  renamed &= succeeded(symbols.rename(network, name + "_network"));
  if (!renamed || failed(makeInternal()))
    return signalPassFailure();

  bool parallel = threads != 1 && module
                                      .walk([](func::CallOp call) {
                                        return call->hasAttr(kParallelAttr)
                                                   ? WalkResult::interrupt()
                                                   : WalkResult::advance();
                                      })
                                      .wasInterrupted();
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  CompilationInfo info;
  info.maxThreads = parallel ? threads : 1;
  info.target = target;
  info.producer = producer;
  LLVM::GlobalOp model =
      buildModelInfo(b, network.getLoc(), symbols, name, *interface, info);
  buildInfo(b, network.getLoc(), "_info", model, symbols);
  if (auto profile = module->getAttrOfType<ArrayAttr>(kProfileAttr)) {
    auto ticks = symbols.lookup<LLVM::GlobalOp>(
        module->getAttrOfType<FlatSymbolRefAttr>(kProfileTicksAttr).getAttr());
    buildInfo(b, network.getLoc(), "_profile",
              buildProfile(b, network.getLoc(), symbols, name, profile, ticks),
              symbols);
    module->removeAttr(kProfileAttr);
    module->removeAttr(kProfileTicksAttr);
  }
  buildRun(b, network, *interface, parallel, symbols);
}

//===- ProfileKernels.cpp - the time of every kernel ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "EntryFunction.h"
#include "Isa/VectorTarget.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PROFILEKERNELSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static int64_t countBytes(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.hasStaticShape() ||
      !memref.getElementType().isIntOrFloat())
    return 0;
  return memref.getNumElements() *
         llvm::divideCeil(memref.getElementTypeBitWidth(), 8);
}

/// The multiply-accumulates of `op`; 0 for other reductions.
static int64_t countMacs(linalg::LinalgOp op) {
  bool multiplies = llvm::any_of(*op.getBlock(), [](Operation &nested) {
    return isa<arith::MulIOp, arith::MulFOp>(nested);
  });
  if (op.getNumReductionLoops() == 0 || !multiplies || op.hasDynamicShape())
    return 0;
  int64_t macs = 1;
  for (int64_t extent : op.getStaticLoopRanges())
    macs *= extent;
  return macs;
}

/// What is known of a kernel before it is lowered.
static DictionaryAttr describe(func::CallOp call, func::FuncOp kernel) {
  Builder b(call.getContext());
  int64_t macs = 0, bytes = 0;
  Type type;
  for (Type argument : kernel.getArgumentTypes())
    bytes += countBytes(argument);
  kernel.walk([&](Operation *op) {
    if (auto get = dyn_cast<memref::GetGlobalOp>(op))
      bytes += countBytes(get.getType());
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    int64_t more = linalgOp ? countMacs(linalgOp) : 0;
    if (more > 0)
      type = getElementTypeOrSelf(op->getOperand(0).getType());
    macs += more;
  });
  std::string element;
  if (type)
    llvm::raw_string_ostream(element) << type;
  return b.getDictionaryAttr(
      {b.getNamedAttr("kernel", b.getStringAttr(kernel.getName())),
       b.getNamedAttr("source", b.getStringAttr(placeOf(call.getLoc()))),
       b.getNamedAttr("element", b.getStringAttr(element)),
       b.getNamedAttr("macs", b.getI64IntegerAttr(macs)),
       b.getNamedAttr("bytes", b.getI64IntegerAttr(bytes))});
}

namespace {
struct ProfileKernels
    : public mlir::compress::impl::ProfileKernelsPassBase<ProfileKernels> {
  using ProfileKernelsPassBase::ProfileKernelsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<func::FuncOp> entry = getEntryFunction(module);
    if (failed(entry))
      return signalPassFailure();
    SymbolTable symbols(module);
    SmallVector<func::CallOp> calls(
        entry->getBody().front().getOps<func::CallOp>());
    SmallVector<Attribute> described;
    for (func::CallOp call : calls)
      described.push_back(
          describe(call, symbols.lookup<func::FuncOp>(call.getCallee())));
    OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
    Location loc = entry->getLoc();
    auto type = LLVM::LLVMArrayType::get(b.getI64Type(), calls.size());
    auto ticks = LLVM::GlobalOp::create(
        b, loc, type, /*isConstant=*/false, LLVM::Linkage::Internal,
        "profile_ticks",
        DenseElementsAttr::get(
            RankedTensorType::get({static_cast<int64_t>(calls.size())},
                                  b.getI64Type()),
            b.getI64IntegerAttr(0).getValue()));
    StringAttr name = symbols.insert(ticks);
    module->setAttr(kProfileAttr, b.getArrayAttr(described));
    module->setAttr(kProfileTicksAttr, FlatSymbolRefAttr::get(name));

    // One reading of the counter ends a kernel and begins the next.
    b.setInsertionPointToStart(&entry->getBody().front());
    Value last = readCounter(b, loc);
    for (auto [i, call] : llvm::enumerate(calls)) {
      b.setInsertionPointAfter(call);
      Location at = call.getLoc();
      Value now = readCounter(b, at);
      Value passed = arith::SubIOp::create(b, at, now, last);
      auto ptr = LLVM::LLVMPointerType::get(&getContext());
      Value base = LLVM::AddressOfOp::create(b, at, ticks);
      Value place = LLVM::GEPOp::create(b, at, ptr, b.getI64Type(), base,
                                        LLVM::GEPArg(static_cast<int32_t>(i)));
      Value before = LLVM::LoadOp::create(b, at, b.getI64Type(), place);
      LLVM::StoreOp::create(b, at, arith::AddIOp::create(b, at, before, passed),
                            place);
      last = now;
      ++numProfiled;
    }
  }

  Value readCounter(OpBuilder &b, Location loc) {
    // Programs may read the cycles on x86, on others only a steady clock.
    StringRef name = parseFeatures(features).contains("sse2")
                         ? "llvm.readcyclecounter"
                         : "llvm.readsteadycounter";
    return LLVM::CallIntrinsicOp::create(b, loc, b.getI64Type(),
                                         b.getStringAttr(name), ValueRange{})
        .getResult(0);
  }
};
} // namespace

//===- EmitObject.cpp - LLVM dialect to machine code ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/Object/ObjectFile.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/CommandLine.h"

using namespace llvm;
using namespace mlir::compress;

/// What generated code may need from outside: functions that LLVM makes of
/// loops and are in every C library, and the runtime of Parallel.h.
static constexpr StringLiteral kAllowedSymbols[] = {"memcpy",
                                                    "memmove",
                                                    "memset",
                                                    "compress_begin_run",
                                                    "compress_choose_version",
                                                    "compress_enable_tiles",
                                                    "compress_end_run",
                                                    "compress_parallel_for"};

/// Kernels stay functions: in one that has all of them, optimization takes much
/// longer, what is said of their arguments gets lost, and a profile tells
/// nothing. Functions of scalars may go where they are called.
static bool isKernel(const Function &function) {
  return function.hasLocalLinkage() && !function.isDeclaration() &&
         function.getReturnType()->isVoidTy() &&
         any_of(function.args(), [](const Argument &argument) {
           return argument.getType()->isPointerTy();
         });
}

/// What the constants of `module` take.
static uint64_t constantBytesOf(const Module &module) {
  uint64_t sum = 0;
  for (const GlobalVariable &global : module.globals())
    sum += module.getDataLayout().getTypeAllocSize(global.getValueType());
  return sum;
}

/// Numbers as bytes: LLVM writes those at once, and others one by one.
static void storeAsBytes(Module &module) {
  constexpr uint64_t kWorthIt = 4096;
  for (GlobalVariable &global : make_early_inc_range(module.globals())) {
    auto *data = global.hasInitializer()
                     ? dyn_cast<ConstantDataArray>(global.getInitializer())
                     : nullptr;
    if (!data || data->getElementType()->isIntegerTy(8))
      continue;
    StringRef bytes = data->getRawDataValues();
    if (bytes.size() < kWorthIt || !module.getDataLayout().isLittleEndian())
      continue;
    Constant *raw = ConstantDataArray::getRaw(
        bytes, bytes.size(), Type::getInt8Ty(module.getContext()));
    auto *stored = new GlobalVariable(
        module, raw->getType(), global.isConstant(), global.getLinkage(), raw,
        "", &global, global.getThreadLocalMode(), global.getAddressSpace());
    stored->copyAttributesFrom(&global);
    stored->takeName(&global);
    global.replaceAllUsesWith(stored);
    global.eraseFromParent();
  }
}

/// Optimizes as `clang -O3` does.
static void optimize(Module &module, TargetMachine &machine) {
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager graphs;
  ModuleAnalysisManager modules;
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  tuning.LoopInterleaving = true;
  tuning.LoopUnrolling = true;
  PassBuilder builder(&machine, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(graphs);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, graphs, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O3)
      .run(module, modules);
}

mlir::FailureOr<std::unique_ptr<Module>>
mlir::compress::buildLlvmIr(ModuleOp op, const TargetCpu &cpu,
                            LLVMContext &context) {
  std::unique_ptr<Module> module =
      translateModuleToLLVMIR(op, context, "compress");
  if (!module) {
    op.emitError("cannot be translated to LLVM IR");
    return failure();
  }
  std::unique_ptr<TargetMachine> machine =
      cpu.createMachine(constantBytesOf(*module));
  module->setTargetTriple(machine->getTargetTriple());
  module->setDataLayout(machine->createDataLayout());
  module->setPICLevel(PICLevel::BigPIC);
  for (Function &function : *module) {
    if (function.isIntrinsic())
      continue;
    function.addFnAttr(llvm::Attribute::NoUnwind);
    if (function.isDeclaration())
      continue;
    if (isKernel(function))
      function.addFnAttr(llvm::Attribute::NoInline);
    function.addFnAttr("target-cpu", cpu.cpu());
    if (!cpu.features().empty())
      function.addFnAttr("target-features", cpu.features());
    for (const Instruction &instruction : instructions(function)) {
      const auto *call = dyn_cast<IntrinsicInst>(&instruction);
      if (call && !op->hasAttr(kFusedSumsAttr) &&
          (call->getIntrinsicID() == Intrinsic::fma ||
           call->getIntrinsicID() == Intrinsic::fmuladd)) {
        op.emitError("the code has a fused multiply-add in '")
            << function.getName()
            << "'; by the numeric contract a product is rounded before the "
               "sum";
        return failure();
      }
    }
  }
  storeAsBytes(*module);
  optimize(*module, *machine);
  return module;
}

void mlir::compress::chooseScheduling(const TargetCpu &cpu) {
  constexpr StringLiteral kName = "enable-misched";
  static cl::Option *const option = cl::getRegisteredOptions().lookup(kName);
  if (!option)
    return;
  option->reset();
  if (cpu.triple().isX86() && cpu.has("avx2"))
    option->addOccurrence(/*pos=*/0, kName, "false");
}

static Expected<SmallVector<char, 0>>
generate(Module &module, const TargetCpu &cpu, CodeGenFileType type) {
  std::unique_ptr<TargetMachine> machine =
      cpu.createMachine(constantBytesOf(module));
  SmallVector<char, 0> bytes;
  raw_svector_ostream os(bytes);
  legacy::PassManager passes;
  if (machine->addPassesToEmitFile(passes, os, nullptr, type))
    return createStringError(inconvertibleErrorCode(),
                             "LLVM cannot emit files for this target");
  passes.run(module);
  return bytes;
}

/// Nothing but these and the allowed symbols may be undefined.
static Error checkSymbols(StringRef bytes, ArrayRef<std::string> allowed) {
  auto object =
      object::ObjectFile::createObjectFile(MemoryBufferRef(bytes, "object"));
  if (!object)
    return object.takeError();
  SmallVector<std::string, 4> unexpected;
  for (const object::SymbolRef &symbol : (*object)->symbols()) {
    Expected<uint32_t> flags = symbol.getFlags();
    if (!flags)
      return flags.takeError();
    if (!(*flags & object::SymbolRef::SF_Undefined))
      continue;
    Expected<StringRef> name = symbol.getName();
    if (!name)
      return name.takeError();
    if (!name->empty() && *name != "_GLOBAL_OFFSET_TABLE_" &&
        !is_contained(kAllowedSymbols, *name) && !is_contained(allowed, *name))
      unexpected.push_back(name->str());
  }
  if (unexpected.empty())
    return Error::success();
  llvm::sort(unexpected);
  // Conversions, as of __truncsfhf2.
  if (all_of(unexpected, [](StringRef name) {
        return name.starts_with("__extendhf") ||
               (name.starts_with("__trunc") && name.ends_with("hf2"));
      }))
    return createStringError(
        inconvertibleErrorCode(),
        "holds f16, which this target has no instructions to convert; compile "
        "for a CPU with F16C, such as x86-64-v3, or export the model in f32");
  return createStringError(inconvertibleErrorCode(),
                           "the generated code calls " +
                               join(unexpected, ", ") +
                               ", which no library with a network may need; "
                               "this is an error of the compiler");
}

Expected<SmallVector<char, 0>>
mlir::compress::emitObject(Module &module, const TargetCpu &cpu,
                           ArrayRef<std::string> allowed) {
  auto bytes = generate(module, cpu, CodeGenFileType::ObjectFile);
  if (!bytes)
    return bytes.takeError();
  if (Error error =
          checkSymbols(StringRef(bytes->data(), bytes->size()), allowed))
    return std::move(error);
  return bytes;
}

Expected<std::string> mlir::compress::emitAssembly(Module &module,
                                                   const TargetCpu &cpu) {
  auto bytes = generate(module, cpu, CodeGenFileType::AssemblyFile);
  if (!bytes)
    return bytes.takeError();
  return std::string(bytes->begin(), bytes->end());
}

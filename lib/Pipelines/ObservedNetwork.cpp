//===- ObservedNetwork.cpp - a network that shows its tensors -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Codegen/Common/LinkShared.h"
#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Support/InputFile.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Signals.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::ModelLibrary;

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

static llvm::Error runPasses(ModuleOp module,
                             function_ref<void(PassManager &)> build) {
  PassManager pm(module.getContext());
  build(pm);
  if (succeeded(pm.run(module)))
    return llvm::Error::success();
  return makeError("the network cannot be compiled to be run");
}

/// Loads a library that is in memory. It needs a file whose name no loaded
/// library has: the dynamic linker takes those of one name for one.
static llvm::Expected<std::unique_ptr<ModelLibrary>>
loadLibrary(StringRef bytes) {
  int file;
  llvm::SmallString<128> path;
  auto fail = [](std::error_code ec) {
    return makeError("the compiled network cannot be stored: " +
                     ::compress::reasonOf(ec));
  };
  if (std::error_code ec = llvm::sys::fs::createTemporaryFile(
          "compress-network", "so", file, path))
    return fail(ec);
  llvm::sys::RemoveFileOnSignal(path);
  llvm::scope_exit removeFile([&] {
    (void)llvm::sys::fs::remove(path);
    llvm::sys::DontRemoveFileOnSignal(path);
  });
  {
    llvm::raw_fd_ostream os(file, /*shouldClose=*/true);
    os << bytes;
    os.close();
    if (std::error_code ec = os.error()) {
      os.clear_error();
      return fail(ec);
    }
  }
  return ModelLibrary::open(path);
}

llvm::Expected<std::unique_ptr<ModelLibrary>>
mlir::compress::loadNetwork(ModuleOp module, unsigned threads, CpuOptions code,
                            llvm::function_ref<void(ModuleOp)> inspect,
                            const TargetCpu *target) {
  std::optional<TargetCpu> native;
  if (!target) {
    llvm::Expected<TargetCpu> found = TargetCpu::get("native");
    if (!found)
      return found.takeError();
    native = std::move(*found);
  }
  const TargetCpu *cpu = target ? target : &*native;
  StringRef name = "network";
  code.features = cpu->enabledFeatures();
  code.parallel = threads != 1;
  if (llvm::Error error = runPasses(
          module, [&](PassManager &pm) { buildCpuPipeline(pm, code); }))
    return std::move(error);
  if (inspect)
    inspect(module);
  llvm::Error error = runPasses(module, [&](PassManager &pm) {
    LlvmPipelineOptions llvm;
    llvm.name = name.str();
    llvm.threads = threads;
    llvm.target = cpu->description();
    buildLlvmPipeline(pm, llvm);
  });
  if (error)
    return std::move(error);
  llvm::LLVMContext llvmContext;
  auto ir = buildLlvmIr(module, *cpu, llvmContext);
  if (mlir::failed(ir))
    return makeError("the network cannot be compiled to be run");
  auto object = emitObject(**ir, *cpu);
  if (!object)
    return object.takeError();
  auto library =
      linkShared(StringRef(object->data(), object->size()),
                 {std::string(name), std::string(name), code.profile});
  if (!library)
    return library.takeError();
  return loadLibrary((*library)->getBuffer());
}

llvm::Expected<std::unique_ptr<ModelLibrary>>
mlir::compress::compileNetwork(OwningOpRef<ModuleOp> module, unsigned threads) {
  PassManager pm(module->getContext());
  buildNormalizePipeline(pm);
  if (failed(pm.run(*module)))
    return makeError("a network that is run on data cannot be normalized");
  return loadNetwork(*module, threads);
}

llvm::Expected<ObservedNetwork> ObservedNetwork::load(ModuleOp module,
                                                      unsigned threads) {
  OwningOpRef<ModuleOp> copy = module.clone();
  ObservedNetwork network;
  copy->walk(
      [&](ObserveOp op) { network.names.push_back(op.getName().str()); });
  llvm::Error error = runPasses(*copy, [&](PassManager &pm) {
    pm.addNestedPass<func::FuncOp>(createExposeObservedPass());
    if (isQuantized(module))
      buildIntegerPipeline(pm, {});
  });
  if (error)
    return std::move(error);
  auto library = loadNetwork(*copy, threads);
  if (!library)
    return library.takeError();
  network.library = std::move(*library);
  return network;
}

llvm::Expected<std::vector<::compress::BiasCorrection>>
mlir::compress::measureBiasErrors(ModuleOp module,
                                  const ::compress::CalibrationTable &table,
                                  WeightRange weights,
                                  const ::compress::SampleSource &source,
                                  unsigned threads,
                                  ::compress::SampleProgress progress) {
  OwningOpRef<ModuleOp> copy = module.clone();
  llvm::Error error = runPasses(*copy, [&](PassManager &pm) {
    ProbeErrorsPassOptions probe;
    probe.weights = weights;
    pm.addNestedPass<func::FuncOp>(createProbeErrorsPass(
        std::make_shared<::compress::CalibrationTable>(table), probe));
    buildIntegerPipeline(pm, {});
  });
  if (error)
    return std::move(error);
  std::vector<::compress::BiasCorrection> corrections;
  FailureOr<func::FuncOp> func = findNetworkFunction(*copy);
  if (failed(func))
    return makeError("the network cannot be compiled to be run");
  for (unsigned i = 0; i < func->getNumResults(); ++i)
    corrections.push_back(
        {func->getResultAttrOfType<StringAttr>(i, kNameAttr).str(), {}});
  if (corrections.empty())
    return corrections;
  auto library = loadNetwork(*copy, threads);
  if (!library)
    return library.takeError();
  std::vector<std::string> names;
  for (const ::compress::BiasCorrection &correction : corrections)
    names.push_back(correction.name);
  auto means = ::compress::collectMeans(
      **library, source, names, static_cast<int32_t>(threads), progress);
  if (!means)
    return means.takeError();
  for (auto [correction, values] : llvm::zip_equal(corrections, *means))
    correction.values = std::move(values);
  return corrections;
}

::compress::CalibrationTable
mlir::compress::chooseRanges(ArrayRef<std::string> names,
                             ArrayRef<::compress::TensorStatistics> statistics,
                             const ::compress::RangeOptions &options) {
  ::compress::CalibrationTable table;
  table.method = nameOf(options.method).str();
  table.symmetric = options.symmetric;
  for (auto [name, tensor] : llvm::zip_equal(names, statistics)) {
    table.samples = tensor.numSamples();
    table.entries.push_back(
        {name, chooseRange(tensor, options), tensor.min(), tensor.max()});
  }
  return table;
}

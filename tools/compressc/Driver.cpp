//===- Driver.cpp - from a model to what was asked for --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Driver.h"
#include "Compress/Codegen/Common/DispatchVersions.h"
#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Codegen/Common/LibraryName.h"
#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Codegen/Common/Passes.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Support/InputFile.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Transforms/LocationSnapshot.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir;
using namespace mlir::compress;

Driver::Driver(const DriverOptions &options, MLIRContext &context,
               RemarkCollector &remarks, Console &console)
    : options(options), context(context), remarks(remarks), console(console) {
  report.producer = options.producer;
  report.model = options.model == "-" ? "standard input" : options.model;
  report.emit = options.emitName;
}

LogicalResult Driver::fail(llvm::Error error) {
  console.error(std::move(error));
  return failure();
}

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openModel(StringRef path) {
  if (path != "-")
    return ::compress::openInputFile(path);
  auto content = llvm::MemoryBuffer::getSTDIN();
  if (!content)
    return ::compress::fileError("standard input",
                                 "cannot be read: " +
                                     ::compress::reasonOf(content.getError()));
  return std::move(*content);
}

LogicalResult Driver::read() {
  reportCrashes(report.model, "reading it");
  console.progress("reading " + report.model);
  auto content = openModel(options.model);
  if (!content)
    return fail(content.takeError());
  StringRef bytes = (*content)->getBuffer();
  llvm::Expected<ModelFormat> format = detectModelFormat(bytes);
  if (!format)
    return fail(::compress::fileError(report.model,
                                      llvm::toString(format.takeError())));
  report.format = formatName(*format).str();

  context.disableMultithreading();
  ReadResult result =
      readModel(bytes, report.model, *format, &context, options.read);
  hasCrashed = result.crashed;
  if (!result.module) {
    if (!console.hasErrors())
      console.error("'" + report.model + "': cannot be read");
    return failure();
  }
  context.enableMultithreading();
  module = std::move(result.module);
  // Of the code generator's own.
  (*module)->removeAttr(kTuningAttr);
  (*module)->removeAttr(kTuningCandidateAttr);
  report.imported = computeCost(*module);
  report.quantized = isQuantized(*module);
  return success();
}

LogicalResult Driver::runPasses(StringRef doing,
                                function_ref<void(PassManager &)> build) {
  reportCrashes(report.model, doing);
  console.progress(doing);
  PassManager pm(&context);
  build(pm);
  if (succeeded(pm.run(*module)))
    return success();
  if (!console.hasErrors())
    console.error("'" + report.model + "': failed while " + doing +
                  "; this is an error of the compiler");
  return failure();
}

/// Only a float model is quantized here.
LogicalResult Driver::checkQuantizable() {
  if (!options.quantize || !quantizesActivations(*module))
    return success();
  return fail(::compress::fileError(
      report.model, "is quantized already; leave out --calibrate and "
                    "--ranges, which are for float models"));
}

/// An option for f32 networks, on a target that `serves` it.
LogicalResult
Driver::checkFloatOption(llvm::StringRef option, llvm::StringRef lack,
                         llvm::StringRef cpu,
                         llvm::function_ref<bool(llvm::StringRef)> serves) {
  if (options.quantize || report.quantized)
    return fail(::compress::fileError(
        report.model, "is computed in integers; leave out " + option +
                          ", which is for f32 networks"));
  if (llvm::none_of(cpus, [&](const TargetCpu &version) {
        return serves(version.enabledFeatures());
      }))
    return fail(llvm::createStringError(
        option + ": '" + llvm::join(options.targetCpus, ",") + "' has " + lack +
        "; leave it out, or compile for a CPU with " + cpu +
        " by --target-cpu"));
  return success();
}

LogicalResult Driver::checkFloatOptions() {
  if (options.bfloat16 &&
      failed(checkFloatOption("--bf16", "no products of bf16",
                              "avx512bf16 (or bf16 on AArch64)",
                              multipliesBfloat16)))
    return failure();
  if (options.winogradTile == CpuOptions().winogradTile)
    return success();
  return checkFloatOption(
      "--winograd-tile", "less than 32 vector registers",
      "avx512f (or any of AArch64)",
      [](llvm::StringRef features) { return hasWinograd(features); });
}

/// To the qdq or integer form, or to normalized f32.
LogicalResult Driver::lowerTensors() {
  if (failed(checkQuantizable()) || failed(checkFloatOptions()))
    return failure();
  bool wasFloat = options.quantize.has_value() || !report.quantized;
  if (options.quantize && failed(quantize()))
    return failure();
  bool wantsIntegers =
      options.emit == Emit::Qdq || options.emit == Emit::Integer;
  if (wantsIntegers && !report.quantized)
    return fail(::compress::fileError(
        report.model,
        "is not quantized, so that there is no form '" + options.emitName +
            "' of it; quantize it by data with --calibrate, export it with "
            "QuantizeLinear and DequantizeLinear nodes, or leave --emit out "
            "for f32 code"));
  LogicalResult result = success();
  if (report.quantized && options.emit != Emit::Qdq)
    result = runPasses("lowering to integers", [&](PassManager &pm) {
      Int8LowerOptions lower;
      lower.int8Io = options.int8Io;
      // Quantizing begins with normalizing.
      if (wasFloat)
        buildIntegerPipeline(pm, lower);
      else
        buildInt8LowerPipeline(pm, lower);
    });
  else if (!wasFloat || !report.quantized)
    result = runPasses("normalizing",
                       [](PassManager &pm) { buildNormalizePipeline(pm); });
  if (succeeded(result))
    report.made = computeCost(*module);
  return result;
}

CpuOptions Driver::cpuOptions() const {
  CpuOptions code;
  code.features = cpu->enabledFeatures();
  code.strategy = options.strategy;
  code.emulateDot = options.emulateDot;
  if (!options.winograd)
    code.winograd = WinogradUse::Never;
  code.winogradTile = options.winogradTile;
  code.bfloat16 = options.bfloat16;
  code.profile = options.profile;
  code.parallel = options.threads != 1;
  return code;
}

/// Whether anything is stored as bf16.
static bool holdsBfloat16(ModuleOp module) {
  auto isBf16 = [](Type type) {
    auto memref = dyn_cast<MemRefType>(type);
    return memref && memref.getElementType().isBF16();
  };
  return module
      ->walk([&](Operation *op) {
        return llvm::any_of(op->getResultTypes(), isBf16)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

LogicalResult Driver::lowerToCode() {
  report.target += (report.target.empty() ? "" : "; ") + cpu->description();
  report.threads = options.threads;
  if (failed(runPasses("generating kernels", [&](PassManager &pm) {
        buildCpuPipeline(pm, cpuOptions());
      })))
    return failure();
  if (options.bfloat16 && holdsBfloat16(*module))
    report.bfloat16.push_back(cpu->cpu().str());
  return success();
}

void Driver::keepLines() {
  SmallString<128> path(options.debugInfo);
  (void)llvm::sys::fs::make_absolute(path); // Else it stays relative.
  // To be read, not compiled: without the numbers of constants.
  constexpr int64_t most = 16;
  OpPrintingFlags flags;
  flags.elideLargeElementsAttrs(most).elideLargeResourceString(most);
  std::string text;
  llvm::raw_string_ostream os(text);
  generateLocationsFromIR(os, path, *module, flags);
  outputs.push_back({options.debugInfo,
                     [text](llvm::raw_ostream &os) {
                       os << text << '\n';
                       return llvm::Error::success();
                     },
                     ::compress::OutputKind::Data});
}

LogicalResult Driver::lowerToLlvm(StringRef functionName) {
  FailureOr<NetworkInterface> network = readNetworkInterface(*module);
  if (failed(network))
    return failure();
  // Of several versions the largest arena serves all.
  int64_t constants = network->constantBytes +
                      (report.network ? report.network->constantBytes : 0);
  if (!report.network || report.network->arenaBytes < network->arenaBytes)
    report.network = std::move(*network);
  report.network->constantBytes = constants;
  // A network with nothing to split runs in one thread.
  bool isSplit =
      module->walk([](scf::ForallOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  report.threads = isSplit ? options.threads : 1;
  if (!options.debugInfo.empty())
    keepLines();
  return runPasses("lowering to LLVM", [&](PassManager &pm) {
    LlvmPipelineOptions llvm;
    llvm.name = functionName.str();
    llvm.threads = options.threads;
    llvm.target = cpu->description();
    llvm.producer = options.producer;
    llvm.debugInfo = !options.debugInfo.empty();
    buildLlvmPipeline(pm, llvm);
  });
}

int Driver::run() {
  // Before the long work: a wrong name is found at once.
  if (options.emit >= Emit::Code && !options.sensitivity) {
    for (StringRef text : options.targetCpus) {
      llvm::Expected<TargetCpu> found = TargetCpu::get(text, options.target);
      if (!found)
        return console.error("--target-cpu: " +
                             llvm::toString(found.takeError()));
      cpus.push_back(std::move(*found));
    }
    for (size_t i = 0; cpus.size() > 1 && i < cpus.size(); ++i)
      if (auto needed = neededFeatures(cpus[i]); !needed)
        return console.error("--target-cpu: " +
                             llvm::toString(needed.takeError()));
    cpu = &cpus.front();
    chooseScheduling(*cpu);
    // Tiles are asked for by the runtime, which there is for this machine only.
    if (options.emit == Emit::Shared && !cpu->isForHost() &&
        cpu->triple().isX86() && cpu->has("amx-int8"))
      return console.error("--target-cpu: a library for another kind of "
                           "machine has no AMX; name another CPU, or give "
                           "--emit=obj and link it with the sources in "
                           "lib/Runtime");
    if (failed(readTuning()))
      return 1;
  }
  name = networkNameOf(options.output);
  if (int code = checkFiles())
    return code;

  if (failed(read()))
    return 1;
  if (options.sensitivity)
    return measureSensitivity();
  if (options.emit > Emit::Model && failed(prune()))
    return 1;
  if (options.emit == Emit::Onnx)
    return writeOnnx();
  if (options.emit <= Emit::Pruned)
    return writeModule();
  if (failed(lowerTensors()))
    return 1;
  if (options.emit <= Emit::Integer)
    return writeModule();
  if (failed(tune()))
    return 1;
  if (cpus.size() > 1)
    return writeVersions();
  if (failed(lowerToCode()))
    return 1;
  if (options.emit == Emit::Code)
    return writeModule();
  if (failed(lowerToLlvm(name)))
    return 1;
  return writeMachineCode();
}

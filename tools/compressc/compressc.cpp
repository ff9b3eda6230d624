//===- compressc.cpp - compiles networks ----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Exit codes: 0 done, 1 an error, 2 wrong usage.
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "Compress/Import/MindIR/MindIRImport.h"
#include "Compress/Import/Onnx/OnnxImport.h"
#include "Compress/Pipelines/Registration.h"
#include "Compress/Runtime/Parallel.h"
#include "Compress/Support/CommandLine.h"
#include "Compress/Support/Npy.h"
#include "Driver.h"
#include "PruneOptions.h"
#include "QuantizeOptions.h"
#include "SensitivityOptions.h"
#include "TargetOptions.h"
#include "llvm/Config/llvm-config.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/WithColor.h"
#include <cstdlib>

using namespace mlir;
using namespace mlir::compress;
namespace cl = llvm::cl;

static cl::OptionCategory category("Options");
static cl::OptionCategory aids("Options for tests");

namespace {

/// The command line. Its options are no globals: LLVM has options by the same
/// names, which have to go first.
struct CommandLine {

  cl::opt<std::string> model{cl::Positional, cl::desc("<model>"),
                             cl::cat(category)};
  cl::opt<std::string> output{
      "o", cl::desc("The file to write; - is standard output"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<Emit> emitKind{
      "emit", cl::desc("What to make of the model (default: shared)"),
      cl::values(
          clEnumValN(Emit::Model, "model", "the model as imported (MLIR)"),
          clEnumValN(Emit::Pruned, "pruned",
                     "without what --prune or --scop-prune take out, and "
                     "without channels that are masked or zero (MLIR)"),
          clEnumValN(Emit::Onnx, "onnx",
                     "an ONNX model of opset 17; with --calibrate or --ranges "
                     "a quantized one (QDQ)"),
          clEnumValN(Emit::Qdq, "qdq", "normalized, quantized in f32 (MLIR)"),
          clEnumValN(Emit::Integer, "integer", "in integers (MLIR)"),
          clEnumValN(Emit::Code, "code", "loops and vectors on memory (MLIR)"),
          clEnumValN(Emit::Llvm, "llvm", "LLVM IR, optimized"),
          clEnumValN(Emit::Asm, "asm", "assembly"),
          clEnumValN(Emit::Obj, "obj", "an object file, and its C header"),
          clEnumValN(Emit::Shared, "shared",
                     "a shared library, and its C header")),
      cl::init(Emit::Shared), cl::cat(category)};
  PruneOptions prune;
  SensitivityOptionGroup sensitivity{prune.category};
  QuantizeOptions quantize;
  cl::opt<unsigned long long> batch{
      "batch",
      cl::desc("Samples that one run computes, where the model leaves the "
               "first dimension open (default: 1)"),
      cl::value_desc("n"), cl::cat(category)};
  cl::list<std::string> inputShapes{
      "input-shape",
      cl::desc("The shape of an input, where the model leaves it open; of an "
               "ONNX or MindIR model also in place of its own"),
      cl::value_desc("[name=]1x3x224x224"), cl::cat(category)};
  cl::list<std::string> freezeInputs{
      "freeze-inputs",
      cl::desc("Make inputs of an ONNX or MindIR model constants, from .npy "
               "files"),
      cl::value_desc("name=file.npy,..."), cl::CommaSeparated,
      cl::cat(category)};
  cl::opt<bool> mindirAsWritten{
      "mindir-as-written",
      cl::desc("Compute what MindSpore computes of a MindIR model: no fake "
               "quantization, and a batch normalization that convert() has "
               "folded once more"),
      cl::cat(category)};
  cl::opt<bool> listMindIROps{
      "list-mindir-ops",
      cl::desc("Print the operators of MindIR that are imported, and end"),
      cl::cat(category)};
  cl::opt<bool> listOnnxOps{
      "list-onnx-ops",
      cl::desc("Print the operators of ONNX that are imported, and end"),
      cl::cat(category)};
  TargetOptions target{category};
  cl::opt<bool> int8Io{
      "int8-io", cl::desc("Leave the inputs and outputs quantized, not f32"),
      cl::cat(category)};
  cl::opt<bool> noWinograd{
      "no-winograd",
      cl::desc("Compute 3x3 convolutions of f32 networks directly, as their "
               "sums stand, also where fewer products are faster"),
      cl::cat(category)};
  cl::opt<unsigned> winogradTile{
      "winograd-tile",
      cl::desc("Outputs along a side of the tiles of Winograd's algorithm, for "
               "3x3 convolutions of f32 networks on targets with 32 vector "
               "registers: up to 4 is faster than 2, and less exact (default: "
               "2)"),
      cl::value_desc("2|4"), cl::init(2), cl::cat(category)};
  cl::opt<bool> bfloat16{
      "bf16",
      cl::desc("Round what the layers of f32 networks read, and their weights, "
               "to bf16 (8 bits of significand): faster, and less exact"),
      cl::cat(category)};
  cl::opt<bool> profile{
      "profile",
      cl::desc("Count the time of each kernel, to look at with compress-run "
               "bench --per-op"),
      cl::cat(category)};
  cl::opt<std::string> debugInfo{
      "debug-info",
      cl::desc("Write the code of the kernels to this file, as MLIR to read, "
               "and its lines into the output, for gdb, perf and VTune"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<std::string> report{
      "report",
      cl::desc("Write what was done, layer by layer, to this file: a page to "
               "look at where its name ends in .html, else JSON"),
      cl::value_desc("file"), cl::cat(category)};
  cl::opt<bool> bytecode{"bytecode",
                         cl::desc("Write MLIR as bytecode, not as text"),
                         cl::cat(category)};
  cl::opt<bool> noHeader{"no-header", cl::desc("Write no C header"),
                         cl::cat(category)};
  cl::opt<bool> quiet{"q", cl::desc("Say nothing but errors"),
                      cl::cat(category)};
  cl::opt<bool> verbose{"v",
                        cl::desc("Say also what went well, and all errors"),
                        cl::cat(category)};

  cl::opt<CpuStrategy> codegen{
      "codegen", cl::desc("How to compute"),
      cl::values(clEnumValN(CpuStrategy::Kernels, "kernels",
                            "tiles and vectors (default)"),
                 clEnumValN(CpuStrategy::Loops, "loops",
                            "one element after the other")),
      cl::init(CpuStrategy::Kernels), cl::cat(aids)};
  cl::opt<bool> emulateDot{
      "emulate-dot",
      cl::desc("Compute special instructions with ordinary ones, so that the "
               "code runs on any CPU"),
      cl::cat(aids)};

  cl::extrahelp help{R"(
The model is ONNX, MindIR, MLIR text or MLIR bytecode, told by its content; - is
standard input. A quantized model (QuantizeLinear and DequantizeLinear, Golden
Stick's FakeQuantParam, int8 TOSA, integer linalg, compress.fake_quant) becomes
int8. A float model becomes
int8 with --calibrate, by samples of its inputs, or with --ranges; else it stays
f32.

Examples:
  compressc net.onnx -o net.so                 a library for this machine
  compressc net.onnx -o net.so --threads=1 --target-cpu=znver4
  compressc net.onnx -o net.so --target-cpu=x86-64,x86-64-v3,x86-64-v4+vnni
  compressc net.onnx -o net.o --emit=obj --target=aarch64-linux-gnu \
    --target-cpu=neoverse-n1
  compressc net.mlir -o net.so --int8-io --report=net.json
  compressc net.onnx -o - --emit=integer       look at the integers
  compressc net.mlir -o net.onnx --emit=onnx   the model for other tools
  compressc float.onnx -o net.so --calibrate=npy:images.npy --save-ranges=r.json
  compressc net.onnx -o net.so --prune=0.5 --prune-budget=macs --prune-scope=global
  compressc net.onnx --sensitivity=net.json --sensitivity-chart=net.html \
    --prune-data=npy:images.npy                what pruning each layer costs
  compressc float.onnx -o net.so --calibrate=cifar10:train.bin --scale=1/255 \
    --mean=.485,.456,.406 --std=.229,.224,.225 --report=net.html

A library exports NAME_run and NAME_info, NAME being that of the file; NAME.h,
beside it, says how to call them. compress-run runs it.

Exit codes: 0 done, 1 an error, 2 wrong usage.
)"};
  cl::extrahelp dataHelp{::compress::dataHelp};
};

} // namespace

/// Removes the options of LLVM's libraries, but for --help and --version.
static void dropForeignOptions() {
  SmallVector<cl::Option *> foreign;
  for (auto &entry : cl::getRegisteredOptions())
    if (entry.second->Categories.empty() ||
        entry.second->Categories.front()->getName() != "Generic Options")
      foreign.push_back(entry.second);
  for (cl::Option *option : foreign)
    option->removeArgument();
}

static int usageError(const llvm::Twine &message) {
  llvm::WithColor::error(llvm::errs(), "compressc") << message << '\n';
  return 2;
}

/// "name=1x3x8x8" or "1x3x8x8".
static bool parseShape(StringRef text, std::string &name,
                       SmallVector<int64_t> &shape) {
  if (text.contains('=')) {
    auto [before, after] = text.rsplit('=');
    if (before.empty())
      return false;
    name = before.str();
    text = after;
  }
  SmallVector<StringRef> extents;
  text.split(extents, text.contains(',') ? ',' : 'x');
  for (StringRef extent : extents) {
    int64_t value;
    if (extent.trim().getAsInteger(10, value) || value < 1 || value > INT32_MAX)
      return false;
    shape.push_back(value);
  }
  return true;
}

/// The name of an option's value, as given.
static std::string emitNameOf(Emit emit) {
  static constexpr StringLiteral names[] = {"model",   "pruned", "onnx", "qdq",
                                            "integer", "code",   "llvm", "asm",
                                            "obj",     "shared"};
  return names[static_cast<size_t>(emit)].str();
}

/// Reads the options; the exit code where they are wrong.
static int readOptions(CommandLine &args, DriverOptions &options) {
  options.emit = args.emitKind;
  options.emitName = emitNameOf(args.emitKind);
  options.strategy = args.codegen;
  if (args.model.empty())
    return usageError(
        "no model; name an ONNX, MindIR or MLIR file, and see --help");
  bool measures = args.sensitivity.output.getNumOccurrences();
  if (args.output.empty() && !measures)
    return usageError("no output; name it with -o, and see --help");
  if (args.quiet && args.verbose)
    return usageError("-q and -v exclude each other");
  if (args.batch.getNumOccurrences() &&
      (args.batch == 0 || args.batch > INT32_MAX))
    return usageError("--batch: a number of samples from 1");
  if (args.winogradTile != 2 && args.winogradTile != 4)
    return usageError("--winograd-tile: 2 or 4, not " +
                      llvm::Twine(args.winogradTile.getValue()));
  for (const std::string &text : args.inputShapes) {
    auto &[name, shape] = options.read.inputShapes.emplace_back();
    if (!parseShape(text, name, shape))
      return usageError("--input-shape: '" + text +
                        "' is no shape; write 1x3x224x224, or "
                        "name=1x3x224x224 where there are several inputs");
  }
  bool isMlir = args.emitKind <= Emit::Code && args.emitKind != Emit::Onnx;
  bool isText = args.emitKind <= Emit::Asm && args.emitKind != Emit::Onnx &&
                !(args.bytecode && isMlir);
  if (args.bytecode && !isMlir)
    return usageError("--bytecode: only for --emit=model, pruned, qdq, integer "
                      "or code");
  if (args.output == "-" && !isText &&
      llvm::sys::Process::StandardOutIsDisplayed())
    return usageError("standard output is a terminal, the output is not text; "
                      "name a file with -o");
  if (args.report.getNumOccurrences() && args.report.empty())
    return usageError("--report: the name of a file is missing");
  if (args.debugInfo.getNumOccurrences()) {
    if (args.debugInfo.empty() || args.debugInfo == "-")
      return usageError("--debug-info: the name of a file is missing");
    if (args.emitKind <= Emit::Code || measures)
      return usageError("--debug-info: only for code: leave it out, or take "
                        "--emit=shared, obj, asm or llvm");
    options.debugInfo = args.debugInfo;
  }
  if (args.report == "-" && args.output == "-")
    return usageError("--report: standard output is for the output; name a "
                      "file");
  if (measures &&
      (args.output.getNumOccurrences() || args.emitKind.getNumOccurrences() ||
       args.report.getNumOccurrences() || !args.quantize.calibrate.empty() ||
       !args.quantize.ranges.empty()))
    return usageError("--sensitivity measures and makes nothing else: leave "
                      "out -o, --emit, --report, --calibrate and --ranges");
  if (llvm::Error error = args.sensitivity.read(
          args.prune, args.quantize.preprocess, options.sensitivity))
    return usageError(llvm::toString(std::move(error)));
  if (!measures)
    if (llvm::Error error = args.prune.read(
            args.emitKind, args.quantize.preprocess, options.prune))
      return usageError(llvm::toString(std::move(error)));
  if (llvm::Error error = args.target.read(options))
    return usageError(llvm::toString(std::move(error)));
  if (args.bfloat16 && (args.emitKind < Emit::Code || measures))
    return usageError("--bf16: only for code: leave it out, or take "
                      "--emit=shared, obj, asm, llvm or code");
  if (args.winogradTile != 2) {
    if (args.emitKind < Emit::Code || measures)
      return usageError("--winograd-tile: only for code: leave it out, or take "
                        "--emit=shared, obj, asm, llvm or code");
    if (args.noWinograd || args.bfloat16 ||
        options.strategy == CpuStrategy::Loops)
      return usageError("--winograd-tile: nothing takes fewer products with "
                        "--no-winograd, --bf16 or --codegen=loops; leave it or "
                        "them out");
  }
  if (!options.debugInfo.empty() && options.targetCpus.size() > 1)
    return usageError("--debug-info: its lines are those of the code for one "
                      "CPU; name one with --target-cpu");
  if (measures && (options.tune || !options.tuning.empty()))
    return usageError("--sensitivity makes no code: leave out --tune and "
                      "--tuning");
  // A target that nobody knows is an error of the driver, which says so.
  if (auto cpu = TargetCpu::get(options.targetCpus.front(), options.target);
      !cpu) {
    std::string reason = llvm::toString(cpu.takeError());
    if (options.prune && options.prune->select.budget == PruneBudget::Latency)
      return usageError("--target-cpu: " + reason);
  } else if (options.prune)
    options.prune->select.lanes = getVectorLanes(cpu->enabledFeatures());
  if (options.prune && options.prune->byData)
    options.prune->criterion = args.prune.describe(*options.prune->byData);
  if (llvm::Error error = args.quantize.read(
          args.emitKind,
          args.batch.getNumOccurrences() ? args.batch.getValue() : 1,
          args.output == "-" || args.report == "-",
          measures || (options.prune && !options.prune->source.data.empty()),
          options.quantize))
    return usageError(llvm::toString(std::move(error)));
  options.model = args.model;
  options.output = args.output;
  if (args.model != "-")
    options.read.folder = llvm::sys::path::parent_path(args.model).str();
  options.report = args.report;
  options.read.batch = static_cast<int64_t>(args.batch.getValue());
  options.read.mindirAsWritten = args.mindirAsWritten;
  options.int8Io = args.int8Io;
  options.profile = args.profile;
  options.bytecode = args.bytecode;
  options.header = !args.noHeader;
  options.emulateDot = args.emulateDot;
  options.winograd = !args.noWinograd;
  options.winogradTile = args.winogradTile;
  options.bfloat16 = args.bfloat16;
  options.producer =
      "compressc " COMPRESS_VERSION " (LLVM " LLVM_VERSION_STRING ")";
  options.version = COMPRESS_VERSION;
  options.verbosity = args.quiet     ? Verbosity::Quiet
                      : args.verbose ? Verbosity::Verbose
                                     : Verbosity::Normal;
  return 0;
}

/// The type of a constant; none for types that only files have.
static std::optional<ElementType> elementTypeOf(::compress::DType dtype) {
  using ::compress::DType;
  switch (dtype) {
  case DType::F32:
    return ElementType::F32;
  case DType::I8:
    return ElementType::I8;
  case DType::U8:
    return ElementType::U8;
  case DType::I16:
    return ElementType::I16;
  case DType::U16:
    return ElementType::U16;
  case DType::I32:
    return ElementType::I32;
  case DType::U32:
    return ElementType::U32;
  case DType::I64:
    return ElementType::I64;
  case DType::U64:
    return ElementType::U64;
  case DType::Bool:
    return ElementType::Bool;
  case DType::F16:
    return ElementType::F16;
  case DType::F64:
    return ElementType::F64;
  }
  return std::nullopt;
}

/// Reads the files of --freeze-inputs; the exit code where that fails.
static int readFrozenInputs(const CommandLine &args, DriverOptions &options) {
  for (const std::string &text : args.freezeInputs) {
    StringRef name, path;
    std::tie(name, path) = StringRef(text).rsplit('=');
    if (name.empty() || path.empty())
      return usageError("--freeze-inputs: '" + text + "' is no name=file.npy");
    if (llvm::any_of(options.read.frozenInputs,
                     [&](const auto &other) { return other.first == name; }))
      return usageError("--freeze-inputs: '" + name + "' is named twice");
    options.inputFiles.push_back(path.str());
    auto array = ::compress::readNpy(path);
    if (!array) {
      llvm::WithColor::error(llvm::errs(), "compressc")
          << llvm::toString(array.takeError()) << '\n';
      return 1;
    }
    auto bytes = array->bytes();
    std::string content(reinterpret_cast<const char *>(bytes.data()),
                        bytes.size());
    options.read.frozenInputs.emplace_back(
        name.str(),
        ConstantTensor::get(*elementTypeOf(array->dtype()), array->dims(),
                            std::move(content), name.str()));
  }
  return 0;
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  // Before LLVM's option for it is dropped.
  chooseScheduling(llvm::cantFail(TargetCpu::get("generic")));
  dropForeignOptions();
  CommandLine args;
  cl::HideUnrelatedOptions(
      {&category, &args.prune.category, &args.quantize.category, &aids});
  cl::SetVersionPrinter([](llvm::raw_ostream &os) {
    os << "compressc " COMPRESS_VERSION " (LLVM " LLVM_VERSION_STRING ")\n";
  });
  if (!::compress::parseCommandLine(argc, argv, "compressc",
                                    "Compiles neural networks to libraries\n"))
    return 2;
  if (args.listMindIROps) {
    printMindIROps(llvm::outs());
    return 0;
  }
  if (args.listOnnxOps) {
    printOnnxOps(llvm::outs());
    return 0;
  }
  if (args.target.cpus == "help") {
    auto known = TargetCpu::get("generic", args.target.target);
    if (!known)
      return usageError("--target: " + llvm::toString(known.takeError()));
    for (const std::string &name : TargetCpu::names(args.target.target))
      llvm::outs() << name << '\n';
    return 0;
  }
  DriverOptions options;
  if (int code = readOptions(args, options))
    return code;
  if (int code = readFrozenInputs(args, options))
    return code;
  // Calibration and the linker have their threads from there.
  llvm::parallel::strategy = llvm::hardware_concurrency(options.threads);

  Console console(options.model == "-" ? "standard input" : options.model,
                  options.verbosity);
  RemarkCollector remarks;
  DialectRegistry registry;
  registerAllDialects(registry);
  registerLlvmTranslations(registry);
  // Threads come after reading, where a crash is caught in this one.
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  console.attach(context);
  if (failed(remarks.attach(context)))
    return console.error("the remarks cannot be collected");
  int code;
  bool crashed;
  {
    Driver driver(options, context, remarks, console);
    code = driver.run();
    crashed = driver.crashed();
  }
  if (crashed) {
    // What is left of the context must not be touched any more.
    llvm::outs().flush();
    llvm::errs().flush();
    std::_Exit(code);
  }
  return code;
}

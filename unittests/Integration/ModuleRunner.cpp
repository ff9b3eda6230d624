//===- ModuleRunner.cpp - modules through the compiler --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ModuleRunner.h"
#include "Compress/Codegen/Common/EmitObject.h"
#include "Compress/Codegen/Common/LinkShared.h"
#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Codegen/Common/TargetCpu.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Import/Onnx/OnnxImport.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Pipelines/Registration.h"
#include "Compress/Runtime/Tiles.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace mlir;
using namespace oracle;
namespace mc = mlir::compress;

/// A path of kernels. Without `emulate` the machine needs the features.
static Path kernels(llvm::StringRef name, llvm::StringRef features,
                    llvm::StringRef cpu, bool emulate) {
  Path path{name.str(), {}, cpu.str()};
  path.options.features = features.str();
  path.options.fuseSums = false;
  path.options.emulateDot = emulate;
  return path;
}

/// What code that only stands in for other instructions is compiled for.
static llvm::StringRef emulationCpu() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    return "x86-64-v3";
#endif
  return "generic";
}

std::vector<Path> oracle::paths() {
  Path loops{"loops", {}, "generic"};
  loops.options.strategy = mc::CpuStrategy::Loops;
  loops.options.parallel = false;
  std::vector<Path> result{loops, kernels("portable", "", "generic", false)};
  constexpr llvm::StringLiteral vnni =
      "+avx2,+avx512f,+avx512bw,+avx512vl,+avx512vnni";
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2"))
    result.push_back(kernels("avx2", "+avx2", "x86-64-v3", false));
  if (__builtin_cpu_supports("avx512vnni")) {
    result.push_back(kernels("avx512vnni", vnni, "icelake-server", false));
    // There is no emulation of tiles: LLVM IR cannot say what they hold.
    if (__builtin_cpu_supports("amx-int8") && compress_enable_tiles() == 0)
      result.push_back(kernels("amx", (vnni + ",+amx-tile,+amx-int8").str(),
                               "sapphirerapids", false));
    return result;
  }
#endif
  result.push_back(kernels("avx512vnni, emulated", vnni, emulationCpu(), true));
  return result;
}

std::vector<Path> oracle::planPaths() {
  std::vector<Path> result;
  int64_t plan = 1;
  // Loops and portable code have one.
  const std::vector<Path> all = paths();
  for (const Path &path : llvm::drop_begin(all, 2))
    for (int i = 0; i < 3; ++i) {
      Path other = path;
      other.plan = plan++;
      other.name += ", plan " + std::to_string(other.plan);
      result.push_back(other);
    }
  return result;
}

std::vector<Path> oracle::morePaths() {
  return {
#if defined(__x86_64__)
      kernels("sse2", "+sse2", "generic", false),
#endif
      kernels("avxvnni, emulated", "+avx2,+avxvnni", emulationCpu(), true),
      kernels("sdot, emulated", "+neon,+dotprod", emulationCpu(), true),
      kernels("smmla, emulated", "+neon,+dotprod,+i8mm", emulationCpu(), true),
      kernels("ssse3, emulated", "+sse2,+ssse3", emulationCpu(), true),
      kernels("avx512bw, emulated", "+avx2,+avx512f,+avx512bw,+avx512vl",
              emulationCpu(), true)};
}

std::vector<Path> oracle::fusedPaths() {
  std::vector<Path> result;
#if defined(__x86_64__)
  auto add = [&](llvm::StringRef name, llvm::StringRef features,
                 llvm::StringRef cpu) {
    for (int64_t tile : {0, 2, 4}) {
      Path path = kernels(name, features, cpu, false);
      path.options.fuseSums = true;
      path.options.winograd =
          tile == 0 ? mc::WinogradUse::Never : mc::WinogradUse::Always;
      if (tile != 0) {
        path.options.winogradTile = tile;
        path.name += ", Winograd in tiles of " + std::to_string(tile);
      }
      result.push_back(path);
    }
  };
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    add("avx2", "+avx2,+fma", "x86-64-v3");
  if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw"))
    add("avx512", "+avx2,+fma,+avx512f,+avx512bw,+avx512vl", "x86-64-v4");
#endif
  return result;
}

std::vector<Path> oracle::bfloat16Paths() {
  constexpr llvm::StringLiteral x86 =
      "+avx2,+avx512f,+avx512bw,+avx512vl,+avx512bf16";
  std::vector<Path> result = {
      kernels("loops", x86, "generic", true),
      kernels("avx512bf16, emulated", x86, emulationCpu(), true),
      kernels("bfdot, emulated", "+neon,+bf16", emulationCpu(), true)};
  result.front().options.strategy = mc::CpuStrategy::Loops;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bf16"))
    result.push_back(kernels("avx512bf16", x86, "cooperlake", false));
#endif
  for (Path &path : result)
    path.options.bfloat16 = true;
  return result;
}

ModuleRunner::ModuleRunner() {
  DialectRegistry registry;
  mc::registerAllDialects(registry);
  mc::registerLlvmTranslations(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  // Errors are returned, not printed.
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      messages += diagnostic.str() + "\n";
    return success();
  });
}

std::string ModuleRunner::takeMessages() { return std::move(messages); }

OwningOpRef<ModuleOp> ModuleRunner::parse(llvm::StringRef text) {
  return parseSourceString<ModuleOp>(text, &context);
}

llvm::Expected<OwningOpRef<ModuleOp>>
ModuleRunner::load(llvm::StringRef path, ArrayRef<int64_t> inputShape) {
  OwningOpRef<ModuleOp> module;
  if (path.ends_with(".onnx")) {
    auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                              /*RequiresNullTerminator=*/false);
    if (!buffer)
      return failure("cannot read " + path);
    mc::OnnxImportOptions options;
    if (!inputShape.empty())
      options.inputShapes.emplace_back("", SmallVector<int64_t>(inputShape));
    module = mc::importOnnx((*buffer)->getBuffer(), path, &context, options);
  } else {
    module = parseSourceFile<ModuleOp>(path, &context);
  }
  if (!module)
    return failure("cannot load " + path + ": " + takeMessages());
  return module;
}

llvm::Error ModuleRunner::run(PassManager &pm, ModuleOp module,
                              llvm::StringRef what) {
  if (succeeded(pm.run(module)))
    return llvm::Error::success();
  return failure(what + ": " + takeMessages());
}

llvm::Error ModuleRunner::normalize(ModuleOp module) {
  PassManager pm(&context);
  mc::buildNormalizePipeline(pm);
  return run(pm, module, "compress-normalize");
}

/// Makes the passes of the pipelines known by name.
static void registerPasses() {
  static const bool once = [] {
    mc::registerAllPasses();
    registerConversionPasses();
    registerTransformsPasses();
    registerLinalgPasses();
    arith::registerArithPasses();
    bufferization::registerBufferizationPasses();
    memref::registerMemRefPasses();
    tosa::registerTosaPasses();
    return true;
  }();
  (void)once;
}

/// The same passes with canonicalize and CSE before and after each.
static void interleave(OpPassManager &from, OpPassManager &to) {
  registerPasses();
  auto tidy = [&] {
    to.addPass(createCanonicalizerPass());
    to.addPass(createCSEPass());
  };
  tidy();
  for (Pass &pass : from.getPasses()) {
    std::string text;
    llvm::raw_string_ostream os(text);
    pass.printAsTextualPipeline(os);
    if (failed(parsePassPipeline(text, to)))
      llvm::report_fatal_error("a pass does not parse: " + llvm::Twine(text));
    tidy();
  }
}

llvm::Error ModuleRunner::lower(ModuleOp module, const FormOptions &options) {
  mc::Int8LowerOptions lowering;
  lowering.int8Io = options.int8Io;
  PassManager pm(&context);
  if (!options.interleave) {
    mc::buildInt8LowerPipeline(pm, lowering);
    return run(pm, module, "int8-lower");
  }
  OpPassManager plain(ModuleOp::getOperationName());
  mc::buildInt8LowerPipeline(plain, lowering);
  interleave(plain, pm);
  return run(pm, module, "int8-lower, interleaved");
}

/// Loops are compiled as they stand: that is sooner done, and LLVM's
/// optimizations have no part in the oracle.
static FailureOr<std::unique_ptr<llvm::Module>>
buildPlainIr(ModuleOp module, const mc::TargetCpu &cpu,
             llvm::LLVMContext &context) {
  std::unique_ptr<llvm::Module> code =
      translateModuleToLLVMIR(module, context, "loops");
  if (!code)
    return mlir::failure();
  std::unique_ptr<llvm::TargetMachine> machine = cpu.createMachine(0);
  code->setTargetTriple(machine->getTargetTriple());
  code->setDataLayout(machine->createDataLayout());
  code->setPICLevel(llvm::PICLevel::BigPIC);
  for (llvm::Function &function : *code) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr("target-cpu", cpu.cpu());
    function.addFnAttr(llvm::Attribute::OptimizeNone);
    function.addFnAttr(llvm::Attribute::NoInline);
  }
  return code;
}

llvm::Expected<std::unique_ptr<::compress::ModelLibrary>>
ModuleRunner::compile(ModuleOp module, const Path &path) {
  llvm::Expected<mc::TargetCpu> cpu = mc::TargetCpu::get(path.cpu);
  if (!cpu)
    return cpu.takeError();
  OwningOpRef<ModuleOp> copy = module.clone();
  if (path.plan > 0)
    (*copy)->setAttr(mc::kTuningCandidateAttr,
                     Builder(&context).getI64IntegerAttr(path.plan));
  PassManager pm(&context);
  if (path.interleave) {
    OpPassManager plain(ModuleOp::getOperationName());
    mc::buildCpuPipeline(plain, path.options);
    interleave(plain, pm);
  } else {
    mc::buildCpuPipeline(pm, path.options);
  }
  mc::LlvmPipelineOptions options;
  options.name = "network";
  options.threads = path.options.parallel ? 2 : 1;
  options.target = cpu->description();
  options.producer = "test";
  mc::buildLlvmPipeline(pm, options);
  if (llvm::Error error = run(pm, *copy, path.name))
    return std::move(error);
  llvm::LLVMContext llvmContext;
  FailureOr<std::unique_ptr<llvm::Module>> code =
      path.options.strategy == mc::CpuStrategy::Loops
          ? buildPlainIr(*copy, *cpu, llvmContext)
          : mc::buildLlvmIr(*copy, *cpu, llvmContext);
  if (mlir::failed(code))
    return failure(path.name + ": " + takeMessages());
  auto object = mc::emitObject(**code, *cpu);
  if (!object)
    return object.takeError();
  auto library = mc::linkShared(llvm::StringRef(object->data(), object->size()),
                                {"network", "network.so"});
  if (!library)
    return library.takeError();
  llvm::SmallString<128> file;
  int descriptor;
  if (llvm::sys::fs::createTemporaryFile("compress-test", "so", descriptor,
                                         file))
    return failure("cannot make a temporary file");
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true)
      << (*library)->getBuffer();
  auto loaded = ::compress::ModelLibrary::open(file);
  llvm::sys::fs::remove(file);
  return loaded;
}

llvm::Expected<std::vector<HostTensor>>
oracle::run(::compress::ModelLibrary &library, ArrayRef<HostTensor> inputs,
            int32_t threads) {
  auto kindOf = [](int32_t dtype) {
    switch (dtype) {
    case COMPRESS_F32:
      return Kind::F32;
    case COMPRESS_I16:
      return Kind::I16;
    case COMPRESS_I32:
      return Kind::I32;
    case COMPRESS_I64:
      return Kind::I64;
    case COMPRESS_BOOL:
      return Kind::I1;
    default:
      return Kind::I8;
    }
  };
  if (inputs.size() != library.inputs().size())
    return failure("the library takes another number of inputs");
  SmallVector<const void *> from;
  SmallVector<void *> to;
  for (auto [input, info] : llvm::zip_equal(inputs, library.inputs())) {
    if (kindOf(info.dtype) != input.kind ||
        ::compress::dimsOf(info) != ArrayRef<int64_t>(input.shape))
      return failure(Twine("the library's input '") + info.name +
                     "' is another one");
    from.push_back(input.bytes.data());
  }
  std::vector<HostTensor> results;
  for (const compress_tensor_info &info : library.outputs())
    results.emplace_back(kindOf(info.dtype), ::compress::dimsOf(info).vec());
  for (HostTensor &result : results)
    to.push_back(result.bytes.data());
  if (llvm::Error error = library.run(from, to, threads))
    return std::move(error);
  return results;
}

/// Whether the elements have the same bits, or both are no numbers.
static bool same(const HostTensor &a, const HostTensor &b, int64_t i) {
  int64_t bytes = bytesOf(a.kind);
  if (std::memcmp(&a.bytes[i * bytes], &b.bytes[i * bytes], bytes) == 0)
    return true;
  return a.kind == Kind::F32 && std::isnan(a.get(i).f) &&
         std::isnan(b.get(i).f);
}

std::string oracle::difference(ArrayRef<HostTensor> expected,
                               ArrayRef<HostTensor> actual) {
  std::string text;
  llvm::raw_string_ostream os(text);
  if (expected.size() != actual.size()) {
    os << actual.size() << " results instead of " << expected.size();
    return text;
  }
  for (size_t r = 0; r < expected.size(); ++r) {
    const HostTensor &a = expected[r], &b = actual[r];
    if (a.kind != b.kind || a.shape != b.shape) {
      os << "result " << r << " has another type";
      return text;
    }
    int64_t count = 0, first = -1;
    for (int64_t i = 0, e = a.size(); i < e; ++i)
      if (!same(a, b, i) && ++count == 1)
        first = i;
    if (count == 0)
      continue;
    os << "result " << r << " differs in " << count << " of " << a.size()
       << " elements, first in " << first << ": ";
    if (isFloat(a.kind))
      os << llvm::format("%.9g", a.get(first).f) << " expected, "
         << llvm::format("%.9g", b.get(first).f) << " found";
    else
      os << a.get(first).i << " expected, " << b.get(first).i << " found";
    return text;
  }
  return text;
}

double oracle::relativeDifference(const HostTensor &expected,
                                  const HostTensor &actual) {
  double infinity = std::numeric_limits<double>::infinity();
  if (expected.shape != actual.shape || expected.kind != Kind::F32 ||
      actual.kind != Kind::F32)
    return infinity;
  double largest = 0, difference = 0;
  for (int64_t i = 0; i < expected.size(); ++i) {
    double x = expected.get(i).f, y = actual.get(i).f;
    if (!std::isfinite(x) || !std::isfinite(y))
      return infinity;
    largest = std::max(largest, std::abs(x));
    difference = std::max(difference, std::abs(x - y));
  }
  return largest > 0 ? difference / largest : difference;
}

std::string oracle::dataPath(llvm::StringRef file) {
  const char *folder = std::getenv("COMPRESS_DATA_DIR");
  llvm::SmallString<128> path(folder ? folder : DEFAULT_DATA_DIR);
  llvm::sys::path::append(path, file);
  return llvm::sys::fs::exists(path) ? path.str().str() : "";
}

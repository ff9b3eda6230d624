//===- Compile.cpp - the compiler, many times -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compile.h"
#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Pipelines/Registration.h"
#include "Compress/Support/CrashReport.h"
#include "Compress/Support/ModelLibrary.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace compress;
using namespace compress::fuzz;
using mlir::compress::Emit;
namespace fs = llvm::sys::fs;

Compiler::Compiler() {
  mlir::compress::registerAllDialects(registry);
  mlir::compress::registerLlvmTranslations(registry);
  context = std::make_unique<mlir::MLIRContext>(
      registry, mlir::MLIRContext::Threading::DISABLED);
  for (llvm::StringRef dialect : {"builtin", "func", "arith", "tensor",
                                  "linalg", "tosa", "quant", "compress"})
    context->getOrLoadDialect(dialect);
  if (std::error_code ec = fs::createUniqueDirectory("compress-fuzz", folder))
    llvm::report_fatal_error(llvm::Twine("no folder: ") + ec.message());
}

Compiler::~Compiler() { fs::remove_directories(folder); }

static int runDriver(mlir::MLIRContext &context,
                     const mlir::compress::DriverOptions &options) {
  mlir::compress::Console console(options.model, options.verbosity);
  mlir::compress::RemarkCollector remarks;
  console.attach(context);
  if (failed(remarks.attach(context)))
    return 3;
  // What is left of it is not destroyed: a process that ends needs not.
  auto *driver = new mlir::compress::Driver(options, context, remarks, console);
  return driver->run();
}

static void write(llvm::StringRef path, llvm::StringRef content) {
  std::error_code ec;
  llvm::raw_fd_ostream(path, ec) << content;
  if (ec)
    llvm::report_fatal_error(llvm::Twine("no file: ") + ec.message());
}

std::string Compiler::keepFile(llvm::StringRef name, llvm::StringRef content) {
  std::string path = (folder + "/" + name).str();
  write(path, content);
  return path;
}

std::string Compiler::compile(llvm::StringRef model, Emit emit,
                              std::string &message, std::string *output) {
  auto path = [&](const char *name) { return (folder + "/" + name).str(); };
  mlir::compress::DriverOptions options;
  options.model = path("model");
  options.output = path("output.so");
  options.emit = emit;
  options.emitName = "asked for";
  options.threads = 2;
  options.int8Io = int8Io;
  options.read.mindirAsWritten = mindirAsWritten;
  options.producer = "fuzz";
  options.verbosity = mlir::compress::Verbosity::Quiet;
  // Whatever was there stays, unless something new is made.
  write(options.model, model);
  write(options.output, "before");

  ChildResult result = runInChild([&] { return runDriver(*context, options); });
  std::string wrong = misbehaviour(result, "compressc");
  message = std::move(result.messages);
  bool succeeded = result.exitCode == 0;

  std::string made;
  if (auto buffer = llvm::MemoryBuffer::getFile(options.output))
    made = (*buffer)->getBuffer().str();
  if (wrong.empty() && succeeded == (made == "before"))
    wrong = succeeded ? "writes no output" : "leaves an output after an error";
  unsigned count = 0;
  std::error_code ec;
  for (fs::directory_iterator it(folder, ec), end; it != end && !ec;
       it.increment(ec)) {
    ++count;
    fs::remove(it->path());
  }
  bool withHeader = succeeded && emit >= Emit::Obj;
  if (wrong.empty() && count != (withHeader ? 3 : 2))
    wrong = "leaves " + std::to_string(count) + " files";
  if (output)
    *output = std::move(made);
  return wrong;
}

std::string Compiler::toBytecode(llvm::StringRef text) {
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  auto module = mlir::parseSourceString<mlir::ModuleOp>(text, context.get(),
                                                        /*sourceName=*/"model");
  if (!module || failed(mlir::writeBytecodeToFile(*module, os)))
    return "";
  return bytes;
}

/// Buffers of zeros for inputs or outputs; none where they take too much
/// memory.
static bool allocate(llvm::ArrayRef<compress_tensor_info> tensors,
                     std::vector<AlignedBuffer> &buffers) {
  constexpr int64_t most = 64 << 20;
  for (const compress_tensor_info &tensor : tensors) {
    if (tensor.bytes > most)
      return false;
    auto buffer = AlignedBuffer::allocate(tensor.bytes, "a tensor");
    if (!buffer) {
      llvm::consumeError(buffer.takeError());
      return false;
    }
    std::fill_n(buffer->data(), tensor.bytes, 0);
    buffers.push_back(std::move(*buffer));
  }
  return true;
}

static int runLibrary(const std::string &path) {
  auto fail = [](llvm::Error error) {
    llvm::errs() << "run: error: " << llvm::toString(std::move(error)) << '\n';
    return 1;
  };
  auto library = ModelLibrary::open(path);
  if (!library)
    return fail(library.takeError());
  std::vector<AlignedBuffer> inputs, outputs;
  if (!allocate((*library)->inputs(), inputs) ||
      !allocate((*library)->outputs(), outputs))
    return 0;
  std::vector<const void *> inputData;
  std::vector<void *> outputData;
  for (AlignedBuffer &buffer : inputs)
    inputData.push_back(buffer.data());
  for (AlignedBuffer &buffer : outputs)
    outputData.push_back(buffer.data());
  if (llvm::Error error = (*library)->run(inputData, outputData, 2))
    return fail(std::move(error));
  return 0;
}

std::string Compiler::run(llvm::StringRef library, std::string &message,
                          const Limits &limits) {
  std::string path = (folder + "/library.so").str();
  write(path, library);
  ChildResult result = runInChild(
      [&] {
        // As compress-run does.
        reportCrashes("run", "'" + path + "': crashed; it is damaged");
        return runLibrary(path);
      },
      limits);
  fs::remove(path);
  std::string wrong = misbehaviour(result, "run");
  message = std::move(result.messages);
  return wrong;
}

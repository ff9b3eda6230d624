//===- compress-opt.cpp - the passes as a tool ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `mlir-opt` with the dialect, passes and pipelines of Compress. The output
// goes through OutputFile: a regular file is replaced whole or not at all.
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Reader/CheckBytecode.h"
#include "Compress/Pipelines/Registration.h"
#include "Compress/Support/CrashReport.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/OutputFile.h"
#include "Compress/Support/Printable.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

static constexpr llvm::StringLiteral kTool("compress-opt");

static int fail(llvm::Error error) {
  llvm::WithColor::error(llvm::errs(), kTool)
      << ::compress::printable(llvm::toString(std::move(error))) << "\n";
  return 1;
}

static llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
open(StringRef name) {
  if (name != "-") {
    auto file = ::compress::openInputFile(name);
    if (!file)
      return file.takeError();
    // The parser of text wants a null byte behind it, that of bytecode wants it
    // aligned.
    return mlir::compress::copyForParser((*file)->getBuffer(), name);
  }
  auto content = llvm::MemoryBuffer::getSTDIN();
  if (!content)
    return ::compress::fileError("standard input",
                                 "cannot be read: " +
                                     ::compress::reasonOf(content.getError()));
  return mlir::compress::copyForParser((*content)->getBuffer(), "<stdin>");
}

/// Upstream's parser and bytecode reader trust their input more than they
/// should: a crash in them is an error of the file, one behind them is not.
static void blameCrashesOnInput(MlirOptMainConfig &config, StringRef name,
                                bool isBytecode) {
  ::compress::reportCrashes(kTool, "'" + name + "': malformed " +
                                       (isBytecode ? "bytecode" : "MLIR text") +
                                       "; write the file again");
  config.setPassPipelineSetupFn(
      [passes = config, name = name.str()](PassManager &pm) {
        ::compress::reportCrashes(kTool, "'" + name +
                                             "': crashed in a pass; this is an "
                                             "error of the compiler");
        return passes.setupPassPipeline(pm);
      });
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  mlir::compress::registerAllDialects(registry);
  mlir::registerAllPasses();
  mlir::compress::registerAllPasses();
  auto [inputName, outputName] = registerAndParseCLIOptions(
      argc, argv, "Compress's passes on MLIR text and bytecode\n", registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();

  auto input = open(inputName);
  if (!input)
    return fail(input.takeError());
  StringRef name = inputName == "-" ? "standard input" : StringRef(inputName);
  bool isBytecode = (*input)->getBuffer().starts_with("ML\xefR");
  blameCrashesOnInput(config, name, isBytecode);
  if (isBytecode) {
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    context.allowUnregisteredDialects(config.shouldAllowUnregisteredDialects());
    if (llvm::Error error =
            mlir::compress::checkBytecode((*input)->getBuffer(), name, context))
      return fail(
          ::compress::fileError(name, llvm::toString(std::move(error))));
  }
  bool failed = false;
  llvm::Error error = ::compress::writeOutput(
      outputName, [&](llvm::raw_ostream &os) -> llvm::Error {
        failed =
            mlir::failed(MlirOptMain(os, std::move(*input), registry, config));
        if (failed)
          return llvm::createStringError(llvm::inconvertibleErrorCode(), "");
        return llvm::Error::success();
      });
  if (error && failed) {
    llvm::consumeError(std::move(error)); // reported by the passes
    return 1;
  }
  return error ? fail(std::move(error)) : 0;
}

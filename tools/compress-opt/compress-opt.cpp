//===- compress-opt.cpp - the passes as a tool ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// `mlir-opt` with the dialect, passes and pipelines of Compress. The output goes
// through OutputFile: a regular file is replaced whole or not at all.
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Registration.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/OutputFile.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace mlir;

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  DialectRegistry registry;
  mlir::compress::registerAllDialects(registry);
  mlir::registerAllPasses();
  mlir::compress::registerAllPasses();
  auto [inputName, outputName] = registerAndParseCLIOptions(
      argc, argv, "Compress's passes on MLIR text and bytecode\n", registry);
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();

  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> input = openInputFile(inputName, &message);
  if (!input) {
    llvm::WithColor::error(llvm::errs(), "compress-opt") << message << "\n";
    return 1;
  }
  bool failed = false;
  llvm::Error error = ::compress::writeOutput(
      outputName, [&](llvm::raw_ostream &os) -> llvm::Error {
        failed = mlir::failed(MlirOptMain(os, std::move(input), registry, config));
        if (failed)
          return llvm::createStringError(llvm::inconvertibleErrorCode(), "");
        return llvm::Error::success();
      });
  if (error && failed) {
    llvm::consumeError(std::move(error)); // reported by the passes
    return 1;
  }
  if (error) {
    llvm::WithColor::error(llvm::errs(), "compress-opt")
        << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}

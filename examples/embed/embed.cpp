//===- embed.cpp - Compress inside another compiler -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads a module, lowers what is quantized in it to integers, and prints it.
// A real compiler runs passes of its own before and after.
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Pipelines/Registration.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

int main(int argc, char **argv) {
  if (argc != 2) {
    llvm::errs() << "usage: embed MODEL.mlir\n";
    return 2;
  }
  DialectRegistry registry;
  compress::registerAllDialects(registry);
  MLIRContext context(registry);

  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(argv[1], &context);
  if (!module)
    return 1;

  PassManager pm(&context);
  compress::buildInt8LowerPipeline(pm, compress::Int8LowerOptions());
  if (failed(pm.run(*module)))
    return 1;
  module->print(llvm::outs());
  llvm::outs() << '\n';
  return 0;
}

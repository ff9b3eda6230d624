//===- compress-lsp-server.cpp - MLIR files in an editor ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The language server of MLIR with the dialect of Compress.
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Registration.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::compress::registerAllDialects(registry);
  return failed(mlir::MlirLspServerMain(argc, argv, registry));
}

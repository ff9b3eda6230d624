//===- CompressPlugin.cpp - Compress in stock mlir-opt --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One shared library that any tool with MLIR's plugin options loads:
//
//   mlir-opt --load-dialect-plugin=CompressPlugin.so
//     --load-pass-plugin=CompressPlugin.so
//     --pass-pipeline='builtin.module(int8-lower)' model.mlir
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Registration.h"
#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

extern "C" DialectPluginLibraryInfo LLVM_ATTRIBUTE_WEAK
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Compress", COMPRESS_VERSION,
          [](DialectRegistry *registry) {
            compress::registerAllDialects(*registry);
          }};
}

extern "C" PassPluginLibraryInfo LLVM_ATTRIBUTE_WEAK mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "Compress", COMPRESS_VERSION,
          [] { compress::registerAllPasses(); }};
}

//===- Registration.cpp - everything by name ------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Registration.h"
#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Codegen/Common/Passes.h"
#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "Compress/Conversion/Passes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Transforms/TosaDimensions.h"
#include "Compress/Pipelines/Pipelines.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"

using namespace mlir;

void compress::registerAllPasses() {
  registerCompressTransformsPasses();
  registerCompressConversionPasses();
  registerCpuPasses();
  registerCompressCodegenCommonPasses();
  registerLlvmPipeline();
  registerPipelines();
}

void compress::registerAllDialects(DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  registry.insert<CompressDialect>();
  registerTosaDimensions(registry);
}

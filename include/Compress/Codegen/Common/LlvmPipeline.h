//===- LlvmPipeline.h - code form to the LLVM dialect -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_LLVMPIPELINE_H
#define COMPRESS_CODEGEN_COMMON_LLVMPIPELINE_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::compress {

/// Options of `--compress-to-llvm`.
struct LlvmPipelineOptions : public PassPipelineOptions<LlvmPipelineOptions> {
  PassOptions::Option<std::string> name{
      *this, "name",
      llvm::cl::desc("the prefix of the exported functions, a C identifier"),
      llvm::cl::init("network")};
  PassOptions::Option<unsigned> threads{
      *this, "threads",
      llvm::cl::desc("the most threads that one run uses; with 1 the code "
                     "needs no runtime"),
      llvm::cl::init(1)};
  PassOptions::Option<std::string> target{
      *this, "target",
      llvm::cl::desc("the CPU and its features, for the description"),
      llvm::cl::init("generic")};
  PassOptions::Option<std::string> producer{
      *this, "producer",
      llvm::cl::desc("name and version of the compiler, for the description"),
      llvm::cl::init("")};
  PassOptions::Option<bool> debugInfo{
      *this, "debug-info",
      llvm::cl::desc("keep the lines that operations come from"),
      llvm::cl::init(false)};
};

/// Code form -> LLVM dialect with the C interface of a compiled network.
/// Memrefs are passed as bare pointers. Nothing is fused or reassociated.
void buildLlvmPipeline(OpPassManager &pm, const LlvmPipelineOptions &options);

/// Registers the pipeline by its flag.
void registerLlvmPipeline();

/// The interfaces that the pipeline and the translation to LLVM IR need.
void registerLlvmTranslations(DialectRegistry &registry);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_LLVMPIPELINE_H

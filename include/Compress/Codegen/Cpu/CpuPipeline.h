//===- CpuPipeline.h - from the integer form to the code form ---*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The pipeline that turns linalg on tensors, in integers or in f32, into the
// code form for CPUs: a public function that calls kernels on memrefs, made of
// loops and vectors, with all buffers in one arena.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_CPUPIPELINE_H
#define COMPRESS_CODEGEN_CPU_CPUPIPELINE_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"
#include <string>

namespace mlir::compress {

/// How kernels are computed.
enum class CpuStrategy {
  Kernels, // packed weights, registers tiles, vectors
  Loops,   // one element at a time in the order of the linalg ops: the oracle
};

struct CpuOptions {
  /// The instructions to use, as a list of LLVM target features such as
  /// "+avx2,+avx512f,+avx512bw,+avx512vl,+avx512vnni"; never asked of the host.
  std::string features;
  CpuStrategy strategy = CpuStrategy::Kernels;
  /// Compute the dot products of special instructions with plain vector
  /// arithmetic of the same meaning, so that the code runs on any machine.
  bool emulateDot = false;
  /// Spread kernels over threads.
  bool parallel = true;
  /// Compute 3x3 convolutions of f32 networks by Winograd's F(2x2, 3x3) where
  /// that is expected to be faster: sums round otherwise.
  bool winograd = true;
  /// Count the time of each kernel, for NAME_profile.
  bool profile = false;
};

/// How many i32 or f32 a vector of a CPU with these features has.
int64_t getVectorLanes(llvm::StringRef features);

/// Appends the passes from the integer or model form to the code form.
void buildCpuPipeline(OpPassManager &pm, const CpuOptions &options);

/// The same as an option of command line tools: `--compress-cpu-pipeline`.
void registerCpuPipeline();

/// Registers the passes and the pipeline.
void registerCpuPasses();

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_CPU_CPUPIPELINE_H

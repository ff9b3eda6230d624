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

/// When convolutions are computed with fewer products.
enum class WinogradUse {
  Never,
  WhereFaster, // as a model of the target says
  Always,      // wherever the window allows it
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
  /// Round a product and its sum once in f32 networks, where the target can.
  bool fuseSums = true;
  /// 3x3 convolutions of f32 networks with fused sums by Winograd's
  /// algorithm: sums round otherwise.
  WinogradUse winograd = WinogradUse::WhereFaster;
  /// The most outputs along a side of its tiles: 2, or 4 for F(4x4, 3x3) too,
  /// which has larger errors.
  int64_t winogradTile = 2;
  /// Layers of f32 networks multiply bf16 where the target can: see
  /// --compress-use-bf16.
  bool bfloat16 = false;
  /// Count the time of each kernel, for NAME_profile.
  bool profile = false;
};

/// How many i32 or f32 a vector of a CPU with these features has.
int64_t getVectorLanes(llvm::StringRef features);

/// Whether a target with these features multiplies bf16 (CpuOptions::bfloat16).
bool multipliesBfloat16(llvm::StringRef features);

/// Whether a target with these features has the registers for Winograd's
/// algorithm (CpuOptions::winograd).
bool hasWinograd(llvm::StringRef features);

/// Appends the passes from the integer or model form to the code form.
void buildCpuPipeline(OpPassManager &pm, const CpuOptions &options);

/// The same as an option of command line tools: `--compress-cpu-pipeline`.
void registerCpuPipeline();

/// Registers the passes and the pipeline.
void registerCpuPasses();

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_CPU_CPUPIPELINE_H

//===- Tuning.h - kernels as measurements say -------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A kernel of products can be computed in several ways, of which a model of the
// target chooses one. Here all are measured on this machine, and the fastest is
// kept in a file, by a description of the kernel (instruction, types, loops),
// so that the next network with such a kernel, or the next compilation, has it.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_TUNING_H
#define COMPRESS_PIPELINES_TUNING_H

#include "Compress/Codegen/Common/TargetCpu.h"
#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"
#include <map>
#include <string>
#include <vector>

namespace mlir::compress {

/// Plans of kernels by their descriptions. As a text: a first line that names
/// the format, then "description: plan" a line, in alphabetical order; lines
/// that begin with # are comments.
struct TuningTable {
  std::map<std::string, std::string> plans;
  std::vector<std::string> comments; ///< whole lines; they stand first

  /// The error names the line that is wrong.
  static llvm::Expected<TuningTable> parse(llvm::StringRef text);
  void write(llvm::raw_ostream &os) const;
  /// Tells `--compress-lower-weighted-kernels` of it.
  void attach(ModuleOp module) const;
};

struct TuningResult {
  int64_t measured = 0; ///< descriptions of kernels that the table lacked
  int64_t changed = 0;  ///< of these, those where the model is not followed
  double modelSeconds = 0, tunedSeconds = 0; ///< all of these, a run
};

/// Adds to `table` the fastest plan of each kernel of `module`, a network
/// before code generation, that it lacks or that does not fit. Networks are
/// compiled as `code` says, for `cpu`, whose code this machine can run, and run
/// on zeros with `threads` threads. `progress` gets the number of the plan that
/// is measured next, and of those that there are.
llvm::Expected<TuningResult>
tuneKernels(ModuleOp module, const CpuOptions &code, const TargetCpu &cpu,
            unsigned threads, TuningTable &table,
            llvm::function_ref<void(int64_t, int64_t)> progress);

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_TUNING_H

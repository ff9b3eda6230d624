//===- TargetOptions.h - what to compile for --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSC_TARGETOPTIONS_H
#define COMPRESS_TOOLS_COMPRESSC_TARGETOPTIONS_H

#include "Driver.h"
#include "llvm/Support/CommandLine.h"

namespace mlir::compress {

/// The options that say on which machines code is to run.
struct TargetOptions {
  explicit TargetOptions(llvm::cl::OptionCategory &category)
      : category(category) {}

  llvm::cl::OptionCategory &category;
  llvm::cl::opt<unsigned> threads{
      "threads",
      llvm::cl::desc("The most threads that one run uses (default: all CPUs)"),
      llvm::cl::value_desc("n"), llvm::cl::cat(category)};
  llvm::cl::opt<std::string> cpus{
      "target-cpu",
      llvm::cl::desc("The CPU to compile for: native (this one, default), "
                     "generic, LLVM's name of one, or help for a list; with "
                     "more features as in x86-64-v4+vnni. Of several the "
                     "library has code for each, and takes the best that runs"),
      llvm::cl::value_desc("cpu,..."), llvm::cl::init("native"),
      llvm::cl::cat(category)};
  llvm::cl::opt<std::string> target{
      "target",
      llvm::cl::desc("The kind of machine to compile for (default: this one), "
                     "as LLVM names it; libraries for other kinds have one "
                     "thread"),
      llvm::cl::value_desc("aarch64-linux-gnu"), llvm::cl::cat(category)};

  llvm::cl::opt<std::string> tuning{
      "tuning",
      llvm::cl::desc("Compute kernels as this file says, not as a model of the "
                     "target has it, where it has them"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::opt<bool> tune{
      "tune",
      llvm::cl::desc("First measure on this machine how to compute the kernels "
                     "that the file of --tuning lacks, and add them to it"),
      llvm::cl::cat(category)};

  /// Sets what `options` has of them. The error says what is wrong with it;
  /// CPUs that nobody knows are left to the driver.
  llvm::Error read(DriverOptions &options) const;
};

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSC_TARGETOPTIONS_H

//===- SensitivityOptions.h - what pruning would cost -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSC_SENSITIVITYOPTIONS_H
#define COMPRESS_TOOLS_COMPRESSC_SENSITIVITYOPTIONS_H

#include "PruneOptions.h"

namespace mlir::compress {

/// The options by which it is measured what each group of channels is worth.
struct SensitivityOptionGroup {
  /// Adds them to those that prune.
  explicit SensitivityOptionGroup(llvm::cl::OptionCategory &category)
      : category(category) {}

  llvm::cl::OptionCategory &category;
  llvm::cl::opt<std::string> output{
      "sensitivity",
      llvm::cl::desc("Measure by --prune-data what the network loses with each "
                     "layer's channels alone, write it to this file (JSON), "
                     "and end; what the file has already is kept"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::opt<std::string> chart{
      "sensitivity-chart",
      llvm::cl::desc("Write it as a page to look at, too (HTML)"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::list<double> rates{
      "sensitivity-rates",
      llvm::cl::desc("The parts of the channels to take out (default: "
                     "0.1,0.25,0.5,0.75)"),
      llvm::cl::value_desc("rate,..."), llvm::cl::CommaSeparated,
      llvm::cl::cat(category)};
  llvm::cl::opt<unsigned long long> samples{
      "sensitivity-samples",
      llvm::cl::desc("Compare outputs on so many samples (default: 256)"),
      llvm::cl::value_desc("n"), llvm::cl::init(256), llvm::cl::cat(category)};

  /// Sets `choice` if the command line wants it measured. The error says what
  /// is wrong with it.
  llvm::Error read(PruneOptions &prune,
                   const ::compress::PreprocessOptions &preprocess,
                   std::optional<SensitivityChoice> &choice) const;
};

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSC_SENSITIVITYOPTIONS_H

//===- PreprocessOptions.h - options about items of data --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_PREPROCESSOPTIONS_H
#define COMPRESS_SUPPORT_PREPROCESSOPTIONS_H

#include "Compress/Support/Dataset.h"
#include "llvm/Support/CommandLine.h"

namespace compress {

/// The options of a tool that say what is done to an item of data before a
/// network sees it: --scale, --mean, --std, --pad, --pad-value, --pad-first.
class PreprocessOptions {
public:
  /// Registers them in `category` for `subcommands`, which live as long as
  /// this does; for a tool without any where there are none.
  explicit PreprocessOptions(
      llvm::cl::OptionCategory &category,
      llvm::ArrayRef<llvm::cl::SubCommand *> subcommands = {});

  /// What the command line says. The error names the option whose value is no
  /// number; whether the numbers make sense together, InputPlan::fit checks.
  llvm::Expected<Preprocess> read() const;

  /// Whether the command line has any of them.
  bool anyGiven() const;

private:
  llvm::cl::opt<std::string> scale, mean, stddev;
  llvm::cl::opt<unsigned> pad;
  llvm::cl::opt<std::string> padValue;
  llvm::cl::opt<bool> padFirst;
};

/// The paragraph of a tool's --help on what Dataset::open takes, named DATA.
/// It ends with a newline.
extern const char dataHelp[];

} // namespace compress

#endif // COMPRESS_SUPPORT_PREPROCESSOPTIONS_H

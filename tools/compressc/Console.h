//===- Console.h - what compressc says --------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSC_CONSOLE_H
#define COMPRESS_TOOLS_COMPRESSC_CONSOLE_H

#include "Compress/Report/Remarks.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include <string>

namespace mlir::compress {

enum class Verbosity : uint8_t { Quiet, Normal, Verbose };

/// Standard error: one line for an error, warning, remark or summary, and where
/// it is a terminal a line that says what is being done.
class Console {
public:
  Console(std::string model, Verbosity verbosity);
  ~Console();

  /// From now on the diagnostics of `context` are shown here: the first error,
  /// which may have caused the others, and with `Verbose` everything.
  void attach(MLIRContext &context);

  /// Shows an error; returns the program's exit code.
  int error(const llvm::Twine &message);
  int error(llvm::Error error);
  bool hasErrors() const { return errors > 0; }

  /// What is being done, until the next call.
  void progress(const llvm::Twine &what);

  void remarks(const std::vector<CollectedRemark> &remarks);
  void summary(const llvm::Twine &text);

private:
  void show(Diagnostic &diagnostic);
  llvm::raw_ostream &line();

  std::string model;
  Verbosity verbosity;
  bool isTerminal;
  bool showsProgress = false;
  unsigned errors = 0;
};

/// From here on a crash ends the program with an error like any other, which
/// names the model and what was being done, and leaves no temporary files.
void reportCrashes(llvm::StringRef model, llvm::StringRef doing);

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSC_CONSOLE_H

//===- Child.h - code that may crash or hang --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_FUZZ_CHILD_H
#define COMPRESS_UNITTESTS_FUZZ_CHILD_H

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace compress::fuzz {

/// What a process may take.
struct Limits {
  unsigned seconds = 20;     ///< of a processor
  unsigned megabytes = 1024; ///< that it touches
};

struct ChildResult {
  int exitCode = -1;    ///< -1 where a signal ended it
  std::string ended;    ///< by which signal, or which limit it exceeded
  std::string messages; ///< what it wrote to standard error
};

/// Calls `body` in a process of its own, a copy of this one, and returns what
/// becomes of it. Its standard input and output are /dev/null.
ChildResult runInChild(llvm::function_ref<int()> body,
                       const Limits &limits = {});

/// Runs a program in the same way.
ChildResult runProgram(llvm::ArrayRef<std::string> command,
                       const Limits &limits = {});

/// What is wrong with an exit code and messages: a tool ends with 0 and says
/// nothing, or with 1 and says why, in one line that begins with
/// "TOOL: error: ". Empty where all is well.
std::string misbehaviour(const ChildResult &result, llvm::StringRef tool);

} // namespace compress::fuzz

#endif // COMPRESS_UNITTESTS_FUZZ_CHILD_H

//===- CompileHook.h - compiles models on the way ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESS_RUN_COMPILEHOOK_H
#define COMPRESS_TOOLS_COMPRESS_RUN_COMPILEHOOK_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace compress {

/// The options that compress-run hands on to the compiler.
struct CompileOptions {
  const char *argv0 = "";               ///< of this program
  std::optional<uint32_t> threads;      ///< --threads
  std::optional<int64_t> batch;         ///< --batch
  std::string targetCpu;                ///< --target-cpu, empty where not given
  std::vector<std::string> inputShapes; ///< --input-shape, any number
  bool int8Io = false;                  ///< --int8-io
  bool profile = false;                 ///< --profile
};

/// Compiles the model file `path` into a library in a folder of its own, which
/// no other user can read, and returns the library's path. What the compiler
/// has to say goes to standard error. The folder is gone after an error, and
/// when a signal ends the program.
llvm::Expected<std::string>
compileModelToTempLibrary(llvm::StringRef path, const CompileOptions &options);

/// The same for a model that standard input has delivered.
llvm::Expected<std::string>
compileContentToTempLibrary(llvm::StringRef content,
                            const CompileOptions &options);

/// Puts a library into such a folder.
llvm::Expected<std::string> writeTempLibrary(llvm::StringRef content);

/// Removes such a library and its folder; one that is loaded stays usable.
void removeTempLibrary(llvm::StringRef library);

} // namespace compress

#endif // COMPRESS_TOOLS_COMPRESS_RUN_COMPILEHOOK_H

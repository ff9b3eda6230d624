//===- CompileHook.cpp - compiles models on the way -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Runs the `compressc` that is beside this program.
//
//===----------------------------------------------------------------------===//

#include "CompileHook.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/OutputFile.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"
#include <cassert>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

using namespace llvm;
using namespace compress;

/// What a signal handler has to tidy up: strings, and the compiler's process
/// or 0.
static char tempFolder[PATH_MAX];
static char tempLibrary[PATH_MAX];
static char tempModel[PATH_MAX];
static volatile sig_atomic_t compilerProcess = 0;

/// Only what may be called in a signal handler.
static void removeTemporaries() {
  unlink(tempLibrary);
  unlink(tempModel);
  rmdir(tempFolder);
}

static void onInterrupt() {
  if (pid_t child = compilerProcess) {
    kill(child, SIGTERM);
    waitpid(child, nullptr, 0);
  }
  removeTemporaries();
  _exit(130);
}

static Error createFolder() {
  SmallString<128> path;
  sys::path::system_temp_directory(/*ErasedOnReboot=*/true, path);
  sys::path::append(path, "compress-run-XXXXXX");
  // The names of the files are behind the folder's.
  if (path.size() + 16 > PATH_MAX)
    return fileError(path, "file name too long");
  std::memcpy(tempFolder, path.c_str(), path.size() + 1);
  if (!mkdtemp(tempFolder)) {
    tempFolder[0] = '\0';
    return fileError(
        path, "cannot create a folder: " +
                  reasonOf(std::error_code(errno, std::generic_category())));
  }
  auto setPath = [&](char *result, StringRef name) {
    std::memcpy(result, tempFolder, path.size());
    std::memcpy(result + path.size(), name.data(), name.size());
    result[path.size() + name.size()] = '\0';
  };
  setPath(tempLibrary, "/model.so");
  setPath(tempModel, "/model");
  return Error::success();
}

/// Runs the compiler on the file `path`, or on what tempModel holds where that
/// is empty; what went wrong, if anything.
static Error runCompiler(StringRef path, const CompileOptions &options) {
  StringRef name = path.empty() ? "standard input" : path;
  // Found by the address of some function of this program.
  std::string self = sys::fs::getMainExecutable(
      options.argv0, reinterpret_cast<void *>(&createFolder));
  StringRef folder = sys::path::parent_path(self);
  ErrorOr<std::string> program = sys::findProgramByName("compressc", {folder});
  if (!program)
    return createStringError(inconvertibleErrorCode(),
                             "'" + name +
                                 "' is a model, and there is no "
                                 "compressc in '" +
                                 folder +
                                 "' to compile it; name a library (.so)");

  std::vector<std::string> arguments = {*program, "--no-header", "-o",
                                        tempLibrary};
  if (options.threads)
    arguments.push_back("--threads=" + std::to_string(*options.threads));
  if (options.batch)
    arguments.push_back("--batch=" + std::to_string(*options.batch));
  if (!options.targetCpu.empty())
    arguments.push_back("--target-cpu=" + options.targetCpu);
  for (const std::string &shape : options.inputShapes)
    arguments.push_back("--input-shape=" + shape);
  if (options.int8Io)
    arguments.push_back("--int8-io");
  if (options.profile)
    arguments.push_back("--profile");
  // A name that begins with a dash would be taken for an option.
  arguments.push_back(
      path.empty() ? "-" : (path.starts_with("-") ? "./" : "") + path.str());
  std::vector<StringRef> views(arguments.begin(), arguments.end());

  outs().flush();
  // Our standard output is for results.
  std::optional<StringRef> redirects[] = {
      StringRef(path.empty() ? tempModel : ""), StringRef(""), std::nullopt};
  std::string message;
  bool failed = false;
  sys::ProcessInfo process =
      sys::ExecuteNoWait(*program, views, std::nullopt, redirects,
                         /*MemoryLimit=*/0, &message, &failed);
  if (failed)
    return fileError(*program, "cannot be run: " + message);
  compilerProcess = process.Pid;
  sys::ProcessInfo ended =
      sys::Wait(process, /*SecondsToWait=*/std::nullopt, &message);
  compilerProcess = 0;
  if (ended.ReturnCode < 0)
    return fileError(name, "the compiler ended unexpectedly: " + message);
  if (ended.ReturnCode != 0)
    return fileError(name, "was not compiled; the reason is above");
  return Error::success();
}

/// Creates the folder, and the library in it with `create`.
static Expected<std::string> makeTempLibrary(function_ref<Error()> create) {
  sys::SetInterruptFunction(onInterrupt);
  Error error = createFolder();
  if (!error)
    error = create();
  if (error) {
    removeTempLibrary(tempLibrary);
    return std::move(error);
  }
  return tempLibrary;
}

static Error writeFile(StringRef path, StringRef content) {
  return writeOutput(path, [&](raw_ostream &os) {
    os << content;
    return Error::success();
  });
}

Expected<std::string>
compress::compileModelToTempLibrary(StringRef path,
                                    const CompileOptions &options) {
  return makeTempLibrary([&] { return runCompiler(path, options); });
}

Expected<std::string>
compress::compileContentToTempLibrary(StringRef content,
                                      const CompileOptions &options) {
  return makeTempLibrary([&]() -> Error {
    if (Error error = writeFile(tempModel, content))
      return error;
    return runCompiler("", options);
  });
}

Expected<std::string> compress::writeTempLibrary(StringRef content) {
  return makeTempLibrary([&] { return writeFile(tempLibrary, content); });
}

void compress::removeTempLibrary(StringRef library) {
  assert(library == tempLibrary && "not the library that was compiled");
  removeTemporaries();
  sys::SetInterruptFunction(nullptr);
}

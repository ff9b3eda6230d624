//===- CheckBytecode.cpp - bytecode that cannot be trusted ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Reader/CheckBytecode.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir;

/// In the child: a crash is a crash, whatever the parent would do, and nobody
/// hears of it but the parent.
static void becomeSilent() {
  llvm::remove_fatal_error_handler();
  for (int crash : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT})
    signal(crash, SIG_DFL);
  int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, STDOUT_FILENO);
  dup2(nothing, STDERR_FILENO);
}

/// In the child: damaged sizes may ask for any memory and any time. What a
/// sound file takes is in proportion to its size.
static void limitResources(size_t fileSize) {
  rlim_t seconds = 60 + (fileSize >> 20);
  rlimit processor = {seconds, seconds};
  setrlimit(RLIMIT_CPU, &processor);
  constexpr rlim_t fixed = rlim_t(1) << 30, each = 64;
  // What the process had before counts as well.
  rlim_t before = 0;
  if (FILE *status = std::fopen("/proc/self/statm", "re")) {
    unsigned long pages = 0;
    if (std::fscanf(status, "%*u %*u %*u %*u %*u %lu", &pages) == 1)
      before = rlim_t(pages) * sysconf(_SC_PAGESIZE);
    std::fclose(status);
  }
  rlimit memory = {};
  if (getrlimit(RLIMIT_DATA, &memory) == 0) {
    memory.rlim_cur =
        std::min(memory.rlim_cur, before + fixed + each * fileSize);
    setrlimit(RLIMIT_DATA, &memory);
  }
}

/// In the child: reads, and writes the first error to the file `messages`.
static bool readBytecode(StringRef bytes, StringRef fileName,
                         MLIRContext &context, int messages) {
  bool reported = false;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (reported || diagnostic.getSeverity() != DiagnosticSeverity::Error)
      return;
    reported = true;
    std::string text = diagnostic.str();
    // A short message, as a whole or not at all.
    [[maybe_unused]] ssize_t written =
        write(messages, text.data(), std::min<size_t>(text.size(), 2000));
  });
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(compress::copyForParser(bytes, fileName),
                             llvm::SMLoc());
  // What has been read is not destroyed: the process ends.
  return parseSourceFile<ModuleOp>(sources, ParserConfig(&context)).release();
}

std::unique_ptr<llvm::MemoryBuffer>
compress::copyForParser(StringRef bytes, StringRef fileName) {
  const llvm::Align kAlignment(64);
  auto buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
      bytes.size(), fileName, kAlignment);
  if (!buffer)
    llvm::report_bad_alloc_error("no memory for a copy of the model");
  llvm::copy(bytes, buffer->getBufferStart());
  return buffer;
}

llvm::Error compress::checkBytecode(StringRef bytes, StringRef fileName,
                                    MLIRContext &context) {
  auto fail = [](const llvm::Twine &message) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
  };
  int messages = memfd_create("messages", MFD_CLOEXEC);
  if (messages < 0)
    return fail("cannot be checked: no temporary file");
  pid_t child = fork();
  if (child == 0) {
    becomeSilent();
    limitResources(bytes.size());
    _exit(readBytecode(bytes, fileName, context, messages) ? 0 : 1);
  }
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    ;
  char text[2000];
  ssize_t length = pread(messages, text, sizeof(text), 0);
  close(messages);
  if (child < 0)
    return fail("cannot be checked: no process");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return llvm::Error::success();
  if (!WIFEXITED(status) || length <= 0)
    return fail("malformed bytecode; write the file again");
  return fail(StringRef(text, length));
}

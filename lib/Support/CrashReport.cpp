//===- CrashReport.cpp - crashes as errors --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/CrashReport.h"
#include "Compress/Support/Printable.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/Signals.h"
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <unistd.h>

using namespace llvm;

/// What the handlers say.
static char crashMessage[4096];

/// The thread that is in a handler.
static std::atomic<pid_t> owner{0};

/// Ends the program with the message, but for the line break, and `reason`.
[[noreturn]] static void endProgram(const char *reason) {
  pid_t self = gettid(), none = 0;
  if (!owner.compare_exchange_strong(none, self)) {
    if (none == self) // In here: no more can be done.
      _exit(1);
    // Another thread is saying it.
    for (;;)
      pause();
  }
  for (const char *part : {static_cast<const char *>(crashMessage), reason}) {
    [[maybe_unused]] ssize_t written =
        write(STDERR_FILENO, part, std::strlen(part));
  }
  sys::RunInterruptHandlers();
  _exit(1);
}

static void onCrash(int) { endProgram("\n"); }

/// LLVM has found something that it cannot go on from.
static void onFatalError(void *, const char *reason, bool) {
  // Whoever recovers from crashes recovers from this as well.
  if (CrashRecoveryContext::GetCurrent())
    std::abort();
  endProgram((": " + compress::printable(reason) + "\n").c_str());
}

void compress::reportCrashes(StringRef tool, const Twine &message) {
  std::string line =
      tool.str() + ": error: " + printable(message.str()).substr(0, 3000);
  std::memcpy(crashMessage, line.c_str(), line.size() + 1);
  static bool installed = false;
  if (installed)
    return;
  installed = true;
  install_fatal_error_handler(onFatalError);
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return;
#endif
#endif
  // A stack that is used up leaves none for the handler.
  static char stack[1 << 16];
  stack_t alternative = {};
  alternative.ss_sp = stack;
  alternative.ss_size = sizeof(stack);
  sigaltstack(&alternative, nullptr);
  struct sigaction action = {};
  action.sa_handler = onCrash;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT})
    sigaction(signal, &action, nullptr);
}

//===- CrashReport.cpp - crashes as errors --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/CrashReport.h"
#include "Compress/Support/Printable.h"
#include "llvm/Support/Signals.h"
#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace llvm;

/// What the signal handler says.
static char crashMessage[4096];

static void onCrash(int) {
  static volatile sig_atomic_t before = 0;
  if (before) // In here: no more can be done.
    _exit(1);
  before = 1;
  [[maybe_unused]] ssize_t written =
      write(STDERR_FILENO, crashMessage, std::strlen(crashMessage));
  sys::RunInterruptHandlers();
  _exit(1);
}

void compress::reportCrashes(StringRef tool, const Twine &message) {
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
  return;
#endif
#endif
  std::string line = tool.str() +
                     ": error: " + printable(message.str()).substr(0, 3000) +
                     "\n";
  std::memcpy(crashMessage, line.c_str(), line.size() + 1);
  static bool installed = false;
  if (installed)
    return;
  installed = true;
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

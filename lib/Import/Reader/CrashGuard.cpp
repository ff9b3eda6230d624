//===- CrashGuard.cpp - crashes of the parser -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CrashGuard.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include <csignal>
#include <cstdlib>
#include <memory>

using namespace llvm;

/// The signals of faults in memory, which a stack that overflows causes.
static constexpr int kFaults[] = {SIGSEGV, SIGBUS};

bool mlir::compress::runGuarded(function_ref<void()> fn) {
  // A handler needs a stack of its own where the thread's is used up.
  constexpr size_t size = 1 << 16;
  std::unique_ptr<char[]> memory(new char[size]);
  stack_t own = {}, before = {};
  own.ss_sp = memory.get();
  own.ss_size = size;
  bool hasStack = sigaltstack(&own, &before) == 0;

  CrashRecoveryContext::Enable();
  for (int fault : kFaults) {
    struct sigaction action;
    if (hasStack && sigaction(fault, nullptr, &action) == 0) {
      action.sa_flags |= SA_ONSTACK;
      sigaction(fault, &action, nullptr);
    }
  }
  bool completed;
  {
    CrashRecoveryContext crashes;
    completed = crashes.RunSafely(fn);
  }
  CrashRecoveryContext::Disable();
  if (hasStack)
    sigaltstack(&before, nullptr);
  return completed;
}

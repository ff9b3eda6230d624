//===- TimeTogether.cpp - the time of what threads do at once -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TimeTogether.h"
#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <thread>
#include <vector>

using llvm::function_ref;

/// Waits a moment awake, then lets others have the CPU.
static void waitUntil(function_ref<bool()> done) {
  for (int i = 0; !done(); ++i)
    if (i > 10000)
      std::this_thread::yield();
}

double compress::timeTogether(int32_t threads, double milliseconds,
                              function_ref<void(int32_t)> work) {
  using Clock = std::chrono::steady_clock;
  // The number of the round that has begun, negative after the last one.
  std::atomic<int> begun{0};
  std::atomic<int32_t> finished{0};
  std::vector<std::thread> others;
  for (int32_t thread = 1; thread < threads; ++thread)
    others.emplace_back([&, thread] {
      for (int last = 0;;) {
        waitUntil([&] { return begun != last; });
        last = begun;
        if (last < 0)
          return;
        work(thread);
        ++finished;
      }
    });
  double best = std::numeric_limits<double>::infinity();
  Clock::time_point first = Clock::now(), end = first;
  std::chrono::duration<double, std::milli> most(milliseconds);
  // Several threads are all undisturbed less often than one.
  int least = milliseconds <= 0 ? 1 : threads > 1 ? 16 : 3;
  for (int round = 1; round <= least || end - first < most; ++round) {
    finished = 0;
    Clock::time_point begin = Clock::now();
    begun = round;
    work(0);
    waitUntil([&] { return finished == threads - 1; });
    end = Clock::now();
    best = std::min(best, std::chrono::duration<double>(end - begin).count());
  }
  begun = -1;
  for (std::thread &other : others)
    other.join();
  return best;
}

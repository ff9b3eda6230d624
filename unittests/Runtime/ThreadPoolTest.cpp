//===- ThreadPoolTest.cpp - tests of the threads of a network -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Runtime/Parallel.h"
#include "gtest/gtest.h"
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <mutex>
#include <set>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

// What sanitizers think of processes that fork with threads: that the child
// leaks what the parent's threads had, and that it should not go on.
// NOLINTBEGIN(bugprone-reserved-identifier)
extern "C" const char *__asan_default_options() { return "detect_leaks=0"; }
extern "C" const char *__tsan_default_options() { return "die_after_fork=0"; }
// NOLINTEND(bugprone-reserved-identifier)

namespace {

/// Whoever computes a share of a loop leaves its bounds and thread here.
struct Shares {
  std::mutex mutex;
  std::set<std::pair<int64_t, int64_t>> bounds;
  std::set<std::thread::id> threads;

  static void note(void *ctx, int64_t begin, int64_t end) {
    auto *shares = static_cast<Shares *>(ctx);
    std::lock_guard<std::mutex> lock(shares->mutex);
    EXPECT_TRUE(shares->bounds.insert({begin, end}).second);
    shares->threads.insert(std::this_thread::get_id());
  }
};

void addOne(void *ctx, int64_t begin, int64_t end) {
  auto *values = static_cast<int *>(ctx);
  for (int64_t i = begin; i < end; ++i)
    ++values[i];
}

class ThreadPool : public ::testing::Test {
protected:
  // The pool asks once how many CPUs there are, at its first run.
  static void SetUpTestSuite() { compress_assumed_cpus = 8; }
};

TEST_F(ThreadPool, EveryElementOnce) {
  for (int64_t n : {0, 1, 2, 3, 7, 8, 9, 1000, 4096}) {
    for (int threads : {0, 1, 2, 3, 8, 99, -1}) {
      std::vector<int> values(n);
      compress_begin_run(threads, 8);
      for (int round = 0; round < 20; ++round)
        compress_parallel_for(addOne, values.data(), n);
      compress_end_run();
      for (int value : values)
        ASSERT_EQ(value, 20) << "n=" << n << " threads=" << threads;
    }
  }
}

TEST_F(ThreadPool, StaticSchedule) {
  for (int64_t n : {int64_t(7), int64_t(10), INT64_MAX}) {
    Shares shares;
    compress_begin_run(4, 8);
    compress_parallel_for(Shares::note, &shares, n);
    compress_end_run();
    std::set<std::pair<int64_t, int64_t>> expected;
    for (int t = 0; t < 4; ++t)
      expected.insert(
          {static_cast<int64_t>(static_cast<__int128>(n) * t / 4),
           static_cast<int64_t>(static_cast<__int128>(n) * (t + 1) / 4)});
    EXPECT_EQ(shares.bounds, expected);
    EXPECT_EQ(shares.threads.size(), 4u);
    EXPECT_EQ(shares.threads.count(std::this_thread::get_id()), 1u);
  }
}

TEST_F(ThreadPool, NeverMoreSharesThanElements) {
  Shares shares;
  compress_begin_run(8, 8);
  compress_parallel_for(Shares::note, &shares, 3);
  compress_end_run();
  EXPECT_EQ(shares.bounds,
            (std::set<std::pair<int64_t, int64_t>>{{0, 1}, {1, 2}, {2, 3}}));
}

TEST_F(ThreadPool, OutsideARunTheCallerAlone) {
  Shares shares;
  compress_parallel_for(Shares::note, &shares, 100);
  EXPECT_EQ(shares.bounds.size(), 1u);
  EXPECT_EQ(shares.threads.count(std::this_thread::get_id()), 1u);
  compress_end_run(); // Ends nothing.
}

TEST_F(ThreadPool, NoMoreThreadsThanCpus) {
  Shares shares;
  compress_begin_run(0, 100000);
  compress_parallel_for(Shares::note, &shares, 1000);
  compress_end_run();
  EXPECT_EQ(shares.bounds.size(), 8u);
}

TEST_F(ThreadPool, NestedLoopsAndRuns) {
  std::atomic<int> sum{0};
  auto outer = [](void *ctx, int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      auto inner = [](void *ctx, int64_t begin, int64_t end) {
        EXPECT_EQ(begin, 0);
        EXPECT_EQ(end, 10);
        *static_cast<std::atomic<int> *>(ctx) += static_cast<int>(end - begin);
      };
      compress_begin_run(4, 4);
      compress_parallel_for(inner, ctx, 10);
      compress_end_run();
    }
  };
  compress_begin_run(4, 4);
  compress_parallel_for(outer, &sum, 16);
  EXPECT_EQ(sum, 160);
  // The outer run has kept the pool.
  Shares shares;
  compress_parallel_for(Shares::note, &shares, 16);
  compress_end_run();
  EXPECT_EQ(shares.bounds.size(), 4u);
}

TEST_F(ThreadPool, WhileBusyOthersRunAlone) {
  compress_begin_run(4, 4);
  Shares theirs, mine;
  std::thread([&] {
    compress_begin_run(4, 4);
    compress_parallel_for(Shares::note, &theirs, 16);
    compress_end_run();
  }).join();
  compress_parallel_for(Shares::note, &mine, 16);
  compress_end_run();
  EXPECT_EQ(theirs.bounds.size(), 1u);
  EXPECT_EQ(mine.bounds.size(), 4u);
}

TEST_F(ThreadPool, ManyThreadsAtOnce) {
  std::vector<std::thread> users;
  for (int user = 0; user < 6; ++user)
    users.emplace_back([user] {
      std::vector<int> values(50 + user);
      for (int run = 0; run < 300; ++run) {
        compress_begin_run(1 + (run + user) % 4, 4);
        for (int loop = 0; loop < 3; ++loop)
          compress_parallel_for(addOne, values.data(), values.size());
        compress_end_run();
      }
      for (int value : values)
        EXPECT_EQ(value, 900);
    });
  for (std::thread &user : users)
    user.join();
}

TEST_F(ThreadPool, WakesAfterSleep) {
  std::vector<int> values(64);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    compress_begin_run(8, 8);
    compress_parallel_for(addOne, values.data(), values.size());
    compress_end_run();
  }
  EXPECT_EQ(values, std::vector<int>(64, 5));
}

TEST_F(ThreadPool, WaitsForSlowWorkers) {
  // The owner sleeps, too, when a worker takes long.
  auto slow = [](void *ctx, int64_t begin, int64_t end) {
    if (begin > 0)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    addOne(ctx, begin, end);
  };
  std::vector<int> values(8);
  compress_begin_run(4, 4);
  compress_parallel_for(slow, values.data(), 8);
  compress_end_run();
  EXPECT_EQ(values, std::vector<int>(8, 1));
}

/// Runs `body` in a child by fork; true where it returned true.
template <typename Body>
bool inChild(Body body) {
  pid_t child = fork();
  if (child == 0) {
    alarm(20); // Ends a child that hangs.
    std::exit(body() ? 0 : 1);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

/// A loop over four threads works here.
bool worksHere() {
  std::vector<int> values(1000);
  Shares shares;
  compress_begin_run(4, 4);
  compress_parallel_for(addOne, values.data(), 1000);
  compress_parallel_for(Shares::note, &shares, 8);
  compress_end_run();
  return values == std::vector<int>(1000, 1) && shares.threads.size() == 4;
}

TEST_F(ThreadPool, ChildrenByFork) {
  ASSERT_TRUE(worksHere());
  EXPECT_TRUE(inChild([] { return worksHere() && inChild(worksHere); }));
  EXPECT_TRUE(inChild([] { return true; })); // Exits without a run.
  EXPECT_TRUE(worksHere());
}

TEST_F(ThreadPool, ForkWhileBusy) {
  std::atomic<int> stage{0};
  std::thread user([&] {
    compress_begin_run(4, 4);
    stage = 1;
    while (stage != 2)
      std::this_thread::yield();
    compress_end_run();
  });
  while (stage != 1)
    std::this_thread::yield();
  EXPECT_TRUE(inChild(worksHere));
  stage = 2;
  user.join();
  EXPECT_TRUE(worksHere());
}

TEST_F(ThreadPool, ExitDuringARun) {
  EXPECT_TRUE(inChild([] {
    compress_begin_run(4, 4);
    std::vector<int> values(8);
    compress_parallel_for(addOne, values.data(), 8);
    return true; // And std::exit, with the pool still ours.
  }));
}

TEST_F(ThreadPool, Unloading) {
  for (int round = 0; round < 20; ++round) {
    void *module = dlopen(PARALLEL_MODULE, RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(module, nullptr) << dlerror();
    EXPECT_EQ(dlsym(module, "compress_begin_run"), nullptr);
    auto squares = reinterpret_cast<void (*)(int64_t *, int64_t)>(
        dlsym(module, "squares"));
    ASSERT_NE(squares, nullptr);
    std::vector<int64_t> values(100);
    squares(values.data(), 100);
    for (int64_t i = 0; i < 100; ++i)
      ASSERT_EQ(values[i], i * i);
    if (round % 2) // Once with workers asleep, once while they spin.
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    ASSERT_EQ(dlclose(module), 0);
  }
}

} // namespace

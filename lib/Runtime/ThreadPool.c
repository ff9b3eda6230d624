/*===- ThreadPool.c - threads of a compiled network -----------------------===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/*
 * The pool has one owner at a time, the thread whose run it serves. Ownership
 * is a word with the owner's pthread_t, so that `compress_parallel_for` knows
 * without thread-local storage (whose first use allocates) whether its caller
 * is the owner. Each worker has a word of its own:
 *
 *   idle --- owner ---> work --- worker ---> idle
 *
 * and whoever waits for the other side's step spins for a bounded time and
 * then sleeps on that word, leaving a mark that asks for a wake-up. The fields
 * of the job are written only while every worker is idle and read only by
 * workers that have work.
 */
#define _GNU_SOURCE
#include "Compress/Runtime/Parallel.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* How long a thread that waits keeps its CPU. */
#define SPIN_NANOSECONDS 75000

/* The values of a worker's word. */
enum { idle, idleAsleep, work, workAwaited, stopped };

/* No two workers' words on one cache line, nor on lines fetched in pairs. */
struct Worker {
  _Alignas(128) _Atomic(uint32_t) state;
  int32_t share; /* which share of a loop this worker computes, from 1 */
  pthread_t thread;
};

static struct {
  /* The process that the rest belongs to; negative while being reset. After a
   * fork the child finds another process here, and that no worker exists. */
  _Atomic(int32_t) process;
  _Atomic(uintptr_t) owner; /* pthread_t of the owner, 0 where there is none */

  /* The owner's alone. */
  int32_t depth;   /* how many begun runs have not ended */
  int32_t threads; /* how many threads the run uses, the owner included */
  int32_t started; /* how many workers exist */
  int32_t cpus;
  bool inLoop;

  /* The job. */
  compress_loop_fn fn;
  void *ctx;
  int64_t n;
  int32_t shares;
} pool;

/* workers[i] computes share i + 1. */
static struct Worker workers[COMPRESS_MAX_THREADS - 1];

int32_t compress_assumed_cpus = 0;

/* The owner when the library is being unloaded; no thread has this name. */
static const uintptr_t unloading = UINTPTR_MAX;

static uintptr_t self(void) { return (uintptr_t)pthread_self(); }

static void futexWait(_Atomic(uint32_t) *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futexWake(_Atomic(uint32_t) *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void pauseCpu(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb" ::: "memory");
#else
  __asm__ volatile("" ::: "memory");
#endif
}

static int64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Waits until `word` is neither `value` nor `asleep`. */
static void waitWhile(_Atomic(uint32_t) *word, uint32_t value,
                      uint32_t asleep) {
  int64_t deadline = 0;
  for (;;) {
    for (int i = 0; i < 64; ++i) {
      if (atomic_load_explicit(word, memory_order_acquire) != value)
        return;
      pauseCpu();
    }
    int64_t now = nanoseconds();
    if (deadline == 0)
      deadline = now + SPIN_NANOSECONDS;
    else if (now > deadline)
      break;
  }
  uint32_t seen = value;
  if (!atomic_compare_exchange_strong_explicit(
          word, &seen, asleep, memory_order_acquire, memory_order_acquire))
    return;
  while (atomic_load_explicit(word, memory_order_acquire) == asleep)
    futexWait(word, asleep);
}

/* The element with which share `share` of the job begins, n * share / shares
 * without overflow. */
static int64_t beginOf(int32_t share) {
  int64_t whole = pool.n / pool.shares, rest = pool.n % pool.shares;
  return whole * share + rest * share / pool.shares;
}

static void computeShare(int32_t share) {
  pool.fn(pool.ctx, beginOf(share), beginOf(share + 1));
}

static void *runWorker(void *arg) {
  struct Worker *worker = arg;
  for (;;) {
    waitWhile(&worker->state, idle, idleAsleep);
    if (atomic_load_explicit(&worker->state, memory_order_relaxed) == stopped)
      return NULL; /* not pthread_exit, which may load a library */
    computeShare(worker->share);
    if (atomic_exchange_explicit(&worker->state, idle, memory_order_acq_rel) ==
        workAwaited)
      futexWake(&worker->state);
  }
}

/* Gives a worker that is idle its next state. */
static void post(struct Worker *worker, uint32_t state) {
  if (atomic_exchange_explicit(&worker->state, state, memory_order_acq_rel) ==
      idleAsleep)
    futexWake(&worker->state);
}

static int32_t countCpus(void) {
  if (compress_assumed_cpus > 0)
    return compress_assumed_cpus;
  cpu_set_t set;
  long count = sched_getaffinity(0, sizeof(set), &set) == 0
                   ? CPU_COUNT(&set)
                   : sysconf(_SC_NPROCESSORS_ONLN);
  return count < 1                      ? 1
         : count > COMPRESS_MAX_THREADS ? COMPRESS_MAX_THREADS
                                        : (int32_t)count;
}

/* Starts workers until there are `wanted`, or as many as can be. */
static void startWorkers(int32_t wanted) {
  /* Signals are for the threads of the program; those that a fault or a
   * profiler sends to the very thread stay. */
  static const int kept[] = {SIGSEGV, SIGBUS,  SIGFPE,  SIGILL,
                             SIGTRAP, SIGABRT, SIGPROF, SIGSYS};
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); ++i)
    sigdelset(&blocked, kept[i]);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  while (pool.started < wanted) {
    struct Worker *worker = &workers[pool.started];
    atomic_store_explicit(&worker->state, idle, memory_order_relaxed);
    worker->share = pool.started + 1;
    if (pthread_create(&worker->thread, NULL, runWorker, worker) != 0)
      break;
    ++pool.started;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* Makes the caller the owner; false where another thread is. */
static bool acquirePool(void) {
  int32_t here = (int32_t)getpid();
  int32_t process = atomic_load_explicit(&pool.process, memory_order_acquire);
  if (process == here) {
    uintptr_t none = 0;
    return atomic_compare_exchange_strong_explicit(
        &pool.owner, &none, self(), memory_order_acquire, memory_order_relaxed);
  }
  if (process == -here || !atomic_compare_exchange_strong_explicit(
                              &pool.process, &process, -here,
                              memory_order_acquire, memory_order_relaxed))
    return false;
  /* The first run of this process, perhaps a child by fork: no workers. */
  pool.depth = 0;
  pool.started = 0;
  pool.inLoop = false;
  pool.cpus = countCpus();
  atomic_store_explicit(&pool.owner, self(), memory_order_relaxed);
  atomic_store_explicit(&pool.process, here, memory_order_release);
  return true;
}

static bool ownsPool(void) {
  return atomic_load_explicit(&pool.owner, memory_order_relaxed) == self();
}

void compress_begin_run(int32_t threads, int32_t max_threads) {
  if (threads <= 0 || threads > max_threads)
    threads = max_threads;
  if (ownsPool()) {
    ++pool.depth;
    return;
  }
  if (threads <= 1 || !acquirePool())
    return;
  pool.depth = 1;
  if (threads > pool.cpus)
    threads = pool.cpus;
  if (threads > COMPRESS_MAX_THREADS)
    threads = COMPRESS_MAX_THREADS;
  if (pool.started < threads - 1)
    startWorkers(threads - 1);
  pool.threads = threads - 1 <= pool.started ? threads : pool.started + 1;
}

void compress_end_run(void) {
  if (ownsPool() && --pool.depth == 0)
    atomic_store_explicit(&pool.owner, 0, memory_order_release);
}

void compress_parallel_for(compress_loop_fn fn, void *ctx, int64_t n) {
  if (n <= 0)
    return;
  if (n == 1 || !ownsPool() || pool.inLoop || pool.threads <= 1) {
    fn(ctx, 0, n);
    return;
  }
  int32_t shares = pool.threads < n ? pool.threads : (int32_t)n;
  pool.inLoop = true;
  pool.fn = fn;
  pool.ctx = ctx;
  pool.n = n;
  pool.shares = shares;
  for (int32_t i = 0; i < shares - 1; ++i)
    post(&workers[i], work);
  computeShare(0);
  for (int32_t i = 0; i < shares - 1; ++i)
    waitWhile(&workers[i].state, work, workAwaited);
  pool.inLoop = false;
}

/* Runs when the library is unloaded or the process ends. Where a run is under
 * way in another thread the process ends, and nothing is waited for. */
__attribute__((destructor)) static void stopWorkers(void) {
  if (atomic_load_explicit(&pool.process, memory_order_acquire) !=
      (int32_t)getpid())
    return;
  uintptr_t none = 0;
  if (!atomic_compare_exchange_strong_explicit(&pool.owner, &none, unloading,
                                               memory_order_acquire,
                                               memory_order_relaxed))
    return;
  for (int32_t i = 0; i < pool.started; ++i)
    post(&workers[i], stopped);
  for (int32_t i = 0; i < pool.started; ++i)
    pthread_join(workers[i].thread, NULL);
}

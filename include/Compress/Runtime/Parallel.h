/*===- Parallel.h - threads of a compiled network -----------------*- C -*-===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/*
 * What generated code calls to spread loops over threads. The implementation,
 * lib/Runtime/ThreadPool.c, is linked into every library that uses threads,
 * with hidden symbols: each library has a pool of its own. It needs Linux and
 * a C library with POSIX threads, nothing else.
 *
 * The code around one inference is
 *
 *   compress_begin_run(threads, max_threads);
 *   ... any number of compress_parallel_for ...
 *   compress_end_run();
 *
 * At most one run at a time has the pool. A run that begins in another thread
 * meanwhile does all its work in its own thread: it neither waits nor starts
 * more threads. The same holds for a loop inside a loop. None of the functions
 * fails: where no thread can be started there are fewer of them.
 */
#ifndef COMPRESS_RUNTIME_PARALLEL_H
#define COMPRESS_RUNTIME_PARALLEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define COMPRESS_HIDDEN __attribute__((visibility("hidden")))

/* The most threads that one run uses, whatever it asks for. */
#define COMPRESS_MAX_THREADS 256

/* Computes the elements [begin, end) of a loop; begin < end. */
typedef void (*compress_loop_fn)(void *ctx, int64_t begin, int64_t end);

/*
 * Begins a run of the calling thread that may use `threads` threads, the
 * caller among them; 0 or less, or more than `max_threads`, means
 * `max_threads`. Not more than the CPUs that the process may use take part.
 * Workers are started by the first run that needs them and kept. Calls nest:
 * only the outermost has an effect.
 */
COMPRESS_HIDDEN void compress_begin_run(int32_t threads, int32_t max_threads);

/* Ends what the last compress_begin_run of this thread began. */
COMPRESS_HIDDEN void compress_end_run(void);

/*
 * Calls `fn` so that each of the elements 0 to n-1 is computed exactly once,
 * and returns when all are done; what they wrote is then visible. With T
 * threads, thread t computes [n*t/T, n*(t+1)/T), and T <= n. Outside a run
 * T is 1. Does nothing where n <= 0. Allocates nothing.
 */
COMPRESS_HIDDEN void compress_parallel_for(compress_loop_fn fn, void *ctx,
                                           int64_t n);

/*
 * For tests: how many CPUs the pool takes the machine to have. 0, the default,
 * means those in the affinity mask of the thread that began the first run.
 */
COMPRESS_HIDDEN extern int32_t compress_assumed_cpus;

#ifdef __cplusplus
}
#endif

#endif /* COMPRESS_RUNTIME_PARALLEL_H */

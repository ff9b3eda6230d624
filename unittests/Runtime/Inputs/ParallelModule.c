/*===- ParallelModule.c - a library with a thread pool inside -------------===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/

#include "Compress/Runtime/Parallel.h"

static void square(void *ctx, int64_t begin, int64_t end) {
  int64_t *values = ctx;
  for (int64_t i = begin; i < end; ++i)
    values[i] = i * i;
}

/* values[i] = i * i by up to four threads, whatever the machine has. */
__attribute__((visibility("default"))) void squares(int64_t *values, int64_t n);
void squares(int64_t *values, int64_t n) {
  compress_assumed_cpus = 4;
  compress_begin_run(0, 4);
  compress_parallel_for(square, values, n);
  compress_end_run();
}

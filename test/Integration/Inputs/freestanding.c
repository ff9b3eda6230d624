/* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * Runs the network `net` for AArch64 without a C library: its inputs, one after
 * the other, come from standard input, its outputs go to standard output.
 */
#include "net.h"

typedef __SIZE_TYPE__ size_t;

static long call(long number, long a, long b, long c) {
  register long x8 __asm__("x8") = number;
  register long x0 __asm__("x0") = a;
  register long x1 __asm__("x1") = b;
  register long x2 __asm__("x2") = c;
  __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
  return x0;
}
enum { sysRead = 63, sysWrite = 64, sysExit = 93 };

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
  for (size_t i = 0; i < size; ++i)
    ((volatile char *)to)[i] = ((const char *)from)[i];
  return to;
}
void *memset(void *to, int value, size_t size) {
  for (size_t i = 0; i < size; ++i)
    ((volatile char *)to)[i] = (char)value;
  return to;
}

static char arena[1 << 26] __attribute__((aligned(64)));
static char tensors[1 << 24] __attribute__((aligned(64)));

/* All of `size` bytes, or the end of the program. */
static void transfer(long number, int file, char *at, int64_t size) {
  while (size > 0) {
    long done = call(number, file, (long)at, size);
    if (done <= 0)
      call(sysExit, 2, 0, 0);
    at += done;
    size -= done;
  }
}

void _start(void) {
  const struct compress_model_info *info = net_info();
  const void *inputs[8];
  void *outputs[8];
  char *at = tensors;
  if (info->arena_bytes > (int64_t)sizeof arena || info->num_inputs > 8 ||
      info->num_outputs > 8)
    call(sysExit, 3, 0, 0);
  for (uint32_t i = 0; i < info->num_inputs; ++i) {
    inputs[i] = at;
    transfer(sysRead, 0, at, info->inputs[i].bytes);
    at += (info->inputs[i].bytes + 63) / 64 * 64;
  }
  for (uint32_t i = 0; i < info->num_outputs; ++i) {
    outputs[i] = at;
    at += (info->outputs[i].bytes + 63) / 64 * 64;
  }
  if (at > tensors + sizeof tensors || net_run(inputs, outputs, arena, 1) != 0)
    call(sysExit, 4, 0, 0);
  for (uint32_t i = 0; i < info->num_outputs; ++i)
    transfer(sysWrite, 1, outputs[i], info->outputs[i].bytes);
  call(sysExit, 0, 0, 0);
}

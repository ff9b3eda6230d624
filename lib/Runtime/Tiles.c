/*===- Tiles.c - leave to use tile registers ------------------------------===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/*
 * Linux gives a process the state of AMX's tile registers only if it asks
 * (Documentation/arch/x86/xstate.rst of the kernel).
 */
#define _GNU_SOURCE
#include "Compress/Runtime/Tiles.h"
#include "Compress/Runtime/Abi.h"
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ARCH_REQ_XCOMP_PERM, and the component that holds the tiles' data. */
enum { requestPermission = 0x1023, tileData = 18 };

int32_t compress_enable_tiles(void) {
#if defined(__linux__) && defined(__x86_64__)
  static _Atomic(int32_t) enabled;
  if (atomic_load_explicit(&enabled, memory_order_relaxed))
    return 0;
  if (syscall(SYS_arch_prctl, requestPermission, tileData) != 0)
    return COMPRESS_NO_TILES;
  atomic_store_explicit(&enabled, 1, memory_order_relaxed);
  return 0;
#else
  return COMPRESS_NO_TILES;
#endif
}

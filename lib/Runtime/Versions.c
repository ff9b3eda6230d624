/*===- Versions.c - code for several CPUs in one library ------------------===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
#include "Compress/Runtime/Versions.h"
#include "Compress/Runtime/Tiles.h"
#include <stdatomic.h>

#if defined(__x86_64__)
#include <cpuid.h>

static const struct {
  uint32_t leaf, subleaf, reg, bit, state;
} features[] = {
#define COMPRESS_CPU_FEATURE(name, leaf, subleaf, reg, bit, state)             \
  {leaf, subleaf, reg, bit, state},
#include "Compress/Runtime/CpuFeatures.def"
#undef COMPRESS_CPU_FEATURE
};

/* What the operating system keeps of the registers; 0 where it does not say. */
static uint64_t readState(void) {
  uint32_t a, b, c, d, low, high;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
    return 0;
  /* xgetbv; the intrinsic would need a newer CPU for the whole file. */
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static uint64_t readFeatures(void) {
  uint64_t state = readState(), result = 0;
  for (int i = 0; i < COMPRESS_NUM_CPU_FEATURES; ++i) {
    uint32_t reg[4];
    if (__get_cpuid_count(features[i].leaf, features[i].subleaf, &reg[0],
                          &reg[1], &reg[2], &reg[3]) &&
        reg[features[i].reg] >> features[i].bit & 1 &&
        (features[i].state & ~state) == 0)
      result |= (uint64_t)1 << i;
  }
  /* Tiles are also asked for, and may be refused. */
  uint64_t tiles = (uint64_t)1 << COMPRESS_CPU_amx_tile;
  if ((result & tiles) != 0 && compress_enable_tiles() != 0)
    result &= ~tiles;
  return result;
}
#else
static uint64_t readFeatures(void) { return 0; }
#endif

int32_t compress_choose_version(const uint64_t *needed, int32_t count) {
  /* Bit 63 says that the features have been read: cpuid is slow, above all in
   * virtual machines. */
  static _Atomic(uint64_t) known;
  const uint64_t isKnown = (uint64_t)1 << 63;
  uint64_t present = atomic_load_explicit(&known, memory_order_relaxed);
  if (!(present & isKnown)) {
    present = readFeatures() | isKnown;
    atomic_store_explicit(&known, present, memory_order_relaxed);
  }
  int32_t best = -1, most = -1;
  for (int32_t i = 0; i < count; ++i) {
    int32_t size = 0;
    if (needed[i] & ~present)
      continue;
    for (uint64_t rest = needed[i]; rest; rest &= rest - 1)
      ++size;
    if (size > most) {
      best = i;
      most = size;
    }
  }
  return best;
}

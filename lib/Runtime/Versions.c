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
  return result;
}
#else
static uint64_t readFeatures(void) { return 0; }
#endif

/* What makes kernels faster, the most first. */
static const int32_t ranked[] = {COMPRESS_CPU_amx_int8, COMPRESS_CPU_avx512vnni,
                                 COMPRESS_CPU_avxvnni,  COMPRESS_CPU_avx512bw,
                                 COMPRESS_CPU_avx512f,  COMPRESS_CPU_avx2,
                                 COMPRESS_CPU_fma,      COMPRESS_CPU_ssse3};

/* Those of `features`, then how many there are. */
static int32_t rank(uint64_t features) {
  int32_t result = 0, count = 0;
  for (unsigned i = 0; i < sizeof ranked / sizeof ranked[0]; ++i)
    result = result << 1 | (int32_t)(features >> ranked[i] & 1);
  for (; features; features &= features - 1)
    ++count;
  return result << 8 | count;
}

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
    if ((needed[i] & ~present) || rank(needed[i]) <= most)
      continue;
    /* Tiles are asked for where they would be used, and may be refused. */
    if (needed[i] >> COMPRESS_CPU_amx_tile & 1 && compress_enable_tiles() != 0)
      continue;
    best = i;
    most = rank(needed[i]);
  }
  return best;
}

/*===- Versions.h - code for several CPUs in one library --------*- C -*-===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/* What a network compiled for several CPUs calls to choose among its versions;
 * linked into it.
 */
#ifndef COMPRESS_RUNTIME_VERSIONS_H
#define COMPRESS_RUNTIME_VERSIONS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The place in a set of features of each that CpuFeatures.def has. */
enum compress_cpu_feature {
#define COMPRESS_CPU_FEATURE(name, leaf, subleaf, reg, bit, state)             \
  COMPRESS_CPU_##name,
#include "Compress/Runtime/CpuFeatures.def"
#undef COMPRESS_CPU_FEATURE
  COMPRESS_NUM_CPU_FEATURES
};

/*
 * Of `count` versions, `needed` has the features that each needs, bit i for
 * feature i. Returns the number of the best that this CPU and its operating
 * system let run: the one with the better product instructions, of those the
 * one with most features, of equals the first; -1 where there is none. Always
 * the same in a process. Thread-safe.
 */
int32_t compress_choose_version(const uint64_t *needed, int32_t count);

#ifdef __cplusplus
}
#endif

#endif /* COMPRESS_RUNTIME_VERSIONS_H */

/*===- FakeModel.c - a library as the compiler makes them -----------------===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/*
 * A classifier of [1,3,32,32] images whose class is the first number of the
 * image: the score of class k is -(k - x)^2. With macros for what may be wrong
 * with a library.
 */
#include "Compress/Runtime/Abi.h"
#include <string.h>

#ifndef FAKE_ABI
#define FAKE_ABI COMPRESS_ABI_VERSION
#endif
#ifndef FAKE_TARGET
#define FAKE_TARGET "generic"
#endif
#ifndef FAKE_RANK
#define FAKE_RANK 4
#endif
#ifndef FAKE_STATUS
#define FAKE_STATUS 0
#endif
#ifdef FAKE_INT8 /* real x = 0.5 * (stored - 3) */
typedef signed char element;
#define FAKE_DTYPE COMPRESS_I8, FAKE_RANK, inputDims, 3072, 1, 0.5f, 3
#else
typedef float element;
#define FAKE_DTYPE COMPRESS_F32, FAKE_RANK, inputDims, 12288, 0, 0, 0
#endif

static const int64_t inputDims[] = {1, 3, 32, 32};
static const int64_t outputDims[] = {1, 10};
static const struct compress_tensor_info input = {"image", FAKE_DTYPE};
static const struct compress_tensor_info output = {
    "scores", COMPRESS_F32, 2, outputDims, 40, 0, 0, 0};
static const struct compress_model_info info = {
    FAKE_ABI, 1, 1, 4, &input, &output, 4096, 0, FAKE_TARGET, "fake 1.0"};

#define EXPORT __attribute__((visibility("default")))

EXPORT const struct compress_model_info *fake_info(void);
EXPORT const struct compress_model_info *fake_info(void) { return &info; }

EXPORT int32_t fake_run(const void *const *inputs, void *const *outputs,
                        void *arena, int32_t threads);
EXPORT int32_t fake_run(const void *const *inputs, void *const *outputs,
                        void *arena, int32_t threads) {
  const element *image = inputs[0];
  float *scores = outputs[0];
  if ((uintptr_t)arena % COMPRESS_ARENA_ALIGNMENT != 0 || threads < 0)
    return 99;
  memset(arena, 0xff, 4096);
  for (int k = 0; k < 10; ++k)
    scores[k] = -((float)k - (float)image[0]) * ((float)k - (float)image[0]);
#ifdef FAKE_CRASH
  *(volatile int *)0 = 1;
#endif
  return FAKE_STATUS;
}

/*===- Abi.h - C interface of a compiled network -----------------*- C -*-===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/*
 * A library compiled by `compressc -o NAME.so` exports two functions, and with
 * --profile a third, NAME_profile, further down:
 *
 *   const struct compress_model_info *NAME_info(void);
 *   int32_t NAME_run(const void *const *inputs, void *const *outputs,
 *                    void *arena, int32_t threads);
 *
 * `NAME_run` computes one inference. It allocates nothing, keeps no state
 * between calls but a profile, and without one may run in several threads at
 * once, each with an arena of its own. Only C is needed to use it.
 */
#ifndef COMPRESS_RUNTIME_ABI_H
#define COMPRESS_RUNTIME_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Raised whenever a field below changes its meaning or place. */
#define COMPRESS_ABI_VERSION 1

/* Bytes to which the arena must be aligned. */
#define COMPRESS_ARENA_ALIGNMENT 64

/* Element types of inputs and outputs; all little endian. */
enum compress_dtype {
  COMPRESS_F32 = 1,
  COMPRESS_I8 = 2,
  COMPRESS_U8 = 3,
  COMPRESS_I16 = 4,
  COMPRESS_I32 = 5,
  COMPRESS_I64 = 6,
  COMPRESS_BOOL = 7, /* one byte, 0 or 1 */
  COMPRESS_U16 = 8,
  COMPRESS_U32 = 9,
  COMPRESS_U64 = 10
};

/* One input or output: dense, row major, no padding between elements. */
struct compress_tensor_info {
  const char *name;    /* as in the model; never null */
  int32_t dtype;       /* enum compress_dtype */
  int32_t rank;        /* number of dimensions, 0 to 8 */
  const int64_t *dims; /* `rank` extents, outermost first */
  int64_t bytes;       /* product of extents times the size of an element */
  int32_t quantized;   /* 1: real value = scale * (stored - zero_point) */
  float scale;         /* valid where quantized */
  int32_t zero_point;  /* valid where quantized */
};

struct compress_model_info {
  uint32_t abi_version; /* COMPRESS_ABI_VERSION of the compiler */
  uint32_t num_inputs;
  uint32_t num_outputs;
  uint32_t max_threads; /* the most threads one run uses, at least 1 */
  const struct compress_tensor_info *inputs;
  const struct compress_tensor_info *outputs;
  int64_t arena_bytes;    /* scratch memory that one run needs */
  int64_t constant_bytes; /* weights and other constants in the library */
  const char *target;     /* CPU and features, e.g. "znver4:+avx512vnni" */
  const char *producer;   /* name and version of the compiler */
};

/* What a run may return besides 0. */
enum compress_error {
  /* The code is for a CPU with AMX, and the operating system does not give the
   * process its tile registers: compile for another CPU. */
  COMPRESS_NO_TILES = 1,
  /* The library has code for several CPUs, and none for this one. */
  COMPRESS_WRONG_CPU = 2
};

/* Returns the description of the network; never null, never changes. */
typedef const struct compress_model_info *(*compress_info_fn)(void);

/*
 * Computes one inference. `inputs[i]` and `outputs[i]` have the types, shapes
 * and sizes that the info gives, and do not overlap; `arena` has `arena_bytes`
 * bytes, aligned to COMPRESS_ARENA_ALIGNMENT (null where arena_bytes is 0).
 * `threads` is the most threads to use; 0, or anything above `max_threads`,
 * means `max_threads`. The results have the same bits for every value.
 * Returns 0, or an enum compress_error, and then has computed nothing.
 */
typedef int32_t (*compress_run_fn)(const void *const *inputs,
                                   void *const *outputs, void *arena,
                                   int32_t threads);

/* One kernel of a network compiled with a profile. */
struct compress_profile_op {
  const char *kernel;  /* the name of its function */
  const char *source;  /* where it is from in the model, or "" */
  const char *element; /* the type of what it multiplies, e.g. "i8", or "" */
  int64_t macs;        /* multiply-accumulates, 0 where it has none */
  int64_t bytes;       /* of all that it reads and writes */
};

/* Where the time of a network goes; only of those compiled with --profile. Not
 * for several runs at a time. */
struct compress_profile {
  uint64_t num_ops;
  const struct compress_profile_op *ops;
  uint64_t *ticks; /* of the CPU's time stamp counter, for each op the sum over
                      all runs since this was last set to 0 */
};

typedef const struct compress_profile *(*compress_profile_fn)(void);

#ifdef __cplusplus
}
#endif

#endif /* COMPRESS_RUNTIME_ABI_H */

/*===- Tiles.h - leave to use tile registers --------------------*- C -*-===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/* What a network compiled for AMX calls before anything else; linked into it.
 */
#ifndef COMPRESS_RUNTIME_TILES_H
#define COMPRESS_RUNTIME_TILES_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Asks the operating system, once in a process, for the state of tile
 * registers. Returns 0, or COMPRESS_NO_TILES where it refuses. Thread-safe.
 */
int32_t compress_enable_tiles(void);

#ifdef __cplusplus
}
#endif

#endif /* COMPRESS_RUNTIME_TILES_H */

/*===- digit.c - a compiled network in a C program ---------------*- C -*-===*\
|*                                                                            *|
|* Part of Compress, under the Apache License v2.0 with LLVM Exceptions.      *|
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception                    *|
|*                                                                            *|
\*===----------------------------------------------------------------------===*/
/*
 * Reads a digit from standard input, drawn in 14 lines of 14 characters (blank
 * or '.' is dark, anything else bright), and says which one it is.
 *
 *   compressc ../digits/digits_qat.onnx -o digits.so
 *   cc -I. digit.c digits.so -Wl,-rpath,'$ORIGIN' -o digit
 *   ./digit < seven.txt
 */
#include "digits.h" /* written by compressc beside digits.so */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 28, DIGITS = 10 };

/* Each character becomes 2x2 pixels; the network wants (pixel - 128) / 128. */
static void readImage(float image[SIDE][SIDE]) {
  char line[256];
  for (int y = 0; y < SIDE; y += 2) {
    if (!fgets(line, sizeof(line), stdin))
      line[0] = '\0';
    size_t length = strcspn(line, "\n");
    for (size_t x = 0; x < SIDE; ++x) {
      char c = x / 2 < length ? line[x / 2] : ' ';
      float pixel = c == ' ' || c == '.' ? 0.0f : 255.0f;
      image[y][x] = image[y + 1][x] = (pixel - 128.0f) / 128.0f;
    }
  }
}

int main(void) {
  const struct compress_model_info *info = digits_info();
  if (info->abi_version != COMPRESS_ABI_VERSION)
    return fprintf(stderr, "the library is of another version\n"), 1;

  float image[SIDE][SIDE], logits[DIGITS];
  readImage(image);

  /* The network keeps nothing: one arena serves any number of calls. The size
     of an aligned allocation is a multiple of the alignment. */
  size_t unit = COMPRESS_ARENA_ALIGNMENT;
  size_t units = (size_t)info->arena_bytes / unit + 1;
  void *arena = aligned_alloc(unit, units * unit);
  if (!arena)
    return fprintf(stderr, "out of memory\n"), 1;
  const void *inputs[] = {image};
  void *outputs[] = {logits};
  digits_run(inputs, outputs, arena, /*threads=*/1);
  free(arena);

  int best = 0;
  for (int digit = 1; digit < DIGITS; ++digit)
    if (logits[digit] > logits[best])
      best = digit;
  printf("%d\n", best);
  return 0;
}

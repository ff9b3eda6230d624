//===- TileShape.cpp - how many accumulators a tile has ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileShape.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir::compress;

/// Vector instructions that start in a cycle, and cycles until the result of
/// one can be added to: close to what current cores have.
static constexpr double kIssueWidth = 2;
static constexpr double kLatency = 4;

static double stepTime(int64_t pixels, int64_t vectors, const StepCost &cost) {
  pixels = llvm::alignTo(pixels, cost.pixels);
  double instructions = pixels * vectors * cost.perProduct +
                        pixels * cost.perPixel + vectors * cost.perVector;
  return std::max(kLatency, instructions / kIssueWidth);
}

TileShape mlir::compress::chooseTileShape(int64_t pixels, int64_t lanes,
                                          int64_t vectorLanes,
                                          int64_t registers,
                                          const StepCost &cost) {
  int64_t vectors = llvm::divideCeil(lanes, vectorLanes);
  TileShape best{1, 1};
  double bestTime = -1;
  for (int64_t n = 1; n <= std::min<int64_t>(vectors, 4); ++n) {
    for (int64_t p = 1; p <= pixels && p * n + n + 2 <= registers; ++p) {
      int64_t wide = pixels / p, narrow = pixels % p;
      int64_t full = vectors / n, rest = vectors % n;
      double time = 0;
      int kinds = 0;
      auto add = [&](int64_t count, int64_t tilePixels, int64_t tileVectors) {
        if (count == 0 || tilePixels == 0 || tileVectors == 0)
          return;
        time += count * stepTime(tilePixels, tileVectors, cost);
        ++kinds;
      };
      add(wide * full, p, n);
      add(wide, p, rest);
      add(full, narrow, n);
      add(1, narrow, rest);
      // Every kind of tile is code of its own, to compile and to keep in cache.
      time *= 1 + 0.02 * kinds;
      // Of equals the smaller: less code.
      if (bestTime < 0 || time < bestTime * 0.999) {
        bestTime = time;
        best = {p, n};
      }
    }
  }
  return best;
}

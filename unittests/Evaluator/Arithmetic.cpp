//===- Arithmetic.cpp - the numeric contract, once more -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include <cmath>

double oracle::roundHalfEven(double v) {
  double below = std::floor(v);
  double fraction = v - below;
  if (fraction < 0.5)
    return below;
  if (fraction > 0.5)
    return below + 1;
  return std::fmod(below, 2.0) == 0 ? below : below + 1;
}

int32_t oracle::requantize(float sum, float scale, int32_t zeroPoint,
                           CodeRange range) {
  float v = sum * scale;
  if (std::isnan(v))
    v = 0;
  // Both bounds are integers of at most 17 bits: exact.
  float low = static_cast<float>(range.low - zeroPoint);
  float high = static_cast<float>(range.high - zeroPoint);
  if (v < low)
    v = low;
  if (v > high)
    v = high;
  return static_cast<int32_t>(roundHalfEven(v)) + zeroPoint;
}

int32_t oracle::requantize(int32_t sum, float scale, int32_t zeroPoint,
                           CodeRange range) {
  return requantize(static_cast<float>(sum), scale, zeroPoint, range);
}

int32_t oracle::quantize(float x, Grid grid, CodeRange range) {
  return requantize(x / grid.scale, 1.0f, grid.zeroPoint, range);
}

float oracle::dequantize(int32_t code, Grid grid) {
  // In 64 bits: a bias code less a zero point may leave 32.
  int64_t steps = static_cast<int64_t>(code) - grid.zeroPoint;
  return static_cast<float>(steps) * grid.scale;
}

float oracle::fakeQuantize(float x, Grid grid, CodeRange range) {
  return dequantize(quantize(x, grid, range), grid);
}

std::optional<int32_t> oracle::applyScale(int64_t value, int32_t multiplier,
                                          int32_t shift, bool doubleRound) {
  if (shift < 1 || shift > 62)
    return std::nullopt;
  int64_t round = int64_t(1) << (shift - 1);
  if (doubleRound && shift > 31)
    round += value >= 0 ? int64_t(1) << 30 : -(int64_t(1) << 30);
  __int128 result = static_cast<__int128>(value) * multiplier + round;
  result >>= shift;
  if (result < INT32_MIN || result > INT32_MAX)
    return std::nullopt;
  return static_cast<int32_t>(result);
}

int64_t oracle::wrap(int64_t value, unsigned bits) {
  if (bits >= 64)
    return value;
  uint64_t mask = (uint64_t(1) << bits) - 1;
  uint64_t low = static_cast<uint64_t>(value) & mask;
  bool negative = low >> (bits - 1) & 1;
  return static_cast<int64_t>(negative ? low | ~mask : low);
}

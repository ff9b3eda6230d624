//===- Arithmetic.h - the numeric contract, once more -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The scalar arithmetic of docs/numerics.md, written a second time and as
// plainly as possible: the oracle shares nothing with lib/. Rounding is by
// comparison of the fraction, not by adding and subtracting a large number.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_ARITHMETIC_H
#define COMPRESS_UNITTESTS_EVALUATOR_ARITHMETIC_H

#include <cstdint>
#include <optional>

namespace oracle {

/// What the integers of a quantized tensor stand for:
/// value = (code - zeroPoint) * scale.
struct Grid {
  float scale = 1;
  int32_t zeroPoint = 0;
};

/// The codes that a result may have.
struct CodeRange {
  int32_t low = -128, high = 127;
};

/// The nearest integer; of two the even one.
double roundHalfEven(double v);

/// clamp(roundeven(x / scale) + zeroPoint); NaN becomes zeroPoint.
int32_t quantize(float x, Grid grid, CodeRange range = {});

float dequantize(int32_t code, Grid grid);

/// dequantize(quantize(x)).
float fakeQuantize(float x, Grid grid, CodeRange range = {});

/// An i32 sum in units of `scale` becomes a code.
int32_t requantize(int32_t sum, float scale, int32_t zeroPoint,
                   CodeRange range = {});

/// The same for a sum in f32, which may be NaN: that becomes zeroPoint.
int32_t requantize(float sum, float scale, int32_t zeroPoint,
                   CodeRange range = {});

/// TOSA's apply_scale_32: value * multiplier / 2^shift, rounded. Its MUL of i32
/// with a shift is the same, for multipliers of any sign, and tosa.apply_scale
/// stands for both. Nothing where the result does not fit.
std::optional<int32_t> applyScale(int64_t value, int32_t multiplier,
                                  int32_t shift, bool doubleRound);

/// The lowest `bits` bits of `value`, sign extended.
int64_t wrap(int64_t value, unsigned bits);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_ARITHMETIC_H

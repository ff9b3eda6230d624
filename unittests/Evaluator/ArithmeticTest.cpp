//===- ArithmeticTest.cpp - the oracle's own arithmetic -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Arithmetic.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace oracle;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();
const float nan = std::nanf("");

TEST(ArithmeticTest, RoundsHalvesToEven) {
  EXPECT_EQ(roundHalfEven(0.5), 0);
  EXPECT_EQ(roundHalfEven(1.5), 2);
  EXPECT_EQ(roundHalfEven(2.5), 2);
  EXPECT_EQ(roundHalfEven(-0.5), 0);
  EXPECT_EQ(roundHalfEven(-1.5), -2);
  EXPECT_EQ(roundHalfEven(-2.5), -2);
  EXPECT_EQ(roundHalfEven(0.49999997f), 0);
  EXPECT_EQ(roundHalfEven(std::nextafter(0.5f, 1.0f)), 1);
  EXPECT_EQ(roundHalfEven(-126.5), -126);
  EXPECT_EQ(roundHalfEven(12345678), 12345678);
}

TEST(ArithmeticTest, QuantizesTiesSaturationAndNan) {
  Grid grid{0.5f, 3};
  EXPECT_EQ(quantize(0.25f, grid), 3);  // 0.5 -> 0
  EXPECT_EQ(quantize(0.75f, grid), 5);  // 1.5 -> 2
  EXPECT_EQ(quantize(-0.75f, grid), 1); // -1.5 -> -2
  EXPECT_EQ(quantize(1e30f, grid), 127);
  EXPECT_EQ(quantize(-1e30f, grid), -128);
  EXPECT_EQ(quantize(infinity, grid), 127);
  EXPECT_EQ(quantize(-infinity, grid), -128);
  EXPECT_EQ(quantize(nan, grid), 3);
  EXPECT_EQ(quantize(100, grid, {-3, 7}), 7);
  EXPECT_EQ(quantize(-100, grid, {-3, 7}), -3);
  // NaN becomes the zero point, and that is clamped as well.
  EXPECT_EQ(quantize(nan, grid, {10, 20}), 10);
}

TEST(ArithmeticTest, DequantizesExactly) {
  EXPECT_EQ(dequantize(-128, {0.25f, 3}), -32.75f);
  EXPECT_EQ(dequantize(3, {0.1f, 3}), 0.0f);
  // The difference leaves 32 bits.
  EXPECT_EQ(dequantize(INT32_MIN, {1.0f, 1}), -2147483648.0f);
}

TEST(ArithmeticTest, RequantizesLargeSums) {
  EXPECT_EQ(requantize(INT32_MAX, 1.0f, 0), 127);
  EXPECT_EQ(requantize(INT32_MIN, 1.0f, 0), -128);
  EXPECT_EQ(requantize(INT32_MAX, 5.9604645e-8f, 0), 127); // 2^31 * 2^-24
  EXPECT_EQ(requantize(INT32_MAX, 2.9802322e-8f, -1), 63); // 64 - 1
  EXPECT_EQ(requantize(16777217, 5.9604645e-8f, 0), 1); // rounds to 2^24 first
  EXPECT_EQ(requantize(3, 0.5f, 0), 2);
  EXPECT_EQ(requantize(5, 0.5f, 0), 2);
  EXPECT_EQ(requantize(-5, 0.5f, 10), 8);
  EXPECT_EQ(requantize(5, 0.5f, 0, {0, 1}), 1);
}

TEST(ArithmeticTest, RequantizesExtremeScales) {
  float least = std::numeric_limits<float>::min();
  EXPECT_EQ(requantize(INT32_MAX, least, 5), 5);
  EXPECT_EQ(requantize(1, 3e38f, 5), 127);
  EXPECT_EQ(requantize(INT32_MIN, 3e38f, 5), -128); // -infinity
  EXPECT_EQ(requantize(0, 3e38f, 5), 5);
  EXPECT_EQ(requantize(nan, 1.0f, 5), 5);
  EXPECT_EQ(requantize(infinity, 1.0f, 5), 127);
  EXPECT_EQ(requantize(infinity, 0.0f, 5), 5); // NaN
}

TEST(ArithmeticTest, AppliesScales) {
  // 2^30 is 1.0 with a shift of 30.
  constexpr int32_t one = 1 << 30;
  EXPECT_EQ(applyScale(7, one, 30, false), 7);
  EXPECT_EQ(applyScale(7, one, 31, false), 4); // halves go up
  EXPECT_EQ(applyScale(-7, one, 31, false), -3);
  EXPECT_EQ(applyScale(7, one, 31, true), 4);  // double only above 31
  EXPECT_EQ(applyScale(6, one, 32, false), 2); // 1.5
  EXPECT_EQ(applyScale(6, one, 32, true), 2);
  EXPECT_EQ(applyScale(-6, one, 32, false), -1);
  EXPECT_EQ(applyScale(-6, one, 32, true), -2); // away from zero
  // 1.25 becomes 1.5 in the first rounding; 1.5 - 2^-31 becomes 1.5.
  EXPECT_EQ(applyScale(5, one, 32, false), 1);
  EXPECT_EQ(applyScale(5, one, 32, true), 2);
  EXPECT_EQ(applyScale(3, INT32_MAX, 32, false), 1);
  EXPECT_EQ(applyScale(3, INT32_MAX, 32, true), 2);
  EXPECT_EQ(applyScale(-3, INT32_MAX, 32, true), -2);
}

TEST(ArithmeticTest, MultipliesWithShift) {
  // MUL: any sign, halves go up.
  EXPECT_EQ(applyScale(1073745920, -1010580540, 31, false), -505292198);
  EXPECT_EQ(applyScale(3, -1, 1, false), -1);
  EXPECT_EQ(applyScale(-3, -1, 1, false), 2);
}

TEST(ArithmeticTest, KnowsTheDomainOfApplyScale) {
  EXPECT_FALSE(applyScale(1, 1, 0, false));
  EXPECT_FALSE(applyScale(1, 1, 63, false));
  EXPECT_FALSE(applyScale(INT32_MAX, INT32_MAX, 2, false));
  EXPECT_TRUE(applyScale(1, 1, 62, false));
}

TEST(ArithmeticTest, Wraps) {
  EXPECT_EQ(wrap(128, 8), -128);
  EXPECT_EQ(wrap(-129, 8), 127);
  EXPECT_EQ(wrap(255, 8), -1);
  EXPECT_EQ(wrap(1, 1), -1);
  EXPECT_EQ(wrap(int64_t(1) << 31, 32), INT32_MIN);
  EXPECT_EQ(wrap(INT64_MIN, 64), INT64_MIN);
}

} // namespace

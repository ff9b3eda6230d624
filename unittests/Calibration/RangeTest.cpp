//===- RangeTest.cpp - tests of ranges ------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Range.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace compress;

namespace {

std::vector<float> samples(bool relu, bool outlier) {
  std::mt19937 random(5);
  std::normal_distribution<float> distribution;
  std::vector<float> values(20000);
  for (float &value : values) {
    value = distribution(random);
    if (relu)
      value = std::max(value, 0.0f);
  }
  if (outlier)
    values[7] = 40;
  return values;
}

TensorStatistics statisticsOf(const std::vector<float> &values) {
  TensorStatistics statistics;
  EXPECT_TRUE(statistics.add(values));
  return statistics;
}

/// The error of the elements themselves, not of a histogram.
double errorOf(const std::vector<float> &values, const Grid &grid) {
  double sum = 0;
  for (float value : values) {
    double code = std::nearbyint(value / grid.scale) + grid.zeroPoint;
    code = std::clamp<double>(code, grid.qmin, grid.qmax);
    double error = value - (code - grid.zeroPoint) * grid.scale;
    sum += error * error;
  }
  return sum / static_cast<double>(values.size());
}

TEST(Grid, HasACodeForZero) {
  Grid grid = gridOf({0, 2.55}, false);
  EXPECT_FLOAT_EQ(grid.scale, 0.01f);
  EXPECT_EQ(grid.zeroPoint, -128);
  grid = gridOf({1, 2.55}, false); // Widened.
  EXPECT_FLOAT_EQ(grid.scale, 0.01f);
  EXPECT_EQ(grid.zeroPoint, -128);
  grid = gridOf({-2.55, -1}, false);
  EXPECT_EQ(grid.zeroPoint, 127);
  grid = gridOf({-1.27, 1}, true);
  EXPECT_FLOAT_EQ(grid.scale, 0.01f);
  EXPECT_EQ(grid.zeroPoint, 0);
  EXPECT_EQ(grid.qmin, -127);
}

TEST(Grid, IsAlwaysValid) {
  constexpr double most = std::numeric_limits<float>::max();
  for (Range range : {Range{0, 0}, Range{0, 1e-45}, Range{-most, most},
                      Range{-1e-300, 0}, Range{most, most}})
    for (bool symmetric : {false, true}) {
      Grid grid = gridOf(range, symmetric);
      EXPECT_TRUE(std::isnormal(grid.scale)) << range.min << ' ' << range.max;
      EXPECT_GE(grid.zeroPoint, grid.qmin);
      EXPECT_LE(grid.zeroPoint, grid.qmax);
    }
  EXPECT_EQ(gridOf({0, 0}, false).scale, 1);
}

TEST(Range, MinMaxAndMovingAverage) {
  std::vector<float> values = samples(false, true);
  TensorStatistics statistics = statisticsOf(values);
  Range range = chooseRange(statistics, {RangeMethod::MinMax});
  auto [min, max] = std::minmax_element(values.begin(), values.end());
  EXPECT_EQ(range.min, *min);
  EXPECT_EQ(range.max, *max);
  ASSERT_TRUE(statistics.add(std::vector<float>{-1, 1}));
  range = chooseRange(statistics, {RangeMethod::MovingAverage});
  EXPECT_NEAR(range.max, 40 * 0.99 + 0.01, 1e-9);
}

TEST(Range, PercentileCutsBothEnds) {
  std::vector<float> values = samples(false, true);
  TensorStatistics statistics = statisticsOf(values);
  std::sort(values.begin(), values.end());
  Range range = chooseRange(statistics, {RangeMethod::Percentile, 99});
  double width = statistics.histogram().binWidth();
  EXPECT_NEAR(range.min, values[200], 2 * width);
  EXPECT_NEAR(range.max, values[values.size() - 201], 2 * width);
  range = chooseRange(statistics, {RangeMethod::Percentile, 100});
  EXPECT_EQ(range.min, values.front());
  EXPECT_EQ(range.max, values.back());
  // Of a relu, half are zeros, and below them is nothing to cut.
  range = chooseRange(statisticsOf(samples(true, false)),
                      {RangeMethod::Percentile, 99.9});
  EXPECT_EQ(range.min, 0);
}

/// Whatever ends a fine search among all pairs finds, those of chooseRange are
/// nearly as good for the elements.
TEST(Range, MseIsTheLeastError) {
  for (bool relu : {false, true})
    for (bool outlier : {false, true})
      for (bool symmetric : {false, true}) {
        std::vector<float> values = samples(relu, outlier);
        TensorStatistics statistics = statisticsOf(values);
        Range chosen =
            chooseRange(statistics, {RangeMethod::Mse, 99.99, symmetric});
        double error = errorOf(values, gridOf(chosen, symmetric));
        double best = std::numeric_limits<double>::infinity();
        for (int low = 2; low <= 64; low += 2)
          for (int high = 2; high <= 64; high += 2)
            best = std::min(
                best, errorOf(values, gridOf({statistics.min() * low / 64,
                                              statistics.max() * high / 64},
                                             symmetric)));
        EXPECT_LE(error, 1.02 * best) << relu << outlier << symmetric;
        double whole = errorOf(
            values, gridOf({statistics.min(), statistics.max()}, symmetric));
        EXPECT_LE(error, whole);
      }
}

TEST(Range, EntropyLeavesAnOutlierOut) {
  TensorStatistics statistics = statisticsOf(samples(true, true));
  Range range = chooseRange(statistics, {RangeMethod::Entropy});
  EXPECT_LT(range.max, 20);
  EXPECT_GT(range.max, 2);
  EXPECT_EQ(range.min, 0);
}

TEST(Range, OfNothingOrZerosIsEmpty) {
  for (RangeMethod method :
       {RangeMethod::MinMax, RangeMethod::MovingAverage,
        RangeMethod::Percentile, RangeMethod::Mse, RangeMethod::Entropy}) {
    TensorStatistics statistics;
    Range range = chooseRange(statistics, {method});
    EXPECT_EQ(range.min, 0);
    EXPECT_EQ(range.max, 0);
    ASSERT_TRUE(statistics.add(std::vector<float>(9, 0.0f)));
    EXPECT_EQ(chooseRange(statistics, {method}).max, 0);
    // One value throughout is in the range.
    TensorStatistics constant = statisticsOf(std::vector<float>(9, 3.0f));
    EXPECT_NEAR(chooseRange(constant, {method}).max, 3, 0.01);
  }
}

TEST(RangeMethod, HasNames) {
  EXPECT_EQ(nameOf(RangeMethod::MovingAverage), "moving-average");
}

} // namespace

//===- HistogramTest.cpp - tests of histograms and statistics -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/TensorStatistics.h"
#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

using namespace compress;

namespace {

std::vector<float> normal(size_t count, float deviation, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> distribution(0, deviation);
  std::vector<float> values(count);
  for (float &value : values)
    value = distribution(random);
  return values;
}

void add(Histogram &histogram, const std::vector<float> &values) {
  auto [min, max] = std::minmax_element(values.begin(), values.end());
  histogram.add(values, *min, *max);
}

uint64_t sum(const std::vector<Histogram::Bin> &bins) {
  uint64_t count = 0;
  for (const Histogram::Bin &bin : bins)
    count += bin.count;
  return count;
}

TEST(Histogram, CountsEveryNumberInItsBin) {
  std::vector<float> values = normal(100000, 1, 1);
  values[17] = values[18] = 0;
  Histogram histogram;
  add(histogram, values);
  EXPECT_EQ(histogram.total(), values.size());
  EXPECT_EQ(histogram.numZeros(), 2u);
  std::vector<Histogram::Bin> bins = histogram.bins();
  EXPECT_EQ(sum(bins), values.size() - 2);
  double width = histogram.binWidth();
  EXPECT_EQ(std::exp2(std::round(std::log2(width))), width);
  EXPECT_GE(bins.size(), 1000u);
  for (const Histogram::Bin &bin : bins) {
    double begin = bin.center - width / 2;
    auto inside = std::count_if(values.begin(), values.end(), [&](float v) {
      return v != 0 && v >= begin && v < begin + width;
    });
    EXPECT_EQ(bin.count, static_cast<uint64_t>(inside)) << bin.center;
  }
}

TEST(Histogram, OrderDoesNotMatter) {
  std::vector<std::vector<float>> parts;
  for (unsigned i = 0; i < 6; ++i)
    parts.push_back(normal(1000, std::exp2(3.0f * i), i));
  Histogram ascending, descending;
  for (size_t i = 0; i < parts.size(); ++i) {
    add(ascending, parts[i]);
    add(descending, parts[parts.size() - 1 - i]);
  }
  ASSERT_EQ(ascending.binWidth(), descending.binWidth());
  std::vector<Histogram::Bin> a = ascending.bins(), b = descending.bins();
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].center, b[i].center);
    EXPECT_EQ(a[i].count, b[i].count);
  }
  EXPECT_EQ(sum(a), 6000u);
}

/// Zeros at the upper end count for the range, whenever they come.
TEST(Histogram, OrderOfZerosDoesNotMatter) {
  std::vector<float> with = {-1, -0.9f, 0}, below = {-2.5f, -2.4999f};
  Histogram first, last;
  add(first, with);
  add(first, below);
  add(last, below);
  add(last, with);
  EXPECT_EQ(first.binWidth(), last.binWidth());
  EXPECT_EQ(first.bins().front().center, last.bins().front().center);
}

TEST(Histogram, TakesExtremeNumbers) {
  constexpr float most = std::numeric_limits<float>::max();
  constexpr float least = std::numeric_limits<float>::denorm_min();
  Histogram histogram;
  add(histogram, {0, 0, 0});
  EXPECT_TRUE(histogram.bins().empty());
  EXPECT_EQ(histogram.numZeros(), 3u);
  add(histogram, {least, 2 * least, -least});
  EXPECT_EQ(histogram.bins().size(), 3u);
  add(histogram, {-most, most, 1});
  EXPECT_EQ(sum(histogram.bins()), 6u);
  EXPECT_EQ(histogram.total(), 9u);
  EXPECT_TRUE(std::isfinite(histogram.bins().back().center));
}

TEST(Histogram, Resamples) {
  Histogram histogram;
  add(histogram, {0, 0.5f, 1.5f, 2.5f, 3.5f, 3.75f});
  std::vector<uint64_t> counts = histogram.resample(0, 4, 4);
  EXPECT_EQ(counts, (std::vector<uint64_t>{2, 1, 1, 2}));
  EXPECT_EQ(histogram.resample(1, 1, 2), (std::vector<uint64_t>{0, 0}));
}

TEST(TensorStatistics, FindsEndsAndAverages) {
  TensorStatistics statistics;
  std::vector<float> first(37, 1), second(37, 0);
  first[36] = 4;
  first[5] = -2;
  second[0] = 14;
  EXPECT_TRUE(statistics.add(first));
  EXPECT_TRUE(statistics.add(second));
  EXPECT_TRUE(statistics.add({}));
  EXPECT_EQ(statistics.numSamples(), 2);
  EXPECT_EQ(statistics.min(), -2);
  EXPECT_EQ(statistics.max(), 14);
  EXPECT_NEAR(statistics.averageMin(), -2 * 0.99, 1e-12);
  EXPECT_NEAR(statistics.averageMax(), 4 * 0.99 + 14 * 0.01, 1e-12);
  EXPECT_EQ(statistics.histogram().total(), 74u);
}

TEST(TensorStatistics, RefusesWhatIsNotFinite) {
  for (float special : {std::numeric_limits<float>::quiet_NaN(),
                        -std::numeric_limits<float>::infinity()})
    for (size_t place : {size_t(0), size_t(15), size_t(16), size_t(20)}) {
      std::vector<float> values(21, 1);
      values[place] = special;
      TensorStatistics statistics;
      EXPECT_FALSE(statistics.add(values)) << place;
      EXPECT_EQ(statistics.numSamples(), 0);
      EXPECT_EQ(statistics.histogram().total(), 0u);
    }
}

} // namespace

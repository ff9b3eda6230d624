//===- WeightRoundingTest.cpp - codes that keep a layer's outputs ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/WeightRounding.h"
#include "Compress/Calibration/CalibrationTable.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>
#include <random>

using namespace compress;

namespace {

/// Rows of numbers that share parts and have other means and magnitudes.
std::vector<float> makeRows(int64_t rows, int64_t columns) {
  std::mt19937 random(7);
  auto draw = [&] { return static_cast<float>(random() % 2001) / 1000 - 1; };
  std::vector<float> numbers;
  for (int64_t r = 0; r < rows; ++r) {
    float shared = draw();
    for (int64_t c = 0; c < columns; ++c)
      numbers.push_back((c % 5 + 1) * (shared + draw() / 4 + c % 3));
  }
  return numbers;
}

SecondMoments makeMoments(llvm::ArrayRef<float> numbers, int64_t columns) {
  auto rows = static_cast<int64_t>(numbers.size()) / columns;
  PatchPlan plan;
  for (int64_t r = 0; r < rows; ++r)
    plan.rows.push_back(r * columns);
  for (int64_t c = 0; c < columns; ++c)
    plan.columns.push_back(c);
  SecondMoments moments({plan}, rows);
  moments.add({numbers});
  moments.finish();
  return moments;
}

struct Layer {
  LayerMatrix matrix;
  std::vector<double> scales;
};

/// A layer with weights up to `most` times the greatest code.
Layer makeLayer(int64_t outputs, int64_t columns, double most = 1) {
  std::mt19937 random(3);
  Layer layer;
  layer.matrix.outputs = outputs;
  for (int64_t o = 0; o < outputs; ++o) {
    double largest = 0;
    for (int64_t c = 0; c <= columns; ++c) {
      double w = static_cast<double>(random() % 2001) / 1000 - 1;
      layer.matrix.weights.push_back(w);
      largest = std::max(largest, c < columns ? std::abs(w) : 0);
    }
    // Coarse steps, so that rounding matters.
    layer.scales.push_back(largest / 127 / most * (o % 2 ? 1 : 8));
  }
  return layer;
}

/// The error of one output over the rows: the mean square, or the variance.
double errorOf(const Layer &layer, int64_t output, llvm::ArrayRef<int8_t> codes,
               llvm::ArrayRef<float> numbers, int64_t columns, bool variance) {
  double sum = 0, squares = 0, count = 0;
  for (size_t row = 0; row < numbers.size(); row += columns) {
    double error = 0;
    for (int64_t c = 0; c < columns; ++c)
      error += (layer.matrix.weights[output * (columns + 1) + c] -
                codes[output * columns + c] * layer.scales[output]) *
               numbers[row + c];
    sum += error;
    squares += error * error;
    ++count;
  }
  return squares / count - (variance ? sum / count * (sum / count) : 0);
}

std::vector<int8_t> nearestCodes(const Layer &layer, int64_t columns) {
  std::vector<int8_t> codes;
  for (int64_t o = 0; o < layer.matrix.outputs; ++o)
    for (int64_t c = 0; c < columns; ++c)
      codes.push_back(static_cast<int8_t>(std::clamp<double>(
          std::nearbyint(layer.matrix.weights[o * (columns + 1) + c] /
                         layer.scales[o]),
          -127, 127)));
  return codes;
}

/// Compares with the nearest codes; returns the ratio of the errors.
double checkRounding(const Layer &layer, int64_t columns, bool biasFollows) {
  std::vector<float> numbers = makeRows(400, columns);
  auto rounded = roundWeights(layer.matrix, makeMoments(numbers, columns),
                              layer.scales, biasFollows);
  EXPECT_TRUE(static_cast<bool>(rounded));
  if (!rounded) {
    llvm::consumeError(rounded.takeError());
    return 1;
  }
  std::vector<int8_t> nearest = nearestCodes(layer, columns);
  EXPECT_EQ(rounded->codes.size(), nearest.size());
  for (size_t i = 0; i < nearest.size(); ++i) {
    EXPECT_GE(rounded->codes[i], -127);
    EXPECT_LE(std::abs(rounded->codes[i] - nearest[i]),
              WeightSteps::kMostSteps);
  }
  double before = 0, after = 0;
  for (int64_t o = 0; o < layer.matrix.outputs; ++o) {
    double old = errorOf(layer, o, nearest, numbers, columns, biasFollows);
    double now =
        errorOf(layer, o, rounded->codes, numbers, columns, biasFollows);
    // The ridge holds a little against it.
    EXPECT_LE(now, old * 1.01 + 1e-9) << "output " << o;
    before += old;
    after += now;
  }
  EXPECT_LE(rounded->error, rounded->nearestError);
  return after / before;
}

TEST(WeightRounding, LosesLessThanTheNearestCodes) {
  for (int64_t columns : {5, 64, 150})
    for (bool biasFollows : {false, true})
      EXPECT_LT(checkRounding(makeLayer(6, columns), columns, biasFollows), 0.5)
          << columns << " columns";
}

TEST(WeightRounding, StaysInRangeWhereWeightsSaturate) {
  checkRounding(makeLayer(4, 20, /*most=*/1.5), 20, true);
}

TEST(WeightRounding, IsTheBestOfAllNeighboursForFewWeights) {
  // Three weights: all codes that are two steps away at most.
  constexpr int64_t kColumns = 3;
  std::vector<float> numbers = makeRows(200, kColumns);
  Layer layer = makeLayer(8, kColumns);
  auto rounded = roundWeights(layer.matrix, makeMoments(numbers, kColumns),
                              layer.scales, false);
  ASSERT_TRUE(static_cast<bool>(rounded));
  std::vector<int8_t> nearest = nearestCodes(layer, kColumns);
  double best = 0, found = 0, plain = 0;
  for (int64_t o = 0; o < 8; ++o) {
    double least = std::numeric_limits<double>::infinity();
    std::vector<int8_t> codes = nearest;
    for (int n = 0; n < 125; ++n) {
      for (int64_t c = 0, rest = n; c < kColumns; ++c, rest /= 5)
        codes[o * kColumns + c] = static_cast<int8_t>(std::clamp<int64_t>(
            nearest[o * kColumns + c] + rest % 5 - 2, -127, 127));
      least =
          std::min(least, errorOf(layer, o, codes, numbers, kColumns, false));
    }
    best += least;
    found += errorOf(layer, o, rounded->codes, numbers, kColumns, false);
    plain += errorOf(layer, o, nearest, numbers, kColumns, false);
  }
  // Most of the way from the nearest codes to the best ones.
  EXPECT_LT(found - best, 0.2 * (plain - best));
}

TEST(WeightRounding, IsNearestForInputsThatVaryAlone) {
  // A diagonal matrix: nothing cancels.
  constexpr int64_t kColumns = 4;
  std::vector<float> numbers;
  for (int64_t r = 0; r < 8; ++r)
    for (int64_t c = 0; c < kColumns; ++c)
      numbers.push_back(r / 2 == c ? (r % 2 ? 1.0f : -1.0f) : 0.0f);
  Layer layer = makeLayer(3, kColumns);
  auto rounded = roundWeights(layer.matrix, makeMoments(numbers, kColumns),
                              layer.scales, true);
  ASSERT_TRUE(static_cast<bool>(rounded));
  EXPECT_EQ(rounded->codes, nearestCodes(layer, kColumns));
}

TEST(WeightRounding, TakesInputsThatAreAlwaysZero) {
  std::vector<float> numbers(40, 0.0f);
  Layer layer = makeLayer(2, 4);
  auto rounded =
      roundWeights(layer.matrix, makeMoments(numbers, 4), layer.scales, true);
  ASSERT_TRUE(static_cast<bool>(rounded));
  EXPECT_EQ(rounded->codes, nearestCodes(layer, 4));
}

TEST(WeightRounding, RefusesWhatIsNotFinite) {
  std::vector<float> numbers = makeRows(20, 4);
  numbers[5] = std::numeric_limits<float>::quiet_NaN();
  Layer layer = makeLayer(2, 4);
  auto rounded =
      roundWeights(layer.matrix, makeMoments(numbers, 4), layer.scales, true);
  ASSERT_FALSE(static_cast<bool>(rounded));
  EXPECT_NE(llvm::toString(rounded.takeError()).find("NaN"), std::string::npos);
}

} // namespace

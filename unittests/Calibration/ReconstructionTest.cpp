//===- ReconstructionTest.cpp - fewer inputs, the same output -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Reconstruction.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace compress;

namespace {

/// Rows of `columns` numbers, of which every third column is the sum of the two
/// before it.
std::vector<float> makeRows(int64_t rows, int64_t columns) {
  std::mt19937 random(1);
  std::vector<float> numbers;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < columns; ++c)
      numbers.push_back(
          c % 3 == 2 ? numbers[numbers.size() - 1] + numbers[numbers.size() - 2]
                     : static_cast<float>(random() % 1000) / 500 - 0.5f);
  return numbers;
}

PatchPlan makePlan(int64_t rows, int64_t columns) {
  PatchPlan plan;
  for (int64_t r = 0; r < rows; ++r)
    plan.rows.push_back(r * columns);
  for (int64_t c = 0; c < columns; ++c)
    plan.columns.push_back(c);
  return plan;
}

SecondMoments makeMoments(llvm::ArrayRef<float> numbers, int64_t rows,
                          int64_t columns) {
  SecondMoments moments({makePlan(rows, columns)}, rows);
  moments.add({numbers});
  moments.finish();
  return moments;
}

LayerMatrix makeLayer(int64_t outputs, int64_t columns) {
  std::mt19937 random(2);
  LayerMatrix layer;
  layer.outputs = outputs;
  for (int64_t i = 0; i < outputs * (columns + 1); ++i)
    layer.weights.push_back(static_cast<double>(random() % 200) / 100 - 1);
  return layer;
}

/// The mean squared difference of what two layers make of rows.
double errorOf(const LayerMatrix &layer, const LayerMatrix &small,
               llvm::ArrayRef<int64_t> kept, llvm::ArrayRef<float> numbers,
               int64_t rows, int64_t columns) {
  double sum = 0;
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t o = 0; o < layer.outputs; ++o) {
      double full = layer.weights[o * (columns + 1) + columns];
      for (int64_t c = 0; c < columns; ++c)
        full += layer.weights[o * (columns + 1) + c] * numbers[r * columns + c];
      size_t width = kept.size() + 1;
      double less = small.weights[o * width + kept.size()];
      for (auto [i, c] : llvm::enumerate(kept))
        less += small.weights[o * width + i] * numbers[r * columns + c];
      sum += (full - less) * (full - less);
    }
  return sum / rows;
}

TEST(SecondMoments, AreThoseOfTheRows) {
  constexpr int64_t rows = 700, columns = 5;
  std::vector<float> numbers = makeRows(rows, columns);
  SecondMoments moments = makeMoments(numbers, rows, columns);
  EXPECT_EQ(moments.numRows(), rows);
  auto at = [&](int64_t r, int64_t c) -> double {
    return c == columns ? 1 : numbers[r * columns + c];
  };
  for (int64_t i = 0; i <= columns; ++i)
    for (int64_t j = 0; j <= columns; ++j) {
      double sum = 0;
      for (int64_t r = 0; r < rows; ++r)
        sum += at(r, i) * at(r, j);
      EXPECT_NEAR(moments.at(i, j), sum / rows, 1e-12);
    }
}

TEST(SecondMoments, TakesAsManyRowsAsItMay) {
  std::vector<float> numbers = makeRows(100, 3);
  SecondMoments moments({makePlan(100, 3)}, 7);
  for (int sample = 0; sample < 4; ++sample)
    moments.add({numbers});
  moments.finish();
  EXPECT_EQ(moments.numRows(), 28);
  EXPECT_DOUBLE_EQ(moments.at(3, 3), 1);
}

TEST(SecondMoments, JoinsTensors) {
  std::vector<float> x = {1, 2}, y = {3, 5};
  SecondMoments moments({makePlan(2, 1), makePlan(2, 1)}, 2);
  moments.add({x, y});
  moments.finish();
  EXPECT_DOUBLE_EQ(moments.at(0, 1), (1 * 3 + 2 * 5) / 2.0);
  EXPECT_DOUBLE_EQ(moments.at(1, 2), (3 + 5) / 2.0);
}

TEST(Reconstruction, LosesNothingThatOthersHold) {
  constexpr int64_t rows = 500, columns = 6;
  std::vector<float> numbers = makeRows(rows, columns);
  SecondMoments moments = makeMoments(numbers, rows, columns);
  LayerMatrix layer = makeLayer(4, columns);
  double error = -1;
  auto small = refitWeights(layer, moments, {0, 1, 3, 4}, error);
  ASSERT_TRUE(static_cast<bool>(small));
  double variance = outputVariance(layer, moments);
  EXPECT_GT(variance, 0.1);
  EXPECT_LT(error, 1e-5 * variance);
  EXPECT_NEAR(error,
              errorOf(layer, *small, {0, 1, 3, 4}, numbers, rows, columns),
              1e-9);
}

TEST(Reconstruction, ErrorIsThatOfTheRows) {
  constexpr int64_t rows = 500, columns = 6;
  std::vector<float> numbers = makeRows(rows, columns);
  SecondMoments moments = makeMoments(numbers, rows, columns);
  LayerMatrix layer = makeLayer(3, columns);
  double error = -1;
  auto small = refitWeights(layer, moments, {0, 5}, error);
  ASSERT_TRUE(static_cast<bool>(small));
  double seen = errorOf(layer, *small, {0, 5}, numbers, rows, columns);
  EXPECT_NEAR(error, seen, 1e-9 * seen);
  // No other weights do better.
  for (double &weight : small->weights)
    for (double step : {-0.05, 0.05}) {
      LayerMatrix other = *small;
      other.weights[&weight - small->weights.data()] += step;
      EXPECT_GT(errorOf(layer, other, {0, 5}, numbers, rows, columns), seen);
    }
}

TEST(Reconstruction, EliminatesTheRedundantFirst) {
  constexpr int64_t rows = 500, columns = 6;
  std::vector<float> numbers = makeRows(rows, columns);
  SecondMoments moments = makeMoments(numbers, rows, columns);
  LayerMatrix layer = makeLayer(4, columns);
  EliminationLayer reader{&layer, &moments, 1, {}};
  for (int64_t c = 0; c < columns; ++c)
    reader.blocks.push_back({c});
  auto elimination = eliminateBlocks(reader);
  ASSERT_TRUE(static_cast<bool>(elimination));
  ASSERT_EQ(elimination->order.size(), 5u);
  // One of each three, without a loss that counts; then it hurts.
  EXPECT_NE(elimination->order[0] / 3, elimination->order[1] / 3);
  double variance = outputVariance(layer, moments);
  EXPECT_LT(elimination->errors[1], 1e-3 * variance);
  EXPECT_GT(elimination->errors[2], 1e-3 * variance);
  // The errors are those of weights fitted to what is left, but for the ridge.
  std::vector<int64_t> kept;
  for (int64_t c = 0; c < columns; ++c)
    if (!llvm::is_contained(llvm::ArrayRef(elimination->order).take_front(3),
                            c))
      kept.push_back(c);
  double error = -1;
  auto small = refitWeights(layer, moments, kept, error);
  ASSERT_TRUE(static_cast<bool>(small));
  EXPECT_NEAR(elimination->errors[2], error, 0.01 * error);
}

TEST(Reconstruction, FitsToSumsThatWereComputedElsewhere) {
  // target = 2 * (W u + bias) + 1 + addend, which W and the bias come out of.
  constexpr int64_t rows = 400, columns = 3;
  std::mt19937 random(3);
  std::vector<float> inputs, addends, sums;
  LayerMatrix layer = makeLayer(2, columns);
  for (int64_t r = 0; r < rows; ++r) {
    for (int64_t c = 0; c < columns; ++c)
      inputs.push_back(static_cast<float>(random() % 1000) / 500 - 1);
    for (int64_t o = 0; o < 2; ++o) {
      double y = layer.weights[o * 4 + 3];
      for (int64_t c = 0; c < columns; ++c)
        y += layer.weights[o * 4 + c] * inputs[r * columns + c];
      addends.push_back(static_cast<float>(random() % 1000) / 500 - 1);
      sums.push_back(static_cast<float>(2 * y + 1 + addends.back()));
    }
  }
  SecondMoments moments(
      {makePlan(rows, columns), makePlan(rows, 2), makePlan(rows, 2)}, rows);
  moments.add({inputs, addends, sums});
  moments.finish();
  LayerMatrix old = layer;
  for (double &weight : old.weights)
    weight = 0;
  auto fitted =
      fitWeights(old, moments, columns, /*hasAddend=*/true, {2, 2}, {1, 1});
  ASSERT_TRUE(static_cast<bool>(fitted));
  for (size_t i = 0; i < layer.weights.size(); ++i)
    EXPECT_NEAR(fitted->weights[i], layer.weights[i], 1e-3);
}

TEST(Reconstruction, RefusesWhatIsNotFinite) {
  std::vector<float> numbers = makeRows(50, 3);
  numbers[4] = NAN;
  SecondMoments moments = makeMoments(numbers, 50, 3);
  LayerMatrix layer = makeLayer(2, 3);
  double error = 0;
  auto small = refitWeights(layer, moments, {0, 1}, error);
  ASSERT_FALSE(static_cast<bool>(small));
  EXPECT_NE(llvm::toString(small.takeError()).find("not positive definite"),
            std::string::npos);
  EliminationLayer reader{&layer, &moments, 1, {{0}, {1}, {2}}};
  auto elimination = eliminateBlocks(reader);
  ASSERT_FALSE(static_cast<bool>(elimination));
  llvm::consumeError(elimination.takeError());
}

} // namespace

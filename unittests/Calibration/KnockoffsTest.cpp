//===- KnockoffsTest.cpp - inputs that look alike and say nothing ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Knockoffs.h"
#include "llvm/ADT/STLExtras.h"
#include "gtest/gtest.h"
#include <cmath>
#include <random>

using namespace compress;

namespace {

constexpr int64_t kRows = 4000;

/// Moments of rows whose columns `mix` computes from independent numbers of
/// mean 0.3 and variance 1.
SecondMoments
makeMoments(int64_t columns,
            llvm::function_ref<void(llvm::MutableArrayRef<float>)> mix) {
  std::mt19937 random(7);
  std::vector<float> numbers;
  PatchPlan plan;
  for (int64_t c = 0; c < columns; ++c)
    plan.columns.push_back(c);
  for (int64_t r = 0; r < kRows; ++r) {
    plan.rows.push_back(r * columns);
    std::vector<float> row;
    for (int64_t c = 0; c < columns; ++c)
      row.push_back((static_cast<float>(random() % 10000) / 5000 - 1) *
                        std::sqrt(3.0f) +
                    0.3f);
    mix(row);
    llvm::append_range(numbers, row);
  }
  SecondMoments moments({plan}, kRows);
  moments.add({numbers});
  moments.finish();
  return moments;
}

void leave(llvm::MutableArrayRef<float>) {}

/// Neighbours share much of what they hold.
void blend(llvm::MutableArrayRef<float> row) {
  for (size_t i = 1; i < row.size(); ++i)
    row[i] = 0.8f * row[i - 1] + 0.6f * row[i];
}

LayerMatrix makeLayer(int64_t outputs, int64_t columns) {
  std::mt19937 random(2);
  LayerMatrix layer;
  layer.outputs = outputs;
  for (int64_t i = 0; i < outputs * (columns + 1); ++i)
    layer.weights.push_back(static_cast<double>(random() % 200) / 100 - 1);
  return layer;
}

/// The pivots of Cholesky's factorization: all are positive if and only if the
/// matrix is positive definite. Their product is its determinant.
std::vector<double> pivotsOf(std::vector<double> a, int64_t size) {
  std::vector<double> pivots;
  for (int64_t k = 0; k < size; ++k) {
    pivots.push_back(a[k * size + k]);
    for (int64_t i = k + 1; i < size; ++i)
      for (int64_t j = k + 1; j < size; ++j)
        a[j * size + i] -= a[k * size + i] * a[j * size + k] / a[k * size + k];
  }
  return pivots;
}

bool isPositive(const std::vector<double> &matrix, int64_t size) {
  return llvm::all_of(pivotsOf(matrix, size), [](double p) { return p > 0; });
}

double logDeterminant(const std::vector<double> &matrix, int64_t size) {
  double sum = 0;
  for (double pivot : pivotsOf(matrix, size))
    sum += std::log(pivot);
  return sum;
}

using Blocks = std::vector<std::vector<int64_t>>;

std::vector<double> spread(const DiagonalBlocks &separation,
                           const Blocks &blocks, int64_t size) {
  std::vector<double> s(size * size);
  for (auto [block, numbers] : llvm::zip(blocks, separation)) {
    const double *number = numbers.data();
    for (int64_t j : block)
      for (int64_t i : block)
        s[j * size + i] = *number++;
  }
  return s;
}

std::vector<double> jointCovariance(llvm::ArrayRef<double> c,
                                    llvm::ArrayRef<double> s, int64_t size) {
  std::vector<double> joint(4 * size * size);
  for (int64_t j = 0; j < 2 * size; ++j)
    for (int64_t i = 0; i < 2 * size; ++i) {
      int64_t from = j % size * size + i % size;
      joint[j * 2 * size + i] =
          c[from] - ((i < size) == (j < size) ? 0 : s[from]);
    }
  return joint;
}

TEST(Knockoffs, JointCovarianceIsPositiveDefinite) {
  constexpr int64_t size = 8;
  Blocks blocks = {{0, 1, 2}, {3, 4}, {5}, {6, 7}};
  SecondMoments moments = makeMoments(size, blend);
  auto covariance = covarianceOf(moments);
  ASSERT_TRUE(static_cast<bool>(covariance));
  EXPECT_NEAR((*covariance)[1],
              moments.at(0, 1) - moments.at(0, size) * moments.at(1, size),
              1e-12);
  auto separation = separateKnockoffs(*covariance, size, blocks);
  ASSERT_TRUE(static_cast<bool>(separation));
  for (auto [block, numbers] : llvm::zip(blocks, *separation)) {
    int64_t width = block.size();
    ASSERT_EQ(static_cast<int64_t>(numbers.size()), width * width);
    EXPECT_TRUE(isPositive(numbers, width));
  }
  std::vector<double> s = spread(*separation, blocks, size);
  EXPECT_TRUE(isPositive(jointCovariance(*covariance, s, size), 2 * size));
  // Too far away is noticed by the same check.
  for (double &number : s)
    number *= 2.5;
  EXPECT_FALSE(isPositive(jointCovariance(*covariance, s, size), 2 * size));
}

TEST(Knockoffs, ManyBlocksShareWhatIsScarce) {
  // All of 120 numbers together hardly vary.
  constexpr int64_t size = 120;
  std::vector<double> covariance(size * size, -(1 - 1e-6) / size);
  Blocks blocks;
  for (int64_t i = 0; i < size; ++i) {
    covariance[i * size + i] += 1;
    blocks.push_back({i});
  }
  auto separation = separateKnockoffs(covariance, size, blocks);
  ASSERT_TRUE(static_cast<bool>(separation));
  std::vector<double> s = spread(*separation, blocks, size);
  EXPECT_TRUE(isPositive(jointCovariance(covariance, s, size), 2 * size));
  // 2e-6 is all that there is of 2C that way.
  double sum = 0;
  for (const std::vector<double> &each : *separation) {
    EXPECT_GT(each[0], 1e-8);
    sum += each[0];
  }
  EXPECT_GT(sum / size, 1e-6);
  EXPECT_LT(sum / size, 2e-6);
}

TEST(Knockoffs, HaveTheGreatestEntropy) {
  constexpr int64_t size = 6;
  Blocks blocks = {{0, 1}, {2, 3}, {4, 5}};
  auto covariance = covarianceOf(makeMoments(size, blend));
  ASSERT_TRUE(static_cast<bool>(covariance));
  auto separation = separateKnockoffs(*covariance, size, blocks, 1e-9);
  ASSERT_TRUE(static_cast<bool>(separation));
  auto entropyOf = [&](const DiagonalBlocks &each) {
    std::vector<double> s = spread(each, blocks, size), rest = *covariance;
    for (auto [number, by] : llvm::zip(rest, s))
      number = 2 * number - by;
    return logDeterminant(rest, size) + logDeterminant(s, size);
  };
  double best = entropyOf(*separation);
  for (size_t block = 0; block < blocks.size(); ++block)
    for (auto [i, j] : {std::pair<int, int>{0, 0}, {1, 1}, {0, 1}})
      for (double step : {-1e-3, 1e-3}) {
        DiagonalBlocks other = *separation;
        other[block][i * 2 + j] += step;
        if (i != j)
          other[block][j * 2 + i] += step;
        EXPECT_LT(entropyOf(other), best);
      }
}

TEST(Knockoffs, OfIndependentInputsAreIndependentOfThem) {
  constexpr int64_t size = 4;
  std::vector<double> covariance(size * size);
  for (int64_t i = 0; i < size; ++i)
    covariance[i * size + i] = i + 1;
  covariance[1] = covariance[size] = 0.5;
  Blocks blocks = {{0, 1}, {2}, {3}};
  auto separation = separateKnockoffs(covariance, size, blocks);
  ASSERT_TRUE(static_cast<bool>(separation));
  // S = C: the covariance with the real ones is 0.
  std::vector<double> s = spread(*separation, blocks, size);
  for (auto [number, wanted] : llvm::zip(s, covariance))
    EXPECT_NEAR(number, wanted, 1e-2);
}

TEST(Knockoffs, MayBeOfSomeColumnsAndOfNone) {
  constexpr int64_t size = 4;
  auto covariance = covarianceOf(makeMoments(size, blend));
  ASSERT_TRUE(static_cast<bool>(covariance));
  Blocks blocks = {{1}, {}};
  auto separation = separateKnockoffs(*covariance, size, blocks, 1e-9);
  ASSERT_TRUE(static_cast<bool>(separation));
  EXPECT_TRUE((*separation)[1].empty());
  // One alone is as far away as what the others do not know of it.
  std::vector<double> rest = {
      (*covariance)[0],  (*covariance)[2],  (*covariance)[3],
      (*covariance)[8],  (*covariance)[10], (*covariance)[11],
      (*covariance)[12], (*covariance)[14], (*covariance)[15]};
  double unknown =
      std::exp(logDeterminant(*covariance, size) - logDeterminant(rest, 3));
  EXPECT_NEAR((*separation)[0][0], unknown, 1e-6 * unknown);
}

TEST(Knockoffs, IrrelevantChannelsScoreZero) {
  constexpr int64_t size = 6;
  Blocks blocks = {{0, 1}, {2, 3}, {4, 5}};
  SecondMoments moments = makeMoments(size, leave);
  LayerMatrix layer = makeLayer(3, size);
  for (int64_t o = 0; o < layer.outputs; ++o)
    for (int64_t column : blocks[1])
      layer.weights[o * (size + 1) + column] = 0;
  for (Knockoff knockoff : {Knockoff::Permuted, Knockoff::Gaussian}) {
    auto scores = scoreByKnockoffs(layer, moments, blocks, knockoff);
    ASSERT_TRUE(static_cast<bool>(scores));
    EXPECT_NEAR((*scores)[1], 0, 1e-12);
    EXPECT_GT((*scores)[0], 0.1);
    EXPECT_GT((*scores)[2], 0.1);
  }
  // And those that hold one number all the time, be it a large one.
  LayerMatrix full = makeLayer(3, size);
  for (float number : {0.7f, 1000.0f}) {
    SecondMoments still =
        makeMoments(size, [=](llvm::MutableArrayRef<float> row) {
          row[2] = row[3] = number;
        });
    for (Knockoff knockoff : {Knockoff::Permuted, Knockoff::Gaussian}) {
      auto scores = scoreByKnockoffs(full, still, blocks, knockoff);
      ASSERT_TRUE(static_cast<bool>(scores));
      EXPECT_NEAR((*scores)[1], 0, 1e-3) << number;
      EXPECT_GT((*scores)[0], 0.1) << number;
    }
  }
}

TEST(Knockoffs, IndependentChannelsScoreWhatTheyExplain) {
  constexpr int64_t size = 3;
  Blocks blocks = {{0}, {1}, {2}};
  SecondMoments moments = makeMoments(size, leave);
  LayerMatrix layer;
  layer.outputs = 1;
  layer.weights = {1, 2, 3, 5};
  for (Knockoff knockoff : {Knockoff::Permuted, Knockoff::Gaussian}) {
    auto scores = scoreByKnockoffs(layer, moments, blocks, knockoff);
    ASSERT_TRUE(static_cast<bool>(scores));
    for (int64_t i = 0; i < size; ++i)
      EXPECT_NEAR((*scores)[i], (i + 1) * (i + 1) / 14.0, 0.05);
  }
}

TEST(Knockoffs, PermutedScoresSumUpAndMayBeNegative) {
  constexpr int64_t size = 2;
  // The second one follows the first one, and takes from what it adds.
  SecondMoments moments = makeMoments(size, blend);
  LayerMatrix layer;
  layer.outputs = 1;
  layer.weights = {2, -1, 0};
  auto scores =
      scoreByKnockoffs(layer, moments, Blocks{{0}, {1}}, Knockoff::Permuted);
  ASSERT_TRUE(static_cast<bool>(scores));
  EXPECT_NEAR((*scores)[0] + (*scores)[1], 1, 1e-12);
  EXPECT_LT((*scores)[1], 0);
}

TEST(Knockoffs, GaussianScoresSeeWhatOthersHold) {
  // Columns 0 and 1 are nearly the same; 2 is alone.
  constexpr int64_t size = 3;
  SecondMoments moments =
      makeMoments(size, [](llvm::MutableArrayRef<float> row) {
        row[1] = row[0] + 0.1f * row[1];
      });
  LayerMatrix layer;
  layer.outputs = 1;
  layer.weights = {1, 1, 1, 0};
  Blocks blocks = {{0}, {1}, {2}};
  auto permuted = scoreByKnockoffs(layer, moments, blocks, Knockoff::Permuted);
  auto gaussian = scoreByKnockoffs(layer, moments, blocks, Knockoff::Gaussian);
  ASSERT_TRUE(permuted && gaussian);
  EXPECT_GT((*permuted)[0], (*permuted)[2]);
  EXPECT_LT((*gaussian)[0], 0.1 * (*gaussian)[2]);
}

TEST(Knockoffs, RefuseWhatIsNotFinite) {
  for (float wrong : {NAN, INFINITY}) {
    SecondMoments moments = makeMoments(
        3, [&](llvm::MutableArrayRef<float> row) { row[1] = wrong; });
    LayerMatrix layer = makeLayer(2, 3);
    for (Knockoff knockoff : {Knockoff::Permuted, Knockoff::Gaussian}) {
      auto scores =
          scoreByKnockoffs(layer, moments, Blocks{{0}, {1}, {2}}, knockoff);
      ASSERT_FALSE(static_cast<bool>(scores));
      EXPECT_NE(llvm::toString(scores.takeError()).find("NaN or infinity"),
                std::string::npos);
    }
  }
  auto separation = separateKnockoffs({1, 2, 2, 1}, 2, Blocks{{0}, {1}});
  ASSERT_FALSE(static_cast<bool>(separation));
  llvm::consumeError(separation.takeError());
}

TEST(SecondMoments, KnowMagnitudes) {
  std::vector<float> numbers = {1, -2, -3, 4};
  SecondMoments moments({{{0, 2}, {0, 1}}}, 2);
  moments.add({numbers});
  moments.finish();
  EXPECT_DOUBLE_EQ(moments.magnitude(0), 2);
  EXPECT_DOUBLE_EQ(moments.magnitude(1), 3);
  EXPECT_DOUBLE_EQ(moments.at(0, 2), -1);
}

} // namespace

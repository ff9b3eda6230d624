//===- Range.cpp - from statistics to scale and zero point ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Range.h"
#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;
using namespace compress;

StringRef compress::nameOf(RangeMethod method) {
  switch (method) {
  case RangeMethod::MinMax:
    return "minmax";
  case RangeMethod::MovingAverage:
    return "moving-average";
  case RangeMethod::Percentile:
    return "percentile";
  case RangeMethod::Mse:
    return "mse";
  case RangeMethod::Entropy:
    return "entropy";
  }
  return "";
}

Grid compress::gridOf(Range range, bool symmetric) {
  double min = std::min(range.min, 0.0), max = std::max(range.max, 0.0);
  Grid grid;
  if (symmetric)
    grid.qmin = -127;
  if (min == max)
    return grid;
  auto toScale = [](double scale) {
    constexpr double least = std::numeric_limits<float>::min();
    constexpr double most = std::numeric_limits<float>::max();
    return static_cast<float>(std::clamp(scale, least, most));
  };
  if (symmetric) {
    grid.scale = toScale(std::max(-min, max) / grid.qmax);
    return grid;
  }
  grid.scale = toScale((max - min) / (grid.qmax - grid.qmin));
  double zero = std::nearbyint(grid.qmin - min / grid.scale);
  grid.zeroPoint =
      static_cast<int32_t>(std::clamp<double>(zero, grid.qmin, grid.qmax));
  return grid;
}

double compress::meanSquaredError(const std::vector<Histogram::Bin> &bins,
                                  uint64_t total, const Grid &grid) {
  double sum = 0, scale = grid.scale;
  double lowest = grid.qmin - grid.zeroPoint;
  double highest = grid.qmax - grid.zeroPoint;
  for (const Histogram::Bin &bin : bins) {
    double code = std::clamp(bin.center / scale, lowest, highest);
    double error = bin.center - std::nearbyint(code) * scale;
    sum += static_cast<double>(bin.count) * error * error;
  }
  return total == 0 ? 0 : sum / static_cast<double>(total);
}

/// The range without the (100 - percentile) % at each end.
static Range cutTails(const TensorStatistics &statistics, double percentile) {
  const Histogram &histogram = statistics.histogram();
  std::vector<Histogram::Bin> bins = histogram.bins();
  // Zeros stand where they belong.
  auto zero = llvm::partition_point(
      bins, [](const Histogram::Bin &bin) { return bin.center < 0; });
  if (histogram.numZeros() > 0)
    bins.insert(zero, {0, histogram.numZeros()});
  auto total = static_cast<double>(histogram.total());
  double cut = total * (1 - percentile / 100), half = histogram.binWidth() / 2;
  Range range{statistics.min(), statistics.max()};
  double seen = 0;
  for (const Histogram::Bin &bin : bins) {
    seen += static_cast<double>(bin.count);
    if (seen > cut) {
      range.min = std::max(range.min, bin.center - half);
      break;
    }
  }
  seen = 0;
  for (const Histogram::Bin &bin : llvm::reverse(bins)) {
    seen += static_cast<double>(bin.count);
    if (seen > cut) {
      range.max = std::min(range.max, bin.center + half);
      break;
    }
  }
  return range;
}

/// How finely the ends of a range are searched.
static constexpr int64_t kSteps = 128;

static Range leastSquares(const TensorStatistics &statistics, bool symmetric) {
  const Histogram &histogram = statistics.histogram();
  std::vector<Histogram::Bin> bins = histogram.bins();
  double whole[2] = {std::min(statistics.min(), 0.0),
                     std::max(statistics.max(), 0.0)};
  if (symmetric) {
    whole[1] = std::max(-whole[0], whole[1]);
    whole[0] = -whole[1];
  }
  int64_t steps[2] = {kSteps, kSteps};
  auto rangeOf = [&](const int64_t (&at)[2]) {
    return Range{whole[0] * static_cast<double>(at[0]) / kSteps,
                 whole[1] * static_cast<double>(at[1]) / kSteps};
  };
  auto errorOf = [&](const int64_t (&at)[2]) {
    return meanSquaredError(bins, histogram.total(),
                            gridOf(rangeOf(at), symmetric));
  };
  double best = errorOf(steps);
  for (bool moved = true; moved;) {
    moved = false;
    // The end that reaches further first: it decides most.
    int far = whole[1] >= -whole[0] ? 1 : 0;
    for (int end : {far, 1 - far}) {
      if (whole[end] == 0 || (symmetric && end != far))
        continue;
      for (int64_t step = kSteps; step > kSteps / 8; --step) {
        int64_t candidate[2] = {steps[0], steps[1]};
        candidate[end] = step;
        if (symmetric)
          candidate[1 - end] = step;
        double error = errorOf(candidate);
        if (error < best) {
          best = error;
          std::copy_n(candidate, 2, steps);
          moved = true;
        }
      }
    }
  }
  return rangeOf(steps);
}

/// D(p || q) of the elements in `bins` against what codes on `grid` can say:
/// elements beyond the ends are at the ends, and the elements of a code are
/// spread evenly over the bins that it stands for.
static double divergence(const std::vector<Histogram::Bin> &bins,
                         const Grid &grid) {
  struct Code {
    double elements = 0, bins = 0;
  };
  std::vector<Code> codes(grid.qmax - grid.qmin + 1);
  double lowest = grid.qmin - grid.zeroPoint;
  double highest = grid.qmax - grid.zeroPoint, total = 0;
  auto codeOf = [&](const Histogram::Bin &bin) {
    return static_cast<int64_t>(
        std::nearbyint(std::clamp(bin.center / grid.scale, lowest, highest)) -
        lowest);
  };
  auto isInside = [&](const Histogram::Bin &bin) {
    double code = bin.center / grid.scale;
    return code >= lowest - 0.5 && code <= highest + 0.5;
  };
  // The clipped elements belong to p's outermost bins, but not to q.
  double below = 0, above = 0;
  for (const Histogram::Bin &bin : bins) {
    auto count = static_cast<double>(bin.count);
    total += count;
    if (!isInside(bin)) {
      (bin.center < 0 ? below : above) += count;
      continue;
    }
    Code &code = codes[codeOf(bin)];
    code.elements += count;
    code.bins += 1;
  }
  double inside = total - below - above;
  if (inside <= 0)
    return std::numeric_limits<double>::infinity();
  const Histogram::Bin *first = nullptr, *last = nullptr;
  for (const Histogram::Bin &bin : bins)
    if (isInside(bin)) {
      first = first ? first : &bin;
      last = &bin;
    }
  double sum = 0;
  for (const Histogram::Bin &bin : bins) {
    if (!isInside(bin))
      continue;
    double p = static_cast<double>(bin.count);
    if (&bin == first)
      p += below;
    if (&bin == last)
      p += above;
    const Code &code = codes[codeOf(bin)];
    p /= total;
    double q = code.elements / code.bins / inside;
    sum += p * std::log(p / q);
  }
  return sum;
}

/// Pairs of bins as one until those that are not empty have enough elements: of
/// few, a distribution is noise, which a range of few bins would follow.
static std::vector<Histogram::Bin> coarsen(std::vector<Histogram::Bin> bins,
                                           double width) {
  constexpr uint64_t kElements = 64;
  constexpr size_t kLeast = 512;
  uint64_t total = 0;
  for (const Histogram::Bin &bin : bins)
    total += bin.count;
  while (bins.size() > kLeast && total / bins.size() < kElements) {
    width *= 2;
    std::vector<Histogram::Bin> merged;
    for (const Histogram::Bin &bin : bins) {
      double center = (std::floor(bin.center / width) + 0.5) * width;
      if (merged.empty() || merged.back().center != center)
        merged.push_back({center, 0});
      merged.back().count += bin.count;
    }
    bins = std::move(merged);
  }
  return bins;
}

static Range leastDivergence(const TensorStatistics &statistics,
                             bool symmetric) {
  std::vector<Histogram::Bin> bins =
      coarsen(statistics.histogram().bins(), statistics.histogram().binWidth());
  auto rangeOf = [&](int64_t step) {
    double part = static_cast<double>(step) / kSteps;
    return Range{statistics.min() * part, statistics.max() * part};
  };
  int64_t bestStep = kSteps;
  double best = std::numeric_limits<double>::infinity();
  for (int64_t step = kSteps; step > kSteps / 8; --step) {
    double sum = divergence(bins, gridOf(rangeOf(step), symmetric));
    if (sum < best) {
      best = sum;
      bestStep = step;
    }
  }
  return rangeOf(bestStep);
}

Range compress::chooseRange(const TensorStatistics &statistics,
                            const RangeOptions &options) {
  Range whole{statistics.min(), statistics.max()};
  if (statistics.numSamples() == 0 || (whole.min == 0 && whole.max == 0))
    return {};
  switch (options.method) {
  case RangeMethod::MinMax:
    return whole;
  case RangeMethod::MovingAverage:
    return {statistics.averageMin(), statistics.averageMax()};
  case RangeMethod::Percentile:
    return cutTails(statistics, options.percentile);
  case RangeMethod::Mse:
    return leastSquares(statistics, options.symmetric);
  case RangeMethod::Entropy:
    return leastDivergence(statistics, options.symmetric);
  }
  return whole;
}

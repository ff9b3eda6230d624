//===- Histogram.cpp - how often numbers occur ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Histogram.h"
#include <algorithm>
#include <cassert>
#include <cmath>

using namespace llvm;
using namespace compress;

static int64_t indexOf(double value, double width) {
  return static_cast<int64_t>(std::floor(value / width));
}

/// The smallest power of two, from `width` on, of which kNumBins cover
/// [min, max].
static double widen(double width, double min, double max) {
  // In f64: there may be far more bins than an integer can count.
  while (std::floor(max / width) - std::floor(min / width) >=
         Histogram::kNumBins)
    width *= 2;
  return width;
}

void Histogram::cover(float min, float max) {
  if (width == 0) {
    // Far too fine for the larger end, but for denormals, and widened then.
    double reach = std::max(std::abs(min), std::abs(max));
    width =
        widen(std::exp2(std::max(std::floor(std::log2(reach)) - 13, -149.0)),
              min, max);
    origin = indexOf(min, width);
    lowest = min;
    highest = max;
    counts.assign(kNumBins, 0);
    return;
  }
  lowest = std::min<double>(lowest, min);
  highest = std::max<double>(highest, max);
  double wider = widen(width, lowest, highest);
  int64_t begin = indexOf(lowest, wider);
  if (wider == width && begin == origin)
    return;
  std::vector<uint64_t> moved(kNumBins, 0);
  for (int64_t i = 0; i < kNumBins; ++i) {
    if (counts[i] == 0)
      continue;
    int64_t index = indexOf(static_cast<double>(origin + i), wider / width);
    moved[index - begin] += counts[i];
  }
  width = wider;
  origin = begin;
  counts = std::move(moved);
}

void Histogram::add(ArrayRef<float> values, float min, float max) {
  // Counts of one call have 32 bits.
  constexpr size_t kPart = size_t(1) << 31;
  if (values.size() > kPart) {
    add(values.take_front(kPart), min, max);
    add(values.drop_front(kPart), min, max);
    return;
  }
  numbers += values.size();
  if (min == 0 && max == 0) {
    zeros += values.size();
    return;
  }
  cover(min, max);
  auto inverse = static_cast<float>(1 / width);
  // Not so of denormal numbers alone.
  bool isNormal = std::isnormal(inverse);
  auto bin = [&](float value) -> int64_t {
    if (!isNormal)
      return indexOf(value, width) - origin;
    // Rounded down without a library call; the product is exact.
    float product = value * inverse;
    auto index = static_cast<int32_t>(product);
    index -= static_cast<float>(index) > product;
    return index - origin;
  };
  // Equal numbers follow each other: with two tables a count need not wait for
  // the one before it.
  std::vector<uint32_t> even(kNumBins, 0), odd(kNumBins, 0);
  size_t i = 0, size = values.size();
  for (; i + 1 < size; i += 2) {
    ++even[bin(values[i])];
    ++odd[bin(values[i + 1])];
  }
  if (i < size)
    ++even[bin(values[i])];
  for (int64_t b = 0; b < kNumBins; ++b)
    counts[b] += static_cast<uint64_t>(even[b]) + odd[b];
  uint32_t zerosHere = 0;
  for (float value : values)
    zerosHere += value == 0;
  if (zerosHere > 0)
    counts[bin(0)] -= zerosHere;
  zeros += zerosHere;
}

std::vector<Histogram::Bin> Histogram::bins() const {
  std::vector<Bin> result;
  for (auto [i, count] : enumerate(counts))
    if (count > 0)
      result.push_back(
          {(static_cast<double>(origin + static_cast<int64_t>(i)) + 0.5) *
               width,
           count});
  return result;
}

std::vector<uint64_t> Histogram::resample(double min, double max,
                                          int64_t count) const {
  std::vector<uint64_t> result(count, 0);
  if (!(max > min))
    return result;
  auto place = [&](double value) {
    return std::clamp<int64_t>(
        static_cast<int64_t>((value - min) / (max - min) *
                             static_cast<double>(count)),
        0, count - 1);
  };
  for (const Bin &bin : bins())
    result[place(bin.center)] += bin.count;
  if (zeros > 0)
    result[place(0)] += zeros;
  return result;
}

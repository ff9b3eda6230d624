//===- TensorStatistics.cpp - what is known of a tensor -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/TensorStatistics.h"
#include "llvm/ADT/bit.h"
#include <algorithm>

using namespace llvm;
using namespace compress;

namespace {
/// What one pass over a sample finds.
struct Extremes {
  float min, max;
  bool finite;
};
} // namespace

/// In lanes, so that the compiler makes vectors of it.
static Extremes findExtremes(ArrayRef<float> values) {
  constexpr size_t kLanes = 16;
  constexpr uint32_t kExponent = 0x7f800000;
  float min[kLanes], max[kLanes];
  uint32_t special[kLanes] = {};
  std::fill_n(min, kLanes, values[0]);
  std::fill_n(max, kLanes, values[0]);
  auto visit = [&](size_t lane, float value) {
    min[lane] = value < min[lane] ? value : min[lane];
    max[lane] = value > max[lane] ? value : max[lane];
    special[lane] |= (bit_cast<uint32_t>(value) & kExponent) == kExponent;
  };
  size_t whole = values.size() / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes)
    for (size_t lane = 0; lane < kLanes; ++lane)
      visit(lane, values[i + lane]);
  for (size_t i = whole; i < values.size(); ++i)
    visit(i - whole, values[i]);
  return {*std::min_element(min, min + kLanes),
          *std::max_element(max, max + kLanes), !is_contained(special, 1u)};
}

bool TensorStatistics::add(ArrayRef<float> values) {
  if (values.empty())
    return true;
  auto [min, max, finite] = findExtremes(values);
  if (!finite)
    return false;
  constexpr double kRenewal = 0.01;
  if (samples == 0) {
    lowest = movingMin = min;
    highest = movingMax = max;
  } else {
    lowest = std::min<double>(lowest, min);
    highest = std::max<double>(highest, max);
    movingMin += kRenewal * (min - movingMin);
    movingMax += kRenewal * (max - movingMax);
  }
  ++samples;
  counts.add(values, min, max);
  return true;
}

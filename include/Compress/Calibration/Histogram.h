//===- Histogram.h - how often numbers occur --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_HISTOGRAM_H
#define COMPRESS_CALIBRATION_HISTOGRAM_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace compress {

/// Counts of numbers in bins of equal width, whose range grows with the
/// numbers: memory does not. The width is a power of two and bins begin at its
/// multiples, so that growing merges pairs of bins, and what comes out does not
/// depend on the order in which numbers come in. Zeros are counted apart: they
/// are many, and every quantization represents them exactly.
class Histogram {
public:
  static constexpr int64_t kNumBins = 4096;

  /// Counts `values`, all of them finite and from `min` to `max`.
  void add(llvm::ArrayRef<float> values, float min, float max);

  /// The bins from the lowest to the highest number; empty where all are 0.
  struct Bin {
    double center;
    uint64_t count;
  };
  std::vector<Bin> bins() const;
  double binWidth() const { return width; }

  uint64_t numZeros() const { return zeros; }
  uint64_t total() const { return numbers; }

  /// The counts, zeros included, in `count` bins of equal width from `min` to
  /// `max`.
  std::vector<uint64_t> resample(double min, double max, int64_t count) const;

private:
  void cover(float min, float max);

  double width = 0;   // 0: nothing but zeros so far
  int64_t origin = 0; // the first bin begins at origin * width
  std::vector<uint64_t> counts;
  double lowest = 0, highest = 0; // of the numbers, where the width is not 0
  uint64_t zeros = 0, numbers = 0;
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_HISTOGRAM_H

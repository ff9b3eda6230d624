//===- TensorStatistics.h - what is known of a tensor -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_TENSORSTATISTICS_H
#define COMPRESS_CALIBRATION_TENSORSTATISTICS_H

#include "Compress/Calibration/Histogram.h"

namespace compress {

/// The observer of one tensor: sees it once a sample, keeps a fixed amount of
/// memory, and knows enough for every RangeMethod.
class TensorStatistics {
public:
  /// Takes in the elements of one sample. False, and nothing is taken in, where
  /// one is NaN or infinite.
  [[nodiscard]] bool add(llvm::ArrayRef<float> values);

  int64_t numSamples() const { return samples; }

  /// Of all elements; 0 before the first sample.
  double min() const { return lowest; }
  double max() const { return highest; }

  /// The exponentially moving averages of each sample's least and greatest
  /// element: the first sample's, then kept by 0.99 and renewed by 0.01.
  double averageMin() const { return movingMin; }
  double averageMax() const { return movingMax; }

  const Histogram &histogram() const { return counts; }

private:
  int64_t samples = 0;
  double lowest = 0, highest = 0, movingMin = 0, movingMax = 0;
  Histogram counts;
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_TENSORSTATISTICS_H

//===- Range.h - from statistics to scale and zero point --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_RANGE_H
#define COMPRESS_CALIBRATION_RANGE_H

#include "Compress/Calibration/TensorStatistics.h"
#include "llvm/ADT/StringRef.h"

namespace compress {

/// How the range of a tensor that is quantized is chosen.
enum class RangeMethod : uint8_t {
  MinMax,        ///< from the least to the greatest element ever
  MovingAverage, ///< of each sample's least and greatest element
  Percentile,    ///< without the rare elements at both ends
  Mse,           ///< the least mean squared error of the quantized elements
  Entropy ///< the least Kullback-Leibler divergence of their distribution
};

/// "minmax", "moving-average", "percentile", "mse", "entropy".
llvm::StringRef nameOf(RangeMethod method);

struct RangeOptions {
  RangeMethod method = RangeMethod::Mse;
  /// Of the elements of a tensor, in percent, that Percentile leaves between
  /// each end and the other: above 50, at most 100.
  double percentile = 99.99;
  bool symmetric = false; ///< the zero point is 0
};

/// The reals that have codes of their own; the ends saturate.
struct Range {
  double min = 0, max = 0;
};

/// real = (code - zeroPoint) * scale, with codes from qmin to qmax.
struct Grid {
  float scale = 1;
  int32_t zeroPoint = 0;
  int32_t qmin = -128, qmax = 127;
};

/// The i8 grid of a range, widened to hold 0, which gets a code of its own.
///
/// \code
///   asymmetric: scale = (max - min) / 255, zero point = round(-128 - min /
///   scale) symmetric:  scale = max(-min, max) / 127, codes from -127, zero
///   point 0
/// \endcode
///
/// Computed in f64; the scale is rounded to f32, and is at least the smallest
/// normal number. A range of nothing but 0 has scale 1.
Grid gridOf(Range range, bool symmetric);

/// Chooses the range of a tensor. Of one that has not been seen, {0, 0}.
///
/// Mse searches the ends on a grid of 1/128 of the whole range, one after the
/// other until neither moves, and counts every bin of the histogram at its
/// centre. Entropy shrinks both ends by the same part (as TensorRT does it for
/// one): the distribution, with what is cut off added to its ends, against the
/// one that 256 codes can say.
Range chooseRange(const TensorStatistics &statistics,
                  const RangeOptions &options);

/// The mean squared error of the elements in `histogram` on `grid`, less what
/// zeros contribute, which is nothing.
double meanSquaredError(const std::vector<Histogram::Bin> &bins, uint64_t total,
                        const Grid &grid);

} // namespace compress

#endif // COMPRESS_CALIBRATION_RANGE_H

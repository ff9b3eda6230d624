//===- SecondMoments.h - how the inputs of a layer vary ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_SECONDMOMENTS_H
#define COMPRESS_CALIBRATION_SECONDMOMENTS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <vector>

namespace compress {

/// Which elements of a layer's input one of its sums goes over: row r is the
/// sum of column k at element rows[r] + columns[k].
struct PatchPlan {
  std::vector<int64_t> rows, columns;
};

/// The mean of u uᵀ over rows u = (x, 1) of a layer's input x, K columns and
/// one that is constant: a matrix of (K + 1)², f64, symmetric. What it takes
/// does not depend on the number of samples.
class SecondMoments {
public:
  /// Of every sample up to `rowsPerSample` rows are taken, other ones each
  /// time, by a fixed sequence of numbers.
  SecondMoments(PatchPlan plan, int64_t rowsPerSample);

  /// Adds the rows of one sample's input.
  void add(llvm::ArrayRef<float> input);
  /// Adds what is still waiting to be added.
  void finish();

  int64_t numColumns() const {
    return static_cast<int64_t>(plan.columns.size());
  }
  int64_t numRows() const { return count; }
  /// Column major; both halves are set. Valid after finish().
  llvm::ArrayRef<double> matrix() const { return moments; }
  double at(int64_t i, int64_t j) const {
    return moments[i * (numColumns() + 1) + j];
  }

private:
  void flush();

  PatchPlan plan;
  int64_t rowsPerSample, count = 0;
  uint64_t state = 1;
  std::vector<float> waiting;  // rows, one behind the other
  std::vector<float> product;  // of those that wait
  std::vector<double> moments; // sums; means after finish()
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_SECONDMOMENTS_H

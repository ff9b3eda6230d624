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

/// Which elements of a tensor belong together: row r has element
/// rows[r] + columns[k] as its column k.
struct PatchPlan {
  std::vector<int64_t> rows, columns;
};

/// The mean of u uᵀ over rows u = (x, y, ..., 1) of one or more tensors that
/// have as many rows: K columns in all, and one that is constant. A matrix of
/// (K + 1)², f64, symmetric. What it takes does not depend on the number of
/// samples. With it goes the mean of |u|.
class SecondMoments {
public:
  /// Of every sample up to `rowsPerSample` rows are taken, other ones each
  /// time, by a fixed sequence of numbers. At least one plan.
  SecondMoments(std::vector<PatchPlan> plans, int64_t rowsPerSample);

  /// Adds the rows of one sample: a tensor for each plan.
  void add(llvm::ArrayRef<llvm::ArrayRef<float>> tensors);
  /// Adds what is still waiting to be added.
  void finish();

  /// Without the constant one, which is the last.
  int64_t numColumns() const { return columns; }
  int64_t numRows() const { return count; }
  /// Column major; both halves are set. Valid after finish().
  llvm::ArrayRef<double> matrix() const { return moments; }
  double at(int64_t i, int64_t j) const {
    return moments[i * (columns + 1) + j];
  }
  /// The mean of |x| of a column. Valid after finish().
  double magnitude(int64_t column) const { return magnitudes[column]; }

private:
  void flush();

  std::vector<PatchPlan> plans;
  int64_t rowsPerSample, columns = 0, count = 0;
  uint64_t state = 1;
  std::vector<double> waiting;    // rows, one behind the other
  std::vector<double> moments;    // sums; means after finish()
  std::vector<double> magnitudes; // likewise
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_SECONDMOMENTS_H

//===- OutputRecord.h - what a network computes of samples ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The outputs of a network on some samples, kept to compare many networks with
// it that have the same inputs and outputs.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_OUTPUTRECORD_H
#define COMPRESS_CALIBRATION_OUTPUTRECORD_H

#include "Compress/Calibration/Calibrate.h"

namespace compress {

/// How a network does on the samples of a record.
struct RecordComparison {
  int64_t samples = 0;
  /// The squared error of an output over the sum of its squares, averaged over
  /// the outputs of f32; one that is zero in both does not count. Infinite or
  /// NaN where outputs are, or one is zero in the record alone.
  double error = 0;
  /// Samples of which the greatest element of the first output is where it is
  /// in the record, or where the label says; absent where it has one element or
  /// is not of f32, or there are no labels.
  std::optional<int64_t> agreeing, correct;
};

class OutputRecord {
public:
  /// How much memory the outputs take at most; of large ones fewer samples are
  /// kept, one at least.
  static constexpr int64_t kMostBytes = int64_t(256) << 20;

  /// Runs `library` on at most `mostSamples` samples, one of each stretch of
  /// the source. With `wantsLabels` they are kept, if there are any; one that
  /// is no class of the first output is an error.
  static llvm::Expected<OutputRecord>
  make(ModelLibrary &library, const SampleSource &source, int64_t mostSamples,
       bool wantsLabels, int32_t threads, SampleProgress progress);

  /// Whether there is an output to compare.
  bool isComparable() const { return comparable; }
  int64_t size() const { return static_cast<int64_t>(samples.size()); }
  /// The first sample with an output of f32 that is NaN or infinite.
  std::optional<int64_t> notFinite() const { return special; }
  /// How many samples the recorded network itself classifies as their labels
  /// say.
  std::optional<int64_t> correct() const { return ownCorrect; }

  /// Several may run at a time, each with a library of its own.
  llvm::Expected<RecordComparison> compare(ModelLibrary &library,
                                           int32_t threads) const;

private:
  SampleSource source;
  std::vector<int64_t> samples;
  std::vector<std::vector<float>>
      outputs; // of one after the other, each sample
  std::vector<int64_t> labels;
  std::optional<int64_t> ownCorrect, special;
  bool comparable = false;
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_OUTPUTRECORD_H

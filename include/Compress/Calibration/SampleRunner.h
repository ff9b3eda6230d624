//===- SampleRunner.h - a compiled network on data --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_SAMPLERUNNER_H
#define COMPRESS_CALIBRATION_SAMPLERUNNER_H

#include "Compress/Support/Dataset.h"
#include "Compress/Support/ModelLibrary.h"
#include <algorithm>

namespace compress {

/// What to run a network on.
struct SampleSource {
  /// A data set for each input, in their order, as Dataset::open takes it.
  std::vector<std::string> data;
  Preprocess preprocess; ///< of networks with one input
  int64_t limit = 0;     ///< only the first samples; 0: all
};

/// The samples of a source, for networks with certain inputs. One at a time is
/// in memory.
class SampleReader {
public:
  /// Opens the data for networks like `library`. Errors: another number of
  /// inputs, data of other shapes, or with other numbers of samples.
  static llvm::Expected<SampleReader> open(const SampleSource &source,
                                           const ModelLibrary &library);

  int64_t size() const { return numSamples; }

  /// Reads sample `index`.
  llvm::Error read(int64_t index);

  /// The data of the first input may say which class a sample is of.
  bool hasLabels() const { return sources.front().data->hasLabels(); }
  llvm::Expected<int64_t> label(int64_t index) {
    return sources.front().data->label(index);
  }

  /// The inputs of the last sample read.
  llvm::ArrayRef<const void *> inputs() const { return pointers; }

private:
  struct Input {
    std::unique_ptr<Dataset> data;
    InputPlan plan;
    DType type;
    std::vector<float> item, prepared;
    AlignedBuffer bytes;
  };
  std::vector<Input> sources;
  std::vector<const void *> pointers;
  int64_t numSamples = 0;
};

/// Of `total` samples the n-th of `used` that stand for them: one of each
/// stretch. Where in it is left to chance, of `seed`: samples often take turns
/// by what they show.
int64_t pickSample(int64_t n, int64_t used, int64_t total, int64_t seed);

/// The place of the greatest value, the first of equal ones.
inline int64_t indexOfMax(llvm::ArrayRef<float> values) {
  return std::max_element(values.begin(), values.end()) - values.begin();
}

/// A network with room for its outputs.
class SampleRunner {
public:
  static llvm::Expected<SampleRunner> create(ModelLibrary &library,
                                             int32_t threads);

  llvm::Error run(const SampleReader &sample) {
    return library->run(sample.inputs(), pointers, threads);
  }

  /// The elements of output `index`, which is of f32.
  llvm::ArrayRef<float> output(size_t index) const {
    const compress_tensor_info &info = library->outputs()[index];
    return {static_cast<const float *>(pointers[index]),
            static_cast<size_t>(info.bytes) / sizeof(float)};
  }

private:
  ModelLibrary *library = nullptr;
  int32_t threads = 0;
  std::vector<AlignedBuffer> buffers;
  std::vector<void *> pointers;
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_SAMPLERUNNER_H

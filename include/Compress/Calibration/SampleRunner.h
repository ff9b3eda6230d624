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
#include "llvm/ADT/STLFunctionalExtras.h"
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

/// A network with room for its outputs and an arena of its own.
class SampleRunner {
public:
  static llvm::Expected<SampleRunner> create(ModelLibrary &library,
                                             int32_t threads);

  llvm::Error run(const SampleReader &sample) { return run(sample.inputs()); }
  llvm::Error run(llvm::ArrayRef<const void *> inputs) {
    return library->run(inputs, pointers, threads, &arena);
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
  AlignedBuffer arena;
  std::vector<AlignedBuffer> buffers;
  std::vector<void *> pointers;
};

/// Networks with the same inputs, run on the samples of a source: several
/// samples at a time, each in one thread, which are shown one after another in
/// their order. So the number of threads changes no result.
class SampleCrew {
public:
  /// `threads` as of a run (0: all CPUs), or fewer where the networks take much
  /// memory. Errors as those of SampleReader.
  static llvm::Expected<SampleCrew>
  create(llvm::ArrayRef<ModelLibrary *> libraries, const SampleSource &source,
         int32_t threads);

  int64_t size() const { return samples.size(); }

  using Visit = llvm::function_ref<llvm::Error(
      int64_t sample, llvm::ArrayRef<SampleRunner> runners)>;
  /// Runs on the samples `sampleOf(0)` to `sampleOf(count - 1)`, and shows each
  /// with the outputs of the networks to `visit`.
  llvm::Error run(int64_t count,
                  llvm::function_ref<int64_t(int64_t n)> sampleOf, Visit visit);

private:
  /// What one sample takes while the networks run on it.
  struct Seat {
    std::vector<AlignedBuffer> inputs;
    std::vector<const void *> pointers;
    std::vector<SampleRunner> runners; // one a network
    std::string failure;
  };

  explicit SampleCrew(SampleReader samples) : samples(std::move(samples)) {}
  void runOn(Seat &seat);

  SampleReader samples;
  std::vector<Seat> seats; // in flight; several wait for each thread
  int64_t threads = 1;
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_SAMPLERUNNER_H

//===- Samples.h - networks on samples of data ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESS_RUN_SAMPLES_H
#define COMPRESS_TOOLS_COMPRESS_RUN_SAMPLES_H

#include "Commands.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace compress {

/// The samples that a command goes through: some items of data, in order.
class Samples {
public:
  /// Opens the data. An error where nothing of it is left.
  static llvm::Expected<Samples> open(const SampleOptions &options);

  Dataset &data() const { return *dataset; }
  int64_t first() const { return firstItem; }
  int64_t count() const { return numItems; } ///< at least 1

  /// Calls `use` with the index of each item and its numbers as the file has
  /// them, and tells a person at a terminal how far it is.
  llvm::Error
  forEach(llvm::function_ref<llvm::Error(int64_t, llvm::ArrayRef<float>)> use);

private:
  std::unique_ptr<Dataset> dataset;
  int64_t firstItem = 0, numItems = 0;
};

/// Checks that the network has one input, of numbers. What it is to be, as in
/// "evaluated", is for the error.
llvm::Error checkInputForSamples(const ModelLibrary &library,
                                 llvm::StringRef purpose);

/// A network that has passed checkInputForSamples, and its memory.
class ItemRunner {
public:
  /// An error where items like those of `data` do not fit the input. The
  /// library outlives the runner.
  static llvm::Expected<ItemRunner> create(ModelLibrary &library,
                                           const Dataset &data,
                                           const Preprocess &preprocess,
                                           int32_t threads);

  /// Computes the outputs for an item. Its numbers are preprocessed, then
  /// stored as storeInput does.
  llvm::Error run(llvm::ArrayRef<float> item);

  /// Output `i` of the last run.
  const uint8_t *output(size_t i) const { return outputs.data(i); }

private:
  ItemRunner(ModelLibrary &library, InputPlan plan, int32_t threads)
      : library(&library), plan(std::move(plan)), threads(threads) {}

  ModelLibrary *library;
  InputPlan plan;
  int32_t threads;
  TensorBuffers inputs, outputs;
  std::vector<float> input;
};

/// Element `i` of a network's output as it is stored, as the nearest f64.
double readNumber(DType dtype, const uint8_t *elements, int64_t i);

} // namespace compress

#endif // COMPRESS_TOOLS_COMPRESS_RUN_SAMPLES_H

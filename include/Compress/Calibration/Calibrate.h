//===- Calibrate.h - statistics of a network on data ------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The networks have f32 outputs, such as the observed tensors that
// --compress-expose-observed puts behind the others. Samples stream through;
// memory does not grow with their number.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_CALIBRATE_H
#define COMPRESS_CALIBRATION_CALIBRATE_H

#include "Compress/Calibration/CalibrationTable.h"
#include "Compress/Calibration/SampleRunner.h"
#include "Compress/Calibration/SecondMoments.h"
#include "Compress/Calibration/TensorStatistics.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include <optional>

namespace compress {

/// Told how many of how many samples are done.
using SampleProgress = llvm::function_ref<void(int64_t done, int64_t total)>;

/// The statistics of the last `names.size()` outputs of `library`. It is an
/// error when one has an element that is NaN or infinite; it names the first
/// such tensor in the order of the network, and the sample.
llvm::Expected<std::vector<TensorStatistics>>
collectStatistics(ModelLibrary &library, const SampleSource &source,
                  llvm::ArrayRef<std::string> names, int32_t threads,
                  SampleProgress progress);

/// The greatest absolute value in each channel (the last dimension) of the last
/// `names.size()` outputs, over all samples.
llvm::Expected<std::vector<ChannelScales>>
collectMagnitudes(ModelLibrary &library, const SampleSource &source,
                  llvm::ArrayRef<std::string> names, int32_t threads,
                  SampleProgress progress);

/// The mean of each element of each output of `library` over the samples,
/// computed in f64. It is an error when one is NaN or infinite; it names the
/// output, as `names` do, and the sample.
llvm::Expected<std::vector<std::vector<double>>>
collectMeans(ModelLibrary &library, const SampleSource &source,
             llvm::ArrayRef<std::string> names, int32_t threads,
             SampleProgress progress);

/// The second moments of the last outputs, as `plans` say; `names` are theirs.
/// Of each 100,000 rows are taken, or 64 for each column, or all. An error
/// where a sample is not finite.
llvm::Expected<std::vector<SecondMoments>>
collectMoments(ModelLibrary &library, const SampleSource &source,
               llvm::ArrayRef<std::string> names,
               llvm::ArrayRef<PatchPlan> plans, int32_t threads,
               SampleProgress progress);

/// The same with several plans for each output, as the groups of a convolution
/// have, and with fewer rows: 20,000, or for many columns fewer, but four for
/// each, or all.
llvm::Expected<std::vector<std::vector<SecondMoments>>>
collectGroupMoments(ModelLibrary &library, const SampleSource &source,
                    llvm::ArrayRef<std::string> names,
                    llvm::ArrayRef<llvm::ArrayRef<PatchPlan>> plans,
                    int32_t threads, SampleProgress progress);

/// The second moments of rows of all outputs of several libraries with the same
/// inputs, in their order, each with its plan, as in collectMoments. At most
/// `mostSamples` are run, one of each stretch of them, chosen by `seed`. `name`
/// is that of the layer.
llvm::Expected<SecondMoments>
collectJointMoments(llvm::ArrayRef<ModelLibrary *> libraries,
                    const SampleSource &source, llvm::StringRef name,
                    std::vector<PatchPlan> plans, int64_t mostSamples,
                    int64_t seed, int32_t threads, SampleProgress progress);

/// How two networks differ at one of their outputs.
struct OutputDifference {
  bool compared = false; ///< only outputs of f32 are
  double signal = 0;     ///< sum of x^2 over all elements of all samples
  double noise = 0;      ///< sum of (x - y)^2

  void add(llvm::ArrayRef<float> reference, llvm::ArrayRef<float> other);

  /// 10 log10(signal / noise); infinite where nothing differs.
  double sqnrDb() const;
};
struct NetworkDifference {
  int64_t samples = 0;
  std::vector<OutputDifference> outputs;
  /// Samples of which the greatest element of the first output is at the same
  /// place; absent where it has one element or is not of f32.
  std::optional<int64_t> agreeing;
};

/// Compares outputs of equal types. `reference` gives x, `other` gives y.
llvm::Expected<NetworkDifference> compareNetworks(ModelLibrary &reference,
                                                  ModelLibrary &other,
                                                  const SampleSource &source,
                                                  int32_t threads,
                                                  SampleProgress progress);

} // namespace compress

#endif // COMPRESS_CALIBRATION_CALIBRATE_H

//===- Calibrate.cpp - statistics of a network on data --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Calibrate.h"
#include "llvm/Support/Parallel.h"
#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

using namespace llvm;
using namespace compress;

static Error failure(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message);
}

static Error notFinite(const Twine &what, int64_t sample) {
  return failure(what + " has NaN or infinite elements for sample " +
                 Twine(sample) +
                 "; calibrate with samples for which the float network is "
                 "finite, and check --scale, --mean and --std");
}

/// Runs `library` on all samples and shows its outputs to `visit`.
static Error runSamples(
    ModelLibrary &library, const SampleSource &source, int32_t threads,
    SampleProgress progress,
    function_ref<Error(int64_t sample, const SampleRunner &runner)> visit) {
  Expected<SampleCrew> crew = SampleCrew::create({&library}, source, threads);
  if (!crew)
    return crew.takeError();
  return crew->run(
      crew->size(), [](int64_t n) { return n; },
      [&](int64_t sample, ArrayRef<SampleRunner> runners) -> Error {
        if (Error error = visit(sample, runners.front()))
          return error;
        progress(sample + 1, crew->size());
        return Error::success();
      });
}

Expected<std::vector<TensorStatistics>>
compress::collectStatistics(ModelLibrary &library, const SampleSource &source,
                            ArrayRef<std::string> names, int32_t threads,
                            SampleProgress progress) {
  assert(library.outputs().size() >= names.size());
  size_t first = library.outputs().size() - names.size();
  std::vector<TensorStatistics> statistics(names.size());
  std::vector<char> finite(names.size());
  auto visit = [&](int64_t sample, const SampleRunner &runner) -> Error {
    // Each tensor for itself, so threads change nothing.
    parallelFor(0, names.size(), [&](size_t tensor) {
      finite[tensor] = statistics[tensor].add(runner.output(first + tensor));
    });
    auto special = llvm::find(finite, char(false));
    if (special == finite.end())
      return Error::success();
    return notFinite("tensor '" + names[special - finite.begin()] + "'",
                     sample);
  };
  if (Error error = runSamples(library, source, threads, progress, visit))
    return std::move(error);
  return statistics;
}

/// Raises `magnitudes` to the greatest absolute value of each channel.
static void raiseMagnitudes(std::vector<double> &magnitudes,
                            ArrayRef<float> values) {
  std::vector<float> greatest(magnitudes.size(), 0);
  for (; !values.empty(); values = values.drop_front(greatest.size()))
    for (auto [most, value] :
         zip_first(greatest, values.take_front(greatest.size())))
      most = std::max(most, std::abs(value));
  for (auto [magnitude, most] : zip_equal(magnitudes, greatest))
    magnitude = std::max<double>(magnitude, most);
}

Expected<std::vector<ChannelScales>>
compress::collectMagnitudes(ModelLibrary &library, const SampleSource &source,
                            ArrayRef<std::string> names, int32_t threads,
                            SampleProgress progress) {
  assert(library.outputs().size() >= names.size());
  size_t first = library.outputs().size() - names.size();
  std::vector<ChannelScales> result(names.size());
  for (auto [i, name] : enumerate(names)) {
    ArrayRef<int64_t> dims = dimsOf(library.outputs()[first + i]);
    result[i].name = name;
    result[i].values.assign(dims.empty() ? 1 : dims.back(), 0);
  }
  auto visit = [&](int64_t, const SampleRunner &runner) {
    parallelFor(0, names.size(), [&](size_t tensor) {
      if (!result[tensor].values.empty())
        raiseMagnitudes(result[tensor].values, runner.output(first + tensor));
    });
    return Error::success();
  };
  if (Error error = runSamples(library, source, threads, progress, visit))
    return std::move(error);
  return result;
}

Expected<std::vector<std::vector<double>>>
compress::collectMeans(ModelLibrary &library, const SampleSource &source,
                       ArrayRef<std::string> names, int32_t threads,
                       SampleProgress progress) {
  std::vector<std::vector<double>> means;
  int64_t count = 0;
  auto visit = [&](int64_t sample, const SampleRunner &runner) -> Error {
    means.resize(names.size());
    for (auto [output, sums] : enumerate(means)) {
      sums.resize(runner.output(output).size(), 0);
      for (auto [sum, value] : zip_equal(sums, runner.output(output))) {
        if (!std::isfinite(value))
          return notFinite("what is computed by '" + names[output] + "'",
                           sample);
        sum += value;
      }
    }
    ++count;
    return Error::success();
  };
  if (Error error = runSamples(library, source, threads, progress, visit))
    return std::move(error);
  for (std::vector<double> &sums : means)
    for (double &sum : sums)
      sum /= static_cast<double>(count);
  return means;
}

/// How many rows of so many columns are collected: the weights that are fitted
/// to them change little with more.
static int64_t rowsWanted(int64_t columns) {
  constexpr int64_t kPerColumn = 64, kLeast = 100000;
  return std::max(kPerColumn * columns, kLeast);
}

/// The moments of the last outputs, of each by several plans, with the wanted
/// number of rows for so many columns.
static Expected<std::vector<std::vector<SecondMoments>>>
collect(ModelLibrary &library, const SampleSource &source,
        ArrayRef<std::string> names, ArrayRef<ArrayRef<PatchPlan>> plans,
        function_ref<int64_t(int64_t columns)> wanted, int32_t threads,
        SampleProgress progress) {
  Expected<SampleReader> samples = SampleReader::open(source, library);
  if (!samples)
    return samples.takeError();
  int64_t total = std::max<int64_t>(samples->size(), 1);
  std::vector<std::vector<SecondMoments>> moments(plans.size());
  for (auto [tensor, group] : enumerate(plans))
    for (const PatchPlan &plan : group) {
      int64_t rows = wanted(static_cast<int64_t>(plan.columns.size()) + 1);
      moments[tensor].emplace_back(std::vector<PatchPlan>{plan},
                                   (rows + total - 1) / total);
    }
  size_t first = library.outputs().size() - plans.size();
  std::vector<char> broken(plans.size());
  auto visit = [&](int64_t sample, const SampleRunner &runner) -> Error {
    parallelFor(0, plans.size(), [&](size_t tensor) {
      ArrayRef<float> input = runner.output(first + tensor);
      broken[tensor] = !all_of(input, [](float x) { return std::isfinite(x); });
      if (!broken[tensor])
        for (SecondMoments &one : moments[tensor])
          one.add({input});
    });
    for (auto [tensor, isBroken] : enumerate(broken))
      if (isBroken)
        return notFinite("the input of '" + names[tensor] + "'", sample);
    return Error::success();
  };
  if (Error error = runSamples(library, source, threads, progress, visit))
    return std::move(error);
  parallelFor(0, plans.size(), [&](size_t tensor) {
    for (SecondMoments &one : moments[tensor])
      one.finish();
  });
  return moments;
}

Expected<std::vector<SecondMoments>>
compress::collectMoments(ModelLibrary &library, const SampleSource &source,
                         ArrayRef<std::string> names, ArrayRef<PatchPlan> plans,
                         int32_t threads, SampleProgress progress) {
  std::vector<ArrayRef<PatchPlan>> groups(plans.begin(), plans.end());
  auto collected =
      collect(library, source, names, groups, rowsWanted, threads, progress);
  if (!collected)
    return collected.takeError();
  std::vector<SecondMoments> moments;
  for (std::vector<SecondMoments> &one : *collected)
    moments.push_back(std::move(one.front()));
  return moments;
}

Expected<std::vector<std::vector<SecondMoments>>>
compress::collectGroupMoments(ModelLibrary &library, const SampleSource &source,
                              ArrayRef<std::string> names,
                              ArrayRef<ArrayRef<PatchPlan>> plans,
                              int32_t threads, SampleProgress progress) {
  // Codes need fewer rows than weights that are fitted: they stay nearby.
  auto wanted = [](int64_t columns) {
    constexpr int64_t kPerColumn = 4, kMost = 20000;
    constexpr int64_t kProducts = int64_t(1) << 36;
    return std::max(kPerColumn * columns,
                    std::min(kMost, kProducts / (columns * columns)));
  };
  return collect(library, source, names, plans, wanted, threads, progress);
}

Expected<SecondMoments> compress::collectJointMoments(
    ArrayRef<ModelLibrary *> libraries, const SampleSource &source,
    StringRef name, std::vector<PatchPlan> plans, int64_t mostSamples,
    int64_t seed, int32_t threads, SampleProgress progress) {
  Expected<SampleCrew> crew = SampleCrew::create(libraries, source, threads);
  if (!crew)
    return crew.takeError();
  // Of many samples some, other ones for each layer.
  int64_t total = crew->size();
  int64_t used = std::min(total, mostSamples);
  int64_t columns = 1;
  for (const PatchPlan &plan : plans)
    columns += static_cast<int64_t>(plan.columns.size());
  int64_t wanted = rowsWanted(columns);
  SecondMoments moments(std::move(plans),
                        (wanted + used - 1) / std::max<int64_t>(used, 1));
  int64_t done = 0;
  auto visit = [&](int64_t sample, ArrayRef<SampleRunner> runners) -> Error {
    SmallVector<ArrayRef<float>> tensors;
    for (auto [library, runner] : zip(libraries, runners)) {
      for (size_t output = 0; output < library->outputs().size(); ++output) {
        tensors.push_back(runner.output(output));
        if (!all_of(tensors.back(), [](float x) { return std::isfinite(x); }))
          return notFinite("what '" + name.str() + "' computes with", sample);
      }
    }
    moments.add(tensors);
    progress(++done, used);
    return Error::success();
  };
  if (Error error = crew->run(
          used, [&](int64_t n) { return pickSample(n, used, total, seed); },
          visit))
    return std::move(error);
  moments.finish();
  return moments;
}

double OutputDifference::sqnrDb() const {
  if (noise == 0)
    return std::numeric_limits<double>::infinity();
  return 10 * std::log10(signal / noise);
}

void OutputDifference::add(ArrayRef<float> reference, ArrayRef<float> other) {
  for (auto [x, y] : llvm::zip_equal(reference, other)) {
    double value = x, error = value - y;
    signal += value * value;
    noise += error * error;
  }
}

Expected<NetworkDifference>
compress::compareNetworks(ModelLibrary &reference, ModelLibrary &other,
                          const SampleSource &source, int32_t threads,
                          SampleProgress progress) {
  Expected<SampleCrew> crew =
      SampleCrew::create({&reference, &other}, source, threads);
  if (!crew)
    return crew.takeError();
  NetworkDifference result;
  result.samples = crew->size();
  result.outputs.resize(reference.outputs().size());
  for (auto [output, info] : enumerate(reference.outputs()))
    result.outputs[output].compared =
        info.dtype == COMPRESS_F32 &&
        other.outputs()[output].dtype == COMPRESS_F32;
  if (!result.outputs.empty() && result.outputs[0].compared &&
      reference.outputs()[0].bytes > static_cast<int64_t>(sizeof(float)))
    result.agreeing = 0;
  auto visit = [&](int64_t sample, ArrayRef<SampleRunner> runners) -> Error {
    const SampleRunner &first = runners[0], &second = runners[1];
    parallelFor(0, result.outputs.size(), [&](size_t output) {
      if (result.outputs[output].compared)
        result.outputs[output].add(first.output(output), second.output(output));
    });
    if (result.agreeing)
      *result.agreeing +=
          indexOfMax(first.output(0)) == indexOfMax(second.output(0));
    progress(sample + 1, crew->size());
    return Error::success();
  };
  if (Error error = crew->run(crew->size(), [](int64_t n) { return n; }, visit))
    return std::move(error);
  return result;
}

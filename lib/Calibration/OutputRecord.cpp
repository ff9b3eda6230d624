//===- OutputRecord.cpp - what a network computes of samples --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/OutputRecord.h"
#include <cmath>

using namespace llvm;
using namespace compress;

static bool isClassifier(const ModelLibrary &library) {
  return !library.outputs().empty() &&
         library.outputs()[0].dtype == COMPRESS_F32 &&
         library.outputs()[0].bytes > static_cast<int64_t>(sizeof(float));
}

Expected<OutputRecord> OutputRecord::make(ModelLibrary &library,
                                          const SampleSource &source,
                                          int64_t mostSamples, bool wantsLabels,
                                          int32_t threads,
                                          SampleProgress progress) {
  Expected<SampleReader> reader = SampleReader::open(source, library);
  if (!reader)
    return reader.takeError();
  Expected<SampleRunner> runner = SampleRunner::create(library, threads);
  if (!runner)
    return runner.takeError();
  OutputRecord record;
  record.source = source;
  int64_t bytes = 1;
  for (const compress_tensor_info &info : library.outputs()) {
    record.comparable |= info.dtype == COMPRESS_F32;
    bytes += info.bytes;
  }
  int64_t used = std::max<int64_t>(
      1, std::min({reader->size(), mostSamples, kMostBytes / bytes}));
  wantsLabels &= isClassifier(library) && reader->hasLabels();
  if (wantsLabels)
    record.ownCorrect = 0;
  for (int64_t n = 0; n < used; ++n) {
    int64_t sample = pickSample(n, used, reader->size(), /*seed=*/0);
    if (Error error = reader->read(sample))
      return std::move(error);
    if (Error error = runner->run(*reader))
      return std::move(error);
    record.samples.push_back(sample);
    std::vector<float> &values = record.outputs.emplace_back();
    for (auto [index, info] : enumerate(library.outputs()))
      if (info.dtype == COMPRESS_F32)
        append_range(values, runner->output(index));
    if (!record.special &&
        !all_of(values, [](float value) { return std::isfinite(value); }))
      record.special = sample;
    if (wantsLabels) {
      Expected<int64_t> label = reader->label(sample);
      if (!label)
        return label.takeError();
      int64_t classes = static_cast<int64_t>(runner->output(0).size());
      if (*label >= classes)
        return createStringError("data '" + source.data[0] + "': sample " +
                                 Twine(sample) + " has the label " +
                                 Twine(*label) + ", and the network " +
                                 Twine(classes) +
                                 " classes; give the data of this network, or "
                                 "data without labels");
      record.labels.push_back(*label);
      *record.ownCorrect += indexOfMax(runner->output(0)) == *label;
    }
    progress(n + 1, used);
  }
  return record;
}

Expected<RecordComparison> OutputRecord::compare(ModelLibrary &library,
                                                 int32_t threads) const {
  Expected<SampleReader> reader = SampleReader::open(source, library);
  if (!reader)
    return reader.takeError();
  Expected<SampleRunner> runner = SampleRunner::create(library, threads);
  if (!runner)
    return runner.takeError();
  RecordComparison result;
  result.samples = size();
  if (isClassifier(library))
    result.agreeing = 0;
  if (!labels.empty())
    result.correct = 0;
  std::vector<OutputDifference> differences(library.outputs().size());
  for (auto [n, sample] : enumerate(samples)) {
    if (Error error = reader->read(sample))
      return std::move(error);
    if (Error error = runner->run(*reader))
      return std::move(error);
    ArrayRef<float> rest = outputs[n];
    for (auto [index, info] : enumerate(library.outputs())) {
      if (info.dtype != COMPRESS_F32)
        continue;
      ArrayRef<float> values = runner->output(index);
      ArrayRef<float> wanted = rest.take_front(values.size());
      rest = rest.drop_front(values.size());
      differences[index].add(wanted, values);
      if (index > 0)
        continue;
      int64_t place = indexOfMax(values);
      if (result.agreeing)
        *result.agreeing += place == indexOfMax(wanted);
      if (result.correct)
        *result.correct += place == labels[n];
    }
  }
  int64_t count = 0;
  for (const OutputDifference &difference : differences)
    // An output that is zero throughout either stays so or has no scale.
    if (difference.signal != 0 || difference.noise != 0) {
      result.error += difference.noise / difference.signal;
      ++count;
    }
  result.error /= std::max<int64_t>(count, 1);
  return result;
}

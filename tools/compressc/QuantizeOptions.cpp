//===- QuantizeOptions.cpp - options on float models
//--------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizeOptions.h"

using namespace mlir::compress;
using llvm::StringRef;
namespace cl = llvm::cl;

static llvm::Error usageError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Error QuantizeOptions::read(Emit emit, uint64_t batch, bool usesOutput,
                                  bool usesData,
                                  std::optional<QuantizeChoice> &choice) const {
  bool byData = !calibrate.empty(), byRanges = !ranges.empty();
  for (auto [name, option] :
       {std::pair<StringRef, const cl::opt<std::string> *>{"--ranges", &ranges},
        {"--save-ranges", &saveRanges}})
    if (option->getNumOccurrences() && option->empty())
      return usageError(name + ": the name of a file is missing");
  if ((byData || byRanges) && emit < Emit::Onnx)
    return usageError("--calibrate and --ranges: a model that is only imported "
                      "is not quantized; give --emit=onnx, qdq or a later "
                      "form");
  if (byData && batch > 1)
    return usageError("--calibrate: samples are computed one at a time; "
                      "calibrate without --batch and with --save-ranges, then "
                      "compile with --batch and --ranges");
  if (byData && percentile.getNumOccurrences() &&
      calibrationMethod != ::compress::RangeMethod::Percentile)
    return usageError("--percentile: only for --calibration-method=percentile");
  if (byData && byRanges)
    return usageError("--calibrate and --ranges exclude each other");
  if (!byData &&
      (calibrationSamples.getNumOccurrences() ||
       calibrationMethod.getNumOccurrences() || symmetric || noBiasCorrection ||
       noEqualization || weightRounding.getNumOccurrences() ||
       percentile.getNumOccurrences() || !saveRanges.empty() ||
       (preprocess.anyGiven() && !usesData)))
    return usageError(
        "--calibration-samples, --calibration-method, "
        "--percentile, --symmetric, --no-bias-correction, "
        "--no-equalization, --weight-rounding, --save-ranges, --scale, --mean, "
        "--std and --pad need data; name it with --calibrate");
  if (!byData && !byRanges) {
    if (!keepFloat.empty() || weights.getNumOccurrences() ||
        inputLayers.getNumOccurrences())
      return usageError("--keep-float, --input-layers and --weights are for "
                        "models that are quantized by --calibrate or --ranges");
    return llvm::Error::success();
  }
  if (calibrationSamples.getNumOccurrences() &&
      (calibrationSamples == 0 || calibrationSamples > INT64_MAX))
    return usageError("--calibration-samples: a number of samples from 1");
  if (!(percentile > 50 && percentile <= 100))
    return usageError("--percentile: a number above 50, at most 100");
  if (calibrate.size() > 1 && preprocess.anyGiven())
    return usageError("--scale, --mean, --std and --pad are for models with "
                      "one input; prepare the data of several beforehand");
  if (saveRanges == "-" && usesOutput)
    return usageError("--save-ranges: standard output is taken; name a file");
  QuantizeChoice &made = choice.emplace();
  made.source.data.assign(calibrate.begin(), calibrate.end());
  made.source.limit = static_cast<int64_t>(calibrationSamples);
  auto prepared = preprocess.read();
  if (!prepared)
    return prepared.takeError();
  made.source.preprocess = std::move(*prepared);
  made.range = {calibrationMethod, percentile, symmetric};
  made.weights = weights;
  made.rounding = weightRounding;
  made.inputLayers = inputLayers;
  made.biasCorrection = !noBiasCorrection;
  made.equalization = !noEqualization;
  made.keepFloat.assign(keepFloat.begin(), keepFloat.end());
  made.ranges = ranges;
  made.saveRanges = saveRanges;
  return llvm::Error::success();
}

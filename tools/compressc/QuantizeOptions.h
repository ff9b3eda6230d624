//===- QuantizeOptions.h - options on float models ---------------*- C++
//-*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSC_QUANTIZEOPTIONS_H
#define COMPRESS_TOOLS_COMPRESSC_QUANTIZEOPTIONS_H

#include "Compress/Support/PreprocessOptions.h"
#include "Driver.h"
#include "llvm/Support/CommandLine.h"

namespace mlir::compress {

/// The options by which a float model is quantized.
struct QuantizeOptions {
  llvm::cl::OptionCategory category{
      "Options for float models that are to become int8"};

  llvm::cl::list<std::string> calibrate{
      "calibrate",
      llvm::cl::desc(
          "Quantize a float model by this data (see below); once for each "
          "input of the model"),
      llvm::cl::value_desc("data"), llvm::cl::cat(category)};
  llvm::cl::opt<unsigned long long> calibrationSamples{
      "calibration-samples", llvm::cl::desc("Use only the first samples"),
      llvm::cl::value_desc("n"), llvm::cl::cat(category)};
  llvm::cl::opt<::compress::RangeMethod> calibrationMethod{
      "calibration-method",
      llvm::cl::desc("How the range of an activation is chosen (default: mse)"),
      llvm::cl::values(
          clEnumValN(::compress::RangeMethod::Mse, "mse",
                     "least squared error of its elements"),
          clEnumValN(::compress::RangeMethod::MinMax, "minmax",
                     "from the least to the greatest element"),
          clEnumValN(::compress::RangeMethod::Percentile, "percentile",
                     "without the rarest elements at both ends"),
          clEnumValN(::compress::RangeMethod::MovingAverage, "moving-average",
                     "averages of each sample's least and greatest element"),
          clEnumValN(::compress::RangeMethod::Entropy, "entropy",
                     "least divergence of their distribution")),
      llvm::cl::init(::compress::RangeMethod::Mse), llvm::cl::cat(category)};
  llvm::cl::opt<double> percentile{
      "percentile",
      llvm::cl::desc(
          "Of the elements, what --calibration-method=percentile keeps "
          "from each end (default: 99.99)"),
      llvm::cl::value_desc("p"), llvm::cl::init(99.99),
      llvm::cl::cat(category)};
  llvm::cl::opt<bool> symmetric{"symmetric",
                                llvm::cl::desc("Activations with zero point 0"),
                                llvm::cl::cat(category)};
  llvm::cl::opt<WeightRange> weights{
      "weights",
      llvm::cl::desc("How the scales of weights are chosen (default: minmax)"),
      llvm::cl::values(
          clEnumValN(WeightRange::Mse, "mse", "least squared error"),
          clEnumValN(WeightRange::MinMax, "minmax", "no weight saturates")),
      llvm::cl::init(WeightRange::MinMax), llvm::cl::cat(category)};
  llvm::cl::opt<WeightRounding> weightRounding{
      "weight-rounding",
      llvm::cl::desc("How weights become codes (default: nearest)"),
      llvm::cl::values(
          clEnumValN(WeightRounding::Auto, "auto",
                     "least-squares for layers of up to 1024 inputs an "
                     "output, if the data has 32 positions for each, nearest "
                     "for others"),
          clEnumValN(WeightRounding::LeastSquares, "least-squares",
                     "so that the outputs of each layer change least"),
          clEnumValN(WeightRounding::Nearest, "nearest",
                     "each to the nearest code")),
      llvm::cl::init(WeightRounding::Nearest), llvm::cl::cat(category)};
  llvm::cl::opt<InputLayers> inputLayers{
      "input-layers",
      llvm::cl::desc("Convolutions and matrix products that read the input "
                     "(default: auto)"),
      llvm::cl::values(
          clEnumValN(InputLayers::Auto, "auto",
                     "f32 if they make up at most 2% of the "
                     "multiply-accumulates, unless --int8-io is given"),
          clEnumValN(InputLayers::Int8, "int8", "int8 as all others")),
      llvm::cl::init(InputLayers::Auto), llvm::cl::cat(category)};
  llvm::cl::opt<bool> noBiasCorrection{
      "no-bias-correction",
      llvm::cl::desc(
          "Leave the biases as they are, also where quantization shifts "
          "the mean of a channel"),
      llvm::cl::cat(category)};
  llvm::cl::opt<bool> noEqualization{
      "no-equalization",
      llvm::cl::desc(
          "Leave the channels of tensors with the ranges that they have"),
      llvm::cl::cat(category)};
  llvm::cl::list<std::string> keepFloat{
      "keep-float",
      llvm::cl::desc(
          "Leave convolutions and matrix products of these names in f32; "
          "* is any text"),
      llvm::cl::value_desc("name,..."), llvm::cl::CommaSeparated,
      llvm::cl::cat(category)};
  llvm::cl::opt<std::string> saveRanges{
      "save-ranges",
      llvm::cl::desc(
          "Write the ranges to this file (JSON), to look at, edit, and "
          "use again"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::opt<std::string> ranges{
      "ranges",
      llvm::cl::desc(
          "Quantize a float model by the ranges in this file, without "
          "data"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  ::compress::PreprocessOptions preprocess{category};

  /// Sets `choice` if the command line wants a float model quantized. The error
  /// says what is wrong with it. `emit` and `batch` are those of the command
  /// line; `usesOutput`: another option writes to standard output; `usesData`:
  /// another option reads data that the options on it are for, too.
  llvm::Error read(Emit emit, uint64_t batch, bool usesOutput, bool usesData,
                   std::optional<QuantizeChoice> &choice) const;
};

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSC_QUANTIZEOPTIONS_H

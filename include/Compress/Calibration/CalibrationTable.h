//===- CalibrationTable.h - the ranges of a network -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// As a file, JSON:
//
//   {
//     "format": "compress-ranges",
//     "version": 1,
//     "method": "mse",
//     "samples": 1000,
//     "symmetric": false,
//     "tensors": [
//       {"name": "conv1", "min": 0, "max": 5.9,
//        "observed_min": 0, "observed_max": 7.25},
//       ...
//     ],
//     "corrections": [
//       {"name": "conv1", "bias": [0.001, -0.002]},
//       ...
//     ],
//     "equalization": [
//       {"name": "relu1", "factors": [1, 0.25]},
//       ...
//     ],
//     "rounding": [
//       {"name": "conv1", "steps": "0a0A"},
//       ...
//     ]
//   }
//
// "min" and "max" are what counts, and may be edited; "observed_min" and
// "observed_max" only tell. "corrections" may be absent: what is added to the
// bias of convolutions and products, one number a channel. So may
// "equalization", by which the channels of tensors are divided first; ranges
// are those of the divided tensor. So may "rounding": a letter a weight, 0 for
// its nearest code, a to z for 1 to 26 codes above, A to Z for as many below.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_CALIBRATIONTABLE_H
#define COMPRESS_CALIBRATION_CALIBRATIONTABLE_H

#include "Compress/Calibration/Range.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <string>

namespace compress {

struct CalibrationEntry {
  std::string name;
  Range range;
  double observedMin = 0, observedMax = 0;
};

/// What is added to the bias of one op.
struct BiasCorrection {
  std::string name;
  std::vector<double> values; ///< one a channel
};

/// One number for each channel (the last dimension) of a tensor.
struct ChannelScales {
  std::string name;
  std::vector<double> values;
};

/// How weights are rounded: how many codes above the nearest one each is, in
/// the order of the filter.
struct WeightSteps {
  std::string name;
  std::vector<int8_t> steps; ///< from -kMostSteps to kMostSteps

  static constexpr int kMostSteps = 26;
};

struct CalibrationTable {
  std::string method; ///< of RangeMethod, for people
  int64_t samples = 0;
  bool symmetric = false;
  std::vector<CalibrationEntry> entries; ///< in the order of the network

  std::vector<BiasCorrection> corrections;
  /// By what channels are divided before anything is quantized: finite, above
  /// 0.
  std::vector<ChannelScales> equalization;
  std::vector<WeightSteps> rounding; ///< of convolutions and products

  /// The entry of `name`, or null.
  const CalibrationEntry *find(llvm::StringRef name) const;
  const BiasCorrection *findCorrection(llvm::StringRef name) const;
  const WeightSteps *findRounding(llvm::StringRef name) const;

  void writeJson(llvm::raw_ostream &os) const;

  /// Reads what writeJson writes. `source` names the file in errors: what is no
  /// JSON of this format, names that occur twice, ranges whose ends are no
  /// finite f32 numbers or the wrong way round.
  static llvm::Expected<CalibrationTable> parse(llvm::StringRef json,
                                                llvm::StringRef source);
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_CALIBRATIONTABLE_H

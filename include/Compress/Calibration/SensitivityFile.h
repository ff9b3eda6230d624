//===- SensitivityFile.h - what pruning single groups costs -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a network loses when one group of its channels is pruned and all others
// are whole. As JSON:
//
//   {"format": "compress-sensitivity", "version": 1,
//    "network": "6f1c...", "data": "90ab...", "data_samples": 1000,
//    "criterion": "reconstruction", "repair": true, "exclude": [],
//    "samples": 256, "labels": true,
//    "full": {"parameters": 1000, "macs": 20000, "accuracy": 0.96875},
//    "groups": [{"name": "conv1", "channels": 16, "measurements": [
//      {"rate": 0.25, "removed": 4, "parameters": 900, "macs": 16000,
//       "output_error": 0.01, "agreement": 0.98, "accuracy": 0.95}]}]}
//
// An output_error of null is no finite number. An interrupted measurement has
// all groups, and fewer measurements.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_SENSITIVITYFILE_H
#define COMPRESS_CALIBRATION_SENSITIVITYFILE_H

#include "Compress/Calibration/Calibrate.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>
#include <string>
#include <vector>

namespace compress {

/// A network of which one group has lost channels.
struct SensitivityMeasurement {
  double rate = 0;     ///< that was asked for, between 0 and 1
  int64_t removed = 0; ///< channels that this took out of the group
  int64_t parameters = 0, macs = 0; ///< of the pruned network
  /// As RecordComparison::error: 0 where nothing changes; infinite or NaN.
  double error = 0;
  /// Parts of the samples; absent where the first output has no classes, or
  /// the data no labels.
  std::optional<double> agreement, accuracy;
};

struct SensitivityGroup {
  std::string name;
  int64_t channels = 0;
  std::vector<SensitivityMeasurement> measurements; ///< by rising rate

  /// The measurement of that rate, or null.
  const SensitivityMeasurement *find(double rate) const;
  /// That one which took a part of the channels closest to `part`, of two the
  /// lower one; null where none took any.
  const SensitivityMeasurement *nearest(double part) const;
  /// Puts it in its place.
  void add(const SensitivityMeasurement &measurement);
};

struct SensitivityFile {
  /// Digests of what was measured on what, as text.
  std::string network, data;
  int64_t dataSamples = 0; ///< that scores and weights come from
  std::string criterion;
  bool repair = true;               ///< whether weights were fitted to the data
  std::vector<std::string> exclude; ///< patterns of layers that stay whole
  int64_t samples = 0;              ///< that outputs were compared on
  bool labels = false;
  int64_t parameters = 0, macs = 0; ///< of the full network
  std::optional<double> accuracy;   ///< of the full network
  std::vector<SensitivityGroup> groups;

  /// The group of that name, or null.
  const SensitivityGroup *find(llvm::StringRef name) const;

  /// The text is the same for the same content, and a number is read as it was
  /// written.
  void writeJson(llvm::raw_ostream &os) const;

  /// Errors name the file: it cannot be read, is no such JSON, or holds what
  /// cannot be.
  static llvm::Expected<SensitivityFile> read(llvm::StringRef path);

  /// An error that names `path`, which holds this, where it is of another
  /// network or was pruned in another way than `wanted`.
  llvm::Error checkSubject(const SensitivityFile &wanted,
                           llvm::StringRef path) const;
  /// The same of the data, and of the layers that stay whole.
  llvm::Error checkData(const SensitivityFile &wanted,
                        llvm::StringRef path) const;
};

/// A digest of all samples as a network like `library` gets them, and of their
/// labels, as text. It does not depend on the names of the files. Stores the
/// number of samples in `numSamples`.
llvm::Expected<std::string> digestSamples(const SampleSource &source,
                                          const ModelLibrary &library,
                                          int64_t &numSamples,
                                          SampleProgress progress);

} // namespace compress

#endif // COMPRESS_CALIBRATION_SENSITIVITYFILE_H

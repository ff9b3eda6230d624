//===- ScoreFile.h - scores of channels in a file ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_SCOREFILE_H
#define COMPRESS_CALIBRATION_SCOREFILE_H

#include "Compress/Calibration/NamedNumbers.h"
#include "llvm/Support/raw_ostream.h"

namespace compress {

/// How much the channels of a network matter, group by group; the lowest scores
/// go first. As JSON:
///
///   {"format": "compress-scores", "version": 1, "criterion": "knockoff",
///    "samples": 1000, "groups": [{"name": "conv1", "scores": [0.5, 0.25]}]}
struct ScoreFile {
  std::string criterion; ///< what computed them
  int64_t samples = 0;   ///< of data that they were computed from
  std::vector<NamedNumbers> groups;

  /// The group of that name, or null.
  const NamedNumbers *find(llvm::StringRef name) const;

  void writeJson(llvm::raw_ostream &os) const;

  /// Errors name the file: it cannot be read, is no such JSON, names a group
  /// twice, or has a score that is no finite number.
  static llvm::Expected<ScoreFile> read(llvm::StringRef path);
};

} // namespace compress

#endif // COMPRESS_CALIBRATION_SCOREFILE_H

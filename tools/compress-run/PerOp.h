//===- PerOp.h - the time of every kernel -----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A kernel's roof is the least time that it could take: that of its
// multiply-accumulates at the peak of the CPU, or that of its bytes at the rate
// at which memory is read, whichever is longer.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESS_RUN_PEROP_H
#define COMPRESS_TOOLS_COMPRESS_RUN_PEROP_H

#include "Compress/Support/ModelLibrary.h"
#include "Compress/Support/Roofline.h"
#include <functional>

namespace compress {

struct PerOpOptions {
  std::string model;      ///< what to call the network
  int32_t threads = 0;    ///< the most that a run may use; 0: all it can
  int64_t runs = 0;       ///< 0: about a second
  std::string json, html; ///< files to write instead of a table, or empty
};

/// Runs `library`, which has a profile, by `run`, and prints where the time
/// goes, the longest first.
llvm::Error printTimes(ModelLibrary &library,
                       const std::function<llvm::Error()> &run,
                       const PerOpOptions &options);

/// One kernel, in one inference.
struct KernelTime {
  const compress_profile_op *op;
  double seconds;
  std::optional<LeastTime> least;

  /// Multiply-accumulates and bytes in a second; 0 where the time is.
  double macRate() const { return rate(op->macs); }
  double byteRate() const { return rate(op->bytes); }
  /// Of the time, how much is the least; nothing where that is not known.
  std::optional<double> shareOfRoof() const;
  /// Of the peak of the CPU.
  std::optional<double> shareOfPeak(const Roofline &roofline) const;

private:
  double rate(int64_t amount) const {
    return seconds > 0 ? static_cast<double>(amount) / seconds : 0;
  }
};

struct PerOpReport {
  std::string model;
  const compress_model_info *info;
  int32_t threads; ///< that a run uses at most
  int64_t runs;
  Roofline roofline;
  std::vector<KernelTime> kernels = {}; ///< the longest first

  double seconds = 0; ///< of all kernels
  double least = 0;   ///< of those whose least time is known
  size_t unknown = 0; ///< how many others there are
  /// `least` as a part of the time of the same kernels, if there are any.
  std::optional<double> shareOfRoof = std::nullopt;

  /// Whether a kernel multiplies numbers of the type `element`.
  bool has(llvm::StringRef element) const;
};

/// "compute" or "memory"; empty where that is not known.
llvm::StringRef boundText(const KernelTime &kernel);

/// The rates that roofs are made of: "3,456 GMAC/s by AMX", and "450 GB/s of 16
/// KiB to 28.4 GB/s of 6 MiB". Empty where there are none.
std::string peakText(const PeakRate &peak);
std::string readsText(const ReadRates &reads);
std::string sizeText(int64_t bytes);

void writePerOpText(llvm::raw_ostream &os, const PerOpReport &report);
void writePerOpJson(llvm::raw_ostream &os, const PerOpReport &report);
/// A page that needs no other file.
void writePerOpPage(llvm::raw_ostream &os, const PerOpReport &report);

} // namespace compress

#endif // COMPRESS_TOOLS_COMPRESS_RUN_PEROP_H

//===- PerOp.cpp - the time of every kernel -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PerOp.h"
#include "Compress/Support/OutputFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Threading.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <chrono>

using namespace llvm;
using namespace compress;

/// The counter that generated code reads.
static uint64_t readCounter() {
#if defined(__x86_64__)
  return __builtin_readcyclecounter();
#else
  return __builtin_readsteadycounter();
#endif
}

std::optional<double> KernelTime::shareOfRoof() const {
  if (!least || seconds <= 0)
    return std::nullopt;
  return least->seconds / seconds;
}

std::optional<double> KernelTime::shareOfPeak(const Roofline &roofline) const {
  double most = roofline.peakOf(op->element).macs;
  if (most <= 0 || op->macs <= 0 || seconds <= 0)
    return std::nullopt;
  return macRate() / most;
}

bool PerOpReport::has(StringRef element) const {
  return any_of(kernels, [&](const KernelTime &kernel) {
    return kernel.op->macs > 0 && kernel.op->element == element;
  });
}

/// Those that a run uses: no more than there are CPUs.
static int32_t threadsOf(const ModelLibrary &library, int32_t most) {
  uint32_t threads = std::min(library.info().max_threads,
                              hardware_concurrency().compute_thread_count());
  if (most > 0)
    threads = std::min(threads, static_cast<uint32_t>(most));
  return static_cast<int32_t>(std::max(threads, 1u));
}

static Expected<Roofline> measureRoofline(const ModelLibrary &library,
                                          int32_t threads) {
  int64_t largest = 0;
  for (const compress_profile_op &op :
       ArrayRef(library.profile()->ops, library.profile()->num_ops))
    largest = std::max(largest, op.bytes);
  PeakRates peak = measurePeakRates(library.info().target, threads);
  Expected<ReadRates> reads = ReadRates::measure(largest, threads);
  if (!reads)
    return reads.takeError();
  return Roofline{peak, std::move(*reads)};
}

/// Runs the network as often as `report` says, else for about a second, and
/// adds its kernels to the report.
static Error measureKernels(const compress_profile &profile,
                            const std::function<Error()> &run,
                            PerOpReport &report) {
  using Clock = std::chrono::steady_clock;
  if (Error error = run())
    return error;
  std::fill_n(profile.ticks, profile.num_ops, 0);
  Clock::time_point begin = Clock::now();
  uint64_t counted = readCounter();
  int64_t wanted = report.runs;
  double seconds = 0;
  for (report.runs = 0; wanted > 0 ? report.runs < wanted : seconds < 1.0;
       ++report.runs) {
    if (Error error = run())
      return error;
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  double ofTick = seconds / static_cast<double>(readCounter() - counted) /
                  static_cast<double>(report.runs);
  for (uint64_t i = 0; i < profile.num_ops; ++i)
    report.kernels.push_back({&profile.ops[i],
                              static_cast<double>(profile.ticks[i]) * ofTick,
                              report.roofline.leastTime(profile.ops[i])});
  return Error::success();
}

static void addUp(PerOpReport &report) {
  stable_sort(report.kernels, [](const KernelTime &a, const KernelTime &b) {
    return a.seconds > b.seconds;
  });
  double known = 0;
  for (const KernelTime &kernel : report.kernels) {
    report.seconds += kernel.seconds;
    if (kernel.least) {
      report.least += kernel.least->seconds;
      known += kernel.seconds;
    } else {
      ++report.unknown;
    }
  }
  if (known > 0)
    report.shareOfRoof = report.least / known;
}

Error compress::printTimes(ModelLibrary &library,
                           const std::function<Error()> &run,
                           const PerOpOptions &options) {
  int32_t threads = threadsOf(library, options.threads);
  // Before the network has threads that could disturb this.
  Expected<Roofline> roofline = measureRoofline(library, threads);
  if (!roofline)
    return roofline.takeError();
  PerOpReport report{options.model, &library.info(), threads, options.runs,
                     std::move(*roofline)};
  if (Error error = measureKernels(*library.profile(), run, report))
    return error;
  addUp(report);

  std::vector<OutputRequest> files;
  auto add = [&](const std::string &path,
                 void (*write)(raw_ostream &, const PerOpReport &)) {
    if (path.empty())
      return;
    files.push_back({path, [&report, write](raw_ostream &os) {
                       write(os, report);
                       return Error::success();
                     }});
  };
  add(options.json, writePerOpJson);
  add(options.html, writePerOpPage);
  if (!files.empty())
    return writeOutputs(files);
  writePerOpText(outs(), report);
  return Error::success();
}

//===- PerOp.cpp - the time of every kernel -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PerOp.h"
#include "Compress/Support/OutputFile.h"
#include "Compress/Support/PeakRate.h"
#include "Compress/Support/Printable.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
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

namespace {
struct OpTime {
  const compress_profile_op *op;
  double seconds; // of one inference
};

/// Numbers that are derived from a time; 0 where there is none.
struct Rates {
  double gigaMacs = 0, gigaBytes = 0, share = 0; // a second; of the peak
};
} // namespace

static Rates ratesOf(const OpTime &time, const PeakRates &peak) {
  Rates rates;
  if (time.seconds <= 0)
    return rates;
  double macs = static_cast<double>(time.op->macs) / time.seconds;
  StringRef element = time.op->element;
  double most = element == "i8"    ? std::max(peak.bytes, peak.matrices)
                : element == "f32" ? peak.floats
                                   : 0;
  rates.gigaMacs = macs / 1e9;
  rates.gigaBytes = static_cast<double>(time.op->bytes) / time.seconds / 1e9;
  rates.share = most > 0 ? macs / most : 0;
  return rates;
}

static void printTable(ArrayRef<OpTime> times, double total,
                       const PeakRates &peak) {
  outs() << "      ms      %  GMAC/s  % peak    GB/s  kernel\n";
  for (const OpTime &time : times) {
    Rates rates = ratesOf(time, peak);
    outs() << format("%8.4f  %5.1f", time.seconds * 1e3,
                     total > 0 ? 100 * time.seconds / total : 0);
    if (time.op->macs > 0)
      outs() << format("  %6.0f", rates.gigaMacs);
    else
      outs() << "       -";
    if (rates.share > 0)
      outs() << format("  %6.1f", 100 * rates.share);
    else
      outs() << "       -";
    outs() << format("  %6.1f", rates.gigaBytes) << "  "
           << printable(time.op->kernel);
    if (*time.op->source)
      outs() << "  " << printable(time.op->source);
    outs() << '\n';
  }
  outs() << format("%8.4f  in all kernels\n", total * 1e3);
}

static void writeJson(raw_ostream &os, ArrayRef<OpTime> times, double total,
                      const PeakRates &peak) {
  json::OStream json(os, 2);
  json.object([&] {
    json.attribute("seconds", total);
    json.attributeObject("peak_macs_per_second", [&] {
      json.attribute("i8", std::max(peak.bytes, peak.matrices));
      json.attribute("f32", peak.floats);
    });
    json.attributeArray("kernels", [&] {
      for (const OpTime &time : times)
        json.object([&] {
          json.attribute("kernel", json::fixUTF8(time.op->kernel));
          json.attribute("source", json::fixUTF8(time.op->source));
          json.attribute("element", json::fixUTF8(time.op->element));
          json.attribute("macs", time.op->macs);
          json.attribute("bytes", time.op->bytes);
          json.attribute("seconds", time.seconds);
          json.attribute("share_of_peak", ratesOf(time, peak).share);
        });
    });
  });
  os << '\n';
}

Error compress::printTimes(ModelLibrary &library,
                           const std::function<Error()> &run,
                           const std::string &json) {
  const compress_profile &profile = *library.profile();
  using Clock = std::chrono::steady_clock;
  if (Error error = run())
    return error;
  std::fill_n(profile.ticks, profile.num_ops, 0);
  Clock::time_point begin = Clock::now();
  uint64_t counted = readCounter();
  int64_t runs = 0;
  double seconds = 0;
  while (seconds < 1.0) {
    if (Error error = run())
      return error;
    ++runs;
    seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  }
  double ofTick = seconds / static_cast<double>(readCounter() - counted);
  std::vector<OpTime> times;
  double total = 0;
  for (uint64_t i = 0; i < profile.num_ops; ++i) {
    times.push_back({&profile.ops[i], static_cast<double>(profile.ticks[i]) *
                                          ofTick / static_cast<double>(runs)});
    total += times.back().seconds;
  }
  std::stable_sort(
      times.begin(), times.end(),
      [](const OpTime &a, const OpTime &b) { return a.seconds > b.seconds; });
  PeakRates peak = measurePeakRates();
  if (json.empty()) {
    printTable(times, total, peak);
    return Error::success();
  }
  return writeOutput(json, [&](raw_ostream &os) {
    writeJson(os, times, total, peak);
    return Error::success();
  });
}

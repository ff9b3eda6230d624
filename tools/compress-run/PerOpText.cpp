//===- PerOpText.cpp - the time of every kernel as text and JSON ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Html.h"
#include "Compress/Support/Printable.h"
#include "PerOp.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <cmath>

using namespace llvm;
using namespace compress;

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

StringRef compress::boundText(const KernelTime &kernel) {
  if (!kernel.least)
    return "";
  return kernel.least->bound == Bound::Compute ? "compute" : "memory";
}

std::string compress::sizeText(int64_t bytes) {
  auto size = static_cast<double>(bytes);
  std::string result;
  raw_string_ostream os(result);
  if (bytes < 1 << 20)
    os << format("%.4g KiB", size / (1 << 10));
  else
    os << format("%.4g MiB", size / (1 << 20));
  return result;
}

std::string compress::peakText(const PeakRate &peak) {
  if (peak.macs <= 0)
    return "";
  return html::withCommas(std::llround(peak.macs / 1e9)) + " GMAC/s by " +
         peak.by.str();
}

std::string compress::readsText(const ReadRates &reads) {
  ArrayRef<ReadRates::Rate> rates = reads.all();
  auto text = [](const ReadRates::Rate &rate) {
    std::string result;
    raw_string_ostream(result)
        << format("%.3g GB/s of ", rate.bytesPerSecond / 1e9);
    return result + sizeText(rate.bytes);
  };
  if (rates.empty())
    return "";
  if (rates.size() == 1)
    return text(rates.front());
  return text(rates.front()) + " to " + text(rates.back());
}

//===----------------------------------------------------------------------===//
// A table
//===----------------------------------------------------------------------===//

/// A number of a column of the table, or where there is none a dash.
static void writeCell(raw_ostream &os, const char *pattern,
                      std::optional<double> number) {
  std::string text = "-";
  if (number) {
    text.clear();
    raw_string_ostream(text) << format(pattern, *number);
  }
  os << "  " << right_justify(text, 6);
}

static void writePercent(raw_ostream &os, std::optional<double> part) {
  if (part)
    part = 100 * *part;
  writeCell(os, "%.1f", part);
}

void compress::writePerOpText(raw_ostream &os, const PerOpReport &report) {
  os << "at most:";
  for (StringRef element : kMultipliedTypes)
    if (PeakRate peak = report.roofline.peakOf(element);
        peak.macs > 0 && report.has(element))
      os << " " << element << " " << peakText(peak) << ",";
  os << " reads " << readsText(report.roofline.reads) << "; " << report.threads
     << (report.threads == 1 ? " thread\n" : " threads\n");
  os << "      ms      %  GMAC/s  % peak    GB/s  % roof  bound    kernel\n";
  for (const KernelTime &kernel : report.kernels) {
    const compress_profile_op &op = *kernel.op;
    os << format("%8.4f  %5.1f", kernel.seconds * 1e3,
                 report.seconds > 0 ? 100 * kernel.seconds / report.seconds
                                    : 0);
    std::optional<double> macs;
    if (op.macs > 0)
      macs = kernel.macRate() / 1e9;
    writeCell(os, "%.0f", macs);
    writePercent(os, kernel.shareOfPeak(report.roofline));
    writeCell(os, "%.1f", kernel.byteRate() / 1e9);
    writePercent(os, kernel.shareOfRoof());
    StringRef bound = boundText(kernel);
    os << "  " << left_justify(bound.empty() ? "-" : bound, 7) << "  "
       << printable(op.kernel);
    if (*op.source)
      os << "  " << printable(op.source);
    os << '\n';
  }
  os << format("%8.4f  in all kernels\n", report.seconds * 1e3);
  if (!report.shareOfRoof)
    return;
  os << format("%8.4f  at least, by their roofs: %.1f%% of the roofline",
               report.least * 1e3, 100 * *report.shareOfRoof);
  if (report.unknown > 0)
    os << ", without " << report.unknown
       << (report.unknown == 1 ? " kernel" : " kernels")
       << " whose roof is not known";
  os << '\n';
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static void writeKernel(json::OStream &json, const KernelTime &kernel,
                        const Roofline &roofline) {
  const compress_profile_op &op = *kernel.op;
  json.attribute("kernel", json::fixUTF8(op.kernel));
  json.attribute("source", json::fixUTF8(op.source));
  json.attribute("element", json::fixUTF8(op.element));
  json.attribute("macs", op.macs);
  json.attribute("bytes", op.bytes);
  json.attribute("seconds", kernel.seconds);
  if (std::optional<double> share = kernel.shareOfPeak(roofline))
    json.attribute("share_of_peak", *share);
  if (!kernel.least)
    return;
  json.attribute("least_seconds", kernel.least->seconds);
  json.attribute("bound", boundText(kernel));
  if (std::optional<double> share = kernel.shareOfRoof())
    json.attribute("share_of_roof", *share);
}

// What is not known is left out.
void compress::writePerOpJson(raw_ostream &os, const PerOpReport &report) {
  const Roofline &roofline = report.roofline;
  json::OStream json(os, 2);
  json.object([&] {
    json.attribute("model", json::fixUTF8(report.model));
    json.attribute("target", json::fixUTF8(report.info->target));
    json.attribute("producer", json::fixUTF8(report.info->producer));
    json.attribute("threads", report.threads);
    json.attribute("runs", report.runs);
    json.attribute("seconds", report.seconds);
    json.attribute("least_seconds", report.least);
    if (report.shareOfRoof)
      json.attribute("share_of_roof", *report.shareOfRoof);
    json.attribute("kernels_without_roof",
                   static_cast<int64_t>(report.unknown));
    json.attributeObject("peak_macs_per_second", [&] {
      for (StringRef element : kMultipliedTypes)
        if (PeakRate peak = roofline.peakOf(element); peak.macs > 0)
          json.attribute(element, peak.macs);
    });
    json.attributeObject("peak_by", [&] {
      for (StringRef element : kMultipliedTypes)
        if (PeakRate peak = roofline.peakOf(element); peak.macs > 0)
          json.attribute(element, peak.by);
    });
    json.attributeArray("reads", [&] {
      for (const ReadRates::Rate &rate : roofline.reads.all())
        json.object([&] {
          json.attribute("bytes", rate.bytes);
          json.attribute("bytes_per_second", rate.bytesPerSecond);
        });
    });
    json.attributeArray("kernels", [&] {
      for (const KernelTime &kernel : report.kernels)
        json.object([&] { writeKernel(json, kernel, roofline); });
    });
  });
  os << '\n';
}

//===- PerOpPage.cpp - the time of every kernel as a page -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Html.h"
#include "PerOp.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace llvm;
using namespace compress;
using namespace compress::html;

static double asDouble(int64_t number) { return static_cast<double>(number); }

static std::string millisecondsText(double seconds) {
  return realText(seconds * 1e3, "%.4f") + " ms";
}

//===----------------------------------------------------------------------===//
// The head
//===----------------------------------------------------------------------===//

static void writeHeader(raw_ostream &os, const PerOpReport &report,
                        StringRef title) {
  double macs = 0;
  for (const KernelTime &kernel : report.kernels)
    macs += asDouble(kernel.op->macs);
  os << "<header>\n<h1><bdi>" << shorten(title)
     << "</bdi></h1>\n<dl class=\"tiles\">\n";
  writeTile(os, "Time", millisecondsText(report.seconds), "in all kernels");
  writeTile(os, "Kernels",
            withCommas(static_cast<int64_t>(report.kernels.size())));
  writeTile(os, "Multiply-accumulates", withPrefix(macs),
            report.seconds > 0 ? withPrefix(macs / report.seconds) + " a second"
                               : "");
  if (report.shareOfRoof) {
    std::string without = "at the roofs";
    if (report.unknown > 0)
      without += ", without " + std::to_string(report.unknown) +
                 " whose roof is not known";
    writeTile(os, "Least time", millisecondsText(report.least), without);
    writeTile(os, "Share of the roofline", percentText(*report.shareOfRoof));
  }
  os << "</dl>\n<dl class=\"facts\">\n";
  writeFact(os, "Model", report.model);
  writeTarget(os, report.info->target);
  writeFact(os, "Threads", std::to_string(report.threads));
  writeFact(os, "Inferences", withCommas(report.runs));
  for (StringRef element : kMultipliedTypes)
    if (report.has(element))
      writeFact(os, ("Peak of " + element).str(),
                peakText(report.roofline.peakOf(element)));
  writeFact(os, "Memory", readsText(report.roofline.reads));
  writeFact(os, "Producer", report.info->producer);
  os << "</dl>\n</header>\n";
}

//===----------------------------------------------------------------------===//
// The roofline
//===----------------------------------------------------------------------===//

namespace {

/// Powers of ten along one side of the picture.
struct Axis {
  double low, high; ///< exponents, which are whole
  double from, to;  ///< where they are

  double at(double exponent) const {
    double part = (std::clamp(exponent, low, high) - low) / (high - low);
    return from + (to - from) * part;
  }
};

/// A kernel with multiply-accumulates and a time.
struct Dot {
  size_t number; ///< in the table
  const KernelTime *kernel;
  double intensity; ///< multiply-accumulates for each byte
  double rate;      ///< 10^9 multiply-accumulates a second
  double radius;
};

/// Dots, roofs and axes.
struct Chart {
  std::vector<Dot> dots;
  std::vector<std::pair<double, std::string>> peaks;  ///< as Dot::rate
  std::vector<std::pair<double, std::string>> slopes; ///< 10^9 bytes a second
  Axis x, y;

  double highest() const {
    double result = 0;
    for (const auto &peak : peaks)
      result = std::max(result, peak.first);
    return result;
  }
};

} // namespace

static constexpr double kWidth = 960, kHeight = 440;
static constexpr double kLeft = 60, kRight = 940, kTop = 14, kBottom = 392;

static std::vector<Dot> makeDots(const PerOpReport &report) {
  std::vector<Dot> dots;
  for (const auto &[i, kernel] : enumerate(report.kernels)) {
    const compress_profile_op &op = *kernel.op;
    if (op.macs <= 0 || op.bytes <= 0 || kernel.seconds <= 0)
      continue;
    double part = kernel.seconds / report.kernels.front().seconds;
    dots.push_back({i + 1, &kernel, asDouble(op.macs) / asDouble(op.bytes),
                    kernel.macRate() / 1e9, 3 + 8 * std::sqrt(part)});
  }
  return dots;
}

static Chart makeChart(const PerOpReport &report) {
  Chart chart{makeDots(report), {}, {}, {}, {}};
  for (StringRef element : kMultipliedTypes)
    if (PeakRate peak = report.roofline.peakOf(element);
        peak.macs > 0 && report.has(element))
      chart.peaks.push_back(
          {peak.macs / 1e9, (element + ": " + peakText(peak)).str()});
  // The rates between these would only cover dots.
  ArrayRef<ReadRates::Rate> reads = report.roofline.reads.all();
  auto addSlope = [&](const ReadRates::Rate &rate) {
    chart.slopes.push_back(
        {rate.bytesPerSecond / 1e9, readsText(ReadRates({rate}))});
  };
  addSlope(reads.front());
  if (reads.back().bytesPerSecond < 0.8 * reads.front().bytesPerSecond)
    addSlope(reads.back());

  double left = INFINITY, right = -INFINITY, low = INFINITY, high = -INFINITY;
  auto include = [&](double intensity, double rate) {
    left = std::min(left, std::log10(intensity));
    right = std::max(right, std::log10(intensity));
    low = std::min(low, std::log10(rate));
    high = std::max(high, std::log10(rate));
  };
  for (const Dot &dot : chart.dots)
    include(dot.intensity, dot.rate);
  // Where slopes meet the peak.
  if (double peak = chart.highest(); peak > 0)
    for (const auto &slope : chart.slopes)
      include(peak / slope.first, peak);
  auto makeAxis = [](double least, double most, double from, double to) {
    double low = std::floor(least);
    return Axis{low, std::max(std::ceil(most), low + 1), from, to};
  };
  constexpr double mostDecades = 7;
  chart.x = makeAxis(std::max(left, right - mostDecades), right, kLeft, kRight);
  chart.y = makeAxis(std::max(low, high - mostDecades), high, kBottom, kTop);
  return chart;
}

static void writeAxes(raw_ostream &os, const Chart &chart) {
  auto text = [](double exponent) {
    return realText(std::pow(10, exponent), "%.7g");
  };
  for (double i = chart.y.low; i <= chart.y.high; ++i)
    os << "<path class=\"" << (i == chart.y.low ? "axis" : "grid") << "\" d=\"M"
       << at(kLeft) << " " << at(chart.y.at(i)) << "H" << at(kRight)
       << "\"/><text class=\"e\" x=\"" << at(kLeft - 6) << "\" y=\""
       << at(chart.y.at(i) + 4) << "\">" << text(i) << "</text>\n";
  for (double i = chart.x.low; i <= chart.x.high; ++i)
    os << "<path class=\"" << (i == chart.x.low ? "axis" : "grid") << "\" d=\"M"
       << at(chart.x.at(i)) << " " << at(kTop) << "V" << at(kBottom)
       << "\"/><text class=\"m\" x=\"" << at(chart.x.at(i)) << "\" y=\""
       << at(kBottom + 16) << "\">" << text(i) << "</text>\n";
  os << "<text class=\"m\" x=\"" << at((kLeft + kRight) / 2) << "\" y=\""
     << at(kHeight - 8)
     << "\">multiply-accumulates for each byte that is read or written</text>\n"
        "<text class=\"m\" transform=\"translate(14 "
     << at((kTop + kBottom) / 2) << ") rotate(-90)\">GMAC/s</text>\n";
}

static void writeRoofs(raw_ostream &os, const Chart &chart) {
  const Axis &x = chart.x, &y = chart.y;
  for (const auto &[rate, text] : chart.peaks) {
    double height = y.at(std::log10(rate));
    os << "<path class=\"roof\" d=\"M" << at(kLeft) << " " << at(height) << "H"
       << at(kRight) << "\"/><text class=\"e\" x=\"" << at(kRight - 4)
       << "\" y=\"" << at(height - 5) << "\">" << escape(text) << "</text>\n";
  }
  double top = chart.peaks.empty() ? y.high : std::log10(chart.highest());
  double turn = std::atan2((y.to - y.from) / (y.high - y.low),
                           (x.to - x.from) / (x.high - x.low));
  for (const auto &[rate, text] : chart.slopes) {
    // On it the exponents differ by that of the rate.
    double above = std::log10(rate);
    double begin = std::max(x.low, y.low - above);
    double end = std::min(x.high, top - above);
    if (begin >= end)
      continue;
    os << "<path class=\"roof\" d=\"M" << at(x.at(begin)) << " "
       << at(y.at(begin + above)) << "L" << at(x.at(end)) << " "
       << at(y.at(end + above)) << "\"/><text transform=\"translate("
       << at(x.at(begin)) << " " << at(y.at(begin + above)) << ") rotate("
       << at(turn * 180 / M_PI) << ") translate(8 -5)\">" << escape(text)
       << "</text>\n";
  }
}

static std::string titleOf(const Dot &dot) {
  const KernelTime &kernel = *dot.kernel;
  std::string text =
      std::to_string(dot.number) + " " + clip(kernel.op->kernel, 200);
  if (*kernel.op->source)
    text += " (" + clip(kernel.op->source, 200) + ")";
  text += ": " + millisecondsText(kernel.seconds) + ", " +
          realText(dot.rate, "%.3g") + " GMAC/s, " +
          realText(dot.intensity, "%.3g") + " MAC/byte";
  if (std::optional<double> share = kernel.shareOfRoof())
    text += ", " + percentText(*share) + " of its roof (" +
            boundText(kernel).str() + ")";
  return text;
}

/// The class of marks.
static StringRef kindOf(StringRef element) {
  return element == "f32" ? "f" : element == "bf16" ? "b" : "i";
}

static void writeDots(raw_ostream &os, const Chart &chart) {
  // The longest come first, so that shorter ones are not covered.
  for (const Dot &dot : chart.dots) {
    const KernelTime &kernel = *dot.kernel;
    StringRef kind = kindOf(kernel.op->element);
    double x = chart.x.at(std::log10(dot.intensity));
    double y = chart.y.at(std::log10(dot.rate));
    os << "<g><title>" << titleOf(dot) << "</title>";
    if (kernel.least) {
      double most = asDouble(kernel.op->macs) / kernel.least->seconds / 1e9;
      os << "<path class=\"stem " << kind << "\" d=\"M" << at(x) << " " << at(y)
         << "V" << at(chart.y.at(std::log10(most))) << "\"/>";
    }
    os << "<circle class=\"kernel " << kind << "\" cx=\"" << at(x) << "\" cy=\""
       << at(y) << "\" r=\"" << at(dot.radius) << "\"/></g>\n";
  }
}

static void writeChart(raw_ostream &os, const PerOpReport &report) {
  Chart chart = makeChart(report);
  if (chart.dots.empty())
    return;
  StringRef label = "Kernels below their roofs";
  os << "<figure>\n<figcaption><h3>" << label << "</h3> ";
  for (StringRef element : kMultipliedTypes)
    if (report.has(element))
      os << "<span class=\"key " << kindOf(element) << "\">" << element
         << "</span> ";
  os << "larger dots take longer, and each line leads to the kernel's own roof"
        "</figcaption>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
        "aria-label=\""
     << label << "\">\n<svg class=\"chart\" viewBox=\"0 0 " << at(kWidth) << " "
     << at(kHeight) << "\" role=\"img\" aria-label=\"" << label << "\">\n";
  writeAxes(os, chart);
  writeRoofs(os, chart);
  writeDots(os, chart);
  os << "</svg>\n</div>\n";
  if (size_t others = report.kernels.size() - chart.dots.size(); others > 0)
    os << "<p class=\"note\">" << others
       << (others == 1 ? " kernel" : " kernels")
       << " without multiply-accumulates or time are in the table only.</p>\n";
  os << "</figure>\n";
}

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// How long a kernel takes, and could, beside the longest one.
static std::string barOf(const KernelTime &kernel, double longest) {
  constexpr double width = 128, height = 12;
  auto rect = [&](StringRef kind, double seconds) {
    return ("<rect class=\"" + kind + "\" x=\"1\" y=\"1\" width=\"" +
            at(std::clamp(width * seconds / longest, 0.0, width)) +
            "\" height=\"" + at(height) + "\"/>")
        .str();
  };
  if (longest <= 0)
    return "";
  return "<svg class=\"bar\" viewBox=\"0 0 " + at(width + 2) + " " +
         at(height + 2) + "\" aria-hidden=\"true\">" +
         rect("time", kernel.seconds) +
         (kernel.least
              ? rect("least", std::min(kernel.least->seconds, kernel.seconds))
              : "") +
         "</svg>";
}

static void writeKernels(raw_ostream &os, const PerOpReport &report) {
  if (report.kernels.empty())
    return;
  os << "<h2>Kernels</h2>\n<p class=\"lead\"><span class=\"key time\">time"
        "</span> <span class=\"key least\">the least that it could be</span>"
        "</p>\n";
  Table table(os, "Kernels",
              {{"#", Column::Number},
               {"kernel", Column::Text},
               {"type", Column::Word},
               {"time", Column::Picture},
               {"ms", Column::Number},
               {"of all", Column::Number},
               {"of roof", Column::Number},
               {"bound by", Column::Word},
               {"GMAC/s", Column::Number},
               {"of peak", Column::Number},
               {"GB/s", Column::Number},
               {"MAC/byte", Column::Number}},
              Table::Sortable);
  auto share = [&](std::optional<double> part) {
    if (part)
      table.keyed(*part, percentText(*part));
    else
      table.none();
  };
  auto number = [&](bool isKnown, double value, const char *format) {
    if (isKnown)
      table.real(value, format);
    else
      table.none();
  };
  for (const auto &[i, kernel] :
       enumerate(ArrayRef(report.kernels).take_front(kMaxRows))) {
    const compress_profile_op &op = *kernel.op;
    bool isTimed = kernel.seconds > 0, hasMacs = op.macs > 0;
    table.beginRow();
    table.integer(static_cast<int64_t>(i + 1));
    table.markup(shorten(op.kernel) + "<small>" + shorten(op.source) +
                 "</small>");
    table.text(op.element);
    table.markup(barOf(kernel, report.kernels.front().seconds));
    table.real(kernel.seconds * 1e3, "%.4f");
    share(report.seconds > 0 ? kernel.seconds / report.seconds : 0);
    share(kernel.shareOfRoof());
    table.text(boundText(kernel));
    number(isTimed && hasMacs, kernel.macRate() / 1e9, "%.1f");
    share(kernel.shareOfPeak(report.roofline));
    number(isTimed, kernel.byteRate() / 1e9, "%.1f");
    number(hasMacs && op.bytes > 0, asDouble(op.macs) / asDouble(op.bytes),
           "%.2f");
  }
}

static void writeReads(raw_ostream &os, const ReadRates &reads) {
  os << "<h2>Memory</h2>\n<p class=\"lead\">How fast so many bytes are read, "
        "again and again.</p>\n";
  Table table(os, "Memory",
              {{"bytes", Column::Number}, {"GB/s", Column::Number}},
              Table::Fixed);
  for (const ReadRates::Rate &rate : reads.all()) {
    table.beginRow();
    table.markup(sizeText(rate.bytes));
    table.real(rate.bytesPerSecond / 1e9, "%.1f");
  }
}

void compress::writePerOpPage(raw_ostream &os, const PerOpReport &report) {
  std::string name = sys::path::filename(report.model).str();
  std::string title = "Roofline of " + (name.empty() ? "a network" : name);
  writeHead(os, title);
  writeHeader(os, report, title);
  os << "<main>\n<h2>Roofline</h2>\n<p class=\"lead\">A kernel's roof is the "
        "least time that it could take: that of its multiply-accumulates at "
        "the peak of the instructions it may use, or that of its bytes at the "
        "rate at which so many bytes are read, whichever is longer. Both were "
        "measured on this CPU, with as many threads.</p>\n";
  writeChart(os, report);
  writeKernels(os, report);
  noteRows(os, report.kernels.size(), "kernels");
  writeReads(os, report.roofline.reads);
  os << "</main>\n";
  writeFoot(os);
}

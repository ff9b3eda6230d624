//===- HtmlCharts.cpp - charts of the HTML report -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "HtmlCharts.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::html;

//===----------------------------------------------------------------------===//
// The frame
//===----------------------------------------------------------------------===//

// Units of the picture, about pixels.
static constexpr double kWidth = 960, kHeight = 230;
static constexpr double kLeft = 60, kRight = 10, kTop = 12, kBottom = 40;
static constexpr double kPlotWidth = kWidth - kLeft - kRight;
static constexpr double kPlotHeight = kHeight - kTop - kBottom;

/// More columns than these cannot be told apart.
static constexpr size_t kMaxColumns = 160;

namespace {

/// Columns of equal width above numbers of layers, on an axis of values.
class Frame {
public:
  /// Lines that have a value beside them are at least `smallestStep` apart.
  Frame(size_t columns, double low, double high, double smallestStep);

  double left(size_t column) const {
    return kLeft + kPlotWidth * static_cast<double>(column) / columns;
  }
  double width() const { return kPlotWidth / columns; }
  double y(double value) const {
    double part = (value - low) / (high - low);
    return kTop + kPlotHeight * (1 - std::clamp(part, 0.0, 1.0));
  }
  double bottom() const { return kTop + kPlotHeight; }

  /// All but what stands in the columns: the axis of values, and at the end
  /// some of the numbers below.
  void begin(llvm::raw_ostream &os, StringRef label, StringRef unit) const;
  void end(llvm::raw_ostream &os, StringRef below,
           ArrayRef<size_t> numbers) const;

private:
  double columns, low, high, step;
};

} // namespace

Frame::Frame(size_t columns, double low, double high, double smallestStep)
    : columns(static_cast<double>(columns)) {
  // About four lines, a round distance apart.
  double distance = high > low ? (high - low) / 4 : 1;
  step = std::pow(10, std::floor(std::log10(distance)));
  for (double factor : {10, 5, 2})
    if (step * factor <= distance * 1.5) {
      step *= factor;
      break;
    }
  step = std::max(step, smallestStep);
  this->low = std::floor(low / step) * step;
  this->high = std::max(std::ceil(high / step) * step, this->low + step);
}

void Frame::begin(llvm::raw_ostream &os, StringRef label,
                  StringRef unit) const {
  os << "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\""
     << escape(label) << "\">\n<svg class=\"chart\" viewBox=\"0 0 "
     << at(kWidth) << " " << at(kHeight) << "\" role=\"img\" aria-label=\""
     << escape(label) << "\">\n";
  int lines = static_cast<int>(std::lround((high - low) / step));
  for (int i = 0; i <= lines; ++i) {
    double value = low + i * step;
    os << "<path class=\"" << (i == 0 ? "axis" : "grid") << "\" d=\"M"
       << at(kLeft) << " " << at(y(value)) << "H" << at(kWidth - kRight)
       << "\"/><text class=\"e\" x=\"" << at(kLeft - 6) << "\" y=\""
       << at(y(value) + 4) << "\">" << withPrefix(value, unit) << "</text>\n";
  }
}

void Frame::end(llvm::raw_ostream &os, StringRef below,
                ArrayRef<size_t> numbers) const {
  size_t every = std::max<size_t>(1, numbers.size() / 16);
  for (size_t i = 0; i < numbers.size(); i += every)
    os << "<text class=\"m\" x=\"" << at(left(i) + width() / 2) << "\" y=\""
       << at(bottom() + 15) << "\">" << numbers[i] << "</text>";
  os << "\n<text class=\"m\" x=\"" << at(kLeft + kPlotWidth / 2) << "\" y=\""
     << at(kHeight - 6) << "\">" << escape(below)
     << "</text>\n</svg>\n</div>\n";
}

/// How many neighbours share a column.
static size_t neighbours(size_t count) {
  return std::max<size_t>(1, (count + kMaxColumns - 1) / kMaxColumns);
}

/// Where the pointer finds a column, however low it is; with what it says.
static void writeHover(llvm::raw_ostream &os, const Frame &frame, size_t column,
                       const std::string &title) {
  os << "<g><title>" << title << "</title><rect class=\"h\" x=\""
     << at(frame.left(column)) << "\" y=\"" << at(kTop) << "\" width=\""
     << at(frame.width()) << "\" height=\"" << at(kPlotHeight) << "\"/>";
}

//===----------------------------------------------------------------------===//
// Bars
//===----------------------------------------------------------------------===//

namespace {

/// Some neighbours, one above the other.
struct Stack {
  size_t first, last; ///< layers
  std::string name;
  double integers = 0, floats = 0;
};

} // namespace

static std::string titleOf(const Stack &stack, StringRef unit) {
  std::string result =
      stack.first == stack.last
          ? std::to_string(stack.first)
          : std::to_string(stack.first) + " to " + std::to_string(stack.last);
  if (!stack.name.empty())
    result += " " + clip(stack.name, 200);
  if (stack.integers > 0 || stack.floats == 0)
    result += ": " + withPrefix(stack.integers, unit) + " in integers";
  if (stack.floats > 0)
    result += (stack.integers > 0 ? ", " : ": ") +
              withPrefix(stack.floats, unit) + " in float";
  return result;
}

void html::writeBarChart(llvm::raw_ostream &os, StringRef title, StringRef unit,
                         ArrayRef<Bar> bars) {
  size_t group = neighbours(bars.size());
  std::vector<Stack> stacks;
  for (const auto &[i, bar] : llvm::enumerate(bars)) {
    if (i % group == 0)
      stacks.push_back({bar.number, bar.number, group == 1 ? bar.name : ""});
    stacks.back().last = bar.number;
    (bar.isInteger ? stacks.back().integers : stacks.back().floats) +=
        bar.value;
  }
  double high = 0, integers = 0, floats = 0;
  for (const Stack &stack : stacks) {
    high = std::max(high, stack.integers + stack.floats);
    integers += stack.integers;
    floats += stack.floats;
  }

  os << "<figure>\n<figcaption><h3>" << escape(title) << "</h3> ";
  if (integers > 0)
    os << "<span class=\"key i\">in integers</span> ";
  if (floats > 0)
    os << "<span class=\"key f\">in float</span>";
  os << "</figcaption>\n";
  Frame frame(stacks.size(), 0, high, /*smallestStep=*/1);
  frame.begin(os, title, unit);
  std::vector<size_t> numbers;
  for (const auto &[i, stack] : llvm::enumerate(stacks)) {
    numbers.push_back(stack.first);
    writeHover(os, frame, i, titleOf(stack, unit));
    double gap = 0.12 * frame.width(), left = frame.left(i) + gap;
    auto piece = [&](StringRef kind, double from, double to) {
      if (to > from)
        os << "<rect class=\"" << kind << "\" x=\"" << at(left) << "\" y=\""
           << at(frame.y(to)) << "\" width=\"" << at(frame.width() - 2 * gap)
           << "\" height=\"" << at(frame.y(from) - frame.y(to)) << "\"/>";
    };
    piece("i", 0, stack.integers);
    piece("f", stack.integers, stack.integers + stack.floats);
    os << "</g>\n";
  }
  frame.end(os, "number of the layer", numbers);
  if (group > 1)
    os << "<p class=\"note\">Each bar is the sum of " << group
       << " layers.</p>\n";
  os << "</figure>\n";
}

//===----------------------------------------------------------------------===//
// SQNR
//===----------------------------------------------------------------------===//

/// Whether a value is drawn at its height; infinity cannot be.
static bool isDrawn(double decibels) { return std::fabs(decibels) < 1000; }

void html::writeSqnrChart(llvm::raw_ostream &os,
                          ArrayRef<TensorReport> tensors) {
  std::vector<std::pair<size_t, const TensorReport *>> known;
  size_t unknown = 0;
  for (const auto &[i, tensor] : llvm::enumerate(tensors)) {
    if (tensor.sqnrDb && !std::isnan(*tensor.sqnrDb))
      known.push_back({i + 1, &tensor});
    else
      ++unknown;
  }
  if (known.empty())
    return;
  // Of neighbours the worst one counts.
  size_t group = neighbours(known.size());
  std::vector<std::pair<size_t, const TensorReport *>> columns;
  for (const auto &[i, tensor] : llvm::enumerate(known)) {
    if (i % group == 0)
      columns.push_back(tensor);
    else if (*tensor.second->sqnrDb < *columns.back().second->sqnrDb)
      columns.back() = tensor;
  }
  double low = 0, high = 0;
  bool hasArrows = false;
  for (const auto &[number, tensor] : columns) {
    if (isDrawn(*tensor->sqnrDb)) {
      low = std::min(low, *tensor->sqnrDb);
      high = std::max(high, *tensor->sqnrDb);
    } else {
      hasArrows = true;
    }
  }

  StringRef title = "SQNR of each tensor, in dB";
  os << "<figure>\n<figcaption><h3>" << title
     << "</h3> the higher, the closer to the float network</figcaption>\n";
  Frame frame(columns.size(), low, high, /*smallestStep=*/0.1);
  frame.begin(os, title, "");
  std::vector<size_t> numbers;
  for (const auto &[i, column] : llvm::enumerate(columns)) {
    auto [number, tensor] = column;
    double value = *tensor->sqnrDb;
    numbers.push_back(number);
    writeHover(os, frame, i,
               std::to_string(number) + " " + clip(tensor->name, 200) + ": " +
                   realText(value, "%.1f") + " dB");
    double x = frame.left(i) + frame.width() / 2;
    double y = frame.y(value);
    double size = std::min(4.0, std::max(2.0, 0.3 * frame.width()));
    os << "<path class=\"stem\" d=\"M" << at(x) << " " << at(frame.bottom())
       << "V" << at(y) << "\"/>";
    if (isDrawn(value)) {
      os << "<circle class=\"dot\" cx=\"" << at(x) << "\" cy=\"" << at(y)
         << "\" r=\"" << at(size) << "\"/>";
    } else {
      // An arrow that points out of the picture.
      double tip = value > 0 ? y - 4 : y + 4, base = value > 0 ? y + 4 : y - 4;
      os << "<path class=\"dot\" d=\"M" << at(x - size) << " " << at(base)
         << "L" << at(x) << " " << at(tip) << "L" << at(x + size) << " "
         << at(base) << "Z\"/>";
    }
    os << "</g>\n";
  }
  frame.end(os, "number of the tensor", numbers);
  if (group > 1)
    os << "<p class=\"note\">Each point is the worst of " << group
       << " tensors.</p>\n";
  if (hasArrows)
    os << "<p class=\"note\">Arrows point to values beyond the picture; equal "
          "tensors have an infinite one.</p>\n";
  if (unknown > 0)
    os << "<p class=\"note\">Not known for " << unknown << " of "
       << tensors.size() << " tensors.</p>\n";
  os << "</figure>\n";
}

//===----------------------------------------------------------------------===//
// Histograms
//===----------------------------------------------------------------------===//

/// At most `most` means of neighbouring bins, as parts of the largest one, on a
/// logarithmic scale: what lies far out is rare, and matters here.
static std::vector<double> heightsOf(ArrayRef<uint64_t> bins, size_t most) {
  size_t count = std::min(bins.size(), most);
  std::vector<double> heights(count);
  double largest = 0;
  for (size_t i = 0; i != count; ++i) {
    size_t from = i * bins.size() / count, to = (i + 1) * bins.size() / count;
    double sum = 0;
    for (uint64_t bin : bins.slice(from, to - from))
      sum += static_cast<double>(bin);
    heights[i] = std::log1p(sum / static_cast<double>(to - from));
    largest = std::max(largest, heights[i]);
  }
  for (double &height : heights)
    height = largest > 0 ? height / largest : 0;
  return heights;
}

std::string html::sparkline(const TensorReport &tensor) {
  double low = std::min(tensor.min, tensor.observedMin);
  double high = std::max(tensor.max, tensor.observedMax);
  double extent = high - low;
  for (double border :
       {tensor.min, tensor.max, tensor.observedMin, tensor.observedMax, extent})
    if (!std::isfinite(border))
      return "";
  if (tensor.histogram.empty() || extent <= 0 || tensor.min > tensor.max ||
      tensor.observedMin > tensor.observedMax)
    return "";
  constexpr double width = 128, height = 26;
  auto x = [&](double value) { return width * ((value - low) / extent); };

  std::string result;
  llvm::raw_string_ostream os(result);
  os << "<svg class=\"spark\" viewBox=\"-1 0 " << at(width + 2) << " "
     << at(height) << "\" aria-hidden=\"true\"><path class=\"range\" d=\"M"
     << at(x(tensor.min)) << " 0V" << at(height) << "H" << at(x(tensor.max))
     << "V0Z\"/><path class=\"bins\" d=\"M" << at(x(tensor.observedMin)) << " "
     << at(height);
  std::vector<double> heights = heightsOf(tensor.histogram, 64);
  double from = x(tensor.observedMin), to = x(tensor.observedMax);
  for (const auto &[i, part] : llvm::enumerate(heights)) {
    // One that is not empty can be seen.
    double top =
        part > 0 ? std::min(height - 1.5, height * (1 - part) + 1) : height;
    os << "V" << at(top) << "H"
       << at(from + (to - from) * static_cast<double>(i + 1) /
                        static_cast<double>(heights.size()));
  }
  os << "V" << at(height) << "Z\"/><path class=\"ends\" d=\"M"
     << at(x(tensor.min)) << " 0V" << at(height) << "M" << at(x(tensor.max))
     << " 0V" << at(height) << "\"/></svg>";
  return result;
}

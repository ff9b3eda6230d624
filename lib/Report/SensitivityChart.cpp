//===- SensitivityChart.cpp - sensitivities as a page ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/SensitivityChart.h"
#include "Compress/Support/Html.h"
#include "llvm/Support/Path.h"
#include <cmath>
#include <set>

using namespace mlir;
using namespace mlir::compress;
using namespace ::compress::html;
using ::compress::SensitivityFile;
using ::compress::SensitivityGroup;
using ::compress::SensitivityMeasurement;
using llvm::raw_ostream;

/// More groups than these have no pictures: nobody looks at them.
static constexpr size_t kMaxPictures = 500;
/// Errors below so many decades under the greatest are drawn at the bottom.
static constexpr int kMostDecades = 8;

/// The error at about half of the channels; of which nothing is known is less
/// than all others.
static double sensitivityOf(const SensitivityGroup &group) {
  const SensitivityMeasurement *half = group.nearest(0.5);
  if (!half)
    return -1;
  return std::isfinite(half->error) ? half->error : INFINITY;
}

//===----------------------------------------------------------------------===//
// Axes
//===----------------------------------------------------------------------===//

namespace {

/// From a value to a height in a picture.
struct Axis {
  double low = 0, high = 1; // of the logarithm, if it has one
  bool isLogarithmic = false;
  double top = 0, height = 0;
  std::vector<double> lines; // values with a line

  double y(double value) const {
    double place = isLogarithmic ? std::log10(value) : value;
    if (std::isnan(place))
      place = high;
    place = std::clamp(place, low, high);
    return top + height * (high - place) / (high - low);
  }
};

} // namespace

/// Of all errors, so that pictures can be compared.
static Axis makeErrorAxis(const SensitivityFile &file) {
  double least = INFINITY, most = 0;
  for (const SensitivityGroup &group : file.groups)
    for (const SensitivityMeasurement &each : group.measurements)
      if (std::isfinite(each.error) && each.error > 0) {
        least = std::min(least, each.error);
        most = std::max(most, each.error);
      }
  Axis axis;
  axis.isLogarithmic = true;
  axis.low = most > 0 ? std::floor(std::log10(least)) : -3;
  axis.high = most > 0 ? std::ceil(std::log10(most)) : 0;
  axis.high = std::max(axis.high, axis.low + 1);
  axis.low = std::max(axis.low, axis.high - kMostDecades);
  int every = axis.high - axis.low > 4 ? 2 : 1;
  for (double line = axis.high; line >= axis.low; line -= every)
    axis.lines.push_back(std::pow(10, line));
  return axis;
}

static Axis makeAccuracyAxis(const SensitivityFile &file) {
  double least = file.accuracy.value_or(1), most = least;
  for (const SensitivityGroup &group : file.groups)
    for (const SensitivityMeasurement &each : group.measurements) {
      least = std::min(least, each.accuracy.value_or(1));
      most = std::max(most, each.accuracy.value_or(0));
    }
  Axis axis;
  // Tens of per cent, or where it changes less, ones.
  double step = most - least > 0.1 ? 0.1 : 0.01;
  axis.low = std::max(0.0, std::floor(least / step) * step);
  axis.high = std::min(1.0, std::ceil(most / step) * step);
  if (axis.high - axis.low < step / 2) {
    axis.low = std::max(0.0, axis.high - step);
    axis.high = axis.low + step;
  }
  axis.lines = {axis.low, (axis.low + axis.high) / 2, axis.high};
  return axis;
}

/// With a blank that does not break.
static std::string wholePercent(double part) {
  return realText(100 * part, "%.4g") + "\xc2\xa0%";
}

//===----------------------------------------------------------------------===//
// Pictures
//===----------------------------------------------------------------------===//

static std::string titleOf(const SensitivityGroup &group,
                           const SensitivityMeasurement &each) {
  std::string text = std::to_string(each.removed) + " of " +
                     std::to_string(group.channels) + " channels gone (rate " +
                     realText(each.rate) + "): output error " +
                     realText(each.error, "%.3g");
  if (each.accuracy)
    text += ", accuracy " + percentText(*each.accuracy);
  if (each.agreement)
    text += ", agreement " + percentText(*each.agreement);
  return text + ", " + withPrefix(static_cast<double>(each.parameters)) +
         " parameters, " + withPrefix(static_cast<double>(each.macs)) + " MACs";
}

static void writeLines(raw_ostream &os, const Axis &axis, double left,
                       double right,
                       llvm::function_ref<std::string(double)> text) {
  for (double line : axis.lines)
    os << "<path class=\"grid\" d=\"M" << at(left) << " " << at(axis.y(line))
       << "H" << at(right) << "\"/><text class=\"e\" x=\"" << at(left - 4)
       << "\" y=\"" << at(axis.y(line) + 4) << "\">" << text(line)
       << "</text>\n";
}

static std::string errorText(double error) { return realText(error, "%.3g"); }

/// A point, or where it is beyond the picture an arrow.
static void writePoint(raw_ostream &os, StringRef kind, double x, double y,
                       bool isBeyond, const std::string &title) {
  if (isBeyond)
    os << "<path class=\"" << kind << "\" d=\"M" << at(x - 4) << " "
       << at(y + 7) << "L" << at(x) << " " << at(y) << "L" << at(x + 4) << " "
       << at(y + 7) << "Z\"><title>" << title << "</title></path>";
  else
    os << "<circle class=\"" << kind << "\" cx=\"" << at(x) << "\" cy=\""
       << at(y) << "\" r=\"3.2\"><title>" << title << "</title></circle>";
}

/// All groups side by side: what each loses from its least to its greatest
/// rate, with a point at about half.
static void writeOverview(raw_ostream &os,
                          ArrayRef<const SensitivityGroup *> groups,
                          Axis axis) {
  constexpr double width = 960, height = 240, left = 60, right = 950;
  axis.top = 12;
  axis.height = 186;
  StringRef label = "Output error of each group";
  os << "<figure>\n<figcaption><h3>" << label
     << "</h3> from the lowest to the highest rate; the point is at about half "
        "of the channels</figcaption>\n<div class=\"scroll\" role=\"region\" "
        "tabindex=\"0\" aria-label=\""
     << label << "\">\n<svg class=\"chart\" viewBox=\"0 0 " << at(width) << " "
     << at(height) << "\" role=\"img\" aria-label=\"" << label << "\">\n";
  writeLines(os, axis, left, right, errorText);
  double step = (right - left) / static_cast<double>(groups.size());
  size_t every = std::max<size_t>(1, groups.size() / 20);
  for (const auto &[i, group] : llvm::enumerate(groups)) {
    double x = left + step * (static_cast<double>(i) + 0.5);
    double low = INFINITY, high = 0;
    for (const SensitivityMeasurement &each : group->measurements) {
      double error = std::isfinite(each.error) ? each.error : INFINITY;
      low = std::min(low, error);
      high = std::max(high, error);
    }
    std::string title = std::to_string(i + 1) + " " + clip(group->name, 200);
    const SensitivityMeasurement *half = group->nearest(0.5);
    if (half)
      title += ": " + titleOf(*group, *half);
    os << "<g><title>" << title << "</title><rect class=\"h\" x=\""
       << at(x - step / 2) << "\" y=\"" << at(axis.top) << "\" width=\""
       << at(step) << "\" height=\"" << at(axis.height) << "\"/>";
    if (!group->measurements.empty())
      os << "<path class=\"stem error\" d=\"M" << at(x) << " "
         << at(axis.y(low)) << "V" << at(axis.y(high)) << "\" stroke-width=\""
         << at(std::clamp(step * 0.4, 1.0, 6.0)) << "\"/>";
    if (half)
      writePoint(os, "error", x, axis.y(half->error),
                 !std::isfinite(half->error), title);
    os << "</g>\n";
    if (i % every == 0)
      os << "<text class=\"m\" x=\"" << at(x) << "\" y=\""
         << at(axis.top + axis.height + 15) << "\">" << i + 1 << "</text>\n";
  }
  os << "<text class=\"m\" x=\"" << at((left + right) / 2) << "\" y=\""
     << at(height - 6)
     << "\">number of the group, the most sensitive one first</text>\n"
        "</svg>\n</div>\n</figure>\n";
}

/// One group: its error over the part that is gone, and below its accuracy.
static void writeCell(raw_ostream &os, size_t number,
                      const SensitivityGroup &group,
                      const SensitivityFile &file, Axis error, Axis accuracy) {
  constexpr double width = 276, left = 46, right = 256;
  auto x = [&](double part) { return left + (right - left) * part; };
  error.top = 8;
  error.height = 84;
  double bottom = error.top + error.height;
  if (file.labels) {
    accuracy.top = bottom + 20;
    accuracy.height = 56;
    bottom = accuracy.top + accuracy.height;
  }
  os << "<figure>\n<figcaption>" << number << " <h3>" << shorten(group.name, 60)
     << "</h3> <span class=\"w\">" << withCommas(group.channels)
     << " channels</span></figcaption>\n<svg class=\"chart\" viewBox=\"0 0 "
     << at(width) << " " << at(bottom + 20)
     << "\" role=\"img\" aria-label=\"Group " << number << "\">\n";
  writeLines(os, error, left, right, errorText);
  if (file.labels) {
    writeLines(os, accuracy, left, right, wholePercent);
    if (file.accuracy)
      os << "<path class=\"full\" d=\"M" << at(left) << " "
         << at(accuracy.y(*file.accuracy)) << "H" << at(right)
         << "\"><title>full network: " << percentText(*file.accuracy)
         << "</title></path>\n";
  }
  for (double part : {0.0, 0.25, 0.5, 0.75, 1.0})
    os << "<path class=\"axis\" d=\"M" << at(x(part)) << " " << at(bottom)
       << "v3\"/><text class=\"m\" x=\"" << at(x(part)) << "\" y=\""
       << at(bottom + 15) << "\">" << wholePercent(part) << "</text>\n";
  std::string errors, accuracies;
  if (file.labels && file.accuracy)
    accuracies = "M" + at(x(0)) + " " + at(accuracy.y(*file.accuracy));
  auto partOf = [&](const SensitivityMeasurement &each) {
    return static_cast<double>(each.removed) /
           static_cast<double>(group.channels);
  };
  // A rate that takes nothing is where all begin.
  std::vector<const SensitivityMeasurement *> drawn;
  for (const SensitivityMeasurement &each : group.measurements)
    if (each.removed > 0)
      drawn.push_back(&each);
  for (const SensitivityMeasurement *each : drawn) {
    double place = x(partOf(*each));
    errors += (errors.empty() ? "M" : "L") + at(place) + " " +
              at(error.y(each->error));
    if (each->accuracy)
      accuracies += (accuracies.empty() ? "M" : "L") + at(place) + " " +
                    at(accuracy.y(*each->accuracy));
  }
  if (!errors.empty())
    os << "<path class=\"line error\" d=\"" << errors << "\"/>\n";
  if (file.labels && !accuracies.empty())
    os << "<path class=\"line\" d=\"" << accuracies << "\"/>\n";
  for (const SensitivityMeasurement *each : drawn) {
    std::string title = titleOf(group, *each);
    double place = x(partOf(*each));
    writePoint(os, "error", place, error.y(each->error),
               !std::isfinite(each->error), title);
    if (each->accuracy)
      writePoint(os, "dot", place, accuracy.y(*each->accuracy),
                 /*isBeyond=*/false, title);
    os << '\n';
  }
  os << "</svg>\n</figure>\n";
}

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static void writeTable(raw_ostream &os,
                       ArrayRef<const SensitivityGroup *> groups,
                       const SensitivityFile &file) {
  std::set<double> rates;
  for (const SensitivityGroup *group : groups)
    for (const SensitivityMeasurement &each : group->measurements)
      rates.insert(each.rate);
  SmallVector<Column> columns{{"#", Column::Number},
                              {"name", Column::Text},
                              {"channels", Column::Number}};
  std::vector<std::string> names;
  for (double rate : rates) {
    names.push_back("error at " + wholePercent(rate));
    if (file.labels)
      names.push_back("accuracy at " + wholePercent(rate));
  }
  for (StringRef name : names)
    columns.push_back({name, Column::Number});
  Table table(os, "Measurements", columns, Table::Sortable);
  for (const auto &[i, group] : llvm::enumerate(groups.take_front(kMaxRows))) {
    table.beginRow();
    table.integer(static_cast<int64_t>(i + 1));
    table.text(group->name);
    table.integer(group->channels);
    for (double rate : rates) {
      const SensitivityMeasurement *each = group->find(rate);
      if (each)
        table.real(each->error, "%.3g");
      else
        table.none();
      if (file.labels && each && each->accuracy)
        table.keyed(*each->accuracy, percentText(*each->accuracy));
      else if (file.labels)
        table.none();
    }
  }
}

static void writeHeader(raw_ostream &os, const SensitivityFile &file,
                        StringRef title, StringRef model, StringRef producer) {
  os << "<header>\n<h1><bdi>" << shorten(title)
     << "</bdi></h1>\n<dl class=\"tiles\">\n";
  writeTile(os, "Groups of channels",
            withCommas(static_cast<int64_t>(file.groups.size())));
  writeTile(os, "Parameters", withPrefix(static_cast<double>(file.parameters)),
            "the weights of its layers");
  writeTile(os, "Multiply-accumulates",
            withPrefix(static_cast<double>(file.macs)));
  if (file.accuracy)
    writeTile(os, "Accuracy", percentText(*file.accuracy),
              "of the full network");
  writeTile(os, "Samples", withCommas(file.samples),
            "that outputs are compared on");
  os << "</dl>\n<dl class=\"facts\">\n";
  writeFact(os, "Model", model);
  writeFact(os, "Criterion", file.criterion);
  writeFact(os, "Weights", file.repair ? "fitted to the data" : "as they are");
  writeFact(os, "Data", withCommas(file.dataSamples) + " samples");
  writeFact(os, "Producer", producer);
  os << "</dl>\n</header>\n";
}

void mlir::compress::writeSensitivityChart(raw_ostream &os,
                                           const SensitivityFile &file,
                                           StringRef model,
                                           StringRef producer) {
  std::string name = llvm::sys::path::filename(model).str();
  std::string title = "Sensitivity of " + (name.empty() ? "a network" : name);
  std::vector<const SensitivityGroup *> groups;
  for (const SensitivityGroup &group : file.groups)
    groups.push_back(&group);
  llvm::stable_sort(groups, [](const auto *a, const auto *b) {
    return sensitivityOf(*a) > sensitivityOf(*b);
  });
  writeHead(os, title);
  writeHeader(os, file, title, model, producer);
  os << "<main>\n<h2>What the network loses</h2>\n<p class=\"lead\">One group "
        "of channels loses some of them, all others are whole. The output "
        "error is the squared error of the outputs over the sum of their "
        "squares. <span class=\"key error\">output error</span>";
  if (file.labels)
    os << " <span class=\"key accuracy\">accuracy</span>";
  os << "</p>\n";
  ArrayRef<const SensitivityGroup *> drawn =
      ArrayRef(groups).take_front(kMaxPictures);
  if (!drawn.empty()) {
    Axis error = makeErrorAxis(file), accuracy = makeAccuracyAxis(file);
    writeOverview(os, drawn, error);
    os << "<p class=\"lead\">Each group, over the part of its channels that is "
          "gone; all on the same scales"
       << (file.labels ? ". Dashed: the accuracy of the full network" : "")
       << ".</p>\n<div class=\"cells\">\n";
    for (const auto &[i, group] : llvm::enumerate(drawn))
      writeCell(os, i + 1, *group, file, error, accuracy);
    os << "</div>\n";
  }
  if (groups.size() > drawn.size())
    os << "<p class=\"note\">The " << drawn.size() << " most sensitive of "
       << groups.size() << " groups; the table has more.</p>\n";
  os << "<h2>Measurements</h2>\n";
  writeTable(os, groups, file);
  noteRows(os, groups.size(), "groups");
  os << "</main>\n";
  writeFoot(os);
}

//===- SensitivityChartTest.cpp - sensitivities as a page -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/SensitivityChart.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir::compress;
using ::compress::SensitivityFile;
using ::compress::SensitivityGroup;
using ::compress::SensitivityMeasurement;

namespace {

std::string pageOf(const SensitivityFile &file, llvm::StringRef model) {
  std::string text;
  llvm::raw_string_ostream os(text);
  writeSensitivityChart(os, file, model, "compressc");
  return text;
}

size_t count(llvm::StringRef page, llvm::StringRef part) {
  return page.count(part);
}

SensitivityMeasurement measure(double rate, int64_t removed, double error,
                               std::optional<double> accuracy) {
  SensitivityMeasurement measurement;
  measurement.rate = rate;
  measurement.removed = removed;
  measurement.parameters = 900;
  measurement.macs = 19000;
  measurement.error = error;
  measurement.accuracy = accuracy;
  return measurement;
}

/// Groups of which each is more sensitive than the one before it.
SensitivityFile makeFile(int numGroups, bool labels) {
  SensitivityFile file;
  file.criterion = "reconstruction";
  file.dataSamples = 1000;
  file.samples = 256;
  file.labels = labels;
  file.parameters = 1000;
  file.macs = 20000;
  if (labels)
    file.accuracy = 0.95;
  for (int i = 0; i < numGroups; ++i) {
    SensitivityGroup &group = file.groups.emplace_back();
    group.name = "layer" + std::to_string(i) + "/conv";
    group.channels = 16;
    for (double rate : {0.25, 0.5, 0.75}) {
      double error = 1e-4 * (i + 1) * std::pow(20, rate);
      std::optional<double> accuracy;
      if (labels)
        accuracy = 0.95 - rate * rate * i / numGroups / 2;
      group.add(
          measure(rate, static_cast<int64_t>(16 * rate), error, accuracy));
    }
  }
  return file;
}

TEST(SensitivityChart, HasAPictureOfEachGroup) {
  for (int numGroups : {1, 5, 150}) {
    std::string page = pageOf(makeFile(numGroups, true), "a/net.onnx");
    EXPECT_EQ(count(page, "aria-label=\"Group "),
              static_cast<size_t>(numGroups));
    // Three points of each of the two curves, and one in the overview.
    EXPECT_EQ(count(page, "<circle"), static_cast<size_t>(7 * numGroups));
    EXPECT_EQ(count(page, "</tr>"), static_cast<size_t>(numGroups + 1));
    EXPECT_EQ(count(page, "Sensitivity of net.onnx"), 2u);
    EXPECT_EQ(count(page, "http:"), 0u) << "a page needs no others";
  }
}

TEST(SensitivityChart, BeginsWithTheMostSensitive) {
  std::string page = pageOf(makeFile(3, true), "net.onnx");
  EXPECT_LT(page.find("layer2/conv"), page.find("layer1/conv"));
  EXPECT_LT(page.find("layer1/conv"), page.find("layer0/conv"));
}

TEST(SensitivityChart, HasNoAccuracyWithoutLabels) {
  std::string page = pageOf(makeFile(4, false), "net.onnx");
  EXPECT_EQ(count(page, "class=\"key accuracy\""), 0u);
  EXPECT_EQ(count(page, "accuracy at"), 0u);
  EXPECT_EQ(count(page, "<circle"), 4u * 4);
}

TEST(SensitivityChart, ShowsWhatIsNoNumber) {
  SensitivityFile file = makeFile(1, false);
  SensitivityGroup &group = file.groups[0];
  group.name = "<a & \"b\">";
  group.measurements = {measure(0.1, 0, 0, {}), measure(0.5, 8, INFINITY, {}),
                        measure(0.75, 12, NAN, {})};
  file.groups.push_back({"not yet", 4, {}});
  std::string page = pageOf(file, "");
  EXPECT_EQ(count(page, "&lt;a &amp; &quot;b&quot;&gt;"),
            count(page, "a &amp; "));
  EXPECT_EQ(count(page, "<circle"), 0u) << "all of them are beyond it";
  EXPECT_GE(count(page, "∞"), 1u);
  EXPECT_GE(count(page, "NaN"), 1u);
  // Coordinates are numbers all the same.
  EXPECT_EQ(count(page, "nan"), 0u);
  EXPECT_EQ(count(page, "\"inf"), 0u);
  EXPECT_EQ(count(page, " inf"), 0u);
}

TEST(SensitivityChart, StandsWithoutGroups) {
  SensitivityFile file = makeFile(0, true);
  std::string page = pageOf(file, "net.onnx");
  EXPECT_EQ(count(page, "<figure"), 0u);
  EXPECT_EQ(count(page, "</html>"), 1u);
}

} // namespace

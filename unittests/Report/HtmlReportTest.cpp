//===- HtmlReportTest.cpp - tests of the report as a page -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/CompilationReport.h"
#include "Compress/Runtime/Abi.h"
#include "llvm/Support/JSON.h"
#include "gtest/gtest.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::compress;

static constexpr double kInfinity = std::numeric_limits<double>::infinity();

static std::string pageOf(const CompilationReport &report) {
  std::string text;
  llvm::raw_string_ostream os(text);
  report.writeHtml(os);
  return text;
}

static bool has(StringRef page, StringRef part) { return page.contains(part); }

static LayerCost makeLayer(StringRef name, StringRef type, int64_t macs,
                           int64_t bytes) {
  LayerCost layer;
  layer.op = "linalg.conv_2d_nhwc_hwcf";
  layer.name = name.str();
  layer.elementType = type.str();
  layer.shape = {1, 8, 8, 16};
  layer.macs = macs;
  layer.parameters = layer.parameterBytes = bytes;
  layer.outputBytes = 1024;
  return layer;
}

static TensorReport makeTensor(StringRef name, std::optional<double> sqnrDb) {
  TensorReport tensor;
  tensor.name = name.str();
  tensor.min = -1;
  tensor.max = 3;
  tensor.observedMin = -2;
  tensor.observedMax = 6;
  tensor.scale = 0.015625f;
  tensor.zeroPoint = -64;
  tensor.histogram = {0, 5, 1000, 20, 0, 1};
  tensor.sqnrDb = sqnrDb;
  return tensor;
}

/// A report with all its parts. Everything that a file may name has `name`.
static CompilationReport makeFull(StringRef name) {
  CompilationReport report;
  report.producer = report.format = report.emit = name.str();
  report.model = "folder/" + name.str();
  report.quantized = true;
  report.imported.layers = {makeLayer(name, "f32", 2000000, 4000)};
  report.imported.macs = 2000000;
  report.imported.parameters = 1000;
  report.imported.parameterBytes = 4000;
  report.made = ModelCost();
  report.made->layers = {makeLayer(name, "i8", 1500000, 900),
                         makeLayer("", "f32", 500000, 100)};
  report.made->layers[1].shape = {ShapedType::kDynamic, 10};
  report.made->macs = 2000000;
  report.made->integerMacs = 1500000;
  report.made->parameters = 1000;
  report.made->parameterBytes = 1234567;
  report.target = "znver3:+avx2," + name.str();
  report.threads = 2;
  report.network.emplace();
  BorderTensor border;
  border.name = name.str();
  border.dtype = COMPRESS_I8;
  border.dims = {1, 3};
  border.bytes = 3;
  report.network->outputs.push_back(border);
  border.quantized = true;
  border.scale = 0.5f;
  border.zeroPoint = 7;
  report.network->inputs.push_back(border);
  report.network->arenaBytes = 65536;
  report.network->constantBytes = 1111;
  report.calibration = "mse, 1000 samples of " + name.str();
  report.tensors = {makeTensor(name, 31.25), makeTensor("b", kInfinity),
                    makeTensor("c", std::nullopt), makeTensor("d", NAN)};
  report.accuracy.emplace();
  report.accuracy->samples = 500;
  report.accuracy->sqnrDb = 28.5;
  report.accuracy->top1Agreement = 0.9999;
  report.remarks = {
      {"analysis", "Summary", "", "counted"},
      {"missed", "Border", name.str(), "no integers: " + name.str()},
      {"missed", "Float", "one", "tosa.erf stays f32: no table"},
      {"missed", "Float", "two", "tosa.erf stays f32: no table"},
      {"passed", "LayoutNhwc", name.str(), "brought to NHWC"}};
  report.outputBytes = 50000;
  return report;
}

/// The tags of a page and the names of their attributes, without the text, the
/// values, the style and the script. Empty where a tag is not as it must be.
static std::string skeletonOf(StringRef page) {
  std::string result;
  while (true) {
    auto [text, rest] = page.split('<');
    EXPECT_FALSE(has(text, ">")) << text.str();
    if (rest.empty())
      return result;
    std::string tag;
    char quote = 0;
    size_t i = 0;
    for (; i != rest.size() && (quote || rest[i] != '>'); ++i) {
      char c = rest[i];
      if (!quote)
        tag += c;
      if (c == '"' || c == '\'')
        quote = quote == 0 ? c : (quote == c ? '\0' : quote);
      else if (!quote && c == '<')
        return "";
    }
    if (tag != "wbr/") // It depends on the text.
      result += "<" + tag + ">";
    page = rest.drop_front(i + 1);
    if (tag == "style" || tag == "script") {
      size_t end = page.find(tag == "style" ? "</style>" : "</script>");
      if (end == StringRef::npos)
        return "";
      page = page.drop_front(end);
    }
  }
}

TEST(HtmlReport, ShowsAllParts) {
  std::string page = pageOf(makeFull("net.onnx"));
  EXPECT_TRUE(StringRef(page).starts_with("<!DOCTYPE html>\n"));
  for (StringRef part :
       {"<h1><bdi>net.onnx</bdi></h1>", "<dd>folder/net.onnx</dd>",
        "<dt>Target</dt><dd>znver3", "+avx2, net.onnx", "<dt>Threads</dt><dd>2",
        "<dd>mse, 1000 samples of net.onnx</dd>", "75.0 % in integers",
        // Totals, imported and made.
        "<tr><td>Parameters</td><td class=\"n\">1,000</td>"
        "<td class=\"n\">1,000</td></tr>",
        "<tr><td>Bytes of parameters</td><td class=\"n\">4,000</td>"
        "<td class=\"n\">1,234,567</td></tr>",
        "<tr><td>Share in integers</td><td class=\"n\">0.0 %</td>"
        "<td class=\"n\">75.0 %</td></tr>",
        "<td class=\"n\">65,536</td>", "<td class=\"n\">1,111</td>",
        "<td class=\"n\">50,000</td>",
        // Never all where it is not all.
        "<td class=\"n\">&gt; 99.9 %</td>", "<td class=\"n\">28.50</td>",
        "<td class=\"w\">input</td><td>net.onnx</td>"
        "<td class=\"w\">i8</td><td class=\"w\">1×3</td>"
        "<td class=\"n\">3</td><td class=\"n\">0.5</td><td class=\"n\">7</td>",
        "<h3>Bytes of parameters</h3>", "<h3>Multiply-accumulates (MACs)</h3>",
        "<title>1 net.onnx: 1.5 M in integers</title>",
        "<title>2: 500 k in float</title>",
        "<td class=\"n\" data-v=\"1024\">1×8×8×16</td>",
        // Without a size it comes last.
        "<td class=\"n\" data-v=\"\">?×10</td>", "<h2>Calibrated tensors</h2>",
        "<title>1 net.onnx: 31.2 dB</title>", "<title>2 b: ∞ dB</title>",
        "Not known for 2 of 4 tensors.", "<td class=\"n\">-64</td>",
        "<td class=\"n\" data-v=\"Infinity\">∞</td>",
        "<td class=\"n\" data-v=\"\">NaN</td>",
        "<td class=\"n\" data-v=\"\">–</td>"})
    EXPECT_TRUE(has(page, part)) << part.str();
  EXPECT_EQ(page, pageOf(makeFull("net.onnx")));
}

TEST(HtmlReport, EscapesWhatFilesName) {
  std::string plain = skeletonOf(pageOf(makeFull("x")));
  ASSERT_FALSE(plain.empty());
  for (StringRef name :
       {"</title></style></script><script>alert(1)</script>", "<!--", "]]>",
        "\" onload=\"alert(1)", "' onload='alert(1)", "&lt;&quot;&",
        "\xff\xfe<", "\xf0\x9f\x98", "\xef\xbf\xbf", "a\tb\nc",
        "<b>\x1b[31m\x7f"}) {
    std::string page = pageOf(makeFull(name));
    EXPECT_EQ(skeletonOf(page), plain) << name.str();
    EXPECT_TRUE(llvm::json::isUTF8(page)) << name.str();
    EXPECT_FALSE(has(page, "alert(1)</script>")) << name.str();
    EXPECT_FALSE(has(page, "\x1b")) << name.str();
    EXPECT_FALSE(has(page, "\xef\xbf\xbf")) << name.str();
  }
  std::string page = pageOf(makeFull("a&b<c>\"d\"'e\x01"));
  EXPECT_TRUE(
      has(page, "<h1><bdi>a&amp;b&lt;c&gt;&quot;d&quot;&#39;e␁</bdi></h1>"));
  // A character of the name is no other one: the NUL byte included.
  EXPECT_TRUE(has(pageOf(makeFull(StringRef("a\0b", 3))), "a␀b"));
}

TEST(HtmlReport, ShortensLongNames) {
  // Each character has three bytes, so that none may be cut.
  std::string name = "begin";
  for (int i = 0; i != 5000; ++i)
    name += "€";
  name += "end";
  CompilationReport report;
  report.imported.layers = {makeLayer(name, "f32", 1, 1)};
  std::string page = pageOf(report);
  EXPECT_LT(page.size(), 30000u);
  EXPECT_TRUE(has(page, "<td><span title=\"begin€"));
  EXPECT_TRUE(has(page, "€end</span></td>"));
  EXPECT_TRUE(has(page, "…€"));
  EXPECT_TRUE(llvm::json::isUTF8(page));
  EXPECT_FALSE(has(page, "\xef\xbf\xbd"));
}

TEST(HtmlReport, BreaksLongNames) {
  CompilationReport report;
  report.imported.layers = {
      makeLayer("/model/features.10/Conv_0<", "i8", 1, 1)};
  EXPECT_TRUE(has(pageOf(report), "<td>/<wbr/>model/<wbr/>features.<wbr/>10/"
                                  "<wbr/>Conv_0&lt;</td>"));
}

TEST(HtmlReport, LeavesOutWhatIsNotThere) {
  std::string page = pageOf(CompilationReport());
  EXPECT_FALSE(skeletonOf(page).empty());
  for (StringRef part :
       {"<h2>Accuracy", "<h2>Inputs and outputs", "<h2>Layers",
        "<h2>Calibrated", "<h2>Remarks", "<dt>Target", "<dt>Threads",
        "<dt>Calibration", "<dt>SQNR", "<dt>Top-1", "<dt>File", "<dt>Arena",
        ">made<", "<figure>", "class=\"spark\"", "<td>Bytes of arena",
        "in integers</small>"})
    EXPECT_FALSE(has(page, part)) << part.str();
  EXPECT_TRUE(has(page, "<h2>Totals</h2>"));

  // Layers that neither multiply nor have parameters: a table, no charts.
  CompilationReport report;
  report.imported.layers = {makeLayer("pool", "i8", 0, 0)};
  page = pageOf(report);
  EXPECT_TRUE(has(page, "<h2>Layers</h2>"));
  EXPECT_FALSE(has(page, "<figure>"));

  // Ranges from a file: no histograms, and no SQNR without samples.
  report.calibration = "ranges";
  report.tensors = {makeTensor("x", std::nullopt)};
  report.tensors[0].histogram.clear();
  page = pageOf(report);
  EXPECT_TRUE(has(page, "<h2>Calibrated tensors</h2>"));
  EXPECT_FALSE(has(page, "<figure>"));
  EXPECT_FALSE(has(page, "class=\"spark\""));
  EXPECT_FALSE(has(page, ">values<"));
}

TEST(HtmlReport, DrawsHistograms) {
  CompilationReport report;
  report.tensors = {makeTensor("x", 20)};
  // 128 wide from -2 to 6: the range -1 to 3 is 16 to 80. The third of six bins
  // is the highest one; the last has a value and can be seen.
  std::string page = pageOf(report);
  EXPECT_TRUE(has(page, "<path class=\"range\" d=\"M16.0 0V26.0H80.0V0Z\"/>"));
  EXPECT_TRUE(
      has(page, "<path class=\"ends\" d=\"M16.0 0V26.0M80.0 0V26.0\"/>"));
  EXPECT_TRUE(has(page, "d=\"M0.0 26.0V26.0H21.3V20.3H42.7V1.0H64.0V"));
  EXPECT_TRUE(has(page, "V26.0H106.7V24.4H128.0V26.0Z"));

  // Values seen in a small part of the range, in more bins than can be seen.
  report.tensors[0].min = -34;
  report.tensors[0].max = 30;
  report.tensors[0].histogram.assign(2048, UINT64_MAX);
  page = pageOf(report);
  EXPECT_TRUE(has(page, "<path class=\"range\" d=\"M0.0 0V26.0H128.0V0Z\"/>"));
  EXPECT_TRUE(has(page, "<path class=\"bins\" d=\"M64.0 26.0V1.0H64.2V1.0"));
  EXPECT_TRUE(has(page, "V1.0H80.0V26.0Z\"/>"));

  // What cannot be drawn is left out, and the numbers stay.
  auto isDrawn = [&](double low, double high) {
    report.tensors[0].min = report.tensors[0].observedMin = low;
    report.tensors[0].max = report.tensors[0].observedMax = high;
    std::string page = pageOf(report);
    EXPECT_FALSE(skeletonOf(page).empty());
    EXPECT_FALSE(has(page, "nan")) << low << " to " << high;
    return has(page, "class=\"spark\"");
  };
  EXPECT_TRUE(isDrawn(0, 1e-30));
  EXPECT_FALSE(isDrawn(0, 0));
  EXPECT_FALSE(isDrawn(1, 0));
  EXPECT_FALSE(isDrawn(NAN, 1));
  EXPECT_FALSE(isDrawn(-kInfinity, kInfinity));
  EXPECT_FALSE(isDrawn(-1e308, 1e308));
}

TEST(HtmlReport, DrawsSqnr) {
  CompilationReport report;
  report.tensors = {makeTensor("a", -kInfinity), makeTensor("b", -3),
                    makeTensor("c", 1e300), makeTensor("d", 17)};
  std::string page = pageOf(report);
  EXPECT_EQ(StringRef(page).count("<circle class=\"dot\""), 2u);
  EXPECT_EQ(StringRef(page).count("<path class=\"dot\""), 2u);
  EXPECT_TRUE(has(page, ">-5</text>"));
  EXPECT_TRUE(has(page, ">20</text>"));
  EXPECT_FALSE(has(page, "Not known"));
  EXPECT_TRUE(has(page, "Arrows point"));
  report.tensors = {makeTensor("b", -3), makeTensor("d", 17)};
  EXPECT_FALSE(has(pageOf(report), "Arrows point"));
}

TEST(HtmlReport, StaysSmall) {
  CompilationReport report;
  for (int i = 0; i != 1000; ++i) {
    report.imported.layers.push_back(makeLayer("features." + std::to_string(i),
                                               i % 2 ? "i8" : "f32", INT64_MAX,
                                               1000));
    report.tensors.push_back(makeTensor("t" + std::to_string(i), i));
    report.tensors.back().histogram.assign(2048, i);
  }
  std::string page = pageOf(report);
  EXPECT_LT(page.size(), 2000000u);
  // 143 columns of 7 for bytes and for MACs, and for the SQNR.
  EXPECT_EQ(StringRef(page).count("<rect class=\"h\""), 3u * 143u);
  EXPECT_TRUE(has(page, "Each bar is the sum of 7 layers."));
  EXPECT_TRUE(
      has(page, "<title>1 to 7: 3 kB in integers, 4 kB in float</title>"));
  EXPECT_TRUE(has(page, "<title>995 to 1000: "));
  EXPECT_TRUE(has(page, "Each point is the worst of 7 tensors."));
  EXPECT_TRUE(has(page, "<title>8 t7: 7.0 dB</title>"));
  EXPECT_FALSE(has(page, "The first"));

  report.imported.layers.resize(5001, makeLayer("more", "i8", 1, 1));
  page = pageOf(report);
  EXPECT_TRUE(has(page, "The first 5,000 of 5,001 layers; a report in JSON"));
  EXPECT_TRUE(has(page, "<td class=\"n\">5,000</td>"));
  EXPECT_FALSE(has(page, "<td class=\"n\">5,001</td><td>"));
}

TEST(HtmlReport, OrdersRemarks) {
  std::string page = pageOf(makeFull("x"));
  StringRef rest = StringRef(page).split("<h2>Remarks</h2>").second;
  for (StringRef part :
       {"<td class=\"n\">1</td><td>tosa.erf stays f32: no table</td>"
        "<td class=\"w\"><span class=\"missed\">stays float</span></td>"
        "<td class=\"w\">Float</td>"
        "<td class=\"n\">2</td><td>one, two</td>",
        "<td class=\"n\">2</td><td>no integers: x</td>"
        "<td class=\"w\"><span class=\"missed\">missed</span></td>"
        "<td class=\"w\">Border</td>",
        "<td class=\"n\">3</td><td>counted</td><td class=\"w\">analysis</td>",
        "<td class=\"n\">4</td><td>brought to NHWC</td><td "
        "class=\"w\">passed</td>"}) {
    ASSERT_TRUE(rest.contains(part)) << part.str();
    rest = rest.split(part).second;
  }

  CompilationReport report;
  for (int i = 0; i != 100; ++i)
    report.remarks.push_back({"missed", "Float", std::to_string(i), "no"});
  page = pageOf(report);
  EXPECT_TRUE(has(page,
                  "<td class=\"n\">100</td><td>0, 1, 2, 3, 4, 5, 6, 7, 8, "
                  "9, 10, 11 and 88 more</td>"));
}

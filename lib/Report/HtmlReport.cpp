//===- HtmlReport.cpp - what a compilation did, as a page -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/CompilationReport.h"
#include "HtmlCharts.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::html;
using llvm::raw_ostream;

static double asDouble(int64_t number) { return static_cast<double>(number); }

static std::string bytesText(int64_t bytes) {
  return withPrefix(asDouble(bytes), "B");
}

static double integerShare(const ModelCost &cost) {
  return asDouble(cost.integerMacs) / asDouble(cost.macs);
}

/// "1×3×224×224"; an open extent is "?", no extents are "scalar".
static std::string shapeText(ArrayRef<int64_t> shape) {
  if (shape.empty())
    return "scalar";
  std::string result;
  for (int64_t extent : shape) {
    if (!result.empty())
      result += "×";
    result += ShapedType::isDynamic(extent) ? "?" : std::to_string(extent);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// The head
//===----------------------------------------------------------------------===//

/// The numbers that one looks for first.
static void writeTiles(raw_ostream &os, const CompilationReport &report) {
  const ModelCost &cost = report.made ? *report.made : report.imported;
  os << "<dl class=\"tiles\">\n";
  std::string before;
  if (report.made &&
      report.imported.parameterBytes != report.made->parameterBytes)
    before = ", from " + bytesText(report.imported.parameterBytes);
  writeTile(os, "Parameters", withPrefix(asDouble(cost.parameters)),
            bytesText(cost.parameterBytes) + before);
  writeTile(os, "Multiply-accumulates", withPrefix(asDouble(cost.macs)),
            cost.macs > 0 ? percentText(integerShare(cost)) + " in integers"
                          : "");
  if (report.outputBytes > 0)
    writeTile(os, "File", bytesText(report.outputBytes));
  if (report.network)
    writeTile(os, "Arena", bytesText(report.network->arenaBytes),
              "at least " + bytesText(report.network->liveBytes) + "; " +
                  bytesText(report.network->constantBytes) + " of constants");
  if (report.accuracy) {
    std::string samples = withCommas(report.accuracy->samples) + " samples";
    writeTile(os, "SQNR", realText(report.accuracy->sqnrDb, "%.1f") + " dB",
              samples);
    if (report.accuracy->top1Agreement)
      writeTile(os, "Top-1 agreement",
                percentText(*report.accuracy->top1Agreement), samples);
  }
  os << "</dl>\n";
}

static void writeFacts(raw_ostream &os, const CompilationReport &report) {
  os << "<dl class=\"facts\">\n";
  writeFact(os, "Model", report.model);
  writeFact(os, "Format", report.format);
  writeFact(os, "Quantized", report.quantized ? "yes" : "no");
  writeFact(os, "Made", report.emit);
  if (!report.target.empty()) {
    writeTarget(os, report.target);
    writeFact(os, "Threads", std::to_string(report.threads));
  }
  writeFact(os, "Calibration", report.calibration);
  writeFact(os, "Producer", report.producer);
  os << "</dl>\n";
}

//===----------------------------------------------------------------------===//
// Tables of numbers
//===----------------------------------------------------------------------===//

static void writeTotals(raw_ostream &os, const CompilationReport &report) {
  os << "<h2>Totals</h2>\n";
  SmallVector<Column> columns{{"", Column::Text}, {"imported", Column::Number}};
  if (report.made)
    columns.push_back({"made", Column::Number});
  Table table(os, "Totals", columns, Table::Fixed);
  auto row = [&](StringRef name, auto cell) {
    table.beginRow();
    table.text(name);
    cell(report.imported);
    if (report.made)
      cell(*report.made);
  };
  row("Layers", [&](const ModelCost &cost) {
    table.integer(static_cast<int64_t>(cost.layers.size()));
  });
  row("Parameters",
      [&](const ModelCost &cost) { table.integer(cost.parameters); });
  row("Bytes of parameters",
      [&](const ModelCost &cost) { table.integer(cost.parameterBytes); });
  row("Multiply-accumulates (MACs)",
      [&](const ModelCost &cost) { table.integer(cost.macs); });
  row("MACs in integers",
      [&](const ModelCost &cost) { table.integer(cost.integerMacs); });
  row("Share in integers", [&](const ModelCost &cost) {
    if (cost.macs > 0)
      table.markup(percentText(integerShare(cost)));
    else
      table.none();
  });
  // What only the result has is in the last column.
  auto last = [&](StringRef name, int64_t number) {
    table.beginRow();
    table.text(name);
    if (report.made)
      table.none();
    table.integer(number);
  };
  if (report.network) {
    last("Bytes of constants", report.network->constantBytes);
    last("Bytes of arena", report.network->arenaBytes);
  }
  if (report.outputBytes > 0)
    last("Bytes of the file", report.outputBytes);
}

static void writeBorders(raw_ostream &os, const NetworkInterface &network) {
  if (network.inputs.empty() && network.outputs.empty())
    return;
  os << "<h2>Inputs and outputs</h2>\n";
  Table table(os, "Inputs and outputs",
              {{"", Column::Word},
               {"name", Column::Text},
               {"type", Column::Word},
               {"shape", Column::Word},
               {"bytes", Column::Number},
               {"scale", Column::Number},
               {"zero point", Column::Number}},
              Table::Fixed);
  auto rows = [&](StringRef kind, ArrayRef<BorderTensor> tensors) {
    for (const BorderTensor &tensor : tensors) {
      table.beginRow();
      table.text(kind);
      table.text(tensor.name);
      table.text(dtypeName(tensor.dtype));
      table.text(shapeText(tensor.dims));
      table.integer(tensor.bytes);
      if (tensor.quantized) {
        table.real(tensor.scale, "%.6g");
        table.integer(tensor.zeroPoint);
      } else {
        table.none();
        table.none();
      }
    }
  };
  rows("input", network.inputs);
  rows("output", network.outputs);
}

static void writeAccuracy(raw_ostream &os, const AccuracyReport &accuracy) {
  os << "<h2>Accuracy</h2>\n<p class=\"lead\">How the outputs compare with the "
        "float network's.</p>\n";
  Table table(os, "Accuracy", {{"", Column::Text}, {"outputs", Column::Number}},
              Table::Fixed);
  table.beginRow();
  table.text("Samples compared");
  table.integer(accuracy.samples);
  table.beginRow();
  table.text("SQNR (dB)");
  table.real(accuracy.sqnrDb, "%.2f");
  if (accuracy.top1Agreement) {
    table.beginRow();
    table.text("Top-1 agreement");
    table.markup(percentText(*accuracy.top1Agreement));
  }
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

static void writeLayerChart(raw_ostream &os, StringRef title, StringRef unit,
                            ArrayRef<LayerCost> layers,
                            int64_t LayerCost::*value) {
  std::vector<Bar> bars;
  for (const auto &[i, layer] : llvm::enumerate(layers))
    if (layer.*value > 0)
      bars.push_back(
          {i + 1, layer.name, asDouble(layer.*value), layer.isInteger()});
  if (!bars.empty())
    writeBarChart(os, title, unit, bars);
}

/// Sorted by the number of elements.
static void writeShape(Table &table, ArrayRef<int64_t> shape) {
  double elements = 1;
  for (int64_t extent : shape)
    elements *= ShapedType::isDynamic(extent) ? NAN : asDouble(extent);
  table.keyed(elements, shapeText(shape));
}

static void writeLayers(raw_ostream &os, ArrayRef<LayerCost> layers) {
  if (layers.empty())
    return;
  os << "<h2>Layers</h2>\n";
  writeLayerChart(os, "Bytes of parameters", "B", layers,
                  &LayerCost::parameterBytes);
  writeLayerChart(os, "Multiply-accumulates (MACs)", "", layers,
                  &LayerCost::macs);
  {
    Table table(os, "Layers",
                {{"#", Column::Number},
                 {"name", Column::Text},
                 {"op", Column::Word},
                 {"type", Column::Word},
                 {"shape", Column::Number},
                 {"MACs", Column::Number},
                 {"parameters", Column::Number},
                 {"bytes", Column::Number},
                 {"output bytes", Column::Number}},
                Table::Sortable);
    for (const auto &[i, layer] :
         llvm::enumerate(layers.take_front(kMaxRows))) {
      table.beginRow();
      table.integer(static_cast<int64_t>(i + 1));
      table.text(layer.name);
      table.text(layer.op);
      table.text(layer.elementType);
      writeShape(table, layer.shape);
      table.integer(layer.macs);
      table.integer(layer.parameters);
      table.integer(layer.parameterBytes);
      table.integer(layer.outputBytes);
    }
  }
  noteRows(os, layers.size(), "layers");
}

//===----------------------------------------------------------------------===//
// Calibrated tensors
//===----------------------------------------------------------------------===//

static void writeCalibrated(raw_ostream &os, ArrayRef<TensorReport> tensors) {
  if (tensors.empty())
    return;
  os << "<h2>Calibrated tensors</h2>\n";
  writeSqnrChart(os, tensors);
  bool hasHistograms = llvm::any_of(tensors, [](const TensorReport &tensor) {
    return !tensor.histogram.empty();
  });
  if (hasHistograms)
    os << "<p>The pictures show how often values were seen, on a logarithmic "
          "scale. <span class=\"key range\">range that was chosen</span></p>\n";
  {
    SmallVector<Column> columns{{"#", Column::Number}, {"name", Column::Text}};
    if (hasHistograms)
      columns.push_back({"values", Column::Picture});
    columns.append({{"observed min", Column::Number},
                    {"observed max", Column::Number},
                    {"chosen min", Column::Number},
                    {"chosen max", Column::Number},
                    {"scale", Column::Number},
                    {"zero point", Column::Number},
                    {"SQNR (dB)", Column::Number}});
    Table table(os, "Calibrated tensors", columns, Table::Sortable);
    for (const auto &[i, tensor] :
         llvm::enumerate(tensors.take_front(kMaxRows))) {
      table.beginRow();
      table.integer(static_cast<int64_t>(i + 1));
      table.text(tensor.name);
      if (hasHistograms)
        table.markup(sparkline(tensor));
      for (double border :
           {tensor.observedMin, tensor.observedMax, tensor.min, tensor.max})
        table.real(border);
      table.real(tensor.scale, "%.6g");
      table.integer(tensor.zeroPoint);
      if (tensor.sqnrDb)
        table.real(*tensor.sqnrDb, "%.1f");
      else
        table.none();
    }
  }
  noteRows(os, tensors.size(), "tensors");
}

//===----------------------------------------------------------------------===//
// Remarks
//===----------------------------------------------------------------------===//

/// What a remark is, in the order of their interest.
enum class Interest : uint8_t { Float, Missed, Analysis, Passed };

static Interest interestOf(const CollectedRemark &remark) {
  bool isMissed = remark.kind == "missed" || remark.kind == "failure";
  if (isMissed)
    return remark.name == "Float" ? Interest::Float : Interest::Missed;
  return remark.kind == "passed" ? Interest::Passed : Interest::Analysis;
}

/// The same of several ops is said once.
struct RemarkGroup {
  const CollectedRemark *first;
  SmallVector<StringRef> places; ///< that are known
  size_t count = 0;
};

static std::vector<RemarkGroup>
groupRemarks(ArrayRef<CollectedRemark> remarks) {
  llvm::MapVector<std::pair<Interest, std::pair<StringRef, StringRef>>,
                  RemarkGroup>
      groups;
  for (const CollectedRemark &remark : remarks) {
    RemarkGroup &group =
        groups[{interestOf(remark), {remark.name, remark.message}}];
    if (group.count++ == 0)
      group.first = &remark;
    if (!remark.place.empty())
      group.places.push_back(remark.place);
  }
  std::vector<RemarkGroup> result;
  for (auto &entry : groups)
    result.push_back(std::move(entry.second));
  llvm::stable_sort(result, [](const RemarkGroup &a, const RemarkGroup &b) {
    return interestOf(*a.first) < interestOf(*b.first);
  });
  return result;
}

static std::string placesText(ArrayRef<StringRef> places) {
  constexpr size_t most = 12;
  std::string result;
  for (StringRef place : places.take_front(most))
    result += (result.empty() ? "" : ", ") + shorten(place, 80);
  if (places.size() > most)
    result += " and " + std::to_string(places.size() - most) + " more";
  return result;
}

static void writeRemarks(raw_ostream &os, ArrayRef<CollectedRemark> remarks) {
  if (remarks.empty())
    return;
  std::vector<RemarkGroup> groups = groupRemarks(remarks);
  os << "<h2>Remarks</h2>\n<p class=\"lead\">What stays in float and why comes "
        "first, then what else was not done, then the rest.</p>\n";
  {
    Table table(os, "Remarks",
                {{"#", Column::Number},
                 {"message", Column::Text},
                 {"kind", Column::Word},
                 {"subject", Column::Word},
                 {"ops", Column::Number},
                 {"where", Column::Text}},
                Table::Sortable);
    for (const auto &[i, group] :
         llvm::enumerate(ArrayRef(groups).take_front(kMaxRows))) {
      const CollectedRemark &remark = *group.first;
      Interest interest = interestOf(remark);
      table.beginRow();
      table.integer(static_cast<int64_t>(i + 1));
      table.markup(shorten(remark.message, 1000));
      if (interest == Interest::Float)
        table.markup("<span class=\"missed\">stays float</span>");
      else if (interest == Interest::Missed)
        table.markup("<span class=\"missed\">" + escape(remark.kind) +
                     "</span>");
      else
        table.text(remark.kind);
      table.text(remark.name);
      table.integer(static_cast<int64_t>(group.count));
      table.markup(placesText(group.places));
    }
  }
  noteRows(os, groups.size(), "remarks");
}

//===----------------------------------------------------------------------===//
// The page
//===----------------------------------------------------------------------===//

void CompilationReport::writeHtml(raw_ostream &os) const {
  StringRef file = llvm::sys::path::filename(model);
  StringRef title = file.empty() ? StringRef("a network") : file;
  writeHead(os, title);
  os << "<header>\n<h1><bdi>" << shorten(title) << "</bdi></h1>\n";
  writeTiles(os, *this);
  writeFacts(os, *this);
  os << "</header>\n<main>\n";
  if (accuracy)
    writeAccuracy(os, *accuracy);
  writeTotals(os, *this);
  if (network)
    writeBorders(os, *network);
  writeLayers(os, made ? made->layers : imported.layers);
  writeCalibrated(os, tensors);
  writeRemarks(os, remarks);
  os << "</main>\n";
  writeFoot(os);
}

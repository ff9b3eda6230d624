//===- CompilationReport.cpp - what a compilation did ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/CompilationReport.h"
#include "Compress/Support/Html.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using ::compress::html::withCommas;
using llvm::json::OStream;

/// JSON is Unicode; names in models need not be.
static std::string text(StringRef bytes) { return llvm::json::fixUTF8(bytes); }

static void writeTotals(OStream &json, const ModelCost &cost) {
  json.attribute("parameters", cost.parameters);
  json.attribute("parameter_bytes", cost.parameterBytes);
  json.attribute("macs", cost.macs);
  json.attribute("integer_macs", cost.integerMacs);
}

static void writeShape(OStream &json, ArrayRef<int64_t> shape) {
  json.attributeArray("shape", [&] {
    for (int64_t extent : shape)
      json.value(extent);
  });
}

static void writeLayer(OStream &json, const LayerCost &layer) {
  json.object([&] {
    json.attribute("op", layer.op);
    json.attribute("name", text(layer.name));
    json.attribute("element_type", layer.elementType);
    writeShape(json, layer.shape);
    json.attribute("macs", layer.macs);
    json.attribute("parameters", layer.parameters);
    json.attribute("parameter_bytes", layer.parameterBytes);
    json.attribute("output_bytes", layer.outputBytes);
  });
}

static void writeTensors(OStream &json, StringRef key,
                         ArrayRef<BorderTensor> tensors) {
  json.attributeArray(key, [&] {
    for (const BorderTensor &tensor : tensors)
      json.object([&] {
        json.attribute("name", text(tensor.name));
        json.attribute("element_type", dtypeName(tensor.dtype));
        writeShape(json, tensor.dims);
        json.attribute("bytes", tensor.bytes);
        if (tensor.quantized) {
          json.attribute("scale", tensor.scale);
          json.attribute("zero_point", tensor.zeroPoint);
        }
      });
  });
}

/// JSON has no infinity.
static void writeDecibels(OStream &json, double decibels) {
  if (std::isfinite(decibels))
    json.attribute("sqnr_db", decibels);
  else
    json.attribute("sqnr_db", nullptr);
}

static void writeTensor(OStream &json, const TensorReport &tensor) {
  json.object([&] {
    json.attribute("name", text(tensor.name));
    json.attribute("min", tensor.min);
    json.attribute("max", tensor.max);
    json.attribute("observed_min", tensor.observedMin);
    json.attribute("observed_max", tensor.observedMax);
    json.attribute("scale", tensor.scale);
    json.attribute("zero_point", tensor.zeroPoint);
    if (!tensor.histogram.empty())
      json.attributeArray("histogram", [&] {
        for (uint64_t count : tensor.histogram)
          json.value(count);
      });
    if (tensor.sqnrDb)
      writeDecibels(json, *tensor.sqnrDb);
  });
}

static void writeAccuracy(OStream &json, const AccuracyReport &accuracy) {
  json.attributeObject("accuracy", [&] {
    json.attribute("samples", accuracy.samples);
    writeDecibels(json, accuracy.sqnrDb);
    if (accuracy.top1Agreement)
      json.attribute("top1_agreement", *accuracy.top1Agreement);
  });
}

static void writeRemark(OStream &json, const CollectedRemark &remark) {
  json.object([&] {
    json.attribute("kind", remark.kind);
    json.attribute("name", text(remark.name));
    json.attribute("place", text(remark.place));
    json.attribute("message", text(remark.message));
  });
}

void CompilationReport::writeJson(llvm::raw_ostream &os) const {
  const ModelCost &cost = made ? *made : imported;
  OStream json(os, /*IndentSize=*/2);
  json.object([&] {
    json.attribute("producer", producer);
    json.attribute("model", text(model));
    json.attribute("format", format);
    json.attribute("emit", emit);
    json.attribute("quantized", quantized);
    if (!target.empty()) {
      json.attribute("target", target);
      json.attribute("threads", threads);
      json.attributeArray("bf16", [&] {
        for (const std::string &cpu : bfloat16)
          json.value(cpu);
      });
    }
    writeTotals(json, cost);
    if (network) {
      json.attribute("constant_bytes", network->constantBytes);
      json.attribute("arena_bytes", network->arenaBytes);
      json.attribute("arena_live_bytes", network->liveBytes);
    }
    json.attribute("output_bytes", outputBytes);
    json.attributeObject("imported", [&] { writeTotals(json, imported); });
    if (network) {
      writeTensors(json, "inputs", network->inputs);
      writeTensors(json, "outputs", network->outputs);
    }
    json.attributeArray("layers", [&] {
      for (const LayerCost &layer : cost.layers)
        writeLayer(json, layer);
    });
    if (!calibration.empty()) {
      json.attribute("calibration", calibration);
      json.attributeArray("tensors", [&] {
        for (const TensorReport &tensor : tensors)
          writeTensor(json, tensor);
      });
    }
    if (accuracy)
      writeAccuracy(json, *accuracy);
    json.attributeArray("remarks", [&] {
      for (const CollectedRemark &remark : remarks)
        writeRemark(json, remark);
    });
  });
  os << '\n';
}

std::string CompilationReport::summary() const {
  const ModelCost &cost = made ? *made : imported;
  std::string result;
  llvm::raw_string_ostream os(result);
  // A quantized model of which nothing could be computed in integers is none.
  bool isInteger = quantized && (cost.macs == 0 || cost.integerMacs > 0);
  // Integers come after the qdq form.
  bool isQdq = quantized && (emit == "qdq" || emit == "onnx");
  os << (isQdq ? "qdq" : isInteger ? "int8" : "f32");
  if (!bfloat16.empty())
    os << " (layers multiply bf16 on " << llvm::join(bfloat16, ", ") << ")";
  if (!target.empty()) {
    // The CPU; its features are in the report.
    os << " for " << StringRef(target).split(':').first << ", " << threads
       << (threads == 1 ? " thread" : " threads");
  }
  os << ": " << withCommas(cost.parameters) << " parameters, "
     << withCommas(cost.macs) << " multiply-accumulates";
  if (quantized && !isQdq && cost.macs > 0)
    os << llvm::format(" (%.1f%% in integers)",
                       100.0 * static_cast<double>(cost.integerMacs) /
                           static_cast<double>(cost.macs));
  if (network)
    os << ", " << withCommas(network->constantBytes) << " bytes of constants, "
       << withCommas(network->arenaBytes) << " of arena";
  return result;
}

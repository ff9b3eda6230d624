//===- Quantize.cpp - a float model by data or ranges ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Pipelines/RoundedNetwork.h"
#include "Compress/Support/InputFile.h"
#include "Driver.h"
#include <chrono>

using namespace mlir;
using namespace mlir::compress;
using ::compress::CalibrationTable;
using ::compress::ChannelScales;
using ::compress::NetworkDifference;
using ::compress::TensorStatistics;

/// How many samples the quantized network is compared with the float one on,
/// for the report: enough for a tenth of a decibel.
static constexpr int64_t kComparedSamples = 100;
/// How many samples say how great the channels of tensors are: no range hangs
/// on it.
static constexpr int64_t kEqualizingSamples = 16;
/// How many samples biases are corrected by, at least, and which part of them:
/// means need fewer than ends of ranges do.
static constexpr int64_t kLeastCorrecting = 8, kCorrectingPart = 8;
/// Which share of the multiply-accumulates the layers that read the input make
/// up at most where they stay f32: at a quarter of the speed of int8 a few
/// hundredths of the time, for a decibel or two in networks of 20 layers.
static constexpr double kInputShare = 0.02;
/// How many inputs an output has at most where weights are rounded by data:
/// what it costs grows with the square. Moments of the second take 512 MB.
static constexpr int64_t kFewInputs = 1024, kMostInputs = 8192;
/// How many positions there are for each input by default: codes that are
/// fitted to few suit only these.
static constexpr int64_t kRowsPerInput = 32;
/// Bins of the histograms in the report.
static constexpr int64_t kReportedBins = 64;

std::function<void(int64_t, int64_t)> Driver::countSamples(StringRef doing,
                                                           StringRef unit) {
  using Clock = std::chrono::steady_clock;
  return [this, doing = doing.str(), unit = unit.str(),
          last = Clock::time_point()](int64_t done, int64_t total) mutable {
    if (Clock::now() - last < std::chrono::milliseconds(200))
      return;
    last = Clock::now();
    console.progress(doing + ": " + Twine(done) + " of " + Twine(total) + unit);
  };
}

/// An error of calibration; one of a pass has been shown.
LogicalResult Driver::failCalibration(llvm::Error error) {
  if (!console.hasErrors())
    return fail(std::move(error));
  llvm::consumeError(std::move(error));
  return failure();
}

/// Chooses factors for the channels of tensors by how great their elements are
/// in a few samples.
LogicalResult Driver::chooseFactors(CalibrationTable &table) {
  const QuantizeChoice &choice = *options.quantize;
  auto network = ObservedNetwork::load(*module, options.threads);
  if (!network)
    return failCalibration(network.takeError());
  ::compress::SampleSource source = choice.source;
  if (source.limit == 0 || source.limit > kEqualizingSamples)
    source.limit = kEqualizingSamples;
  auto magnitudes = ::compress::collectMagnitudes(
      *network->library, source, network->names,
      static_cast<int32_t>(options.threads), countSamples("equalizing"));
  if (!magnitudes)
    return fail(magnitudes.takeError());
  FailureOr<func::FuncOp> func = findNetworkFunction(*module);
  if (failed(func))
    return failure();
  table.equalization = chooseEqualization(*func, *magnitudes);
  return success();
}

LogicalResult Driver::equalize(const CalibrationTable &table) {
  if (table.equalization.empty())
    return success();
  return runPasses("equalizing channels", [&](PassManager &pm) {
    pm.addNestedPass<func::FuncOp>(createEqualizeChannelsPass(
        std::make_shared<const CalibrationTable>(table)));
  });
}

/// Chooses codes for the weights by the inputs of their layers.
LogicalResult Driver::roundByData(CalibrationTable &table) {
  const QuantizeChoice &choice = *options.quantize;
  FailureOr<func::FuncOp> func = findNetworkFunction(*module);
  if (failed(func))
    return failure();
  // Here alone is said what is not rounded by data.
  remarks.setPaused(false);
  bool isAuto = choice.rounding == WeightRounding::Auto;
  std::vector<RoundingLayer> layers =
      findRoundingLayers(*func, table, isAuto ? kFewInputs : kMostInputs,
                         isAuto ? kRowsPerInput : 0);
  remarks.setPaused(true);
  auto rounding = roundWeights(
      *module, layers, table, choice.weights, choice.biasCorrection,
      choice.source, options.threads, countSamples("rounding weights"));
  if (!rounding)
    return failCalibration(rounding.takeError());
  table.rounding = std::move(*rounding);
  return success();
}

/// Fills `table` by running the network on data; equalizes it.
LogicalResult Driver::calibrate(CalibrationTable &table,
                                std::vector<TensorStatistics> &statistics,
                                ObservedNetwork &network) {
  const QuantizeChoice &choice = *options.quantize;
  if (choice.equalization &&
      (failed(chooseFactors(table)) || failed(equalize(table))))
    return failure();
  auto loaded = ObservedNetwork::load(*module, options.threads);
  if (!loaded)
    return failCalibration(loaded.takeError());
  network = std::move(*loaded);
  reportCrashes(report.model, "running it on the data");
  auto counted = ::compress::collectStatistics(
      *network.library, choice.source, network.names,
      static_cast<int32_t>(options.threads), countSamples("calibrating"));
  if (!counted)
    return fail(counted.takeError());
  statistics = std::move(*counted);
  std::vector<ChannelScales> equalization = std::move(table.equalization);
  table = chooseRanges(network.names, statistics, choice.range);
  table.equalization = std::move(equalization);
  if (choice.rounding != WeightRounding::Nearest && failed(roundByData(table)))
    return failure();
  if (!choice.biasCorrection)
    return success();
  ::compress::SampleSource part = choice.source;
  part.limit =
      std::min(table.samples,
               std::max(kLeastCorrecting, table.samples / kCorrectingPart));
  auto corrections =
      measureBiasErrors(*module, table, choice.weights, part, options.threads,
                        countSamples("correcting biases"));
  if (!corrections)
    return failCalibration(corrections.takeError());
  table.corrections = std::move(*corrections);
  return success();
}

/// Fills `table` from a file; equalizes the network.
LogicalResult Driver::readRanges(CalibrationTable &table) {
  StringRef path = options.quantize->ranges;
  auto file = ::compress::openInputFile(path);
  if (!file)
    return fail(file.takeError());
  auto read = CalibrationTable::parse((*file)->getBuffer(), path);
  if (!read)
    return fail(read.takeError());
  table = std::move(*read);
  return equalize(table);
}

void Driver::reportRanges(const CalibrationTable &table,
                          ArrayRef<TensorStatistics> statistics) {
  report.calibration = table.method;
  if (table.samples > 0)
    report.calibration += ", " + std::to_string(table.samples) +
                          (table.samples == 1 ? " sample" : " samples");
  if (table.symmetric)
    report.calibration += ", symmetric";
  for (auto [i, entry] : llvm::enumerate(table.entries)) {
    ::compress::Grid grid = gridOf(entry.range, table.symmetric);
    TensorReport tensor{
        entry.name,        entry.range.min, entry.range.max, entry.observedMin,
        entry.observedMax, grid.scale,      grid.zeroPoint,  {},
        std::nullopt};
    if (i < statistics.size())
      tensor.histogram = statistics[i].histogram().resample(
          entry.observedMin, entry.observedMax, kReportedBins);
    report.tensors.push_back(std::move(tensor));
  }
}

/// How far the quantized network, whose observers are still there, is from the
/// float one.
LogicalResult Driver::compareWithFloat(ObservedNetwork &floatNetwork) {
  auto quantized = ObservedNetwork::load(*module, options.threads);
  if (!quantized)
    return failCalibration(quantized.takeError());
  ::compress::SampleSource source = options.quantize->source;
  if (source.limit == 0 || source.limit > kComparedSamples)
    source.limit = kComparedSamples;
  auto difference = ::compress::compareNetworks(
      *floatNetwork.library, *quantized->library, source,
      static_cast<int32_t>(options.threads), countSamples("comparing"));
  if (!difference)
    return fail(difference.takeError());
  size_t outputs = difference->outputs.size() - floatNetwork.names.size();
  for (auto [i, tensor] : llvm::enumerate(report.tensors))
    tensor.sqnrDb = difference->outputs[outputs + i].sqnrDb();
  ::compress::OutputDifference all;
  for (size_t i = 0; i < outputs; ++i) {
    const ::compress::OutputDifference &one = difference->outputs[i];
    all.compared |= one.compared;
    all.signal += one.signal;
    all.noise += one.noise;
  }
  if (!all.compared)
    return success();
  AccuracyReport &accuracy = report.accuracy.emplace();
  accuracy.samples = difference->samples;
  accuracy.sqnrDb = all.sqnrDb();
  if (difference->agreeing)
    accuracy.top1Agreement = static_cast<double>(*difference->agreeing) /
                             static_cast<double>(difference->samples);
  return success();
}

LogicalResult Driver::quantize() {
  const QuantizeChoice &choice = *options.quantize;
  if (failed(runPasses("choosing what to quantize", [&](PassManager &pm) {
        PlaceObserversPassOptions place;
        place.results = options.int8Io;
        if (choice.inputLayers == InputLayers::Auto && !options.int8Io)
          place.inputShare = kInputShare;
        place.keepFloat.assign(choice.keepFloat.begin(),
                               choice.keepFloat.end());
        buildNormalizePipeline(pm);
        // Other engines choose layouts of their own.
        if (options.emit != Emit::Onnx)
          pm.addNestedPass<func::FuncOp>(createWidenChannelsPass());
        pm.addNestedPass<func::FuncOp>(createPlaceObserversPass(place));
      })))
    return failure();
  bool hasObservers =
      module->walk([](ObserveOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!hasObservers)
    return fail(::compress::fileError(
        report.model, "has no convolution or matrix product with constant "
                      "weights that could be quantized" +
                          std::string(choice.keepFloat.empty()
                                          ? "; leave --calibrate out"
                                          : " and that --keep-float does not "
                                            "name")));

  std::vector<TensorStatistics> statistics;
  ObservedNetwork floatNetwork;
  CalibrationTable table;
  // Remarks on networks that only measure would be heard twice.
  remarks.setPaused(true);
  LogicalResult found = choice.ranges.empty()
                            ? calibrate(table, statistics, floatNetwork)
                            : readRanges(table);
  remarks.setPaused(false);
  if (failed(found))
    return failure();
  reportRanges(table, statistics);
  bool compares = floatNetwork.library && !options.report.empty();
  if (failed(runPasses("quantizing", [&](PassManager &pm) {
        QuantizeObservedPassOptions quantize;
        quantize.weights = choice.weights;
        quantize.keepObservers = compares;
        pm.addNestedPass<func::FuncOp>(createQuantizeObservedPass(
            std::make_shared<const CalibrationTable>(table), quantize));
      })))
    return failure();
  if (!choice.saveRanges.empty())
    outputs.push_back({choice.saveRanges, [table](llvm::raw_ostream &os) {
                         table.writeJson(os);
                         return llvm::Error::success();
                       }});
  report.quantized = true;
  if (!compares)
    return success();
  remarks.setPaused(true);
  LogicalResult compared = compareWithFloat(floatNetwork);
  remarks.setPaused(false);
  module->walk([](ObserveOp op) {
    op.getOutput().replaceAllUsesWith(op.getInput());
    op.erase();
  });
  return compared;
}

//===- Prune.cpp - channels out of a model --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Pipelines/PrunedNetwork.h"
#include "Compress/Support/InputFile.h"
#include "Driver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::compress;

/// Models keep their order of channels, and with it the bits of their sums.
bool Driver::ordersChannels() const {
  return options.emit != Emit::Pruned && options.emit != Emit::Onnx;
}

/// Takes out what the options say, and what is masked.
LogicalResult Driver::prune() {
  bool isMasked =
      module->walk([](ChannelMaskOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!options.prune && !isMasked && options.emit != Emit::Pruned)
    return success();
  if (options.prune && (options.prune->repair || options.prune->byData))
    return pruneByData();
  return runPasses("pruning", [&](PassManager &pm) {
    if (options.prune && options.prune->byGates) {
      ScopPruneOptions scop;
      scop.rate = options.prune->rate;
      scop.orderChannels = ordersChannels();
      buildScopPrunePipeline(pm, scop);
      return;
    }
    pm.addNestedPass<func::FuncOp>(createRaiseQDQPass());
    if (options.prune && options.prune->rate > 0)
      pm.addNestedPass<func::FuncOp>(
          createSelectChannelsPass(options.prune->select));
    buildRemovePipeline(pm, ordersChannels());
  });
}

/// Shows what is being done, and how much of it is.
std::function<void(StringRef, int64_t, int64_t)> Driver::countSteps() {
  return [this, last = std::string(),
          count = std::function<void(int64_t, int64_t)>()](
             StringRef doing, int64_t done, int64_t total) mutable {
    if (doing != last) {
      last = doing.str();
      count = countSamples(doing, /*unit=*/"");
    }
    count(done, total);
  };
}

/// Reads what the groups are worth, measured as they are to be pruned.
llvm::Expected<::compress::SensitivityFile> Driver::readSensitivity() {
  const PruneChoice &choice = *options.prune;
  auto file = ::compress::SensitivityFile::read(choice.sensitivity);
  if (!file)
    return file.takeError();
  ::compress::SensitivityFile wanted;
  llvm::Expected<std::string> network = digestNetwork(*module);
  if (!network)
    return network.takeError();
  wanted.network = std::move(*network);
  wanted.criterion = choice.criterion;
  wanted.repair = choice.repair;
  if (llvm::Error error = file->checkSubject(wanted, choice.sensitivity))
    return std::move(error);
  return file;
}

/// Chooses channels, and fits the weights of what reads them, by data.
LogicalResult Driver::pruneByData() {
  reportCrashes(report.model, "pruning it by data");
  const PruneChoice &choice = *options.prune;
  if (report.quantized)
    return fail(::compress::fileError(
        report.model, "is quantized already; prune it without data, or prune "
                      "the float model by data and quantize it then"));
  PruneByDataOptions prune;
  prune.select = choice.select;
  prune.dataCriterion = choice.byData;
  prune.repair = choice.repair;
  prune.inOrder = choice.inOrder;
  prune.trials = choice.trials;
  prune.source = choice.source;
  prune.threads = options.threads;
  ::compress::SensitivityFile sensitivity;
  if (!choice.sensitivity.empty()) {
    auto read = readSensitivity();
    if (!read)
      return failCalibration(read.takeError());
    sensitivity = std::move(*read);
    prune.sensitivity = &sensitivity;
  }
  auto pruned = mlir::compress::pruneByData(*module, prune, countSteps());
  if (!pruned)
    return failCalibration(pruned.takeError());
  if (!choice.saveScores.empty())
    outputs.push_back(
        {choice.saveScores, [scores = std::move(*pruned)](raw_ostream &os) {
           scores.writeJson(os);
           return llvm::Error::success();
         }});
  return runPasses("pruning", [&](PassManager &pm) {
    buildAfterRemovalPipeline(pm, ordersChannels());
  });
}

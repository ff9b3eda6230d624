//===- Prune.cpp - channels out of a model --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Support/InputFile.h"
#include "Driver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::PatchPlan;
using ::compress::ScoreFile;
using ::compress::SecondMoments;

/// Rows of a layer's input for each of its columns: from here on the weights
/// that are fitted to them change little.
static constexpr int64_t kRowsPerColumn = 64;

/// Takes out what the options say, and what is masked.
LogicalResult Driver::prune() {
  bool isMasked =
      module->walk([](ChannelMaskOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!options.prune && !isMasked && options.emit != Emit::Pruned)
    return success();
  if (options.prune &&
      (options.prune->repair || options.prune->byReconstruction))
    return pruneByData();
  return runPasses("pruning", [&](PassManager &pm) {
    if (options.prune && options.prune->byGates) {
      ScopPruneOptions scop;
      scop.rate = options.prune->rate;
      buildScopPrunePipeline(pm, scop);
      return;
    }
    pm.addNestedPass<func::FuncOp>(createRaiseQDQPass());
    if (options.prune && options.prune->rate > 0)
      pm.addNestedPass<func::FuncOp>(
          createSelectChannelsPass(options.prune->select));
    buildRemovePipeline(pm);
  });
}

/// Chooses channels, and fits the weights of what reads them, by data.
LogicalResult Driver::pruneByData() {
  const PruneChoice &choice = *options.prune;
  FailureOr<func::FuncOp> func = findNetworkFunction(*module);
  if (failed(func))
    return failure();
  if (report.quantized)
    return fail(::compress::fileError(
        report.model, "is quantized already; prune it without data, or prune "
                      "the float model by data and quantize it then"));
  std::vector<DataLayer> layers = findDataLayers(*func);
  OwningOpRef<ModuleOp> exposed = exposeInputs(*module, *func, layers);
  console.progress("compiling it with the inputs of its layers");
  PassManager pm(&context);
  buildNormalizePipeline(pm);
  if (failed(pm.run(*exposed)))
    return failure();
  auto library = loadNetwork(*exposed, options.threads);
  if (!library)
    return failCalibration(library.takeError());
  exposed = {};
  std::vector<std::string> names;
  std::vector<PatchPlan> plans;
  for (const DataLayer &layer : layers) {
    names.push_back(layer.name);
    plans.push_back(layer.plan);
  }
  auto moments = ::compress::collectMoments(
      **library, choice.source, names, plans, kRowsPerColumn,
      static_cast<int32_t>(options.threads), countSamples("pruning"));
  if (!moments)
    return fail(moments.takeError());
  library->reset();

  std::shared_ptr<const ScoreFile> scores;
  if (choice.byReconstruction) {
    console.progress("ranking channels");
    llvm::Expected<ScoreFile> scored =
        scoreByReconstruction(*func, layers, *moments);
    if (!scored)
      return fail(scored.takeError());
    scores = std::make_shared<const ScoreFile>(std::move(*scored));
    if (!choice.saveScores.empty())
      outputs.push_back({choice.saveScores, [scores](raw_ostream &os) {
                           scores->writeJson(os);
                           return llvm::Error::success();
                         }});
  }
  if (failed(runPasses("pruning", [&](PassManager &pm) {
        if (scores)
          pm.addNestedPass<func::FuncOp>(
              createSelectChannelsPass(choice.select, scores));
        else if (choice.rate > 0)
          pm.addNestedPass<func::FuncOp>(
              createSelectChannelsPass(choice.select));
      })))
    return failure();
  if (!choice.repair)
    return runPasses("pruning",
                     [](PassManager &pm) { buildRemovePipeline(pm); });
  console.progress("fitting weights");
  if (failed(removeAndRefit(*func, layers, *moments)))
    return failure();
  return runPasses("pruning", [](PassManager &pm) {
    pm.addNestedPass<func::FuncOp>(createCSEPass());
  });
}

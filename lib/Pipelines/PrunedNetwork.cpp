//===- PrunedNetwork.cpp - networks pruned by running them ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/PrunedNetwork.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Pipelines/PruneAllocation.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using ::compress::PatchPlan;
using ::compress::ScoreFile;
using ::compress::SecondMoments;

/// How many samples a layer is fitted to when they are fitted in order: each
/// layer runs two networks on them.
static constexpr int64_t kSamplesPerLayer = 2000;

static llvm::Error stopped(const llvm::Twine &doing) {
  return llvm::createStringError("failed while " + doing);
}

/// Fits the layers of a pruned network one after the other.
static llvm::Error refitInOrder(OrderedRefit &refit,
                                const PruneByDataOptions &options,
                                PruneProgress progress) {
  for (size_t number = 0; number < refit.size(); ++number) {
    OrderedRefit::Step step = refit.makeStep(number);
    std::string doing = "fitting '" + step.name + "', layer " +
                        std::to_string(number + 1) + " of " +
                        std::to_string(refit.size());
    auto pruned = compileNetwork(std::move(step.pruned), options.threads);
    if (!pruned)
      return pruned.takeError();
    auto full = compileNetwork(std::move(step.full), options.threads);
    if (!full)
      return full.takeError();
    auto moments = ::compress::collectJointMoments(
        {pruned->get(), full->get()}, options.source, step.name,
        std::move(step.plans), kSamplesPerLayer, static_cast<int64_t>(number),
        static_cast<int32_t>(options.threads),
        [&](int64_t done, int64_t total) { progress(doing, done, total); });
    if (!moments)
      return moments.takeError();
    if (llvm::Error error = refit.fit(number, *moments))
      return error;
  }
  return llvm::Error::success();
}

/// Divides a budget for the whole network by what its outputs lose.
static llvm::Error allocate(ModuleOp module, func::FuncOp func,
                            ArrayRef<DataLayer> layers,
                            ArrayRef<SecondMoments> moments,
                            const PruneByDataOptions &options,
                            ScoreFile &scores, PruneProgress progress) {
  if (options.select.scope != PruneScope::Global || options.trials == 0 ||
      scores.groups.size() < 2)
    return llvm::Error::success();
  TrialOptions trial;
  trial.source = options.source;
  trial.threads = options.threads;
  auto trials =
      PruneTrials::create(module, func, layers,
                          options.repair ? moments : ArrayRef<SecondMoments>(),
                          trial, [&](int64_t done, int64_t total) {
                            progress("running the full network", done, total);
                          });
  if (!trials)
    return trials.takeError();
  if (!trials->record().isComparable()) {
    remark::missed(func.getLoc(),
                   remark::RemarkOpts::name("Allocate").category("compress"))
        << "no output is of f32: the budget is divided by the errors of the "
           "layers, not by those of the outputs";
    return llvm::Error::success();
  }
  auto allocation =
      allocateByTrials(*trials, options.select, scores, options.sensitivity,
                       options.trials, progress);
  if (!allocation)
    return allocation.takeError();
  scores = std::move(allocation->scores);
  // With fewer than two groups that can give there is nothing to divide.
  if (!std::isfinite(allocation->after))
    return llvm::Error::success();
  std::string text;
  llvm::raw_string_ostream os(text);
  os << "the budget was divided by " << allocation->trials
     << " trials: the outputs' squared error over their sum of squares is "
     << llvm::format("%.4g", allocation->after) << ", not "
     << llvm::format("%.4g", allocation->before);
  remark::passed(func.getLoc(),
                 remark::RemarkOpts::name("Allocate").category("compress"))
      << text;
  return llvm::Error::success();
}

llvm::Expected<ScoreFile>
mlir::compress::pruneByData(ModuleOp module, const PruneByDataOptions &options,
                            PruneProgress progress) {
  FailureOr<func::FuncOp> func = findNetworkFunction(module);
  if (mlir::failed(func))
    return stopped("looking for the network");
  std::vector<DataLayer> layers = findDataLayers(*func);
  std::vector<std::string> names;
  std::vector<PatchPlan> plans;
  for (const DataLayer &layer : layers) {
    names.push_back(layer.name);
    plans.push_back(layer.plan);
  }
  auto library =
      compileNetwork(exposeInputs(module, *func, layers), options.threads);
  if (!library)
    return library.takeError();
  auto moments = ::compress::collectMoments(
      **library, options.source, names, plans,
      static_cast<int32_t>(options.threads), [&](int64_t done, int64_t total) {
        progress("running the layers", done, total);
      });
  if (!moments)
    return moments.takeError();
  auto samples = ::compress::SampleReader::open(options.source, **library);
  if (!samples)
    return samples.takeError();
  int64_t numSamples = samples->size();
  library->reset();

  ScoreFile scores;
  PassManager select(module.getContext());
  if (options.dataCriterion) {
    llvm::Expected<ScoreFile> scored =
        scoreByData(*func, layers, *moments, *options.dataCriterion);
    if (!scored)
      return scored.takeError();
    scores = std::move(*scored);
    scores.samples = numSamples;
    if (llvm::Error error = allocate(module, *func, layers, *moments, options,
                                     scores, progress))
      return std::move(error);
    select.addNestedPass<func::FuncOp>(createSelectChannelsPass(
        options.select, std::make_shared<const ScoreFile>(scores)));
  } else if (options.select.rate > 0) {
    select.addNestedPass<func::FuncOp>(
        createSelectChannelsPass(options.select));
  }
  // The full network, to fit the pruned one to.
  IRMapping mapping;
  OwningOpRef<ModuleOp> full(cast<ModuleOp>(module->clone(mapping)));
  std::vector<DataLayer> fullLayers = layers;
  std::vector<Operation *> ops;
  for (DataLayer &layer : fullLayers) {
    ops.push_back(layer.op);
    layer.op = mapping.lookup(layer.op);
  }
  if (mlir::failed(select.run(module)))
    return stopped("selecting channels");
  if (!options.repair) {
    PassManager remove(module.getContext());
    remove.addNestedPass<func::FuncOp>(createRemoveChannelsPass());
    if (mlir::failed(remove.run(module)))
      return stopped("removing channels");
    return scores;
  }
  auto remainders = removeAndRefit(*func, ops, layers, *moments);
  if (mlir::failed(remainders))
    return stopped("fitting weights");
  moments->clear();
  if (!options.inOrder)
    return scores;
  OrderedRefit refit(*full,
                     cast<func::FuncOp>(mapping.lookup(func->getOperation())),
                     module, *func, fullLayers, ops, *remainders);
  if (llvm::Error error = refitInOrder(refit, options, progress))
    return std::move(error);
  return scores;
}

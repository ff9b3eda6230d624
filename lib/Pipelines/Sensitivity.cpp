//===- Sensitivity.cpp - what pruning single groups costs -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Sensitivity.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/PruneTrials.h"
#include "Compress/Support/InputFile.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/SHA256.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using ::compress::ModelLibrary;
using ::compress::NamedNumbers;
using ::compress::ScoreFile;
using ::compress::SecondMoments;
using ::compress::SensitivityFile;
using ::compress::SensitivityGroup;
using ::compress::SensitivityMeasurement;

static llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Expected<std::string> mlir::compress::digestNetwork(ModuleOp module) {
  // Locations have names of files.
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager pm(module.getContext());
  pm.addPass(createStripDebugInfoPass());
  std::string bytes;
  llvm::raw_string_ostream os(bytes);
  if (failed(pm.run(*copy)) || failed(writeBytecodeToFile(*copy, os)))
    return makeError("the network cannot be copied");
  return llvm::toHex(llvm::SHA256::hash(llvm::arrayRefFromStringRef(bytes)),
                     /*LowerCase=*/true);
}

namespace {

class Measuring {
public:
  Measuring(ModuleOp module, const SensitivityOptions &options,
            const SensitivityFile *known, StringRef path,
            PruneProgress progress)
      : module(module), options(options), known(known), path(path),
        progress(progress) {}

  /// What comes before the first trial, cheap checks first.
  llvm::Error prepare();
  llvm::Error
  measure(llvm::function_ref<llvm::Error(const SensitivityFile &)> save);

  SensitivityFile file;

private:
  bool isComplete() const;
  llvm::Error findGroups(std::unique_ptr<ModelLibrary> library);
  llvm::Error takeKnown();

  bool byData() const { return needsData(options.select.criterion); }

  bool wantsMoments() const { return options.repair || byData(); }

  ModuleOp module;
  const SensitivityOptions &options;
  const SensitivityFile *known;
  StringRef path;
  PruneProgress progress;
  std::vector<DataLayer> layers;
  std::vector<SecondMoments> moments; // of the layers, if there is use for them
  ScoreFile scores;
  std::optional<PruneTrials> trials;
};

} // namespace

llvm::Error Measuring::prepare() {
  llvm::Expected<std::string> network = digestNetwork(module);
  if (!network)
    return network.takeError();
  file.network = std::move(*network);
  file.criterion = options.criterion;
  file.repair = options.repair;
  file.exclude.assign(options.select.exclude.begin(),
                      options.select.exclude.end());
  if (known)
    if (llvm::Error error = known->checkSubject(file, path))
      return error;

  FailureOr<func::FuncOp> func = findNetworkFunction(module);
  if (failed(func))
    return makeError("failed while looking for the network");
  layers = findDataLayers(*func);
  auto library = compileNetwork(
      exposeInputs(module, *func,
                   wantsMoments() ? ArrayRef(layers) : ArrayRef<DataLayer>()),
      options.threads);
  if (!library)
    return library.takeError();
  auto data =
      ::compress::digestSamples(options.source, **library, file.dataSamples,
                                [&](int64_t done, int64_t total) {
                                  progress("reading the data", done, total);
                                });
  if (!data)
    return data.takeError();
  file.data = std::move(*data);

  TrialOptions trial;
  trial.source = options.source;
  trial.samples = options.samples;
  trial.wantsLabels = true;
  trial.threads = options.threads;
  auto created =
      PruneTrials::create(module, *func, layers, /*moments=*/{}, trial,
                          [&](int64_t done, int64_t total) {
                            progress("running the full network", done, total);
                          });
  if (!created)
    return created.takeError();
  trials.emplace(std::move(*created));
  const ::compress::OutputRecord &record = trials->record();
  if (!record.isComparable())
    return makeError("no output is of f32: there is nothing to compare");
  file.samples = record.size();
  file.labels = record.correct().has_value();
  if (file.labels)
    file.accuracy = static_cast<double>(*record.correct()) /
                    static_cast<double>(record.size());
  file.parameters = static_cast<int64_t>(trials->parameters());
  file.macs = static_cast<int64_t>(trials->macs());
  if (known)
    if (llvm::Error error = known->checkData(file, path))
      return error;
  if (isComplete()) {
    file.groups = known->groups;
    return llvm::Error::success();
  }
  return findGroups(std::move(*library));
}

/// Whether nothing is left to measure.
bool Measuring::isComplete() const {
  return known && !known->groups.empty() &&
         llvm::all_of(known->groups, [&](const auto &group) {
           return llvm::all_of(options.rates, [&](double rate) {
             return group.find(rate) != nullptr;
           });
         });
}

/// Scores all groups, and collects what weights are fitted by.
llvm::Error Measuring::findGroups(std::unique_ptr<ModelLibrary> library) {
  if (wantsMoments()) {
    std::vector<std::string> names;
    std::vector<::compress::PatchPlan> plans;
    for (const DataLayer &layer : layers) {
      names.push_back(layer.name);
      plans.push_back(layer.plan);
    }
    auto collected = ::compress::collectMoments(
        *library, options.source, names, plans,
        static_cast<int32_t>(options.threads),
        [&](int64_t done, int64_t total) {
          progress("running the layers", done, total);
        });
    if (!collected)
      return collected.takeError();
    moments = std::move(*collected);
    if (options.repair)
      trials->fitBy(moments);
  }
  library.reset();
  FailureOr<func::FuncOp> func = findNetworkFunction(module);
  if (failed(func))
    return makeError("failed while looking for the network");
  progress("scoring channels", 0, static_cast<int64_t>(layers.size()));
  auto scored = scoreChannels(*func, options.select, layers, moments);
  if (!scored)
    return scored.takeError();
  scores = std::move(*scored);
  if (scores.groups.empty())
    return makeError("there are no channels that may go, or none with a score; "
                     "compress-opt --compress-print-channel-groups says why");
  for (const NamedNumbers &group : scores.groups)
    file.groups.push_back(
        {group.name, static_cast<int64_t>(group.numbers.size()), {}});
  return known ? takeKnown() : llvm::Error::success();
}

llvm::Error Measuring::takeKnown() {
  bool same = known->groups.size() == file.groups.size();
  for (SensitivityGroup &group : file.groups) {
    const SensitivityGroup *found = known->find(group.name);
    same &= found && found->channels == group.channels;
    if (found)
      group.measurements = found->measurements;
  }
  if (same)
    return llvm::Error::success();
  return ::compress::fileError(
      path, "has other groups of channels, from another version perhaps; name "
            "another file, or remove it");
}

llvm::Error Measuring::measure(
    llvm::function_ref<llvm::Error(const SensitivityFile &)> save) {
  // Those first that say most, should there be no time for others.
  std::vector<double> rates = options.rates;
  llvm::sort(rates, [](double a, double b) {
    return std::pair(std::abs(a - 0.5), a) < std::pair(std::abs(b - 0.5), b);
  });
  struct Place {
    size_t group;
    double rate;
  };
  std::vector<Place> places;
  std::vector<PruneTrial> wanted;
  for (double rate : rates)
    for (size_t group = 0; group < scores.groups.size(); ++group) {
      if (file.groups[group].find(rate))
        continue;
      places.push_back({group, rate});
      PruneTrial &trial = wanted.emplace_back();
      trial.select = options.select;
      trial.select.rate = rate;
      trial.select.scope = PruneScope::Local;
      trial.select.budget = PruneBudget::Channels;
      trial.scores.groups = {scores.groups[group]};
    }
  auto total = static_cast<int64_t>(wanted.size());
  int64_t count = 0;
  auto results = trials->run(wanted, [&](size_t number,
                                         const TrialResult &result) {
    const ::compress::RecordComparison &comparison = result.comparison;
    SensitivityMeasurement measurement;
    measurement.rate = places[number].rate;
    measurement.removed = result.channels;
    measurement.parameters = static_cast<int64_t>(result.parameters);
    measurement.macs = static_cast<int64_t>(result.macs);
    measurement.error = comparison.error;
    auto part = [&](std::optional<int64_t> samples) -> std::optional<double> {
      if (!samples)
        return std::nullopt;
      return static_cast<double>(*samples) /
             static_cast<double>(comparison.samples);
    };
    measurement.agreement = part(comparison.agreeing);
    measurement.accuracy = part(comparison.correct);
    file.groups[places[number].group].add(measurement);
    progress("pruning one group after the other", ++count, total);
    return save(file);
  });
  return results ? llvm::Error::success() : results.takeError();
}

llvm::Expected<SensitivityFile> mlir::compress::measureSensitivity(
    ModuleOp module, const SensitivityOptions &options,
    const SensitivityFile *known, StringRef path, PruneProgress progress,
    llvm::function_ref<llvm::Error(const SensitivityFile &)> save) {
  Measuring measuring(module, options, known, path, progress);
  if (llvm::Error error = measuring.prepare())
    return std::move(error);
  if (llvm::Error error = measuring.measure(save))
    return std::move(error);
  return std::move(measuring.file);
}

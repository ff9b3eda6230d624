//===- PruneOptions.cpp - options that take channels out ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PruneOptions.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir::compress;

static llvm::Error usageError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

std::string PruneOptions::describe(PruneCriterion value) {
  std::string text;
  auto &parser = criterion.getParser();
  for (unsigned i = 0; i < parser.getNumOptions(); ++i)
    if (parser.getOptionValue(i).compare(
            llvm::cl::OptionValue<PruneCriterion>(value)))
      text = parser.getOption(i).str();
  if (value == PruneCriterion::Random)
    return text + ", seed " + std::to_string(seed);
  if (combine != ScoreCombination::Mean)
    text += combine == ScoreCombination::Max ? ", max" : ", sum";
  return text;
}

llvm::Error PruneOptions::readExclude(SelectChannelsPassOptions &select) const {
  for (const std::string &text : exclude)
    if (auto pattern = llvm::GlobPattern::create(text); !pattern)
      return usageError("--prune-exclude: " + text + ": " +
                        llvm::toString(pattern.takeError()));
  select.exclude.assign(exclude.begin(), exclude.end());
  return llvm::Error::success();
}

llvm::Error
PruneOptions::readSource(const ::compress::PreprocessOptions &preprocess,
                         ::compress::SampleSource &source) const {
  if (samples.getNumOccurrences() && (samples == 0 || samples > INT64_MAX))
    return usageError("--prune-samples: a number of samples from 1");
  if (data.size() > 1 && preprocess.anyGiven())
    return usageError("--scale, --mean, --std and --pad are for models with "
                      "one input; prepare the data of several beforehand");
  auto prepared = preprocess.read();
  if (!prepared)
    return prepared.takeError();
  source.data.assign(data.begin(), data.end());
  source.limit = static_cast<int64_t>(samples);
  source.preprocess = std::move(*prepared);
  return llvm::Error::success();
}

/// The data that weights are fitted to, and scores come from.
llvm::Error
PruneOptions::readData(const ::compress::PreprocessOptions &preprocess,
                       PruneChoice &choice) const {
  bool byData = !data.empty();
  bool wantsScores = needsData(criterion);
  if (!byData && wantsScores)
    return usageError("--prune-criterion=" + nameOfDataCriterion(criterion) +
                      ": its scores need data; name it with --prune-data");
  if (!byData &&
      (noRepair || repairOnce || samples.getNumOccurrences() ||
       saveScores.getNumOccurrences() || trials.getNumOccurrences() ||
       sensitivity.getNumOccurrences()))
    return usageError("--no-repair, --repair-once, --prune-samples, "
                      "--prune-trials, --prune-sensitivity and --save-scores "
                      "need data; name it with --prune-data");
  if (!byData)
    return llvm::Error::success();
  if (choice.byGates)
    return usageError("--prune-data: only with --prune=RATE; gates say "
                      "themselves what goes, and nothing is fitted");
  if (noRepair && repairOnce)
    return usageError("--no-repair and --repair-once exclude each other");
  if (trials.getNumOccurrences() && scope != PruneScope::Global)
    return usageError("--prune-trials: only with --prune-scope=global, where "
                      "layers share a budget");
  if (sensitivity.getNumOccurrences() &&
      (scope != PruneScope::Global || trials == 0))
    return usageError("--prune-sensitivity: only with --prune-scope=global, "
                      "where layers share a budget that trials divide");
  if (sensitivity.getNumOccurrences() && sensitivity.empty())
    return usageError("--prune-sensitivity: the name of a file is missing");
  if (trials > 1000000)
    return usageError("--prune-trials: a number up to 1000000");
  if (llvm::Error error = readSource(preprocess, choice.source))
    return error;
  choice.trials = static_cast<int64_t>(trials);
  choice.repair = !noRepair;
  choice.inOrder = !repairOnce;
  if (choice.rate > 0 && scores.empty()) {
    if (wantsScores)
      choice.byData = criterion;
    else if (!criterion.getNumOccurrences())
      choice.byData = PruneCriterion::Reconstruction;
  }
  choice.sensitivity = sensitivity;
  if (!choice.sensitivity.empty() && !choice.byData)
    return usageError("--prune-sensitivity: only where scores come from data; "
                      "their budgets are divided by trials");
  choice.saveScores = saveScores;
  if (!choice.saveScores.empty() && !choice.byData)
    return usageError("--save-scores: only where scores come from data; "
                      "choose reconstruction, activation-mean, "
                      "activation-variance, knockoff or knockoff-gaussian by "
                      "--prune-criterion");
  return llvm::Error::success();
}

llvm::Error PruneOptions::read(Emit emit,
                               const ::compress::PreprocessOptions &preprocess,
                               std::optional<PruneChoice> &choice) const {
  bool byGates = scopPrune.getNumOccurrences(),
       byScore = prune.getNumOccurrences();
  const llvm::cl::Option *first = nullptr;
  auto look = [&](const llvm::cl::Option &option) {
    if (!first && option.getNumOccurrences())
      first = &option;
  };
  look(criterion);
  look(scores);
  look(scope);
  look(budget);
  look(combine);
  look(multiple);
  look(maxRate);
  look(exclude);
  look(seed);
  look(saveScores);
  look(noRepair);
  look(repairOnce);
  look(sensitivity);
  if (first && !byScore)
    return usageError("--" + first->ArgStr + ": only with --prune=RATE");
  if (!byGates && !byScore)
    return llvm::Error::success();
  if (byGates && byScore)
    return usageError("--prune and --scop-prune exclude each other");
  if (emit == Emit::Model)
    return usageError("--" + llvm::Twine(byGates ? "scop-prune" : "prune") +
                      ": the model as imported is not pruned; write "
                      "--emit=pruned");
  double rate = byGates ? scopPrune : prune;
  if (!(rate >= 0 && rate < 1))
    return usageError("--" + llvm::Twine(byGates ? "scop-prune" : "prune") +
                      ": a number from 0 to below 1");
  if (!(maxRate >= 0 && maxRate <= 1))
    return usageError("--prune-max-rate: a number from 0 to 1");
  if (multiple < 1 || multiple > 65536)
    return usageError("--prune-multiple: a number from 1 to 65536");
  if (scores.getNumOccurrences() && scores.empty())
    return usageError("--prune-scores: the name of a file is missing");
  if (scores.getNumOccurrences() && criterion.getNumOccurrences())
    return usageError(
        "--prune-scores and --prune-criterion exclude each other");
  choice.emplace();
  choice->byGates = byGates;
  choice->rate = rate;
  SelectChannelsPassOptions &select = choice->select;
  select.rate = rate;
  select.criterion =
      scores.empty() ? criterion.getValue() : PruneCriterion::File;
  select.scores = scores;
  select.scope = scope;
  select.budget = budget;
  select.combine = combine;
  select.multiple = multiple;
  select.maxRate = maxRate;
  select.seed = seed;
  if (llvm::Error error = readExclude(select))
    return error;
  return readData(preprocess, *choice);
}

//===- PruneAllocation.cpp - a budget divided by trials -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/PruneAllocation.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::compress;
using ::compress::NamedNumbers;
using ::compress::ScoreFile;
using ::compress::SensitivityFile;
using ::compress::SensitivityGroup;
using ::compress::SensitivityMeasurement;

/// The first step of a factor; the next one of a group to
/// which it brought nothing is its square root.
static constexpr double kFirstStep = 1.6;
static constexpr double kLastStep = 1.1;

namespace {
class Search {
public:
  Search(const PruneTrials &trials, const SelectChannelsPassOptions &select,
         const ScoreFile &scores, const SensitivityFile *known,
         TrialProgress progress)
      : trials(trials), select(select), scores(scores), known(known),
        progress(progress), factors(scores.groups.size(), 1) {}

  /// Step 1; false if fewer than two groups can give anything.
  llvm::Expected<bool> measureGroups();
  /// Step 2.
  llvm::Error tryExponents();
  /// Step 3.
  llvm::Error improve(int64_t mostTrials);

  Allocation take();

private:
  ScoreFile scaled(ArrayRef<double> by) const;
  /// What `known` has in place of the trial of a group, if it has it.
  std::optional<TrialResult> takeKnown(const NamedNumbers &group) const;
  /// The errors of the whole choice with some factors.
  llvm::Expected<SmallVector<double>>
  measure(ArrayRef<std::vector<double>> candidates);
  llvm::Expected<std::vector<TrialResult>> run(ArrayRef<PruneTrial> wanted,
                                               StringRef doing, int64_t total);

  const PruneTrials &trials;
  const SelectChannelsPassOptions &select;
  const ScoreFile &scores;
  const SensitivityFile *known; // or null
  TrialProgress progress;
  std::vector<double> factors;
  SmallVector<size_t> movable; // groups that can give something
  std::vector<double> weights; // of the groups, from step 1
  double before = 0, least = INFINITY;
  int64_t count = 0, planned = 0;
};
} // namespace

ScoreFile Search::scaled(ArrayRef<double> by) const {
  ScoreFile file = scores;
  for (auto [group, factor] : llvm::zip_equal(file.groups, by))
    for (double &score : group.numbers)
      // The more a group is worth, the later its channels go.
      score *= score < 0 ? 1 / factor : factor;
  return file;
}

llvm::Expected<std::vector<TrialResult>>
Search::run(ArrayRef<PruneTrial> wanted, StringRef doing, int64_t total) {
  return trials.run(wanted, [&](size_t, const TrialResult &) {
    progress(doing, ++count, total);
    return llvm::Error::success();
  });
}

std::optional<TrialResult> Search::takeKnown(const NamedNumbers &group) const {
  const SensitivityGroup *found = known ? known->find(group.name) : nullptr;
  if (!found || found->channels != static_cast<int64_t>(group.numbers.size()))
    return std::nullopt;
  const SensitivityMeasurement *measurement = found->nearest(0.5);
  if (!measurement)
    return std::nullopt;
  TrialResult result;
  result.parameters = static_cast<double>(measurement->parameters);
  result.macs = static_cast<double>(measurement->macs);
  result.channels = measurement->removed;
  result.comparison.error = measurement->error;
  return result;
}

llvm::Expected<bool> Search::measureGroups() {
  std::vector<PruneTrial> wanted;
  std::vector<TrialResult> all(scores.groups.size());
  std::vector<size_t> places; // of the results of `wanted` in `all`
  for (auto [place, group] : llvm::enumerate(scores.groups)) {
    if (std::optional<TrialResult> result = takeKnown(group)) {
      all[place] = *result;
      continue;
    }
    places.push_back(place);
    PruneTrial &trial = wanted.emplace_back();
    trial.select = select;
    trial.select.rate = 0.5;
    trial.select.scope = PruneScope::Local;
    trial.select.budget = PruneBudget::Channels;
    trial.scores = scores;
    trial.scores.groups = {group};
  }
  auto results = run(wanted, "pruning one group after the other",
                     static_cast<int64_t>(wanted.size()));
  if (!results)
    return results.takeError();
  for (auto [place, result] : llvm::zip_equal(places, *results))
    all[place] = result;
  weights.assign(scores.groups.size(), NAN);
  double logarithms = 0, least = INFINITY, most = 0;
  size_t known = 0;
  for (size_t group = 0; group < scores.groups.size(); ++group) {
    const TrialResult &result = all[group];
    double saved = trials.macs() - result.macs;
    if (!(saved > 0))
      continue;
    movable.push_back(group);
    std::vector<double> numbers = scores.groups[group].numbers;
    llvm::sort(numbers);
    int64_t gone = result.channels;
    double said = saved *
                  std::accumulate(numbers.begin(), numbers.begin() + gone, 0.0,
                                  [](double sum, double score) {
                                    return sum + std::max(score, 0.0);
                                  }) /
                  static_cast<double>(std::max<int64_t>(gone, 1));
    double error = result.comparison.error;
    weights[group] = std::isfinite(error) && error <= 0 ? 0
                     : std::isfinite(error) && said > 0 ? error / said
                     : std::isfinite(error)             ? NAN
                                                        : INFINITY;
    if (std::isfinite(weights[group]) && weights[group] > 0) {
      logarithms += std::log(weights[group]);
      least = std::min(least, weights[group]);
      most = std::max(most, weights[group]);
      ++known;
    }
  }
  // A group that costs nothing goes before the others, one that breaks the
  // outputs behind them; of which nothing is known is as they are on average.
  double mean = known ? std::exp(logarithms / known) : 1;
  for (double &weight : weights) {
    if (std::isnan(weight) || known == 0)
      weight = 1;
    else
      weight = std::clamp(weight, least / 10, most * 10) / mean;
  }
  return movable.size() > 1;
}

llvm::Expected<SmallVector<double>>
Search::measure(ArrayRef<std::vector<double>> candidates) {
  std::vector<PruneTrial> wanted;
  for (const std::vector<double> &candidate : candidates)
    wanted.push_back({select, scaled(candidate)});
  auto results = run(wanted, "dividing the budget", planned);
  if (!results)
    return results.takeError();
  SmallVector<double> errors;
  for (const TrialResult &result : *results)
    errors.push_back(std::isfinite(result.comparison.error)
                         ? result.comparison.error
                         : INFINITY);
  return errors;
}

llvm::Error Search::tryExponents() {
  std::vector<std::vector<double>> candidates;
  for (double exponent : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    std::vector<double> &candidate = candidates.emplace_back();
    for (double weight : weights)
      candidate.push_back(std::pow(weight, exponent));
  }
  planned = count + static_cast<int64_t>(candidates.size());
  llvm::Expected<SmallVector<double>> errors = measure(candidates);
  if (!errors)
    return errors.takeError();
  before = errors->front();
  for (auto [candidate, error] : llvm::zip(candidates, *errors))
    if (error < least) {
      least = error;
      factors = candidate;
    }
  return llvm::Error::success();
}

llvm::Error Search::improve(int64_t mostTrials) {
  planned = mostTrials;
  std::vector<double> steps(scores.groups.size(), kFirstStep);
  bool any = true;
  while (any) {
    any = false;
    for (size_t group : movable) {
      if (steps[group] < kLastStep)
        continue;
      if (count + 2 > mostTrials)
        return llvm::Error::success();
      any = true;
      std::vector<double> up = factors, down = factors;
      up[group] *= steps[group];
      down[group] /= steps[group];
      llvm::Expected<SmallVector<double>> errors = measure({up, down});
      if (!errors)
        return errors.takeError();
      size_t best = (*errors)[0] <= (*errors)[1] ? 0 : 1;
      if ((*errors)[best] < least) {
        least = (*errors)[best];
        factors = best == 0 ? up : down;
      } else {
        steps[group] = std::sqrt(steps[group]);
      }
    }
  }
  return llvm::Error::success();
}

Allocation Search::take() {
  Allocation result;
  result.scores = scaled(factors);
  result.before = before;
  result.after = least;
  result.trials = count;
  return result;
}

llvm::Expected<Allocation> mlir::compress::allocateByTrials(
    const PruneTrials &trials, const SelectChannelsPassOptions &select,
    const ScoreFile &scores, const SensitivityFile *known, int64_t mostTrials,
    TrialProgress progress) {
  Search search(trials, select, scores, known, progress);
  llvm::Expected<bool> canMove = search.measureGroups();
  if (!canMove)
    return canMove.takeError();
  if (*canMove) {
    if (llvm::Error error = search.tryExponents())
      return std::move(error);
    if (llvm::Error error = search.improve(mostTrials))
      return std::move(error);
  }
  return search.take();
}

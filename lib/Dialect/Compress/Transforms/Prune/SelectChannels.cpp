//===- SelectChannels.cpp - which channels matter least -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelMasks.h"
#include "ChannelScores.h"
#include "Compress/Calibration/ScoreFile.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "NetworkCost.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/GlobPattern.h"
#include <numeric>

namespace mlir::compress {
#define GEN_PASS_DEF_SELECTCHANNELSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Whether weights are integers of scales that only rescaling behind them has.
static bool hasCodes(const ChannelGroup &group) {
  return llvm::any_of(group.members, [](const GroupMember &member) {
    return getElementTypeOrSelf(member.layer.filter.getType()).isInteger();
  });
}

namespace {
/// A group that may lose channels.
struct Candidate {
  unsigned group;
  SmallVector<unsigned> order; // places in its units, the lowest score first
  SmallVector<double> scores;
  unsigned perUnit = 1; // elements of a unit in the layer that makes it
};

/// A unit with its score among all groups'.
struct Ranked {
  double score;
  unsigned candidate, place;
};

/// A number of channels of a group that can go together.
struct Step {
  unsigned candidate, count;
  double saved, loss; // all that `count` channels save and lose
  double slope;       // of the loss since the step before
};

struct SelectChannels
    : public mlir::compress::impl::SelectChannelsPassBase<SelectChannels> {
  using SelectChannelsPassBase::SelectChannelsPassBase;
  SelectChannels(SelectChannelsPassOptions options,
                 std::shared_ptr<const ::compress::ScoreFile> given,
                 int64_t *numSelected)
      : SelectChannelsPassBase(std::move(options)), given(std::move(given)),
        numSelected(numSelected) {}

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration() || !func.getBody().hasOneBlock())
      return;
    if (failed(checkPrunable(func)) || failed(checkOptions(func)))
      return signalPassFailure();
    separateConstants(func);
    ChannelGraph graph(func);
    std::vector<ChannelGroup> groups = findChannelGroups(graph, func);
    std::vector<Candidate> candidates;
    if (failed(findCandidates(func, graph, groups, candidates)))
      return signalPassFailure();
    DenseSet<unsigned> dropped = choose(func, graph, groups, candidates);
    while (excludeStaying(func, graph, groups, dropped, candidates))
      dropped = choose(func, graph, groups, candidates);
    for (const Candidate &candidate : candidates)
      numGroups += llvm::any_of(groups[candidate.group].units, [&](unsigned u) {
        return dropped.contains(u);
      });
    if (dropped.empty() && rate > 0 && !candidates.empty())
      remark::missed(
          func.getLoc(),
          remark::RemarkOpts::name("SelectChannels").category("compress"))
          << "no channel goes: the rate, max-rate and multiple leave every "
             "layer whole";
    numMasked += dropped.size();
    if (numSelected)
      *numSelected += static_cast<int64_t>(dropped.size());
    insertMasks(graph, groups,
                [&](unsigned unit) { return dropped.contains(unit); });
  }

private:
  LogicalResult checkOptions(func::FuncOp func) {
    if (!(rate >= 0 && rate < 1))
      return func.emitError("the rate is a number from 0 to below 1, not ")
             << rate.getValue();
    if (!(maxRate >= 0 && maxRate <= 1))
      return func.emitError("max-rate is a number from 0 to 1, not ")
             << maxRate.getValue();
    if (lanes < 1 || lanes > 65536)
      return func.emitError("lanes is a number from 1 to 65536, not ")
             << lanes.getValue();
    if (multiple < 1 || multiple > 65536)
      return func.emitError("multiple is a number from 1 to 65536, not ")
             << multiple.getValue();
    if (needsData(criterion))
      return func.emitError("criterion=")
             << nameOfDataCriterion(criterion)
             << " needs the network run on data, which a pass does not do; let "
                "compressc --prune-data write a file by --save-scores, and "
                "give it with criterion=file";
    if ((criterion == PruneCriterion::File) == scores.empty() && !given)
      return func.emitError("criterion=file and the file of scores belong "
                            "together");
    for (const std::string &text : exclude) {
      llvm::Expected<llvm::GlobPattern> pattern =
          llvm::GlobPattern::create(text);
      if (!pattern)
        return func.emitError("exclude: ")
               << text << ": " << llvm::toString(pattern.takeError());
    }
    return success();
  }

  /// A pattern that excludes nothing is likely misspelt.
  void remarkUnusedPatterns(func::FuncOp func,
                            ArrayRef<ChannelGroup> groups) const {
    for (const std::string &text : exclude)
      if (llvm::none_of(groups, [&](const ChannelGroup &group) {
            return isExcluded(group, {text});
          })) {
        std::string message = "exclude: '" + text +
                              "' is the name of no layer that makes channels";
        remark::missed(
            func.getLoc(),
            remark::RemarkOpts::name("SelectChannels").category("compress"))
            << message;
      }
  }

  LogicalResult findCandidates(func::FuncOp func, const ChannelGraph &graph,
                               ArrayRef<ChannelGroup> groups,
                               std::vector<Candidate> &candidates) {
    ::compress::ScoreFile file;
    if (given) {
      file = *given;
    } else if (criterion == PruneCriterion::File) {
      auto read = ::compress::ScoreFile::read(scores);
      if (!read)
        return func.emitError(llvm::toString(read.takeError()));
      file = std::move(*read);
    }
    // As the reconstruction has them.
    perMac = file.criterion == "reconstruction";
    bool knowsAny = llvm::any_of(groups, [&](const ChannelGroup &group) {
      return file.find(group.name);
    });
    if (criterion == PruneCriterion::File && !given && !knowsAny &&
        !file.groups.empty())
      return func.emitError("'")
             << scores.getValue() << "': names none of the groups of channels "
             << "of this network, but '" << file.groups.front().name
             << "': the file belongs to another network";
    remarkUnusedPatterns(func, groups);
    SmallVector<std::string> obstacles = findObstacles(func, graph, groups);
    for (auto [number, group, obstacle] : llvm::enumerate(groups, obstacles)) {
      if (group.pin || !obstacle.empty()) {
        remarkStays(group, group.pin ? group.pin->reason : obstacle);
        continue;
      }
      if (isExcluded(group, exclude)) {
        remarkStays(group, "excluded by name");
        continue;
      }
      Candidate candidate{static_cast<unsigned>(number), {}, {}, 1};
      if (criterion == PruneCriterion::File) {
        const ::compress::NamedNumbers *found = file.find(group.name);
        if (!found) {
          remarkStays(group, given ? "what reads it has no weights to fit"
                                   : "the file of scores does not name it");
          continue;
        }
        if (found->numbers.size() != group.units.size())
          return func.emitError()
                 << (given ? "scores" : "'" + scores.getValue() + "'")
                 << ": group '" << group.name << "' has "
                 << found->numbers.size() << " scores for "
                 << group.units.size()
                 << " channels: the file belongs to another network";
        candidate.scores.assign(found->numbers.begin(), found->numbers.end());
      } else if (criterion != PruneCriterion::Random && hasCodes(group)) {
        remarkStays(group, "the scales of its weights are not known; rank it "
                           "by criterion=random, or file");
        continue;
      } else {
        std::string reason;
        FailureOr<SmallVector<double>> scored =
            scoreFromWeights(graph, group, criterion, combine, seed, reason);
        if (failed(scored)) {
          if (StringRef(reason).contains("finite"))
            return group.members.front().layer.op->emitError("channels '")
                   << group.name << "': " << reason;
          remarkStays(group, reason);
          continue;
        }
        candidate.scores = std::move(*scored);
      }
      candidate.order =
          llvm::to_vector(llvm::seq<unsigned>(0, candidate.scores.size()));
      llvm::stable_sort(candidate.order, [&](unsigned a, unsigned b) {
        return candidate.scores[a] < candidate.scores[b];
      });
      candidate.perUnit =
          indicesOf(graph, group.members.front().resultAxis, group.units[0])
              .size();
      candidates.push_back(std::move(candidate));
    }
    return success();
  }

  /// Units that would stay although they are masked are no candidates any more;
  /// false where there are none.
  bool excludeStaying(func::FuncOp func, const ChannelGraph &graph,
                      ArrayRef<ChannelGroup> groups,
                      const DenseSet<unsigned> &dropped,
                      std::vector<Candidate> &candidates) {
    std::vector<StayingUnit> staying =
        findStaying(func, graph, groups, dropped);
    DenseSet<unsigned> units;
    for (const StayingUnit &each : staying) {
      units.insert(each.unit);
      remarkStays(groups[each.group],
                  "one of them is left when it is masked: " + each.reason);
    }
    for (Candidate &candidate : candidates)
      llvm::erase_if(candidate.order, [&](unsigned place) {
        return units.contains(groups[candidate.group].units[place]);
      });
    return !staying.empty();
  }

  /// How many of a group's `count` units go where `wanted` are to.
  unsigned limit(const Candidate &candidate, unsigned wanted) const {
    unsigned count = candidate.scores.size();
    wanted = std::min({wanted, count - 1,
                       static_cast<unsigned>(candidate.order.size()),
                       static_cast<unsigned>(maxRate * count)});
    // The elements that stay, not the units, are the multiple.
    unsigned step =
        multiple / std::gcd(multiple.getValue(), int64_t(candidate.perUnit));
    unsigned stay = (count - wanted + step - 1) / step * step;
    return stay >= count ? 0 : count - stay;
  }

  void drop(const ChannelGroup &group, const Candidate &candidate,
            unsigned wanted, DenseSet<unsigned> &dropped) const {
    for (unsigned place :
         ArrayRef(candidate.order).take_front(limit(candidate, wanted)))
      dropped.insert(group.units[place]);
  }

  DenseSet<unsigned> choose(func::FuncOp func, const ChannelGraph &graph,
                            ArrayRef<ChannelGroup> groups,
                            ArrayRef<Candidate> candidates) const {
    // All units by a score that layers of different size can share.
    std::vector<Ranked> ranked;
    for (auto [number, candidate] : llvm::enumerate(candidates)) {
      double mean = std::accumulate(candidate.scores.begin(),
                                    candidate.scores.end(), 0.0) /
                    candidate.scores.size();
      // The scores of a file are made to be compared.
      bool divides = mean > 0 && criterion != PruneCriterion::File;
      for (unsigned place : candidate.order)
        ranked.push_back({candidate.scores[place] / (divides ? mean : 1),
                          static_cast<unsigned>(number), place});
    }
    llvm::stable_sort(ranked, [](const Ranked &a, const Ranked &b) {
      return a.score < b.score;
    });
    // What goes at `step` of `steps`; more at each.
    size_t steps = scope == PruneScope::Global ? ranked.size() : 1000;
    auto dropAt = [&](size_t step) {
      DenseSet<unsigned> dropped;
      if (scope == PruneScope::Local) {
        for (const Candidate &candidate : candidates)
          drop(groups[candidate.group], candidate,
               candidate.scores.size() * step / steps, dropped);
        return dropped;
      }
      SmallVector<unsigned> counts(candidates.size());
      for (const Ranked &unit : ArrayRef(ranked).take_front(step))
        ++counts[unit.candidate];
      for (auto [candidate, count] : llvm::zip(candidates, counts))
        drop(groups[candidate.group], candidate, count, dropped);
      return dropped;
    };
    if (budget == PruneBudget::Channels) {
      if (scope == PruneScope::Global)
        return dropAt(static_cast<size_t>(rate * ranked.size()));
      DenseSet<unsigned> dropped;
      for (const Candidate &candidate : candidates)
        drop(groups[candidate.group], candidate,
             static_cast<unsigned>(rate * candidate.scores.size()), dropped);
      return dropped;
    }
    NetworkCost cost(graph, func);
    auto costOf = [&](const DenseSet<unsigned> &dropped) {
      auto isDropped = [&](unsigned unit) { return dropped.contains(unit); };
      if (budget == PruneBudget::Latency)
        return cost.computeLatency(isDropped, lanes);
      PrunableCost found = cost.compute(isDropped);
      return budget == PruneBudget::Macs ? found.macs : found.parameters;
    };
    if (budget == PruneBudget::Latency && scope == PruneScope::Global)
      return chooseSteps(func, groups, candidates, cost);
    double goal = (1 - rate) * costOf({});
    // The first step that is enough.
    size_t low = 0, high = steps;
    while (low < high) {
      size_t middle = low + (high - low) / 2;
      if (costOf(dropAt(middle)) <= goal)
        high = middle;
      else
        low = middle + 1;
    }
    DenseSet<unsigned> dropped = dropAt(low);
    if (costOf(dropped) > goal)
      remarkNotMet(func);
    return dropped;
  }

  void remarkNotMet(func::FuncOp func) const {
    remark::missed(
        func.getLoc(),
        remark::RemarkOpts::name("SelectChannels").category("compress"))
        << "the budget is not met: more channels than may go would have to";
  }

  /// The steps of one group at which time is saved, on the lower convex hull of
  /// what they lose.
  std::vector<Step> findSteps(const ChannelGroup &group,
                              const Candidate &candidate, unsigned number,
                              const NetworkCost &cost) const;

  DenseSet<unsigned> chooseSteps(func::FuncOp func,
                                 ArrayRef<ChannelGroup> groups,
                                 ArrayRef<Candidate> candidates,
                                 const NetworkCost &cost) const;

  std::shared_ptr<const ::compress::ScoreFile> given;
  int64_t *numSelected = nullptr;
  bool perMac = false; // the scores are errors for each multiply-accumulate
};
} // namespace

std::vector<Step> SelectChannels::findSteps(const ChannelGroup &group,
                                            const Candidate &candidate,
                                            unsigned number,
                                            const NetworkCost &cost) const {
  auto dropFirst = [&](unsigned count) {
    DenseSet<unsigned> dropped;
    for (unsigned place : ArrayRef(candidate.order).take_front(count))
      dropped.insert(group.units[place]);
    return dropped;
  };
  auto latencyOf = [&](unsigned count) {
    DenseSet<unsigned> dropped = dropFirst(count);
    return cost.computeLatency(
        [&](unsigned unit) { return dropped.contains(unit); }, lanes);
  };
  // Some scores are for each multiply-accumulate; others compare channels of
  // groups of all sizes by themselves, those of a file as they are.
  double weight = 1;
  if (perMac) {
    DenseSet<unsigned> one = dropFirst(1);
    weight = cost.compute([](unsigned) { return false; }).macs -
             cost.compute([&](unsigned u) { return one.contains(u); }).macs;
  } else if (criterion != PruneCriterion::File) {
    double mean =
        std::accumulate(candidate.scores.begin(), candidate.scores.end(), 0.0) /
        candidate.scores.size();
    weight = mean > 0 ? 1 / mean : 1;
  }
  unsigned most = limit(candidate, candidate.scores.size());
  unsigned stride = std::max<unsigned>(1, candidate.scores.size() / 128);
  std::vector<Step> steps = {{number, 0, 0, 0, 0}};
  double full = latencyOf(0), loss = 0;
  for (unsigned count = 1; count <= most; ++count) {
    loss += weight * candidate.scores[candidate.order[count - 1]];
    if ((count % stride != 0 && count != most) ||
        limit(candidate, count) != count)
      continue;
    double saved = full - latencyOf(count);
    // What saves no more than fewer channels do is no step.
    if (saved <= steps.back().saved)
      continue;
    // The hull: a step that loses less for what it saves takes earlier ones in.
    auto slope = [&](const Step &from) {
      return (loss - from.loss) / (saved - from.saved);
    };
    while (steps.size() > 1 &&
           slope(steps[steps.size() - 2]) <= steps.back().slope)
      steps.pop_back();
    steps.push_back({number, count, saved, loss, slope(steps.back())});
  }
  return steps;
}

/// As many steps as the budget wants, those first that lose least for what they
/// save.
DenseSet<unsigned> SelectChannels::chooseSteps(func::FuncOp func,
                                               ArrayRef<ChannelGroup> groups,
                                               ArrayRef<Candidate> candidates,
                                               const NetworkCost &cost) const {
  std::vector<Step> steps;
  for (auto [number, candidate] : llvm::enumerate(candidates)) {
    std::vector<Step> more =
        findSteps(groups[candidate.group], candidate, number, cost);
    steps.insert(steps.end(), more.begin() + 1, more.end());
  }
  llvm::stable_sort(
      steps, [](const Step &a, const Step &b) { return a.slope < b.slope; });
  auto latencyOf = [&](const DenseSet<unsigned> &dropped) {
    return cost.computeLatency(
        [&](unsigned unit) { return dropped.contains(unit); }, lanes);
  };
  double goal = (1 - rate) * latencyOf({});
  DenseSet<unsigned> dropped;
  for (const Step &step : steps) {
    if (latencyOf(dropped) <= goal)
      return dropped;
    const Candidate &candidate = candidates[step.candidate];
    for (unsigned place : ArrayRef(candidate.order).take_front(step.count))
      dropped.insert(groups[candidate.group].units[place]);
  }
  if (latencyOf(dropped) > goal)
    remarkNotMet(func);
  return dropped;
}

std::unique_ptr<Pass> mlir::compress::createSelectChannelsPass(
    SelectChannelsPassOptions options,
    std::shared_ptr<const ::compress::ScoreFile> scores, int64_t *numSelected) {
  options.criterion = PruneCriterion::File;
  return std::make_unique<SelectChannels>(std::move(options), std::move(scores),
                                          numSelected);
}

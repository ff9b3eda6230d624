//===- DataScores.cpp - scores of channels from data ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Knockoffs.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "DataLayers.h"
#include "llvm/Support/Parallel.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::compress;
using ::compress::ColumnBlocks;
using ::compress::Knockoff;
using ::compress::ScoreFile;
using ::compress::SecondMoments;

bool mlir::compress::needsData(PruneCriterion criterion) {
  return !nameOfDataCriterion(criterion).empty();
}

StringRef mlir::compress::nameOfDataCriterion(PruneCriterion criterion) {
  switch (criterion) {
  case PruneCriterion::Reconstruction:
    return "reconstruction";
  case PruneCriterion::ActivationMean:
    return "activation-mean";
  case PruneCriterion::ActivationVariance:
    return "activation-variance";
  case PruneCriterion::Knockoff:
    return "knockoff";
  case PruneCriterion::KnockoffGaussian:
    return "knockoff-gaussian";
  case PruneCriterion::L1:
  case PruneCriterion::L2:
  case PruneCriterion::Gamma:
  case PruneCriterion::Fpgm:
  case PruneCriterion::Lamp:
  case PruneCriterion::MedianRatio:
  case PruneCriterion::Random:
  case PruneCriterion::File:
    return "";
  }
  llvm_unreachable("all criteria");
}

/// What a number of each column says of channels: its mean over their columns.
static llvm::Expected<std::vector<double>>
average(ColumnBlocks blocks, function_ref<double(int64_t)> numberOf) {
  std::vector<double> scores;
  for (const std::vector<int64_t> &block : blocks) {
    double sum = 0;
    for (int64_t column : block)
      sum += numberOf(column);
    scores.push_back(block.empty() ? 0 : sum / block.size());
    if (!std::isfinite(scores.back()))
      return llvm::createStringError(
          "what its layers read is not finite: the data makes NaN or infinity "
          "there");
  }
  return scores;
}

/// What one layer says of the channels that it reads.
static llvm::Expected<std::vector<double>>
scoreReader(const DataLayer &layer, const SecondMoments &moments,
            ColumnBlocks blocks, PruneCriterion criterion) {
  int64_t constant = moments.numColumns();
  if (criterion == PruneCriterion::ActivationMean)
    return average(blocks,
                   [&](int64_t column) { return moments.magnitude(column); });
  if (criterion == PruneCriterion::ActivationVariance)
    return average(blocks, [&](int64_t column) {
      double mean = moments.at(column, constant);
      return std::max(moments.at(column, column) - mean * mean, 0.0);
    });
  return ::compress::scoreByKnockoffs(layer.matrix, moments, blocks,
                                      criterion == PruneCriterion::Knockoff
                                          ? Knockoff::Permuted
                                          : Knockoff::Gaussian);
}

/// The sum over the layers that read a group.
static llvm::Expected<std::vector<double>>
scoreGroup(const ChannelGraph &graph, const ChannelGroup &group,
           ArrayRef<DataLayer> layers, ArrayRef<SecondMoments> moments,
           const DenseMap<Operation *, size_t> &numberOf,
           PruneCriterion criterion) {
  std::vector<double> scores(group.units.size(), 0.0);
  for (const PrunableLayer &reader : group.readers) {
    size_t layer = numberOf.lookup(reader.op);
    llvm::Expected<std::vector<double>> more = scoreReader(
        layers[layer], moments[layer],
        findBlocks(graph, group, reader, *readLayerShape(reader)), criterion);
    if (!more)
      return more.takeError();
    for (auto [score, by] : llvm::zip(scores, *more))
      score += by;
  }
  if (criterion != PruneCriterion::ActivationMean &&
      criterion != PruneCriterion::ActivationVariance)
    return scores;
  // Knockoffs speak of shares; activations are to be compared between groups
  // as well.
  double sum = std::accumulate(scores.begin(), scores.end(), 0.0);
  if (sum > 0)
    for (double &score : scores)
      score *= scores.size() / sum;
  return scores;
}

llvm::Expected<ScoreFile>
mlir::compress::scoreByData(func::FuncOp func, ArrayRef<DataLayer> layers,
                            ArrayRef<SecondMoments> moments,
                            PruneCriterion criterion) {
  if (criterion == PruneCriterion::Reconstruction)
    return scoreByReconstruction(func, layers, moments);
  ChannelGraph graph(func);
  DenseMap<Operation *, size_t> numberOf;
  std::vector<ChannelGroup> groups =
      findDataGroups(graph, func, layers, numberOf);
  std::vector<std::vector<double>> scores(groups.size());
  std::vector<std::string> failures(groups.size());
  llvm::parallelFor(0, groups.size(), [&](size_t number) {
    llvm::Expected<std::vector<double>> scored =
        scoreGroup(graph, groups[number], layers, moments, numberOf, criterion);
    if (scored)
      scores[number] = std::move(*scored);
    else
      failures[number] = llvm::toString(scored.takeError());
  });
  ScoreFile file;
  file.criterion = nameOfDataCriterion(criterion).str();
  for (auto [group, values, failure] : llvm::zip(groups, scores, failures)) {
    if (!failure.empty())
      return llvm::createStringError("channels '" + group.name +
                                     "': " + failure);
    file.groups.push_back({group.name, std::move(values)});
  }
  return file;
}

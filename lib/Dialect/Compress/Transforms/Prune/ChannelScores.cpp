//===- ChannelScores.cpp - how much channels matter ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelScores.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/xxhash.h"
#include <cmath>
#include <numeric>

using namespace mlir;
using namespace mlir::compress;

namespace {
/// The weights of a member, a row for each unit of the group.
struct Filters {
  size_t numUnits = 0;
  std::vector<std::vector<float>> rows;
};
} // namespace

/// The numbers that a constant holds, those of codes behind a dequantization.
static FailureOr<std::vector<double>> readWeights(Value filter) {
  std::vector<double> weights;
  auto dcast = filter.getDefiningOp<quant::DequantizeCastOp>();
  auto scast = dcast ? dcast.getInput().getDefiningOp<quant::StorageCastOp>()
                     : quant::StorageCastOp();
  FailureOr<ConstantData> data =
      readConstant(scast ? scast.getInput() : filter);
  if (failed(data) || (dcast && !scast))
    return failure();
  for (int64_t i = 0; i < data->size(); ++i)
    weights.push_back(data->getReal(i));
  if (!scast)
    return weights;
  Type element = getElementTypeOrSelf(dcast.getInput().getType());
  if (auto type = dyn_cast<quant::UniformQuantizedType>(element)) {
    for (double &weight : weights)
      weight = (weight - type.getZeroPoint()) * type.getScale();
    return weights;
  }
  auto type = dyn_cast<quant::UniformQuantizedPerAxisType>(element);
  if (!type)
    return failure();
  int64_t axis = type.getQuantizedDimension(), inner = 1;
  for (int64_t extent : data->type.getShape().drop_front(axis + 1))
    inner *= extent;
  for (auto [i, weight] : llvm::enumerate(weights)) {
    size_t channel = i / inner % data->type.getDimSize(axis);
    weight =
        (weight - type.getZeroPoints()[channel]) * type.getScales()[channel];
  }
  return weights;
}

static FailureOr<Filters> readFilters(const ChannelGraph &graph,
                                      const ChannelGroup &group,
                                      const GroupMember &member) {
  FailureOr<std::vector<double>> weights = readWeights(member.layer.filter);
  if (failed(weights))
    return failure();
  auto type = cast<RankedTensorType>(member.layer.filter.getType());
  DenseMap<unsigned, unsigned> rowOfUnit;
  for (auto [row, unit] : llvm::enumerate(group.units))
    rowOfUnit[unit] = row;
  unsigned axis = graph.getAxis(member.layer.filter, member.filterDim);
  int64_t extent = graph.getAxis(axis).extent, inner = 1;
  for (int64_t extent : type.getShape().drop_front(member.filterDim + 1))
    inner *= extent;
  Filters filters;
  filters.rows.resize(group.units.size());
  for (auto [i, weight] : llvm::enumerate(*weights)) {
    auto row = rowOfUnit.find(graph.getUnit(axis, i / inner % extent));
    if (row != rowOfUnit.end())
      filters.rows[row->second].push_back(static_cast<float>(weight));
  }
  return filters;
}

static double sumOf(ArrayRef<float> row, function_ref<double(double)> term) {
  double sum = 0;
  for (float w : row)
    sum += term(w);
  return sum;
}

static double norm(ArrayRef<float> row) {
  return std::sqrt(sumOf(row, [](double w) { return w * w; }));
}

/// The distances of each filter from all others (He et al. 2019, Filter Pruning
/// via Geometric Median): what lies amidst the others they can replace.
static SmallVector<double> scoreByDistance(const Filters &filters) {
  size_t count = filters.rows.size();
  SmallVector<double> scores(count);
  for (size_t i = 0; i < count; ++i)
    for (size_t j = 0; j < i; ++j) {
      double square = 0;
      for (auto [a, b] : llvm::zip(filters.rows[i], filters.rows[j]))
        square += (static_cast<double>(a) - b) * (static_cast<double>(a) - b);
      scores[i] += std::sqrt(square);
      scores[j] += std::sqrt(square);
    }
  return scores;
}

/// The share of a filter's energy in what is left when all weaker ones have
/// gone (Lee et al. 2021, Layer-adaptive Sparsity for the Magnitude-based
/// Pruning, with filters for weights).
static SmallVector<double> scoreByShare(const Filters &filters) {
  SmallVector<double> energies;
  for (ArrayRef<float> row : filters.rows)
    energies.push_back(sumOf(row, [](double w) { return w * w; }));
  SmallVector<unsigned> order(llvm::to_vector(
      llvm::seq<unsigned>(0, static_cast<unsigned>(energies.size()))));
  llvm::stable_sort(
      order, [&](unsigned a, unsigned b) { return energies[a] > energies[b]; });
  SmallVector<double> scores(energies.size());
  double sum = 0;
  for (unsigned unit : order) {
    sum += energies[unit];
    scores[unit] = sum > 0 ? energies[unit] / sum : 0;
  }
  return scores;
}

static double medianOf(SmallVector<double> numbers) {
  llvm::sort(numbers);
  size_t half = numbers.size() / 2;
  return numbers.size() % 2 ? numbers[half]
                            : (numbers[half - 1] + numbers[half]) / 2;
}

/// The scores that one member gives; none where the criterion says nothing.
static std::optional<SmallVector<double>>
scoreMember(const ChannelGraph &graph, const ChannelGroup &group,
            const GroupMember &member, PruneCriterion criterion) {
  SmallVector<double> scores;
  if (criterion == PruneCriterion::Gamma) {
    Value gamma = findGamma(graph, member);
    FailureOr<ConstantData> data =
        gamma ? readConstant(gamma) : FailureOr<ConstantData>();
    if (failed(data) || data->type.getRank() == 0)
      return std::nullopt;
    // A vector, or one with dimensions of one element around it.
    unsigned axis = ChannelGraph::kNone;
    for (int64_t dim = 0; dim < data->type.getRank(); ++dim)
      if (data->type.getDimSize(dim) == data->size())
        axis = graph.getAxis(gamma, dim);
    if (axis == ChannelGraph::kNone)
      return std::nullopt;
    for (unsigned unit : group.units) {
      double sum = 0;
      for (unsigned index : indicesOf(graph, axis, unit))
        sum += std::abs(data->getReal(index));
      scores.push_back(sum);
    }
    return scores;
  }
  FailureOr<Filters> filters = readFilters(graph, group, member);
  if (failed(filters))
    return std::nullopt;
  switch (criterion) {
  case PruneCriterion::L1:
    for (ArrayRef<float> row : filters->rows)
      scores.push_back(sumOf(row, [](double w) { return std::abs(w); }));
    return scores;
  case PruneCriterion::L2:
  case PruneCriterion::MedianRatio:
    for (ArrayRef<float> row : filters->rows)
      scores.push_back(norm(row));
    if (criterion == PruneCriterion::MedianRatio)
      if (double median = medianOf(scores); median > 0)
        for (double &score : scores)
          score /= median;
    return scores;
  case PruneCriterion::Fpgm:
    return scoreByDistance(*filters);
  case PruneCriterion::Lamp:
    return scoreByShare(*filters);
  case PruneCriterion::Gamma:
  case PruneCriterion::Random:
  case PruneCriterion::File:
  case PruneCriterion::Reconstruction:
    break;
  }
  llvm_unreachable("not a score of weights");
}

FailureOr<SmallVector<double>> mlir::compress::scoreFromWeights(
    const ChannelGraph &graph, const ChannelGroup &group,
    PruneCriterion criterion, ScoreCombination combine, uint64_t seed,
    std::string &reason) {
  if (criterion == PruneCriterion::Random) {
    // Of the name, so that one group's scores do not depend on the others.
    SmallVector<double> scores;
    for (size_t i = 0; i < group.units.size(); ++i) {
      std::string key =
          group.name + "/" + std::to_string(i) + "/" + std::to_string(seed);
      scores.push_back(static_cast<double>(llvm::xxh3_64bits(key) >> 11) *
                       0x1p-53);
    }
    return scores;
  }
  SmallVector<double> scores;
  unsigned count = 0;
  for (const GroupMember &member : group.members) {
    std::optional<SmallVector<double>> more =
        scoreMember(graph, group, member, criterion);
    if (!more)
      continue;
    if (++count == 1) {
      scores = *more;
      continue;
    }
    for (auto [score, other] : llvm::zip(scores, *more))
      score = combine == ScoreCombination::Max ? std::max(score, other)
                                               : score + other;
  }
  if (count == 0) {
    reason = criterion == PruneCriterion::Gamma
                 ? "no batch normalization follows its layers"
                 : "its weights are no constants of numbers";
    return failure();
  }
  if (combine == ScoreCombination::Mean)
    for (double &score : scores)
      score /= count;
  if (!llvm::all_of(scores, [](double s) { return std::isfinite(s); })) {
    reason = "its scores are not finite: weights are NaN or infinite";
    return failure();
  }
  return scores;
}

//===- NetworkCost.cpp - what a pruned network costs ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "NetworkCost.h"
#include "PrunableLayer.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

NetworkCost::NetworkCost(const ChannelGraph &graph, func::FuncOp func)
    : graph(graph) {
  for (Operation &op : func.getBody().front()) {
    std::optional<PrunableLayer> match = matchPrunableLayer(&op);
    if (!match)
      continue;
    Layer &layer = layers.emplace_back();
    // Every loop indexes the filter or the result by itself.
    for (unsigned loop = 0; loop < match->numLoops(); ++loop) {
      unsigned axis = ChannelGraph::kNone;
      if (auto dim = dimOfLoop(match->filterMap, loop))
        axis = graph.getAxis(match->filter, *dim);
      else if (auto dim = dimOfLoop(match->resultMap, loop))
        axis = graph.getAxis(match->result(), *dim);
      if (axis == ChannelGraph::kNone)
        continue;
      if (match->isSummed(loop) && dimOfLoop(match->inputMap, loop) &&
          graph.getAxis(axis).extent > 1)
        layer.inputs = layer.loopAxes.size();
      if (!match->isSummed(loop) && dimOfLoop(match->filterMap, loop) &&
          graph.getAxis(axis).extent > 1)
        layer.outputs = layer.loopAxes.size();
      layer.loopAxes.push_back(axis);
      layer.isSummed.push_back(match->isSummed(loop));
    }
    auto type = cast<RankedTensorType>(match->filter.getType());
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      layer.filterAxes.push_back(graph.getAxis(match->filter, dim));
  }
}

namespace {
/// How many elements of an axis are left.
class AxisCounter {
public:
  AxisCounter(const ChannelGraph &graph, function_ref<bool(unsigned)> isDropped)
      : graph(graph), isDropped(isDropped) {}

  double operator()(unsigned axis) {
    auto [place, isNew] = counts.try_emplace(axis, 0);
    if (isNew)
      for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
        place->second += !isDropped(graph.getUnit(axis, i));
    return place->second;
  }

private:
  const ChannelGraph &graph;
  function_ref<bool(unsigned)> isDropped;
  DenseMap<unsigned, double> counts;
};
} // namespace

PrunableCost
NetworkCost::compute(function_ref<bool(unsigned unit)> isDropped) const {
  AxisCounter countOf(graph, isDropped);
  PrunableCost cost;
  for (const Layer &layer : layers) {
    double macs = 1, parameters = 1;
    for (unsigned axis : layer.loopAxes)
      macs *= countOf(axis);
    for (unsigned axis : layer.filterAxes)
      parameters *= countOf(axis);
    cost.macs += macs;
    cost.parameters += parameters;
  }
  return cost;
}

/// Inputs that an instruction sums, and instructions of that kind that take as
/// long as what happens to a sum before and after.
static constexpr double kGroup = 4, kGroupsPerResult = 8;

double NetworkCost::computeLatency(function_ref<bool(unsigned unit)> isDropped,
                                   int64_t lanes) const {
  AxisCounter countOf(graph, isDropped);
  double latency = 0;
  for (const Layer &layer : layers) {
    double results = 1, sum = 1;
    for (auto [place, axis] : llvm::enumerate(layer.loopAxes)) {
      double step = layer.outputs == place  ? static_cast<double>(lanes)
                    : layer.inputs == place ? kGroup
                                            : 1.0;
      double size = std::ceil(countOf(axis) / step) * step;
      (layer.isSummed[place] ? sum : results) *= size;
    }
    latency += results * (sum + kGroupsPerResult * kGroup);
  }
  return latency;
}

PrunableCost mlir::compress::countCost(func::FuncOp func) {
  ChannelGraph graph(func);
  return NetworkCost(graph, func).compute([](unsigned) { return false; });
}

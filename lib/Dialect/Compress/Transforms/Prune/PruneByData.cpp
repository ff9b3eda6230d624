//===- PruneByData.cpp - pruning with data --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "ChannelGroups.h"
#include "ChannelRemoval.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "DataLayers.h"
#include "NetworkCost.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/Parallel.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::Elimination;
using ::compress::EliminationLayer;
using ::compress::LayerMatrix;
using ::compress::ScoreFile;
using ::compress::SecondMoments;

std::vector<std::vector<int64_t>>
mlir::compress::findBlocks(const ChannelGraph &graph, const ChannelGroup &group,
                           const PrunableLayer &layer,
                           const LayerShape &shape) {
  DenseMap<unsigned, size_t> placeOf;
  for (auto [place, unit] : llvm::enumerate(group.units))
    placeOf[unit] = place;
  std::vector<std::vector<int64_t>> blocks(group.units.size());
  SmallVector<int64_t> extents;
  for (unsigned loop : shape.summedLoops)
    extents.push_back(shape.extents[loop]);
  int64_t column = 0;
  forEachPoint(extents, [&](ArrayRef<int64_t> point) {
    for (auto [loop, at] : llvm::zip(shape.summedLoops, point)) {
      std::optional<unsigned> dim = dimOfLoop(layer.inputMap, loop);
      unsigned axis =
          dim ? graph.getAxis(layer.input, *dim) : ChannelGraph::kNone;
      if (axis == ChannelGraph::kNone)
        continue;
      auto found = placeOf.find(graph.getUnit(axis, at));
      if (found == placeOf.end())
        continue;
      blocks[found->second].push_back(column);
      break;
    }
    ++column;
  });
  return blocks;
}

std::vector<ChannelGroup>
mlir::compress::findDataGroups(const ChannelGraph &graph, func::FuncOp func,
                               ArrayRef<DataLayer> layers,
                               DenseMap<Operation *, size_t> &numberOf) {
  std::vector<ChannelGroup> groups = findChannelGroups(graph, func);
  for (auto [number, layer] : llvm::enumerate(layers))
    numberOf[layer.op] = number;
  llvm::erase_if(groups, [&](const ChannelGroup &group) {
    return group.pin || group.readers.empty() ||
           !llvm::all_of(group.readers, [&](const PrunableLayer &reader) {
             return numberOf.contains(reader.op);
           });
  });
  return groups;
}

/// A score that rises with the order in which the units go: what each adds to
/// the error, or, where a later one adds less, what they add on average.
static SmallVector<double> scoreOrder(const Elimination &elimination,
                                      size_t numUnits) {
  SmallVector<double> scores(numUnits);
  std::vector<double> errors = {0};
  llvm::append_range(errors, elimination.errors);
  size_t begin = 0, last = elimination.order.size();
  double slope = 0;
  while (begin < last) {
    size_t best = begin + 1;
    auto slopeTo = [&](size_t end) {
      return (errors[end] - errors[begin]) / (end - begin);
    };
    for (size_t end = begin + 1; end <= last; ++end)
      if (slopeTo(end) < slopeTo(best))
        best = end;
    slope = slopeTo(best);
    for (; begin < best; ++begin)
      // Of equal scores the one that goes first is the lower one.
      scores[elimination.order[begin]] =
          slope * (1 + 1e-9 * static_cast<double>(begin)) + 1e-30 * begin;
  }
  // The one that is left.
  SmallVector<bool> gone(numUnits);
  for (size_t unit : elimination.order)
    gone[unit] = true;
  for (size_t unit = 0; unit < numUnits; ++unit)
    if (!gone[unit])
      scores[unit] = slope * 2 + 1e-30 * numUnits;
  return scores;
}

llvm::Expected<ScoreFile>
mlir::compress::scoreByReconstruction(func::FuncOp func,
                                      ArrayRef<DataLayer> layers,
                                      ArrayRef<SecondMoments> moments) {
  ChannelGraph graph(func);
  DenseMap<Operation *, size_t> numberOf;
  std::vector<ChannelGroup> groups =
      findDataGroups(graph, func, layers, numberOf);
  NetworkCost cost(graph, func);
  double all = cost.compute([](unsigned) { return false; }).macs;

  std::vector<SmallVector<double>> scores(groups.size());
  std::vector<std::string> failures(groups.size());
  llvm::parallelFor(0, groups.size(), [&](size_t number) {
    const ChannelGroup &group = groups[number];
    std::vector<EliminationLayer> readers;
    for (const PrunableLayer &reader : group.readers) {
      size_t layer = numberOf.lookup(reader.op);
      double variance =
          ::compress::outputVariance(layers[layer].matrix, moments[layer]);
      readers.push_back(
          {&layers[layer].matrix, &moments[layer],
           variance > 0 ? 1 / variance : 0,
           findBlocks(graph, group, reader, *readLayerShape(reader))});
    }
    llvm::Expected<Elimination> elimination =
        ::compress::eliminateBlocks(readers);
    if (!elimination) {
      failures[number] = llvm::toString(elimination.takeError());
      return;
    }
    scores[number] = scoreOrder(*elimination, group.units.size());
    unsigned first = group.units.front();
    double saved =
        all - cost.compute([&](unsigned unit) { return unit == first; }).macs;
    for (double &score : scores[number])
      score /= std::max(saved, 1.0);
  });
  ScoreFile file;
  file.criterion = "reconstruction";
  for (auto [group, values, failure] : llvm::zip(groups, scores, failures)) {
    if (!failure.empty())
      return llvm::createStringError("channels '" + group.name +
                                     "': " + failure);
    file.groups.push_back(
        {group.name, std::vector<double>(values.begin(), values.end())});
  }
  return file;
}

/// The indices of a loop that stay.
static SmallVector<int64_t> keptOf(const ChannelGraph &graph,
                                   const ChannelRemoval &removal,
                                   const PrunableLayer &layer, unsigned loop) {
  std::optional<unsigned> dim = dimOfLoop(layer.filterMap, loop);
  return removal.getKept(graph.getAxis(layer.filter, *dim));
}

/// Says which layers lose inputs and are not fitted.
static void remarkUnfitted(func::FuncOp func, ArrayRef<Operation *> fitted,
                           const ChannelGraph &graph,
                           const ChannelRemoval &removal) {
  for (Operation &op : func.getBody().front()) {
    std::optional<PrunableLayer> layer = matchPrunableLayer(&op);
    if (!layer || llvm::is_contained(fitted, &op))
      continue;
    bool loses = false;
    for (unsigned loop = 0; loop < layer->numLoops(); ++loop) {
      std::optional<unsigned> dim = dimOfLoop(layer->filterMap, loop);
      unsigned axis = dim && layer->isSummed(loop)
                          ? graph.getAxis(layer->filter, *dim)
                          : ChannelGraph::kNone;
      loses |= axis != ChannelGraph::kNone && removal.losesElements(axis);
    }
    if (loses)
      remark::missed(op.getLoc(),
                     remark::RemarkOpts::name("Refit").category("compress"))
          << "its weights are left as they are, not fitted to the inputs that "
             "are left: it is no plain product or convolution of f32 with "
             "constant weights (one in groups, a transposed one)";
  }
}

FailureOr<std::vector<LayerRemainder>>
mlir::compress::removeAndRefit(func::FuncOp func, ArrayRef<Operation *> ops,
                               ArrayRef<DataLayer> layers,
                               ArrayRef<SecondMoments> moments) {
  std::vector<LayerRemainder> remainders;
  removeChannels(
      func, [&](const ChannelGraph &graph, const ChannelRemoval &removal) {
        remarkUnfitted(func, ops, graph, removal);
        for (auto [number, op] : llvm::enumerate(ops)) {
          PrunableLayer layer = *matchPrunableLayer(op);
          LayerShape shape = *readLayerShape(layer);
          // The columns of all kept indices, in the order of the full matrix.
          SmallVector<SmallVector<int64_t>> kept;
          SmallVector<int64_t> extents;
          bool loses = false;
          for (unsigned loop : shape.summedLoops) {
            kept.push_back(keptOf(graph, removal, layer, loop));
            extents.push_back(kept.back().size());
            loses |= extents.back() != shape.extents[loop];
          }
          LayerRemainder &rest = remainders.emplace_back();
          rest.layer = number;
          rest.losesInputs = loses;
          rest.channels = keptOf(graph, removal, layer, *shape.channelLoop);
          forEachPoint(extents, [&](ArrayRef<int64_t> point) {
            int64_t column = 0;
            for (auto [loop, indices, at] :
                 llvm::zip(shape.summedLoops, kept, point))
              column = column * shape.extents[loop] + indices[at];
            rest.columns.push_back(column);
          });
        }
      });
  size_t undetermined = 0;
  int64_t fewest = std::numeric_limits<int64_t>::max();
  for (const LayerRemainder &rest : remainders) {
    int64_t rows = moments[rest.layer].numRows();
    if (!rest.losesInputs || rows > static_cast<int64_t>(rest.columns.size()))
      continue;
    ++undetermined;
    fewest = std::min(fewest, rows);
  }
  if (undetermined) {
    std::string text = std::to_string(undetermined) +
                       " layers have more weights for an output than the data "
                       "has examples of it (" +
                       std::to_string(fewest) +
                       " at the least): they keep close to their old weights; "
                       "give more samples";
    remark::missed(func.getLoc(),
                   remark::RemarkOpts::name("Refit").category("compress"))
        << text;
  }
  std::vector<LayerMatrix> refitted(remainders.size());
  std::vector<std::string> failures(remainders.size());
  llvm::parallelFor(0, remainders.size(), [&](size_t number) {
    const LayerRemainder &rest = remainders[number];
    if (!rest.losesInputs)
      return;
    double error = 0;
    llvm::Expected<LayerMatrix> result = ::compress::refitWeights(
        layers[rest.layer].matrix, moments[rest.layer], rest.columns, error);
    if (!result)
      failures[number] = llvm::toString(result.takeError());
    else
      refitted[number] = std::move(*result);
  });
  for (auto [rest, matrix, failure] :
       llvm::zip(remainders, refitted, failures)) {
    Operation *op = ops[rest.layer];
    if (!rest.losesInputs)
      continue;
    if (!failure.empty())
      return op->emitError("cannot be refitted: ") << failure;
    PrunableLayer layer = *matchPrunableLayer(op);
    setWeights(layer, *readLayerShape(layer), matrix, rest.channels);
  }
  return remainders;
}

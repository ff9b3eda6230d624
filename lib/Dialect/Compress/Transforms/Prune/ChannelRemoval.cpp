//===- ChannelRemoval.cpp - which channels can go ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelRemoval.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"

using namespace mlir;
using namespace mlir::compress;

ChannelRemoval::ChannelRemoval(const ChannelGraph &graph,
                               const ChannelConstants &constants,
                               func::FuncOp func)
    : graph(graph), constants(constants), summed(graph.getNumNodes()),
      removed(graph.getNumNodes()) {
  for (Operation &op : func.getBody().front()) {
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      if (linalgOp.getNumReductionLoops() > 0)
        visitSum(linalgOp);
    if (auto scatter = dyn_cast<ScatterChannelsOp>(op))
      visitScatter(scatter);
  }
  for (unsigned node = 0; node < graph.getNumNodes(); ++node)
    removed[node] = graph.getUnit(node) == node && summed[node] &&
                    !graph.getPin(node) && !obstacles.contains(node);
  keepOneOfEach();
  followScatters(func);
}

void ChannelRemoval::block(unsigned node, Operation *op,
                           const llvm::Twine &reason) {
  obstacles.try_emplace(graph.getUnit(node), Obstacle{op, reason.str()});
}

/// The dimension of `value`'s map that is `loop` itself.
static unsigned axisOfLoop(const ChannelGraph &graph, linalg::LinalgOp op,
                           OpOperand *operand, unsigned loop) {
  AffineMap map = op.getMatchingIndexingMap(operand);
  for (auto [dim, expr] : llvm::enumerate(map.getResults()))
    if (expr == getAffineDimExpr(loop, map.getContext()))
      return graph.getAxis(operand->get(), dim);
  return ChannelGraph::kNone;
}

void ChannelRemoval::visitSum(linalg::LinalgOp op) {
  // Others pin what they reduce.
  CombinerKind kind = matchCombiner(op);
  if (kind != CombinerKind::Add && kind != CombinerKind::MulAdd)
    return;
  std::optional<WeightedOp> weighted = matchWeightedOp(op, nullptr, true);
  for (auto [loop, iterator] : llvm::enumerate(op.getIteratorTypesArray())) {
    if (iterator != utils::IteratorType::reduction)
      continue;
    SmallVector<unsigned> axes;
    for (OpOperand *operand : op.getDpsInputOperands())
      axes.push_back(axisOfLoop(graph, op, operand, loop));
    auto known = llvm::find_if(
        axes, [](unsigned axis) { return axis != ChannelGraph::kNone; });
    if (known == axes.end())
      continue;
    unsigned extent = graph.getAxis(*known).extent;
    for (unsigned index = 0; index < extent; ++index) {
      unsigned node = graph.getAxis(*known).first + index;
      summed[graph.getUnit(node)] = 1;
      if (llvm::any_of(axes, [&](unsigned axis) {
            return axis != ChannelGraph::kNone && constants.isZero(axis, index);
          }))
        continue;
      // All of a unit's elements are looked at, whichever fails first.
      std::optional<double> number = axes[0] == ChannelGraph::kNone
                                         ? std::nullopt
                                         : constants.get(axes[0], index);
      if (!number) {
        block(node, op, "it adds to a sum what is not known to be zero");
        continue;
      }
      if (!weighted || weighted->channelDims.size() != 1 || axes.size() != 2 ||
          axes[1] == ChannelGraph::kNone) {
        block(node, op, "it adds a number that no bias can take");
        continue;
      }
      unsigned resultDim = weighted->channelDims[0];
      unsigned filterDim = graph.getAxis(axes[1]).dim, channelDim = 0;
      for (auto [dim, stride] : llvm::enumerate(weighted->filterChannelStride))
        if (stride)
          channelDim = dim;
      FailureOr<SmallVector<double>> sums = sumFilter(
          weighted->filter->get(), filterDim, index, channelDim, *number);
      if (failed(sums)) {
        block(node, op,
              "it adds a number times weights that are no constant "
              "in f32");
        continue;
      }
      terms.push_back({node, op, {op, resultDim, *sums}});
    }
  }
}

/// What is scattered may go where it is zero, as are the places that get none.
void ChannelRemoval::visitScatter(ScatterChannelsOp op) {
  unsigned axis = graph.getAxis(op.getInput(), op.getAxis());
  for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i) {
    unsigned node = graph.getAxis(axis).first + i;
    summed[graph.getUnit(node)] = 1;
    if (!constants.isZero(axis, i))
      block(node, op, "it is added to what is not known to be zero");
  }
}

void ChannelRemoval::keepOneOfEach() {
  // What stays of one axis stays of all: once is not enough.
  for (bool changed = true; changed;) {
    changed = false;
    for (const Axis &axis : graph.getAxes()) {
      if (axis.extent == 0)
        continue;
      bool isEmpty = true;
      for (unsigned i = 0; i < axis.extent && isEmpty; ++i)
        isEmpty = isRemoved(axis.first + i);
      if (!isEmpty)
        continue;
      unsigned unit = graph.getUnit(axis.first);
      removed[unit] = 0;
      block(unit, axis.value.getDefiningOp(),
            "nothing else would be left of its tensor");
      changed = true;
    }
  }
}

void ChannelRemoval::followScatters(func::FuncOp func) {
  // What leaves a sum has to leave the branch that is scattered into it.
  for (bool changed = true; changed;) {
    changed = false;
    func.walk([&](ScatterChannelsOp op) {
      unsigned from = graph.getAxis(op.getInput(), op.getAxis());
      unsigned to = graph.getAxis(op.getOutput(), op.getAxis());
      for (auto [index, place] : llvm::enumerate(op.getIndices())) {
        unsigned unit = graph.getUnit(to, place);
        if (!removed[unit] || isRemoved(graph.getUnit(from, index)))
          continue;
        removed[unit] = 0;
        block(unit, op, "a branch that is added keeps it");
        changed = true;
      }
    });
  }
}

SmallVector<int64_t> ChannelRemoval::getKept(unsigned axis) const {
  SmallVector<int64_t> kept;
  for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
    if (!isRemoved(graph.getAxis(axis).first + i))
      kept.push_back(i);
  return kept;
}

bool ChannelRemoval::losesElements(unsigned axis) const {
  for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
    if (isRemoved(graph.getAxis(axis).first + i))
      return true;
  return false;
}

bool ChannelRemoval::removesAny() const {
  return llvm::is_contained(removed, 1);
}

const ChannelRemoval::Obstacle *
ChannelRemoval::getObstacle(unsigned unit) const {
  auto found = obstacles.find(graph.getUnit(unit));
  return found == obstacles.end() ? nullptr : &found->second;
}

SmallVector<BiasChange> ChannelRemoval::getBiasChanges() const {
  SmallVector<BiasChange> changes;
  DenseMap<Operation *, size_t> changeOf;
  for (const Term &term : terms) {
    if (!isRemoved(term.node))
      continue;
    auto [place, isNew] = changeOf.try_emplace(term.op, changes.size());
    if (isNew) {
      changes.push_back(term.change);
      continue;
    }
    for (auto [sum, number] :
         llvm::zip(changes[place->second].numbers, term.change.numbers))
      sum = static_cast<float>(sum) + static_cast<float>(number);
  }
  return changes;
}

//===- ChannelRemoval.cpp - which channels can go ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelRemoval.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "TosaCodes.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

ChannelRemoval::ChannelRemoval(const ChannelGraph &graph,
                               const ChannelConstants &constants,
                               func::FuncOp func)
    : graph(graph), constants(constants), summed(graph.getNumNodes()),
      removed(graph.getNumNodes()) {
  for (Operation &op : func.getBody().front()) {
    visitSum(&op);
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

/// Whether no result of `op` is computed from elements that it pads by itself.
static bool padsNothing(Operation *op) {
  auto pad = op->getAttrOfType<DenseI64ArrayAttr>("pad");
  return !pad ||
         llvm::all_of(pad.asArrayRef(), [](int64_t n) { return n == 0; });
}

void ChannelRemoval::visitSum(Operation *op) {
  // Others pin what they reduce.
  Reduction kind = matchReduction(op);
  if (kind != Reduction::Sum && kind != Reduction::Product)
    return;
  std::optional<SmallVector<AffineMap>> maps = getDimensionMaps(op);
  Layer layer;
  layer.op = op;
  layer.view = matchPrunableLayer(op);
  std::pair<double, double> zeroPoints = {0, 0};
  if (kind == Reduction::Product) {
    auto known = getZeroPoints(op);
    // NaN is no code.
    zeroPoints = known.value_or(std::make_pair(std::nan(""), std::nan("")));
  }
  for (unsigned loop = 0; loop < maps->front().getNumDims(); ++loop) {
    if (maps->back().isFunctionOfDim(loop))
      continue;
    SmallVector<unsigned> axes;
    for (unsigned i = 0; i < (kind == Reduction::Product ? 2 : 1); ++i) {
      std::optional<unsigned> dim = dimOfLoop((*maps)[i], loop);
      axes.push_back(dim ? graph.getAxis(op->getOperand(i), *dim)
                         : ChannelGraph::kNone);
    }
    auto known = llvm::find_if(
        axes, [](unsigned axis) { return axis != ChannelGraph::kNone; });
    if (known == axes.end())
      continue;
    unsigned extent = graph.getAxis(*known).extent;
    for (unsigned index = 0; index < extent; ++index) {
      unsigned node = graph.getAxis(*known).first + index;
      summed[graph.getUnit(node)] = 1;
      auto isConstant = [&](unsigned side, double number) {
        return axes[side] != ChannelGraph::kNone &&
               constants.get(axes[side], index) == number;
      };
      if (isConstant(0, zeroPoints.first) ||
          (axes.size() > 1 && isConstant(1, zeroPoints.second)))
        continue;
      // All of a unit's elements are looked at, whichever fails first.
      std::optional<double> number = axes[0] == ChannelGraph::kNone
                                         ? std::nullopt
                                         : constants.get(axes[0], index);
      if (!number) {
        block(node, op, "it adds to a sum what is not known to be zero");
        continue;
      }
      addTerm(layer, loop, node, index, *number);
    }
  }
}

void ChannelRemoval::read(Layer &layer) const {
  layer.isRead = true;
  Value filter = layer.view->filter;
  if (findFilterScale(filter)) {
    layer.codes = CodeLayer::match(layer.op, layer.reason);
    if (layer.codes)
      layer.codesLeft = layer.codes->getBiasLimit();
    return;
  }
  FailureOr<ConstantData> data = readConstant(filter);
  bool isTosa = isa<tosa::TosaDialect>(layer.op->getDialect());
  if (succeeded(data) && data->type.getElementType().isF32()) {
    layer.filter = std::move(*data);
  } else if (succeeded(data) && isTosa && getZeroPoints(layer.op)) {
    std::optional<double> limit = getTosaBiasLimit(layer.op, layer.reason);
    if (!limit)
      return;
    layer.codesLeft = *limit;
    layer.isTosaOnCodes = true;
    layer.filter = std::move(*data);
  } else {
    layer.reason = "its weights are no constant in f32";
  }
}

/// A number that all elements of a channel add to a sum goes into its bias.
void ChannelRemoval::addTerm(Layer &layer, unsigned loop, unsigned node,
                             unsigned index, double number) {
  Operation *op = layer.op;
  SmallVector<unsigned> channelDims, resultDims;
  std::optional<unsigned> filterDim;
  if (layer.view) {
    filterDim = dimOfLoop(layer.view->filterMap, loop);
    for (unsigned other = 0; other < layer.view->numLoops(); ++other)
      if (!layer.view->isSummed(other) &&
          dimOfLoop(layer.view->filterMap, other)) {
        channelDims.push_back(*dimOfLoop(layer.view->filterMap, other));
        resultDims.push_back(
            dimOfLoop(layer.view->resultMap, other).value_or(0));
      }
  }
  if (!filterDim || channelDims.size() != 1 ||
      isa<tosa::MatMulOp, tosa::TransposeConv2DOp>(op)) {
    block(node, op, "it adds a number that no bias can take");
    return;
  }
  if (!padsNothing(op)) {
    block(node, op,
          "at the border of the padded image it adds another number "
          "than within");
    return;
  }
  if (!layer.isRead)
    read(layer);
  SmallVector<double> sums;
  if (layer.codes) {
    sums = layer.codes->sumCodes(*filterDim, index, number);
  } else if (layer.isTosaOnCodes) {
    sums = sumTosaCodes(*layer.filter, *getZeroPoints(op), *filterDim, index,
                        channelDims[0], number);
  } else if (layer.filter) {
    sums = sumFilter(*layer.filter, *filterDim, index, channelDims[0], number);
  } else {
    block(node, op, "it adds a number that no bias can take: " + layer.reason);
    return;
  }
  bool isOnCodes = layer.codes || layer.isTosaOnCodes;
  double largest = 0;
  for (double sum : sums)
    largest = std::max(largest, std::abs(sum));
  if (isOnCodes && largest > layer.codesLeft) {
    block(node, op, "it adds more to a bias than that can take exactly");
    return;
  }
  layer.codesLeft -= largest;
  terms.push_back({node, op, {op, resultDims[0], sums, isOnCodes}});
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
      sum = term.change.isOnCodes
                ? sum + number
                : static_cast<float>(sum) + static_cast<float>(number);
  }
  return changes;
}

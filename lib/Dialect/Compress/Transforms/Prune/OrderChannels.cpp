//===- OrderChannels.cpp - scatters of few runs ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelRemoval.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "PrunableLayer.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/STLExtras.h"

namespace mlir::compress {
#define GEN_PASS_DEF_ORDERCHANNELSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
/// Units that stand side by side in the same order wherever one of them is:
/// whatever their order, nothing that the network computes depends on it.
struct Block {
  SmallVector<unsigned> units;
  SmallVector<size_t> order; // the new one, as places in `units`

  bool isOrdered() const {
    return llvm::equal(order, llvm::seq<size_t>(0, order.size()));
  }
};

class ChannelOrder {
public:
  ChannelOrder(const ChannelGraph &graph, func::FuncOp func);

  bool changesAny() const {
    return llvm::any_of(blocks, [](const Block &b) { return !b.isOrdered(); });
  }
  /// The old elements of an axis in their new order; none where it is the old.
  std::optional<SmallVector<int64_t>> getElements(unsigned axis) const;
  size_t countRuns(ScatterChannelsOp op) const;

private:
  bool follows(unsigned unit, unsigned other) const;
  void findBlocks(unsigned axis);
  void sortBySignature(Block &block);
  bool sortBranches(size_t number);
  SmallVector<int64_t> getPlaces(ScatterChannelsOp op) const;

  const ChannelGraph &graph;
  SmallVector<ScatterChannelsOp> scatters;
  std::vector<SmallVector<unsigned>> nodesOf; // of a unit, ascending
  std::vector<unsigned> axisOf;               // of a node
  std::vector<Block> blocks;
  DenseMap<unsigned, size_t> blockOf; // of a unit
};
} // namespace

ChannelOrder::ChannelOrder(const ChannelGraph &graph, func::FuncOp func)
    : graph(graph), nodesOf(graph.getNumNodes()),
      axisOf(graph.getNumNodes(), ChannelGraph::kNone) {
  for (auto [number, axis] : llvm::enumerate(graph.getAxes()))
    for (unsigned i = 0; i < axis.extent; ++i) {
      axisOf[axis.first + i] = number;
      nodesOf[graph.getUnit(axis.first + i)].push_back(axis.first + i);
    }
  func.walk([&](ScatterChannelsOp op) { scatters.push_back(op); });
  for (ScatterChannelsOp op : scatters) {
    findBlocks(graph.getAxis(op.getOutput(), op.getAxis()));
    findBlocks(graph.getAxis(op.getInput(), op.getAxis()));
  }
  // What sums are made of first; what is scattered follows them.
  for (size_t number = 0; number < blocks.size(); ++number) {
    sortBySignature(blocks[number]);
    if (blocks[number].isOrdered() || sortBranches(number))
      continue;
    blocks[number].order =
        llvm::to_vector(llvm::seq<size_t>(0, blocks[number].order.size()));
  }
}

/// Whether `other` is right behind `unit` wherever either is.
bool ChannelOrder::follows(unsigned unit, unsigned other) const {
  if (nodesOf[unit].size() != nodesOf[other].size() || graph.getPin(unit) ||
      graph.getPin(other))
    return false;
  return llvm::all_of(llvm::zip(nodesOf[unit], nodesOf[other]), [&](auto pair) {
    auto [a, b] = pair;
    return b == a + 1 && axisOf[a] == axisOf[b];
  });
}

void ChannelOrder::findBlocks(unsigned axis) {
  if (axis == ChannelGraph::kNone)
    return;
  unsigned last = ChannelGraph::kNone;
  for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i) {
    unsigned unit = graph.getUnit(axis, i);
    if (blockOf.contains(unit)) {
      last = ChannelGraph::kNone;
      continue;
    }
    if (last == ChannelGraph::kNone || !follows(last, unit))
      blocks.emplace_back();
    Block &block = blocks.back();
    blockOf[unit] = blocks.size() - 1;
    block.order.push_back(block.units.size());
    block.units.push_back(unit);
    last = unit;
  }
}

/// Units that the same branches are scattered to come together: in the order of
/// a Gray code of who is, so that from one to the next little changes.
void ChannelOrder::sortBySignature(Block &block) {
  if (!block.isOrdered())
    return;
  std::vector<std::vector<bool>> signatures(block.units.size());
  for (ScatterChannelsOp op : scatters) {
    unsigned axis = graph.getAxis(op.getOutput(), op.getAxis());
    DenseSet<unsigned> filled;
    bool touches = false;
    for (int64_t place : op.getIndices())
      filled.insert(graph.getUnit(axis, place));
    for (unsigned i = 0; i < graph.getAxis(axis).extent && !touches; ++i)
      touches = graph.getUnit(axis, i) == block.units.front();
    if (!touches)
      continue;
    for (auto [unit, signature] : llvm::zip(block.units, signatures))
      signature.push_back(filled.contains(unit));
  }
  llvm::stable_sort(block.order, [&](size_t a, size_t b) {
    bool down = false;
    for (auto [x, y] : llvm::zip(signatures[a], signatures[b])) {
      if (x != y)
        return x == down;
      down ^= x;
    }
    return false;
  });
}

/// The new places of what is scattered.
SmallVector<int64_t> ChannelOrder::getPlaces(ScatterChannelsOp op) const {
  unsigned axis = graph.getAxis(op.getOutput(), op.getAxis());
  SmallVector<int64_t> placeOf(graph.getAxis(axis).extent);
  auto elements = getElements(axis);
  for (size_t i = 0; i < placeOf.size(); ++i)
    placeOf[elements ? (*elements)[i] : i] = i;
  SmallVector<int64_t> places;
  for (int64_t place : op.getIndices())
    places.push_back(placeOf[place]);
  return places;
}

/// Gives the branches that are scattered to a block its order; false, with all
/// as it was, where one cannot have it.
bool ChannelOrder::sortBranches(size_t number) {
  SmallVector<std::pair<size_t, SmallVector<size_t>>> changes;
  for (ScatterChannelsOp op : scatters) {
    SmallVector<int64_t> places = getPlaces(op);
    unsigned axis = graph.getAxis(op.getInput(), op.getAxis());
    auto elements = getElements(axis);
    SmallVector<int64_t> current;
    for (size_t i = 0; i < places.size(); ++i)
      current.push_back(places[elements ? (*elements)[i] : i]);
    if (llvm::is_sorted(current))
      continue;
    // Within the blocks of the branch it has to come right.
    for (size_t begin = 0; begin < places.size();) {
      size_t at = blockOf.lookup(graph.getUnit(axis, begin));
      size_t count = blocks[at].units.size();
      bool isWhole = graph.getUnit(axis, begin) == blocks[at].units.front() &&
                     begin + count <= places.size();
      if (!isWhole || at == number || (count > 1 && !blocks[at].isOrdered()))
        return false;
      SmallVector<size_t> order = llvm::to_vector(llvm::seq<size_t>(0, count));
      llvm::stable_sort(order, [&](size_t a, size_t b) {
        return places[begin + a] < places[begin + b];
      });
      for (size_t i = 0; i < count; ++i)
        current[begin + i] = places[begin + order[i]];
      // Two branches of the same channels may want them differently.
      for (const auto &[other, otherOrder] : changes)
        if (other == at && otherOrder != order)
          return false;
      changes.push_back({at, order});
      begin += count;
    }
    if (!llvm::is_sorted(current))
      return false;
  }
  for (auto &[block, order] : changes)
    blocks[block].order = order;
  return true;
}

std::optional<SmallVector<int64_t>>
ChannelOrder::getElements(unsigned axis) const {
  const Axis &all = graph.getAxis(axis);
  SmallVector<int64_t> elements;
  bool isNew = false;
  for (unsigned i = 0; i < all.extent; ++i) {
    elements.push_back(i);
    unsigned unit = graph.getUnit(axis, i);
    auto found = blockOf.find(unit);
    if (found == blockOf.end() || blocks[found->second].isOrdered())
      continue;
    const Block &block = blocks[found->second];
    size_t place = llvm::find(block.units, unit) - block.units.begin();
    elements.back() = i + static_cast<int64_t>(block.order[place]) -
                      static_cast<int64_t>(place);
    isNew |= elements.back() != i;
  }
  if (!isNew)
    return std::nullopt;
  return elements;
}

/// How many pieces are put side by side.
static size_t countRuns(ArrayRef<int64_t> places) {
  size_t runs = 0;
  for (size_t i = 0; i < places.size(); ++i)
    runs += i == 0 || places[i] != places[i - 1] + 1;
  return runs;
}

size_t ChannelOrder::countRuns(ScatterChannelsOp op) const {
  SmallVector<int64_t> places = getPlaces(op);
  llvm::sort(places);
  return ::countRuns(places);
}

namespace {
struct OrderChannels
    : public mlir::compress::impl::OrderChannelsPassBase<OrderChannels> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration() || !func.getBody().hasOneBlock())
      return;
    bool any =
        func->walk([](ScatterChannelsOp) { return WalkResult::interrupt(); })
            .wasInterrupted();
    if (!any)
      return;
    separateConstants(func);
    ChannelGraph graph(func);
    ChannelOrder order(graph, func);
    size_t before = 0, after = 0;
    func.walk([&](ScatterChannelsOp op) {
      before += ::countRuns(op.getIndices());
      after += order.countRuns(op);
    });
    if (after >= before || !order.changesAny())
      return;
    numBefore += before;
    numAfter += after;
    arrangeChannels(func, graph,
                    [&](unsigned axis) { return order.getElements(axis); });
    std::string text = "channels in another order: what is added to part of a "
                       "sum goes there in " +
                       std::to_string(after) + " pieces, not " +
                       std::to_string(before);
    remark::passed(
        func.getLoc(),
        remark::RemarkOpts::name("OrderChannels").category("compress"))
        << text;
  }
};
} // namespace

//===- LayoutAssignment.cpp - in which order values are stored -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The decision is global and made before anything is rewritten: patterns that
// push transposes one op at a time push them to and fro at a residual add.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Layout.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Layouts
//===----------------------------------------------------------------------===//

Layout mlir::compress::identityLayout(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  return llvm::to_vector(llvm::seq<int64_t>(0, type.getRank()));
}

bool mlir::compress::isIdentityLayout(ArrayRef<int64_t> layout) {
  return isIdentityPermutation(layout);
}

SmallVector<unsigned> mlir::compress::loopsInOrder(AffineMap map,
                                                   ArrayRef<int64_t> layout) {
  SmallVector<unsigned> loops;
  for (int64_t dim : layout)
    loops.push_back(map.getDimPosition(dim));
  return loops;
}

Layout mlir::compress::layoutOfOrder(AffineMap map,
                                     ArrayRef<unsigned> sequence) {
  Layout layout;
  for (unsigned loop : sequence)
    for (unsigned dim = 0; dim < map.getNumResults(); ++dim)
      if (map.getDimPosition(dim) == loop)
        layout.push_back(dim);
  return layout;
}

bool mlir::compress::isFree(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return false;
  if (auto dcast = dyn_cast<quant::DequantizeCastOp>(op)) {
    auto scast = dcast.getInput().getDefiningOp<quant::StorageCastOp>();
    return scast && matchPattern(scast.getInput(), m_Constant());
  }
  return op->hasTrait<OpTrait::ConstantLike>() ||
         isa<tensor::EmptyOp, linalg::FillOp, linalg::BroadcastOp>(op);
}

//===----------------------------------------------------------------------===//
// Convolutions and pools
//===----------------------------------------------------------------------===//

namespace {
/// The loops of a convolution or pool by what they run along. Read from the
/// maps alone: bodies with zero points have the same loops.
struct WindowLoops {
  SmallVector<unsigned> batch, depth, inputChannel, outputChannel;
  SmallVector<std::pair<unsigned, unsigned>> window; // image and filter loop
};
} // namespace

/// The two loops of `i * stride + k * dilation`: first the parallel one.
static std::optional<std::pair<unsigned, unsigned>>
matchWindow(AffineExpr expr, ArrayRef<utils::IteratorType> iterators) {
  SmallVector<unsigned, 2> loops;
  for (unsigned loop = 0; loop < iterators.size(); ++loop)
    if (expr.isFunctionOfDim(loop))
      loops.push_back(loop);
  auto isParallel = [&](unsigned loop) {
    return iterators[loop] == utils::IteratorType::parallel;
  };
  if (loops.size() != 2 || isParallel(loops[0]) == isParallel(loops[1]))
    return std::nullopt;
  if (!isParallel(loops[0]))
    std::swap(loops[0], loops[1]);
  return std::make_pair(loops[0], loops[1]);
}

static std::optional<WindowLoops> matchWindowLoops(linalg::LinalgOp op) {
  if (op->getNumResults() != 1 || op.getNumDpsInputs() < 2 ||
      op.getNumReductionLoops() == 0 || op.hasIndexSemantics())
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  AffineMap input = maps[0], filter = maps[1], result = maps.back();
  if (!filter.isProjectedPermutation() || !result.isProjectedPermutation())
    return std::nullopt;
  WindowLoops loops;
  SmallVector<bool> isWindow(iterators.size(), false);
  for (AffineExpr expr : input.getResults()) {
    if (isa<AffineDimExpr>(expr))
      continue;
    auto window = matchWindow(expr, iterators);
    if (!window || !filter.isFunctionOfDim(window->second) ||
        !result.isFunctionOfDim(window->first))
      return std::nullopt;
    loops.window.push_back(*window);
    isWindow[window->first] = isWindow[window->second] = true;
  }
  if (loops.window.empty())
    return std::nullopt;
  for (unsigned loop = 0; loop < iterators.size(); ++loop) {
    if (isWindow[loop])
      continue;
    bool inInput = input.isFunctionOfDim(loop);
    bool inFilter = filter.isFunctionOfDim(loop);
    if (iterators[loop] == utils::IteratorType::parallel)
      (inInput ? inFilter ? loops.depth : loops.batch : loops.outputChannel)
          .push_back(loop);
    else if (inInput)
      loops.inputChannel.push_back(loop);
    else
      return std::nullopt;
  }
  return loops;
}

/// The place of every loop in the wanted operand order: batch, image and
/// filter window, group, input channel, output channel. Filters put the group
/// first, unless every group has one input channel (depthwise).
static SmallVector<int64_t> getLoopRanks(const WindowLoops &loops,
                                         unsigned numLoops, bool isFilter) {
  SmallVector<int64_t> rank(numLoops, 0);
  int64_t next = 0;
  auto place = [&](ArrayRef<unsigned> list) {
    for (unsigned loop : list)
      rank[loop] = next++;
  };
  // The channels of a pool, which no filter reads, look like a batch.
  ArrayRef<unsigned> batch = loops.batch, channels;
  if (loops.depth.empty() && loops.inputChannel.empty() &&
      loops.outputChannel.empty() && !batch.empty())
    channels = batch.drop_front();
  bool groupFirst = isFilter && !loops.inputChannel.empty();
  place(batch.drop_back(channels.size()));
  if (groupFirst)
    place(loops.depth);
  for (auto [image, filter] : loops.window)
    rank[image] = rank[filter] = next++;
  if (!groupFirst)
    place(loops.depth);
  place(channels);
  place(loops.inputChannel);
  place(loops.outputChannel);
  return rank;
}

/// The results of `map` sorted by the rank of the first loop each one uses.
static Layout sortResults(AffineMap map, ArrayRef<int64_t> rank) {
  Layout layout = llvm::to_vector(llvm::seq<int64_t>(0, map.getNumResults()));
  auto key = [&](int64_t i) {
    for (unsigned loop = 0; loop < map.getNumDims(); ++loop)
      if (map.getResult(i).isFunctionOfDim(loop))
        return rank[loop];
    return int64_t(0);
  };
  llvm::stable_sort(layout,
                    [&](int64_t a, int64_t b) { return key(a) < key(b); });
  return layout;
}

std::optional<SmallVector<Layout>>
mlir::compress::getWindowLayouts(linalg::LinalgOp op) {
  std::optional<WindowLoops> loops = matchWindowLoops(op);
  if (!loops)
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<int64_t> ranks = getLoopRanks(*loops, op.getNumLoops(), false);
  SmallVector<int64_t> filterRanks =
      getLoopRanks(*loops, op.getNumLoops(), true);
  SmallVector<Layout> layouts;
  for (auto [i, map] : llvm::enumerate(maps))
    layouts.push_back(sortResults(map, i == 1 ? filterRanks : ranks));
  return layouts;
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

std::optional<Reshape> mlir::compress::matchReshape(Operation *op) {
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return Reshape{expand.getSrc(), expand.getResult(),
                   expand.getReassociationIndices(), /*isExpand=*/true};
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op))
    return Reshape{collapse.getResult(), collapse.getSrc(),
                   collapse.getReassociationIndices(), /*isExpand=*/false};
  return std::nullopt;
}

SmallVector<int64_t> mlir::compress::atomsOfFine(const Reshape &op,
                                                 ArrayRef<int64_t> layout) {
  auto type = cast<RankedTensorType>(op.fine.getType());
  SmallVector<int64_t> atoms;
  for (int64_t dim : layout)
    if (type.getDimSize(dim) != 1)
      atoms.push_back(dim);
  return atoms;
}

SmallVector<int64_t> mlir::compress::atomsOfCoarse(const Reshape &op,
                                                   ArrayRef<int64_t> layout) {
  Layout fine;
  for (int64_t dim : layout)
    fine.append(op.groups[dim].begin(), op.groups[dim].end());
  return atomsOfFine(op, fine);
}

/// The coarse layout that stores the atoms as the fine `layout` does.
static std::optional<Layout> toCoarse(const Reshape &op,
                                      ArrayRef<int64_t> layout) {
  SmallVector<int64_t> atoms = atomsOfFine(op, layout);
  // Dimensions of extent 1 stay where they are.
  Layout slots, sorted, coarse = identityLayout(op.coarse);
  auto place = [&](int64_t dim) {
    size_t first = atoms.size();
    for (int64_t atom : op.groups[dim])
      first = std::min<size_t>(first, llvm::find(atoms, atom) - atoms.begin());
    return first;
  };
  for (int64_t dim : coarse)
    if (place(dim) < atoms.size())
      slots.push_back(dim);
  sorted = slots;
  llvm::stable_sort(sorted,
                    [&](int64_t a, int64_t b) { return place(a) < place(b); });
  for (auto [slot, dim] : llvm::zip_equal(slots, sorted))
    coarse[slot] = dim;
  if (atomsOfCoarse(op, coarse) != atoms)
    return std::nullopt;
  return coarse;
}

//===----------------------------------------------------------------------===//
// LayoutAssignment
//===----------------------------------------------------------------------===//

LayoutAssignment::LayoutAssignment(Block &block) {
  for (auto op : block.getOps<linalg::LinalgOp>()) {
    std::optional<SmallVector<Layout>> wanted = getWindowLayouts(op);
    if (!wanted)
      continue;
    assign(op.getDpsInputOperand(0)->get(), wanted->front());
    assign(op->getResult(0), wanted->back());
  }
  // First in, first out: the nearest convolution decides.
  for (size_t i = 0; i < worklist.size(); ++i) {
    Value known = worklist[i];
    if (Operation *op = known.getDefiningOp())
      propagate(op, known);
    for (Operation *user : known.getUsers())
      propagate(user, known);
  }
}

Layout LayoutAssignment::get(Value value) const {
  auto it = layouts.find(value);
  return it == layouts.end() ? identityLayout(value) : it->second;
}

void LayoutAssignment::assign(Value value, Layout layout) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || isFree(value) ||
      type.getRank() != static_cast<int64_t>(layout.size()))
    return;
  if (layouts.try_emplace(value, std::move(layout)).second)
    worklist.push_back(value);
}

/// Tells the other operands and the result of `op` what the layout of `known`
/// means for them.
void LayoutAssignment::propagate(Operation *op, Value known) {
  Layout layout = get(known);
  if (auto reshape = matchReshape(op)) {
    if (known == reshape->fine) {
      if (auto coarse = toCoarse(*reshape, layout))
        assign(reshape->coarse, *coarse);
    } else {
      Layout fine;
      for (int64_t dim : layout)
        fine.append(reshape->groups[dim].begin(), reshape->groups[dim].end());
      assign(reshape->fine, fine);
    }
    return;
  }
  if (isa<tensor::PadOp, tensor::ExtractSliceOp, tensor::ConcatOp, FakeQuantOp,
          ObserveOp, ScatterChannelsOp>(op)) {
    // A slice that drops dimensions is caught by the rank.
    for (Value operand : op->getOperands())
      assign(operand, layout);
    assign(op->getResult(0), layout);
    return;
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || op->getNumResults() != 1 || linalgOp.hasIndexSemantics() ||
      getWindowLayouts(linalgOp))
    return;
  bool isElementwise = linalgOp.getNumLoops() == linalgOp.getNumParallelLoops();
  if (!isElementwise && !isa<linalg::GenericOp, linalg::ReduceOp>(op))
    return;
  AffineMap resultMap =
      linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0));
  SmallVector<std::pair<Value, AffineMap>> values = {
      {op->getResult(0), resultMap}};
  for (OpOperand &operand : op->getOpOperands())
    values.push_back(
        {operand.get(), linalgOp.getMatchingIndexingMap(&operand)});
  for (auto [value, map] : values) {
    if (value != known || !map.isPermutation())
      continue;
    SmallVector<unsigned> sequence = loopsInOrder(map, layout);
    for (auto [other, otherMap] : values) {
      if (isElementwise && otherMap.isPermutation())
        assign(other, layoutOfOrder(otherMap, sequence));
      // What is left of the dimensions keeps their order.
      if (!isElementwise && other == op->getResult(0) &&
          otherMap.isProjectedPermutation())
        assign(other, layoutOfOrder(otherMap, sequence));
    }
  }
}

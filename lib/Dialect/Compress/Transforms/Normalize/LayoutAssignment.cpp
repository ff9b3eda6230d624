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

/// The place of every loop in the wanted operand order: batch, image and
/// filter window, group, input channel, output channel. Filters put the group
/// first, unless every group has one input channel (depthwise).
static SmallVector<int64_t>
getLoopRanks(const linalg::ConvolutionDimensions &dims, AffineMap inputMap,
             bool isFilter) {
  SmallVector<int64_t> rank(inputMap.getNumDims(), 0);
  int64_t next = 0;
  auto place = [&](ArrayRef<unsigned> loops) {
    for (unsigned loop : loops)
      rank[loop] = next++;
  };
  // Upstream counts the channels of a pool, which no filter reads, as batch.
  ArrayRef<unsigned> batch = dims.batch;
  bool isPool = dims.depth.empty() && dims.inputChannel.empty() &&
                dims.outputChannel.empty();
  ArrayRef<unsigned> channels =
      isPool && !batch.empty() ? batch.drop_front() : ArrayRef<unsigned>();
  bool groupFirst = isFilter && !dims.inputChannel.empty();
  place(batch.drop_back(channels.size()));
  if (groupFirst)
    place(dims.depth);
  for (unsigned image : dims.outputImage) {
    rank[image] = next++;
    // The window loop that the same dimension of the input runs along.
    for (AffineExpr expr : inputMap.getResults())
      for (unsigned filter : dims.filterLoop)
        if (expr.isFunctionOfDim(image) && expr.isFunctionOfDim(filter))
          rank[filter] = rank[image];
  }
  if (!groupFirst)
    place(dims.depth);
  place(channels);
  place(dims.inputChannel);
  place(dims.outputChannel);
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
  if (op->getNumResults() != 1 || op.getNumDpsInputs() < 2 ||
      op.getNumReductionLoops() == 0)
    return std::nullopt;
  FailureOr<linalg::ConvolutionDimensions> dims =
      linalg::inferConvolutionDims(op);
  if (failed(dims) || dims->outputImage.empty())
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!maps.back().isProjectedPermutation())
    return std::nullopt;
  SmallVector<int64_t> ranks = getLoopRanks(*dims, maps[0], false);
  SmallVector<int64_t> filterRanks = getLoopRanks(*dims, maps[0], true);
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
          ObserveOp>(op)) {
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

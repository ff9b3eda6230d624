//===- RelateOps.cpp - how ops relate channels ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelGraph.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "PrunableLayer.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Ops that have maps
//===----------------------------------------------------------------------===//

/// Pins the axes that the body of `op` looks at from outside of the maps: the
/// loops whose index it asks for, and all of a tensor that it extracts from.
static void pinBody(ChannelGraph &graph, linalg::LinalgOp op,
                    SmallVectorImpl<bool> &indexed) {
  op.getBlock()->walk([&](Operation *inner) {
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      indexed[index.getDim()] = true;
    for (Value operand : inner->getOperands())
      if (auto type = dyn_cast<RankedTensorType>(operand.getType()))
        for (int64_t dim = 0; dim < type.getRank(); ++dim)
          graph.pin(graph.getAxis(operand, dim), op,
                    "elements are gathered from it by index");
  });
}

/// Why the sum, maximum... over a loop needs all of its elements; empty where
/// it is a plain sum, of which terms that are zero may go.
static StringRef whyReductionIsWhole(Operation *op) {
  switch (matchReduction(op)) {
  case Reduction::Sum:
  case Reduction::Product:
    return {};
  case Reduction::Maximum:
    return "a maximum is taken over it";
  case Reduction::None:
  case Reduction::Other:
    return "what is computed over it is no plain sum";
  }
  llvm_unreachable("a reduction");
}

bool mlir::compress::relateByMaps(ChannelGraph &graph, Operation *op) {
  std::optional<SmallVector<AffineMap>> maps = getDimensionMaps(op);
  if (!maps)
    return false;
  SmallVector<Value> values(op->getOperands());
  llvm::append_range(values, op->getResults());
  if (maps->size() != values.size() || maps->empty())
    return false;

  unsigned numLoops = maps->front().getNumDims();
  SmallVector<bool> windowed(numLoops), indexed(numLoops), inResult(numLoops);
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (linalgOp)
    pinBody(graph, linalgOp, indexed);

  // The first axis of a loop speaks for the others.
  SmallVector<unsigned> axisOfLoop(numLoops, ChannelGraph::kNone);
  for (auto [number, value, map] : llvm::enumerate(values, *maps)) {
    bool isResult = number >= op->getNumOperands();
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      unsigned axis = graph.getAxis(value, dim);
      auto loop = dyn_cast<AffineDimExpr>(expr);
      if (!loop) {
        expr.walk([&](AffineExpr inner) {
          if (auto dimExpr = dyn_cast<AffineDimExpr>(inner))
            windowed[dimExpr.getPosition()] = true;
        });
        bool isOne =
            axis != ChannelGraph::kNone && graph.getAxis(axis).extent == 1;
        if (!isOne)
          graph.pin(axis, op, "windows move along it");
        continue;
      }
      unsigned position = loop.getPosition();
      inResult[position] = inResult[position] || isResult;
      if (axisOfLoop[position] == ChannelGraph::kNone)
        axisOfLoop[position] = axis;
      else
        graph.relate(op, axisOfLoop[position], axis);
    }
  }

  for (unsigned loop = 0; loop < numLoops; ++loop) {
    unsigned axis = axisOfLoop[loop];
    if (windowed[loop])
      graph.pin(axis, op, "windows move along it");
    if (indexed[loop])
      graph.pin(axis, op, "the op computes with its index");
    if (!inResult[loop]) {
      StringRef reason = whyReductionIsWhole(op);
      if (!reason.empty())
        graph.pin(axis, op, reason);
    }
  }
  // In a product of two tensors, a loop of both factors and of the result.
  if (matchReduction(op) == Reduction::Product)
    for (unsigned loop = 0; loop < numLoops; ++loop)
      if (inResult[loop] && dimOfLoop((*maps)[0], loop) &&
          dimOfLoop((*maps)[1], loop))
        graph.prefer(axisOfLoop[loop]);
  return true;
}

//===----------------------------------------------------------------------===//
// Ops that move elements
//===----------------------------------------------------------------------===//

static int64_t rankOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getRank();
}

/// Relates dimension by dimension from operand to result.
static void relateAll(ChannelGraph &graph, Operation *op, Value from, Value to,
                      int64_t except = -1) {
  for (int64_t dim = 0; dim < rankOf(from); ++dim)
    if (dim != except)
      graph.relate(op, graph.getAxis(from, dim), graph.getAxis(to, dim));
}

static void relateConcat(ChannelGraph &graph, Operation *op, int64_t axis) {
  Value result = op->getResult(0);
  unsigned to = graph.getAxis(result, axis), offset = 0;
  bool isOpen = to == ChannelGraph::kNone;
  for (Value part : op->getOperands()) {
    relateAll(graph, op, part, result, axis);
    unsigned from = graph.getAxis(part, axis);
    isOpen |= from == ChannelGraph::kNone;
    if (isOpen)
      continue;
    unsigned count = graph.getAxis(from).extent;
    graph.relate(op, from, 0, to, offset, count);
    offset += count;
  }
  if (!isOpen)
    return;
  graph.pin(to, op, "parts of open extents are joined along it");
  for (Value part : op->getOperands())
    graph.pin(graph.getAxis(part, axis), op,
              "parts of open extents are joined along it");
}

/// The elements of `to`'s dimension are those of `from` behind `offset`, at
/// `stride`.
static void relateSlice(ChannelGraph &graph, Operation *op, unsigned from,
                        unsigned to, std::optional<int64_t> offset,
                        int64_t stride) {
  if (from == ChannelGraph::kNone || to == ChannelGraph::kNone || !offset ||
      stride != 1) {
    StringRef reason = stride != 1 ? "it is sliced with a stride"
                                   : "it is sliced at an unknown place";
    graph.pin(from, op, reason);
    graph.pin(to, op, reason);
    return;
  }
  graph.relate(op, from, *offset, to, 0, graph.getAxis(to).extent);
}

static void relateExtractSlice(ChannelGraph &graph, tensor::ExtractSliceOp op) {
  llvm::SmallBitVector dropped = op.getDroppedDims();
  int64_t resultDim = 0;
  for (int64_t dim = 0; dim < op.getSourceType().getRank(); ++dim) {
    unsigned from = graph.getAxis(op.getSource(), dim);
    if (dropped[dim]) {
      graph.pin(from, op, "one of its elements is taken");
      continue;
    }
    std::optional<int64_t> offset =
        getConstantIntValue(op.getMixedOffsets()[dim]);
    std::optional<int64_t> stride =
        getConstantIntValue(op.getMixedStrides()[dim]);
    relateSlice(graph, op, from, graph.getAxis(op.getResult(), resultDim++),
                offset, stride.value_or(0));
  }
}

static void relatePad(ChannelGraph &graph, Operation *op, Value source,
                      std::optional<ArrayRef<int64_t>> low) {
  Value result = op->getResult(0);
  for (int64_t dim = 0; dim < rankOf(source); ++dim) {
    unsigned from = graph.getAxis(source, dim);
    unsigned to = graph.getAxis(result, dim);
    if (!low || from == ChannelGraph::kNone || to == ChannelGraph::kNone ||
        (*low)[dim] < 0 ||
        (*low)[dim] + graph.getAxis(from).extent > graph.getAxis(to).extent) {
      graph.pin(from, op, "it is padded by an unknown number of elements");
      graph.pin(to, op, "it is padded by an unknown number of elements");
      continue;
    }
    graph.relate(op, from, 0, to, (*low)[dim], graph.getAxis(from).extent);
  }
}

bool mlir::compress::relateMovement(ChannelGraph &graph, Operation *op,
                                    SmallVectorImpl<Operation *> &reshapes) {
  if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
    relateConcat(graph, op, concat.getDim());
  } else if (auto concat = dyn_cast<tosa::ConcatOp>(op)) {
    relateConcat(graph, op, concat.getAxis());
  } else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
    relateExtractSlice(graph, slice);
  } else if (auto slice = dyn_cast<tosa::SliceOp>(op)) {
    SmallVector<int64_t> start;
    bool known =
        tosa::getConstShapeValues(slice.getStart().getDefiningOp(), start);
    for (int64_t dim = 0; dim < rankOf(slice.getInput1()); ++dim)
      relateSlice(graph, op, graph.getAxis(slice.getInput1(), dim),
                  graph.getAxis(slice.getOutput(), dim),
                  known ? std::optional(start[dim]) : std::nullopt, 1);
  } else if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    bool known = !ShapedType::isDynamicShape(pad.getStaticLow());
    relatePad(graph, op, pad.getSource(),
              known ? std::optional(pad.getStaticLow()) : std::nullopt);
  } else if (auto pad = dyn_cast<tosa::PadOp>(op)) {
    SmallVector<int64_t> both, low;
    bool known =
        tosa::getConstShapeValues(pad.getPadding().getDefiningOp(), both);
    for (size_t i = 0; known && i < both.size(); i += 2)
      low.push_back(both[i]);
    relatePad(graph, op, pad.getInput1(),
              known ? std::optional(ArrayRef(low)) : std::nullopt);
  } else if (auto scatter = dyn_cast<ScatterChannelsOp>(op)) {
    // Its channels are not those of the sum: a branch may lose more.
    relateAll(graph, op, scatter.getInput(), scatter.getOutput(),
              scatter.getAxis());
  } else if (isa<tensor::CastOp, quant::QuantizeCastOp, quant::DequantizeCastOp,
                 quant::StorageCastOp>(op)) {
    if (!isa<RankedTensorType>(op->getOperand(0).getType()) ||
        !isa<RankedTensorType>(op->getResult(0).getType()))
      return false;
    relateAll(graph, op, op->getOperand(0), op->getResult(0));
  } else if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
                 tosa::ReshapeOp>(op)) {
    reshapes.push_back(op);
  } else {
    return false;
  }
  return true;
}

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

namespace {
/// A factor of dimensions on both sides: how many elements it has, and how many
/// of each side's dimension lie within one of its steps.
struct Factor {
  int64_t extent;
  unsigned fromAxis, fromInner, toAxis, toInner;
};
} // namespace

/// Relates the dimensions `from` and `to`, whose elements in row-major order
/// are the same ones: as many as either has factors in common. One of them goes
/// on, the others are pinned.
static void relateFactors(ChannelGraph &graph, Operation *op,
                          ArrayRef<unsigned> from, ArrayRef<unsigned> to) {
  // From the innermost on, what is left of the two dimensions at hand.
  SmallVector<Factor> factors;
  size_t i = from.size(), j = to.size();
  int64_t left = 1, right = 1, leftInner = 1, rightInner = 1;
  bool divides = true;
  while (divides) {
    if (left == 1 && i > 0) {
      left = graph.getAxis(from[--i]).extent;
      leftInner = 1;
      continue;
    }
    if (right == 1 && j > 0) {
      right = graph.getAxis(to[--j]).extent;
      rightInner = 1;
      continue;
    }
    if (left == 1 || right == 1)
      break;
    int64_t extent = std::min(left, right);
    divides = left % extent == 0 && right % extent == 0;
    factors.push_back({extent, from[i], static_cast<unsigned>(leftInner), to[j],
                       static_cast<unsigned>(rightInner)});
    left /= extent;
    right /= extent;
    leftInner *= extent;
    rightInner *= extent;
  }
  auto pinAll = [&](const llvm::Twine &reason) {
    for (unsigned axis : llvm::concat<const unsigned>(from, to))
      if (graph.getAxis(axis).extent != 1)
        graph.pin(axis, op, reason);
  };
  if (!divides)
    return pinAll("it is cut anew, across its elements");
  if (factors.empty())
    return;

  auto countFree = [&](const Factor &factor) {
    unsigned free = factor.extent;
    for (unsigned axis : {factor.fromAxis, factor.toAxis})
      if (graph.getAxis(axis).extent == factor.extent)
        free = std::min(free, graph.countFree(axis));
    return free;
  };
  // Heads and groups first, then what has more to choose from, then the outer
  // one (the factors are listed from the innermost). Where none may go, what
  // pins the largest goes on.
  auto rank = [&](const Factor &factor) {
    unsigned free = countFree(factor);
    bool preferred = free > 0 && (graph.isPreferred(factor.fromAxis) ||
                                  graph.isPreferred(factor.toAxis));
    return std::make_tuple(preferred, free, factor.extent);
  };
  const Factor *best = &factors.front();
  for (const Factor &factor : ArrayRef(factors).drop_front())
    if (rank(factor) >= rank(*best))
      best = &factor;
  graph.relate(
      {op,
       {best->fromAxis, 0, graph.getAxis(best->fromAxis).extent,
        best->fromInner},
       {best->toAxis, 0, graph.getAxis(best->toAxis).extent, best->toInner},
       static_cast<unsigned>(best->extent)});
  for (const Factor &factor : factors) {
    if (&factor == best)
      continue;
    for (unsigned axis : {factor.fromAxis, factor.toAxis})
      if (axis != best->fromAxis && axis != best->toAxis)
        graph.pin(axis, op, "of the factors of a reshape another goes");
  }
}

/// The runs of dimensions on both sides that hold the same elements: as an
/// expansion or collapse says them, else the shortest.
static SmallVector<std::pair<SmallVector<unsigned>, SmallVector<unsigned>>>
findRuns(const ChannelGraph &graph, Operation *op) {
  SmallVector<unsigned> from, to;
  for (auto [value, axes] : {std::make_pair(op->getOperand(0), &from),
                             std::make_pair(Value(op->getResult(0)), &to)})
    for (int64_t dim = 0; dim < rankOf(value); ++dim)
      axes->push_back(graph.getAxis(value, dim));
  SmallVector<std::pair<SmallVector<unsigned>, SmallVector<unsigned>>> runs;
  auto addStated = [&](ArrayRef<ReassociationIndices> groups, bool expands) {
    for (auto [dim, group] : llvm::enumerate(groups)) {
      auto &[left, right] = runs.emplace_back();
      for (int64_t part : group)
        (expands ? right : left).push_back((expands ? to : from)[part]);
      (expands ? left : right).push_back((expands ? from : to)[dim]);
    }
  };
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op)) {
    addStated(expand.getReassociationIndices(), /*expands=*/true);
    return runs;
  }
  if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(op)) {
    addStated(collapse.getReassociationIndices(), /*expands=*/false);
    return runs;
  }
  size_t i = 0, j = 0;
  auto isOpen = [](unsigned axis) { return axis == ChannelGraph::kNone; };
  // An open batch in front stays what it is.
  if (!from.empty() && !to.empty() && isOpen(from[0]) && isOpen(to[0]))
    i = j = 1;
  if (llvm::any_of(ArrayRef(from).drop_front(i), isOpen) ||
      llvm::any_of(ArrayRef(to).drop_front(j), isOpen)) {
    runs.emplace_back(from, to);
    return runs;
  }
  while (i < from.size() || j < to.size()) {
    size_t fromBegin = i, toBegin = j;
    int64_t left = 1, right = 1;
    do {
      if (i < from.size() && (left <= right || j == to.size()))
        left *= graph.getAxis(from[i++]).extent;
      else if (j < to.size())
        right *= graph.getAxis(to[j++]).extent;
    } while (left != right && (i < from.size() || j < to.size()));
    runs.emplace_back(ArrayRef(from).slice(fromBegin, i - fromBegin),
                      ArrayRef(to).slice(toBegin, j - toBegin));
  }
  return runs;
}

static void relateReshape(ChannelGraph &graph, Operation *op) {
  for (auto &[from, to] : findRuns(graph, op)) {
    auto isOpen = [](unsigned axis) { return axis == ChannelGraph::kNone; };
    if (llvm::none_of(from, isOpen) && llvm::none_of(to, isOpen)) {
      relateFactors(graph, op, from, to);
      continue;
    }
    for (unsigned axis : llvm::concat<unsigned>(from, to))
      graph.pin(axis, op, "it is reshaped together with an open extent");
  }
}

void mlir::compress::relateReshapes(ChannelGraph &graph,
                                    ArrayRef<Operation *> reshapes) {
  auto touchesPreferred = [&](Operation *op) {
    for (Value value : {op->getOperand(0), Value(op->getResult(0))})
      for (int64_t dim = 0; dim < rankOf(value); ++dim)
        if (unsigned axis = graph.getAxis(value, dim);
            axis != ChannelGraph::kNone && graph.isPreferred(axis))
          return true;
    return false;
  };
  // What is preferred spreads from reshape to reshape before the others choose.
  SmallVector<Operation *> rest(reshapes);
  for (bool changed = true; changed;) {
    changed = false;
    SmallVector<Operation *> later;
    for (Operation *op : rest) {
      if (!touchesPreferred(op)) {
        later.push_back(op);
        continue;
      }
      relateReshape(graph, op);
      changed = true;
    }
    rest = std::move(later);
  }
  for (Operation *op : rest)
    relateReshape(graph, op);
}

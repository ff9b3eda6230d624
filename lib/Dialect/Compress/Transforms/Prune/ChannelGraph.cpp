//===- ChannelGraph.cpp - which channels live and die together -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelGraph.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

void ChannelGraph::addValue(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (type.isDynamicDim(dim))
      continue;
    unsigned extent = type.getDimSize(dim), first = parents.size();
    axisOf[{value, static_cast<unsigned>(dim)}] = axes.size();
    axes.push_back({value, static_cast<unsigned>(dim), first, extent});
    for (unsigned node = first; node < first + extent; ++node)
      parents.push_back(node);
  }
}

ChannelGraph::ChannelGraph(func::FuncOp func) {
  Block &block = func.getBody().front();
  for (BlockArgument argument : block.getArguments())
    addValue(argument);
  for (Operation &op : block)
    for (Value result : op.getResults())
      addValue(result);
  pinOf.assign(parents.size(), 0);
  preferred.assign(parents.size(), 0);

  for (unsigned axis = 0; axis < axes.size(); ++axis) {
    if (!isa<BlockArgument>(axes[axis].value))
      break;
    pin(axis, nullptr, "an input of the network has it");
  }

  SmallVector<Operation *> reshapes;
  for (Operation &op : block) {
    if (isa<func::ReturnOp>(op)) {
      pinOperandsAndResults(&op, "an output of the network has it");
      continue;
    }
    if (isa<tensor::EmptyOp>(op))
      continue;
    if (op.hasTrait<OpTrait::ConstantLike>()) {
      // One whose elements the text left out has nothing to cut.
      Attribute value;
      if (matchPattern(&op, m_Constant(&value)) && isa<ElementsAttr>(value) &&
          !isa<DenseElementsAttr>(value) && !isReadable(value))
        pinOperandsAndResults(&op, "its elements are not there");
      continue;
    }
    if (relateMovement(*this, &op, reshapes) || relateByMaps(*this, &op))
      continue;
    pinOperandsAndResults(&op, "it is not known how " +
                                   op.getName().getStringRef() +
                                   " relates its channels");
  }
  // What the others have said decides which factor may go.
  relateReshapes(*this, reshapes);
}

unsigned ChannelGraph::getAxis(Value value, int64_t dim) const {
  auto found = axisOf.find({value, static_cast<unsigned>(dim)});
  return found == axisOf.end() ? kNone : found->second;
}

unsigned ChannelGraph::getUnit(unsigned node) const {
  while (parents[node] != node)
    node = parents[node] = parents[parents[node]];
  return node;
}

const ChannelGraph::Pin *ChannelGraph::getPin(unsigned unit) const {
  unsigned pin = pinOf[getUnit(unit)];
  return pin ? &pins[pin - 1] : nullptr;
}

ArrayRef<AxisRelation> ChannelGraph::getRelations(Operation *op) const {
  auto found = relations.find(op);
  return found == relations.end() ? ArrayRef<AxisRelation>()
                                  : ArrayRef<AxisRelation>(found->second);
}

void ChannelGraph::unite(unsigned a, unsigned b) {
  a = getUnit(a);
  b = getUnit(b);
  if (a == b)
    return;
  // The first node stands for all, so that units are numbered in the order of
  // the function. Halving the paths keeps them short.
  if (b < a)
    std::swap(a, b);
  parents[b] = a;
  if (!pinOf[a])
    pinOf[a] = pinOf[b];
  preferred[a] |= preferred[b];
}

void ChannelGraph::pinNode(unsigned node, unsigned pin) {
  node = getUnit(node);
  if (!pinOf[node])
    pinOf[node] = pin;
}

void ChannelGraph::relate(Operation *op, unsigned from, unsigned to) {
  if (from == kNone || to == kNone || axes[from].extent != axes[to].extent) {
    pin(from, op, "the other side has an open or another extent");
    pin(to, op, "the other side has an open or another extent");
    return;
  }
  relate(op, from, 0, to, 0, axes[from].extent);
}

void ChannelGraph::relate(Operation *op, unsigned from, unsigned fromOffset,
                          unsigned to, unsigned toOffset, unsigned count) {
  relate({op, {from, fromOffset, count}, {to, toOffset, count}, count});
}

void ChannelGraph::relate(const AxisRelation &relation) {
  if (relation.from.axis == kNone || relation.to.axis == kNone) {
    pin(relation.from.axis, relation.op, "the other side has an open extent");
    pin(relation.to.axis, relation.op, "the other side has an open extent");
    return;
  }
  relations[relation.op].push_back(relation);
  SmallVector<unsigned> firstOf(relation.extent, kNone);
  for (const AxisRelation::Side &side : {relation.from, relation.to}) {
    unsigned first = axes[side.axis].first + side.offset;
    for (unsigned n = 0; n < side.count; ++n) {
      unsigned &other = firstOf[n / side.inner % relation.extent];
      if (other == kNone)
        other = first + n;
      else
        unite(other, first + n);
    }
  }
}

void ChannelGraph::pin(unsigned axis, Operation *op,
                       const llvm::Twine &reason) {
  if (axis == kNone)
    return;
  pins.push_back({op, reason.str()});
  for (unsigned n = 0; n < axes[axis].extent; ++n)
    pinNode(axes[axis].first + n, pins.size());
}

void ChannelGraph::pinOperandsAndResults(Operation *op,
                                         const llvm::Twine &reason) {
  auto pinValue = [&](Value value) {
    if (auto type = dyn_cast<RankedTensorType>(value.getType()))
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        pin(getAxis(value, dim), op, reason);
  };
  llvm::for_each(op->getOperands(), pinValue);
  llvm::for_each(op->getResults(), pinValue);
  // What stands in a branch, say, is not looked at.
  op->walk([&](Operation *inner) {
    llvm::for_each(inner->getOperands(), pinValue);
  });
}

void ChannelGraph::prefer(unsigned axis) {
  if (axis == kNone)
    return;
  for (unsigned n = 0; n < axes[axis].extent; ++n)
    preferred[getUnit(axis, n)] = 1;
}

bool ChannelGraph::isPreferred(unsigned axis) const {
  for (unsigned n = 0; n < axes[axis].extent; ++n)
    if (!preferred[getUnit(axis, n)])
      return false;
  return true;
}

unsigned ChannelGraph::countFree(unsigned axis) const {
  unsigned count = 0;
  for (unsigned n = 0; n < axes[axis].extent; ++n)
    count += !getPin(getUnit(axis, n));
  return count;
}

/// Constants in another shape, as exporters leave the weights of groups, become
/// constants of that shape: layers want constant weights.
static void foldReshapedConstants(func::FuncOp func) {
  for (Operation &op :
       llvm::make_early_inc_range(func.getBody().front().getOperations())) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
      continue;
    auto type = cast<RankedTensorType>(op.getResult(0).getType());
    FailureOr<ConstantData> data = readConstant(op.getOperand(0));
    if (failed(data) || !type.hasStaticShape())
      continue;
    OpBuilder builder(&op);
    Value folded = arith::ConstantOp::create(
        builder, op.getLoc(), type,
        cast<TypedAttr>(makeConstant(type, ArrayRef<char>(data->bytes))));
    op.getResult(0).replaceAllUsesWith(folded);
    op.erase();
  }
}

void mlir::compress::separateConstants(func::FuncOp func) {
  foldReshapedConstants(func);
  auto isAlikeByChance = [](Operation &op) {
    if (op.getNumResults() != 1)
      return false;
    auto type = dyn_cast<RankedTensorType>(op.getResult(0).getType());
    if (!type)
      return false;
    if (isa<tensor::EmptyOp, linalg::FillOp>(op))
      return true;
    if (!op.hasTrait<OpTrait::ConstantLike>())
      return false;
    return matchSplat(op.getResult(0)) ||
           llvm::count_if(type.getShape(),
                          [](int64_t extent) { return extent != 1; }) <= 1;
  };
  // From the end: the users of a fill have theirs before its empty tensor is
  // looked at.
  for (Operation &op : llvm::make_early_inc_range(
           llvm::reverse(func.getBody().front().getOperations()))) {
    if (!isAlikeByChance(op))
      continue;
    SmallVector<OpOperand *> uses;
    for (OpOperand &use : op.getResult(0).getUses())
      uses.push_back(&use);
    OpBuilder builder(&op);
    for (OpOperand *use : ArrayRef(uses).drop_front(uses.empty() ? 0 : 1)) {
      builder.setInsertionPoint(&op);
      use->set(builder.clone(op)->getResult(0));
    }
  }
}

//===- GatherOps.cpp - elements that are chosen by their indices ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyExporter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

static bool isConstant(Value value, int64_t number) {
  APInt bits;
  return matchPattern(value, m_ConstantInt(&bits)) &&
         bits.getSExtValue() == number;
}

/// The index that is brought into [0, extent), negative ones counted from the
/// end: what Gather does itself.
static Value skipBounds(Value index, int64_t extent) {
  auto upper = index.getDefiningOp<arith::MinSIOp>();
  if (!upper || !isConstant(upper.getRhs(), extent - 1))
    return index;
  auto lower = upper.getLhs().getDefiningOp<arith::MaxSIOp>();
  if (!lower || !isConstant(lower.getRhs(), 0))
    return index;
  auto select = lower.getLhs().getDefiningOp<arith::SelectOp>();
  if (!select)
    return index;
  auto cmp = select.getCondition().getDefiningOp<arith::CmpIOp>();
  auto sum = select.getTrueValue().getDefiningOp<arith::AddIOp>();
  Value given = select.getFalseValue();
  bool wraps = cmp && sum && cmp.getPredicate() == arith::CmpIPredicate::slt &&
               cmp.getLhs() == given && isConstant(cmp.getRhs(), 0) &&
               sum.getLhs() == given && isConstant(sum.getRhs(), extent);
  return wraps ? given : index;
}

/// `source` at indices of which all but that of dimension `axis` are loops of
/// their own; nothing, without an error, where no operator has that form.
FailureOr<ValueId> BodyExporter::computeGather(tensor::ExtractOp extract,
                                               unsigned axis) {
  FailureOr<GraphTensor> source = exporter.getTensor(extract.getTensor());
  auto type = cast<RankedTensorType>(extract.getTensor().getType());
  if (failed(source))
    return failure();
  SmallVector<unsigned> loops(type.getRank());
  for (auto [dim, index] : llvm::enumerate(extract.getIndices()))
    if (dim != axis)
      loops[dim] = index.getDefiningOp<linalg::IndexOp>().getDim();
  FailureOr<ValueId> indices =
      get(skipBounds(extract.getIndices()[axis], type.getDimSize(axis)));
  if (failed(indices))
    return failure();

  // The loops that the index depends on take the place of the dimension.
  ArrayRef<int64_t> aligned = graph.getShape(*indices);
  SmallVector<unsigned> indexLoops;
  SmallVector<int64_t> extents;
  for (auto [i, extent] : llvm::enumerate(aligned))
    if (extent != 1) {
      indexLoops.push_back(order[order.size() - aligned.size() + i]);
      extents.push_back(extent);
    }
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  bool isApart = true, isWhole = true;
  for (auto [dim, loop] : llvm::enumerate(loops)) {
    if (dim == axis)
      continue;
    isApart &= !llvm::is_contained(indexLoops, loop);
    isWhole &= ranges[loop] == type.getDimSize(dim);
  }
  OnnxType element = graph.get(source->value).type;
  if (isApart && isWhole) {
    SmallVector<unsigned> resultLoops;
    SmallVector<int64_t> resultShape;
    int64_t axisThere = source->order[axis];
    for (int64_t place = 0; place < type.getRank(); ++place) {
      unsigned dim = llvm::find(source->order, place) - source->order.begin();
      if (place == axisThere) {
        llvm::append_range(resultLoops, indexLoops);
        llvm::append_range(resultShape, extents);
        continue;
      }
      resultLoops.push_back(loops[dim]);
      resultShape.push_back(type.getDimSize(dim));
    }
    ValueId chosen = graph.addNode(
        "Gather", {source->value, graph.reshape(*indices, extents)}, element,
        resultShape, {{"axis", axisThere}});
    return align({chosen, llvm::to_vector(llvm::seq<int64_t>(
                              0, static_cast<int64_t>(resultShape.size())))},
                 resultLoops);
  }
  // One index for each element, of a tensor with the same dimensions.
  if (loops.size() != ranges.size())
    return failure();
  for (unsigned loop = 0; loop < ranges.size(); ++loop) {
    bool isFree = true;
    for (auto [dim, other] : llvm::enumerate(loops))
      isFree &= dim == axis || other != loop;
    if (isFree)
      loops[axis] = loop;
  }
  LoopGroups groups;
  for (unsigned loop : order)
    groups.push_back({loop});
  int64_t axisThere = llvm::find(order, loops[axis]) - order.begin();
  return graph.addNode(
      "GatherElements",
      {exporter.arrange(*source, loops, groups), graph.expand(*indices, shape)},
      element, shape, {{"axis", axisThere}});
}

FailureOr<ValueId> BodyExporter::computeExtract(tensor::ExtractOp extract) {
  // At most one index that is no loop, and no loop twice.
  SmallVector<unsigned> others, seen;
  bool isPlain = true;
  for (auto [dim, index] : llvm::enumerate(extract.getIndices())) {
    auto loop = index.getDefiningOp<linalg::IndexOp>();
    if (!loop) {
      others.push_back(dim);
      continue;
    }
    isPlain &= !llvm::is_contained(seen, loop.getDim());
    seen.push_back(loop.getDim());
  }
  if (isPlain && others.size() == 1) {
    FailureOr<ValueId> result = computeGather(extract, others.front());
    if (succeeded(result))
      return result;
  }
  // One number for all coordinates of an element.
  FailureOr<ValueId> source = exporter.getValue(extract.getTensor());
  if (failed(source))
    return failure();
  auto type = cast<RankedTensorType>(extract.getTensor().getType());
  ValueId place = graph.addScalar(OnnxType::Int64, 0);
  for (auto [dim, index] : llvm::enumerate(extract.getIndices())) {
    FailureOr<ValueId> coordinate = get(index);
    if (failed(coordinate))
      return failure();
    ValueId extent = graph.addScalar(OnnxType::Int64,
                                     static_cast<double>(type.getDimSize(dim)));
    ValueId next = graph.cast(*coordinate, OnnxType::Int64);
    place = dim == 0 ? next : node("Add", {node("Mul", {place, extent}), next});
  }
  SmallVector<int64_t> shape(graph.getShape(place));
  return graph.addNode("Gather",
                       {graph.reshape(*source, type.getNumElements()), place},
                       graph.get(*source).type, shape, {{"axis", int64_t(0)}});
}

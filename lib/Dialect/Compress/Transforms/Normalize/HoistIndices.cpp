//===- HoistIndices.cpp - what bodies compute from loop indices -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FoldConstants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// What a value of a body depends on.
enum class Source { Constant, Indices, Elements };

/// A value that depends on indices, and the loops that they count.
struct IndexValue {
  Value value;
  SmallVector<Operation *> slice; // in the order of the body
  llvm::SetVector<unsigned> loops;
};
} // namespace

static bool isElement(Type type) {
  return type.isF32() || type.isF64() ||
         (type.isSignlessInteger() && type.getIntOrFloatBitWidth() >= 8 &&
          type.getIntOrFloatBitWidth() <= 64);
}

/// The last values of `op` that depend on indices alone: ops that read elements
/// use them.
static SmallVector<Value> findIndexValues(linalg::GenericOp op) {
  DenseMap<Value, Source> sources;
  auto sourceOf = [&](Value value) {
    auto it = sources.find(value);
    if (it != sources.end())
      return it->second;
    return matchPattern(value, m_Constant()) ? Source::Constant
                                             : Source::Elements;
  };
  llvm::SetVector<Value> found;
  for (Operation &inner : *op.getBody()) {
    Source source = Source::Constant;
    if (isa<linalg::IndexOp>(inner))
      source = Source::Indices;
    else if (inner.getNumResults() != 1 || inner.getNumRegions() != 0 ||
             !isPure(&inner))
      source = Source::Elements;
    for (Value operand : inner.getOperands())
      source = std::max(source, sourceOf(operand));
    for (Value result : inner.getResults())
      sources[result] = source;
    if (source == Source::Elements)
      for (Value operand : inner.getOperands())
        if (sourceOf(operand) == Source::Indices &&
            isElement(operand.getType()))
          found.insert(operand);
  }
  return SmallVector<Value>(found.begin(), found.end());
}

static IndexValue sliceOf(linalg::GenericOp op, Value value) {
  IndexValue result{value, {}, {}};
  DenseSet<Value> needed = {value};
  for (Operation &inner : llvm::reverse(*op.getBody())) {
    if (inner.getNumResults() != 1 || !needed.contains(inner.getResult(0)))
      continue;
    result.slice.push_back(&inner);
    needed.insert(inner.operand_begin(), inner.operand_end());
    if (auto index = dyn_cast<linalg::IndexOp>(inner))
      result.loops.insert(index.getDim());
  }
  std::reverse(result.slice.begin(), result.slice.end());
  return result;
}

/// A generic over the loops of `index` alone that computes its value; null
/// where one of them is open.
static linalg::GenericOp buildIndexTensor(OpBuilder &b, linalg::GenericOp op,
                                          const IndexValue &index) {
  SmallVector<int64_t> extents = op.getStaticLoopRanges(), shape;
  for (unsigned loop : index.loops)
    shape.push_back(extents[loop]);
  if (llvm::any_of(shape, ShapedType::isDynamic))
    return {};
  Location loc = op.getLoc();
  auto type = RankedTensorType::get(shape, index.value.getType());
  Value empty = tensor::EmptyOp::create(b, loc, shape, type.getElementType());
  int64_t rank = type.getRank();
  return linalg::GenericOp::create(
      b, loc, TypeRange{type}, ValueRange{}, ValueRange{empty},
      b.getMultiDimIdentityMap(rank),
      SmallVector<utils::IteratorType>(rank, utils::IteratorType::parallel),
      [&](OpBuilder &b, Location loc, ValueRange) {
        IRMapping mapping;
        for (Operation *inner : index.slice) {
          auto counted = dyn_cast<linalg::IndexOp>(inner);
          if (!counted) {
            b.clone(*inner, mapping);
            continue;
          }
          const auto *at = llvm::find(index.loops, counted.getDim());
          mapping.map(counted.getResult(),
                      linalg::IndexOp::create(b, loc, at - index.loops.begin())
                          .getResult());
        }
        linalg::YieldOp::create(b, loc, mapping.lookup(index.value));
      });
}

bool mlir::compress::hoistIndices(linalg::GenericOp op,
                                  ConstantEvaluator &evaluator) {
  SmallVector<Value> inputs(op.getInputs());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<Value> hoisted;
  OpBuilder b(op);
  unsigned place = inputs.size();
  for (Value value : findIndexValues(op)) {
    IndexValue index = sliceOf(op, value);
    linalg::GenericOp made = buildIndexTensor(b, op, index);
    const ConstantData *data =
        made ? evaluator.evaluate(made.getResult(0)) : nullptr;
    if (!data)
      continue;
    inputs.push_back(arith::ConstantOp::create(
        b, op.getLoc(), makeConstant(data->type, data->bytes)));
    SmallVector<AffineExpr> results;
    for (unsigned loop : index.loops)
      results.push_back(b.getAffineDimExpr(loop));
    maps.insert(maps.begin() + place + hoisted.size(),
                AffineMap::get(op.getNumLoops(), 0, results, op.getContext()));
    hoisted.push_back(value);
  }
  if (hoisted.empty())
    return false;
  auto replacement = linalg::GenericOp::create(
      b, op.getLoc(), op.getResultTypes(), inputs, op.getOutputs(), maps,
      op.getIteratorTypesArray(),
      [&](OpBuilder &b, Location, ValueRange arguments) {
        IRMapping mapping;
        auto old = op.getBody()->getArguments();
        mapping.map(old.take_front(place), arguments.take_front(place));
        mapping.map(old.drop_front(place),
                    arguments.drop_front(place + hoisted.size()));
        for (Operation &inner : *op.getBody()) {
          b.clone(inner, mapping);
          for (auto [i, value] : llvm::enumerate(hoisted))
            if (value.getDefiningOp() == &inner)
              mapping.map(value, arguments[place + i]);
        }
      });
  replacement.getBody()->walk<WalkOrder::PostOrder, mlir::ReverseIterator>(
      [](Operation *inner) {
        if (isOpTriviallyDead(inner))
          inner->erase();
      });
  op.replaceAllUsesWith(replacement.getResults());
  return true;
}

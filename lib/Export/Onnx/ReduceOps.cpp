//===- ReduceOps.cpp - sums, products and extrema over dimensions ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyExporter.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

namespace {
/// An operator that reduces, the one that combines two results of it, and the
/// number that changes nothing.
struct Reducer {
  StringRef op, combiner;
  double neutral;
};
} // namespace

static std::optional<Reducer> getReducer(Operation *op) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (isa_and_nonnull<arith::AddFOp, arith::AddIOp>(op))
    return Reducer{"ReduceSum", "Add", 0};
  if (isa_and_nonnull<arith::MulFOp, arith::MulIOp>(op))
    return Reducer{"ReduceProd", "Mul", 1};
  if (isa_and_nonnull<arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp>(op))
    return Reducer{"ReduceMax", "Max", -infinity};
  if (isa_and_nonnull<arith::MinimumFOp, arith::MinNumFOp, arith::MinSIOp>(op))
    return Reducer{"ReduceMin", "Min", infinity};
  return std::nullopt;
}

/// Whether `number` is where an extremum of `element` may start from.
static bool isNeutral(const Reducer &reducer, double number, Type element) {
  if (!std::isinf(reducer.neutral))
    return number == reducer.neutral;
  double end = static_cast<double>(std::numeric_limits<float>::max());
  if (auto integer = dyn_cast<IntegerType>(element)) {
    unsigned width = integer.getWidth();
    return number == static_cast<double>(reducer.neutral < 0
                                             ? llvm::minIntN(width)
                                             : llvm::maxIntN(width));
  }
  return reducer.neutral < 0 ? number <= -end : number >= end;
}

LogicalResult OnnxExporter::exportReduction(linalg::LinalgOp op) {
  BlockArgument sum = op.getMatchingBlockArgument(op.getDpsInitOperand(0));
  Operation *combiner =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  std::optional<Reducer> reducer = getReducer(combiner);
  std::optional<SmallVector<unsigned>> outputLoops =
      getLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
  // The term must not depend on the sum.
  bool isAccumulation = reducer && outputLoops && sum.hasOneUse() &&
                        llvm::is_contained(combiner->getOperands(), sum);
  if (!isAccumulation)
    return fail(op, "it reduces by something else than a sum, a product, a "
                    "maximum or a minimum");
  Value term = combiner->getOperand(combiner->getOperand(0) == sum ? 1 : 0);
  BodyExporter body(*this, op);
  FailureOr<ValueId> value = body.getFull(term);
  if (failed(value))
    return failure();
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  std::optional<OnnxType> type = getOnnxType(element);
  if (!type || *type == OnnxType::Bool)
    return fail(op, "it reduces elements of a type that ONNX does not");
  SmallVector<int64_t> axes;
  SmallVector<unsigned> left;
  for (auto [place, loop] : llvm::enumerate(body.getOrder())) {
    if (llvm::is_contained(*outputLoops, loop))
      left.push_back(loop);
    else
      axes.push_back(static_cast<int64_t>(place));
  }
  ValueId result = graph.reduce(reducer->op, graph.cast(*value, *type), axes);
  GraphTensor tensor{result, {}};
  for (unsigned loop : *outputLoops)
    tensor.order.push_back(llvm::find(left, loop) - left.begin());
  Value init = op.getDpsInits()[0];
  std::optional<double> first = matchSplat(init);
  if (!first || !isNeutral(*reducer, *first, element)) {
    ValueId start;
    if (first) {
      start = graph.addScalar(*type, *first);
    } else {
      FailureOr<GraphTensor> given = getTensor(init);
      if (failed(given))
        return failure();
      LoopGroups groups;
      for (unsigned loop : left)
        groups.push_back({loop});
      start = arrange(*given, *outputLoops, groups);
    }
    tensor.value = graph.addElementwise(reducer->combiner, {start, result});
  }
  setTensor(op->getResult(0), tensor);
  return success();
}

/// The comparison that says whether an element is better than the best one so
/// far: alone, or where that is no NaN.
static arith::CmpFOp getComparison(Value condition, Value best) {
  if (auto both = condition.getDefiningOp<arith::AndIOp>())
    for (unsigned i : {0, 1}) {
      auto ordered = both->getOperand(i).getDefiningOp<arith::CmpFOp>();
      if (ordered && ordered.getPredicate() == arith::CmpFPredicate::ORD &&
          ordered.getLhs() == best && ordered.getRhs() == best)
        return both->getOperand(1 - i).getDefiningOp<arith::CmpFOp>();
    }
  return condition.getDefiningOp<arith::CmpFOp>();
}

/// The best number and its place along one dimension, as the importer and the
/// lowering of tosa.argmax write it; only the place is written.
LogicalResult OnnxExporter::exportArgMax(linalg::LinalgOp op) {
  auto reject = [&]() {
    return fail(op, "it reduces to two tensors, and is no arg max of f32 whose "
                    "place alone is used");
  };
  // The place is the result of integers.
  bool isFirst = getElementTypeOrSelf(op->getResult(0)).isSignlessInteger();
  unsigned placeAt = isFirst ? 0 : 1, bestAt = 1 - placeAt;
  SmallVector<unsigned> reduced;
  op.getReductionDims(reduced);
  std::optional<OnnxType> type =
      getOnnxType(getElementTypeOrSelf(op->getResult(placeAt)));
  if (op.getNumDpsInputs() != 1 || reduced.size() != 1 || !type ||
      !getElementTypeOrSelf(op->getOperand(0)).isF32() ||
      !op->getResult(bestAt).use_empty())
    return reject();
  Operation *yield = op.getBlock()->getTerminator();
  auto place = yield->getOperand(placeAt).getDefiningOp<arith::SelectOp>();
  auto best = yield->getOperand(bestAt).getDefiningOp<arith::SelectOp>();
  OpOperand *input = op.getDpsInputOperand(0);
  OpOperand *places = op.getDpsInitOperand(placeAt);
  OpOperand *numbers = op.getDpsInitOperand(bestAt);
  BlockArgument element = op.getMatchingBlockArgument(input);
  BlockArgument bestSoFar = op.getMatchingBlockArgument(numbers);
  auto cmp =
      place ? getComparison(place.getCondition(), bestSoFar) : arith::CmpFOp();
  if (!cmp || !best || best.getCondition() != place.getCondition() ||
      cmp.getLhs() != element || cmp.getRhs() != bestSoFar ||
      best.getTrueValue() != element || best.getFalseValue() != bestSoFar ||
      place.getFalseValue() != op.getMatchingBlockArgument(places))
    return reject();
  using Predicate = arith::CmpFPredicate;
  Predicate predicate = cmp.getPredicate();
  bool isMax = llvm::is_contained(
      {Predicate::OGT, Predicate::OGE, Predicate::UGT, Predicate::UGE},
      predicate);
  bool isMin = llvm::is_contained(
      {Predicate::OLT, Predicate::OLE, Predicate::ULT, Predicate::ULE},
      predicate);
  bool isLast = llvm::is_contained(
      {Predicate::OGE, Predicate::UGE, Predicate::OLE, Predicate::ULE},
      predicate);
  auto index = place.getTrueValue().getDefiningOp<arith::IndexCastOp>();
  auto loop = index ? index.getIn().getDefiningOp<linalg::IndexOp>()
                    : linalg::IndexOp();
  std::optional<SmallVector<unsigned>> inputLoops =
      getLoops(op.getMatchingIndexingMap(input));
  std::optional<SmallVector<unsigned>> outputLoops =
      getLoops(op.getMatchingIndexingMap(places));
  std::optional<double> first = matchSplat(numbers->get());
  constexpr double lowest = std::numeric_limits<float>::lowest();
  if (!(isMax || isMin) || !loop || loop.getDim() != reduced.front() ||
      !inputLoops || !outputLoops || !first ||
      matchSplat(places->get()) != 0.0 ||
      !(isMax ? *first <= lowest : *first >= -lowest))
    return reject();
  FailureOr<GraphTensor> tensor = getTensor(input->get());
  if (failed(tensor))
    return failure();
  SmallVector<int64_t> shape(graph.getShape(tensor->value));
  SmallVector<unsigned> left(shape.size());
  for (auto [dim, inputLoop] : llvm::enumerate(*inputLoops))
    left[tensor->order[dim]] = inputLoop;
  int64_t axis = llvm::find(left, reduced.front()) - left.begin();
  shape.erase(shape.begin() + axis);
  left.erase(left.begin() + axis);
  ValueId value = graph.addNode(isMax ? "ArgMax" : "ArgMin", tensor->value,
                                OnnxType::Int64, shape,
                                {{"axis", axis},
                                 {"keepdims", int64_t(0)},
                                 {"select_last_index", int64_t(isLast)}});
  GraphTensor result{graph.cast(value, *type), {}};
  for (unsigned outputLoop : *outputLoops)
    result.order.push_back(llvm::find(left, outputLoop) - left.begin());
  setTensor(op->getResult(placeAt), result);
  return success();
}

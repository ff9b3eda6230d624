//===- BodyExporter.cpp - the bodies of elementwise ops -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "BodyExporter.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/ScalarBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

BodyExporter::BodyExporter(OnnxExporter &exporter, linalg::LinalgOp op)
    : exporter(exporter), graph(exporter.graph), op(op) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (OpOperand *input : op.getDpsInputOperands()) {
    auto tensor = exporter.tensors.find(input->get());
    std::optional<SmallVector<unsigned>> loops =
        getLoops(op.getMatchingIndexingMap(input));
    // A constant has no order that would be worth keeping.
    if (tensor == exporter.tensors.end() || !loops ||
        loops->size() != ranges.size() ||
        graph.get(tensor->second.value).constant)
      continue;
    order.resize(ranges.size());
    for (auto [dim, loop] : llvm::enumerate(*loops))
      order[tensor->second.order[dim]] = loop;
    break;
  }
  if (order.empty()) {
    // Else that of the result, behind which reduced loops come.
    OpOperand *init = op.getDpsInitOperand(0);
    order = getLoops(op.getMatchingIndexingMap(init))
                .value_or(SmallVector<unsigned>());
    for (unsigned loop = 0; loop < ranges.size(); ++loop)
      if (!llvm::is_contained(order, loop))
        order.push_back(loop);
  }
  for (unsigned loop : order)
    shape.push_back(ranges[loop]);
}

ValueId BodyExporter::align(const GraphTensor &tensor,
                            ArrayRef<unsigned> loops) {
  LoopGroups groups;
  for (unsigned loop : order)
    if (!groups.empty() || llvm::is_contained(loops, loop))
      groups.push_back({loop});
  return exporter.arrange(tensor, loops, groups);
}

FailureOr<ValueId> BodyExporter::getOperand(OpOperand *operand) {
  Value value = operand->get();
  AffineMap map = op.getMatchingIndexingMap(operand);
  Type type = value.getType();
  std::optional<OnnxType> element = getOnnxType(getElementTypeOrSelf(type));
  // What fills a tensor is a scalar; constants of several elements may be
  // parameters, whose number counts.
  bool isFill = !value.getDefiningOp() ||
                !value.getDefiningOp()->hasTrait<OpTrait::ConstantLike>() ||
                !isa<ShapedType>(type) ||
                cast<ShapedType>(type).getNumElements() == 1;
  if (std::optional<double> splat = matchSplat(value);
      splat && element && isFill)
    return graph.addScalar(*element, *splat);
  // What is only repeated is read where it comes from.
  for (std::optional<Broadcast> repeated = matchBroadcast(value);
       repeated && getLoops(repeated->map); repeated = matchBroadcast(value)) {
    value = repeated->source;
    map = repeated->map.compose(map);
  }
  FailureOr<GraphTensor> tensor = exporter.getTensor(value);
  if (failed(tensor))
    return failure();
  // Dimensions of extent 1 that are read at 0 belong to no loop.
  SmallVector<unsigned> loops;
  SmallVector<int64_t> kept, permutation;
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    if (auto loop = dyn_cast<AffineDimExpr>(expr)) {
      loops.push_back(loop.getPosition());
      permutation.push_back(static_cast<int64_t>(dim));
      kept.push_back(cast<RankedTensorType>(value.getType()).getDimSize(dim));
      continue;
    }
    auto constant = dyn_cast<AffineConstantExpr>(expr);
    if (!constant || constant.getValue() != 0 ||
        cast<RankedTensorType>(value.getType()).getDimSize(dim) != 1) {
      (void)exporter.fail(op, "an operand is not indexed by plain dimensions");
      return failure();
    }
  }
  SmallVector<unsigned> sorted(loops);
  llvm::sort(sorted);
  if (llvm::adjacent_find(sorted, std::equal_to<>()) != sorted.end()) {
    (void)exporter.fail(op, "it reads a diagonal");
    return failure();
  }
  GraphTensor dense = *tensor;
  if (kept.size() != map.getNumResults()) {
    // The dimensions without a loop go, the others stay in the graph's order.
    SmallVector<std::pair<int64_t, size_t>> places;
    for (auto [i, dim] : llvm::enumerate(permutation))
      places.push_back({tensor->order[dim], i});
    llvm::sort(places);
    SmallVector<int64_t> there;
    dense.order.assign(places.size(), 0);
    for (auto [place, from] : llvm::enumerate(places)) {
      there.push_back(kept[from.second]);
      dense.order[from.second] = static_cast<int64_t>(place);
    }
    dense.value = graph.reshape(tensor->value, there);
  }
  return align(dense, loops);
}

FailureOr<ValueId> BodyExporter::get(Value scalar) {
  auto found = known.find(scalar);
  if (found != known.end())
    return found->second;
  FailureOr<ValueId> value = compute(scalar);
  if (succeeded(value))
    known[scalar] = *value;
  return value;
}

FailureOr<ValueId> BodyExporter::getFull(Value scalar) {
  FailureOr<ValueId> value = get(scalar);
  if (failed(value))
    return failure();
  return graph.expand(*value, shape);
}

FailureOr<ValueId> BodyExporter::compute(Value scalar) {
  std::optional<OnnxType> type = getOnnxType(scalar.getType());
  if (auto argument = dyn_cast<BlockArgument>(scalar)) {
    if (argument.getOwner() == op.getBlock())
      return getOperand(op.getMatchingOpOperand(argument));
    (void)exporter.fail(op, "its body reads a scalar from outside");
    return failure();
  }
  Attribute constant;
  if (std::optional<Scalar> number = readScalar(scalar); number && type) {
    if (isa<FloatType>(scalar.getType()))
      return graph.addScalar(*type, number->real);
    bool isBool = *type == OnnxType::Bool;
    return graph.addScalar(
        *type,
        static_cast<double>(isBool ? number->integer != 0 : number->integer));
  }
  if (matchPattern(scalar, m_Constant(&constant)) && type)
    if (auto integer = dyn_cast<IntegerAttr>(constant)) // an index
      return graph.addScalar(
          *type, static_cast<double>(integer.getValue().getSExtValue()));
  Operation *definition = scalar.getDefiningOp();
  if (auto index = dyn_cast<linalg::IndexOp>(definition)) {
    const auto *at = llvm::find(order, index.getDim());
    SmallVector<int64_t> values =
        llvm::to_vector(llvm::seq<int64_t>(0, shape[at - order.begin()]));
    SmallVector<int64_t> extents(order.end() - at, 1);
    extents.front() = static_cast<int64_t>(values.size());
    return graph.reshape(graph.addIndices(values), extents);
  }
  if (auto extract = dyn_cast<tensor::ExtractOp>(definition))
    return computeExtract(extract);
  if (definition->getNumRegions() != 0 || definition->getNumResults() != 1) {
    (void)exporter.fail(op, "its body holds '" +
                                definition->getName().getStringRef() +
                                "', for which ONNX has no operator");
    return failure();
  }
  // What depends on constants alone is one.
  SmallVector<Attribute> numbers;
  SmallVector<OpFoldResult> folded;
  for (Value operand : definition->getOperands())
    if (matchPattern(operand, m_Constant(&constant)))
      numbers.push_back(constant);
  if (numbers.size() == definition->getNumOperands() && type &&
      succeeded(definition->fold(numbers, folded)) && folded.size() == 1)
    if (auto number =
            dyn_cast_if_present<FloatAttr>(dyn_cast<Attribute>(folded[0])))
      return graph.addScalar(*type, number.getValueAsDouble());
  SmallVector<ValueId> operands;
  for (Value operand : definition->getOperands()) {
    FailureOr<ValueId> value = get(operand);
    if (failed(value))
      return failure();
    // Bools may be stored as bytes, and bytes be without a sign outside.
    std::optional<OnnxType> wanted = getOnnxType(operand.getType());
    bool isBoolByte = graph.get(*value).type == OnnxType::Bool &&
                      isa<arith::TruncIOp>(definition);
    operands.push_back(wanted && !isBoolByte ? graph.cast(*value, *wanted)
                                             : *value);
  }
  return computeOp(definition, operands);
}

LogicalResult OnnxExporter::exportElementwise(linalg::LinalgOp op) {
  BodyExporter body(*this, op);
  for (auto [i, result] : llvm::enumerate(op->getResults())) {
    std::optional<SmallVector<unsigned>> loops =
        getLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(i)));
    if (!loops || loops->size() != op.getNumLoops())
      return fail(op, "its result is not indexed by each loop once");
    Value yielded = op.getBlock()->getTerminator()->getOperand(i);
    // A reordered copy is the tensor that is there.
    if (auto argument = dyn_cast<BlockArgument>(yielded);
        argument && argument.getOwner() == op.getBlock()) {
      OpOperand *operand = op.getMatchingOpOperand(argument);
      std::optional<SmallVector<unsigned>> from =
          getLoops(op.getMatchingIndexingMap(operand));
      auto tensor = tensors.find(operand->get());
      if (tensor != tensors.end() && from && from->size() == loops->size()) {
        SmallVector<int64_t> permutation;
        for (unsigned loop : *loops)
          permutation.push_back(llvm::find(*from, loop) - from->begin());
        setTensor(result, transposed(tensor->second, permutation));
        continue;
      }
    }
    FailureOr<ValueId> value = body.getFull(yielded);
    if (failed(value))
      return failure();
    GraphTensor tensor{*value, {}};
    for (unsigned loop : *loops)
      tensor.order.push_back(llvm::find(body.getOrder(), loop) -
                             body.getOrder().begin());
    setTensor(result, tensor);
  }
  return success();
}

//===- ChannelConstants.cpp - channels that hold one number --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelConstants.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "PrunableLayer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

ChannelConstants::ChannelConstants(const ChannelGraph &graph, func::FuncOp func)
    : graph(graph), known(graph.getNumNodes()), numbers(graph.getNumNodes()) {
  for (Operation &op : func.getBody().front())
    visit(&op);
}

void ChannelConstants::set(unsigned node, double number) {
  if (!std::isfinite(number))
    return;
  known[node] = 1;
  numbers[node] = number;
}

void ChannelConstants::setAll(Value value, double number) {
  auto type = cast<RankedTensorType>(value.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (unsigned axis = graph.getAxis(value, dim); axis != ChannelGraph::kNone)
      for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
        set(graph.getAxis(axis).first + i, number);
}

/// The elements with one number in one dimension, until they differ.
void ChannelConstants::readConstant(Value value) {
  if (std::optional<double> splat = matchSplat(value)) {
    setAll(value, *splat);
    return;
  }
  FailureOr<ConstantData> data = compress::readConstant(value);
  if (failed(data))
    return;
  ArrayRef<int64_t> shape = data->type.getShape();
  int64_t inner = 1;
  for (int64_t dim = data->type.getRank() - 1; dim >= 0; --dim) {
    int64_t extent = shape[dim], outer = data->size() / (inner * extent);
    for (int64_t index = 0; index < extent; ++index) {
      double first = data->getReal(index * inner);
      bool same = true;
      for (int64_t o = 0; o < outer && same; ++o)
        for (int64_t i = 0; i < inner && same; ++i)
          same = data->getReal((o * extent + index) * inner + i) == first;
      if (same)
        set(graph.getAxis(graph.getAxis(value, dim)).first + index, first);
    }
    inner *= extent;
  }
}

void ChannelConstants::visit(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<RankedTensorType>(op->getResult(0).getType()) ||
      isa<tensor::EmptyOp>(op))
    return;
  if (op->hasTrait<OpTrait::ConstantLike>())
    return readConstant(op->getResult(0));
  if (isa<ChannelGateOp, ChannelMaskOp, ObserveOp>(op))
    return visitIdentity(op);
  if (auto scatter = dyn_cast<ScatterChannelsOp>(op)) {
    unsigned from = graph.getAxis(scatter.getInput(), scatter.getAxis());
    unsigned to = graph.getAxis(scatter.getOutput(), scatter.getAxis());
    for (unsigned i = 0; i < graph.getAxis(to).extent; ++i)
      set(graph.getAxis(to).first + i, 0);
    for (auto [index, place] : llvm::enumerate(scatter.getIndices())) {
      std::optional<double> number = get(from, index);
      known[graph.getAxis(to).first + place] = number.has_value();
      numbers[graph.getAxis(to).first + place] = number.value_or(0);
    }
    return;
  }
  if (isa<quant::DequantizeCastOp, FakeQuantOp>(op))
    return visitDequantize(op);
  if (auto pad = dyn_cast<tosa::PadOp>(op))
    return visitMovement(op, matchSplat(pad.getPadConst()));
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    Value value = pad.getConstantPaddingValue();
    return visitMovement(op, value ? matchSplat(value) : std::nullopt);
  }
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return visitLinalg(linalgOp);
  if (isa<tosa::TosaDialect>(op->getDialect()) && getDimensionMaps(op))
    return visitTosa(op);
  if (!graph.getRelations(op).empty())
    visitMovement(op, std::nullopt);
}

/// A mask sets elements of its dimension to zero; of the others a number other
/// than zero is then not the only one any more.
void ChannelConstants::visitIdentity(Operation *op) {
  auto mask = dyn_cast<ChannelMaskOp>(op);
  bool setsAny = mask && llvm::is_contained(mask.getMask(), false);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    unsigned from = graph.getAxis(op->getOperand(0), dim);
    unsigned to = graph.getAxis(op->getResult(0), dim);
    if (from == ChannelGraph::kNone || to == ChannelGraph::kNone)
      continue;
    bool isMasked = mask && dim == static_cast<int64_t>(mask.getAxis());
    for (unsigned i = 0; i < graph.getAxis(to).extent; ++i) {
      std::optional<double> number = get(from, i);
      if (isMasked && !mask.getMask()[i])
        number = 0;
      else if (setsAny && !isMasked && number != 0.0)
        number = std::nullopt;
      if (number)
        set(graph.getAxis(to).first + i, *number);
    }
  }
}

/// An element of the result is known if all that are moved to it are, and are
/// alike; of a pad, if it is padded with the same number.
void ChannelConstants::visitMovement(Operation *op,
                                     std::optional<double> filler) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  bool isPad = isa<tensor::PadOp, tosa::PadOp>(op);
  // Which dimensions get elements that no operand has.
  SmallVector<bool> grows(type.getRank());
  if (isPad)
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      grows[dim] =
          type.getDimSize(dim) !=
          cast<RankedTensorType>(op->getOperand(0).getType()).getDimSize(dim);
  DenseMap<unsigned, std::optional<double>> found;
  for (const AxisRelation &relation : graph.getRelations(op)) {
    const Axis &to = graph.getAxis(relation.to.axis);
    if (to.value != result)
      continue;
    const Axis &from = graph.getAxis(relation.from.axis);
    SmallVector<std::optional<double>> ofStep(relation.extent);
    SmallVector<bool> seen(relation.extent);
    for (unsigned n = 0; n < relation.from.count; ++n) {
      unsigned step = n / relation.from.inner % relation.extent;
      std::optional<double> number = get(from.first + relation.from.offset + n);
      ofStep[step] =
          !seen[step] || ofStep[step] == number ? number : std::nullopt;
      seen[step] = true;
    }
    bool padsElsewhere = false;
    for (auto [dim, grown] : llvm::enumerate(grows))
      padsElsewhere |= grown && dim != to.dim;
    for (unsigned n = 0; n < relation.to.count; ++n) {
      unsigned node = to.first + relation.to.offset + n;
      std::optional<double> number =
          ofStep[n / relation.to.inner % relation.extent];
      if (padsElsewhere && number != filler)
        number = std::nullopt;
      auto [place, isNew] = found.try_emplace(node, number);
      if (!isNew && place->second != number)
        place->second = std::nullopt;
    }
  }
  for (auto [node, number] : found)
    if (number)
      set(node, *number);
  if (!isPad || !filler)
    return;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    unsigned axis = graph.getAxis(result, dim);
    if (axis == ChannelGraph::kNone || !grows[dim])
      continue;
    for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
      if (unsigned node = graph.getAxis(axis).first + i; !found.contains(node))
        set(node, *filler);
  }
}

void ChannelConstants::visitDequantize(Operation *op) {
  auto fakeQuant = dyn_cast<FakeQuantOp>(op);
  Value input = op->getOperand(0);
  FailureOr<QuantParams> params = getQuantParams(
      fakeQuant
          ? fakeQuant.getQuantizedType()
          : cast<quant::QuantizedType>(getElementTypeOrSelf(input.getType())));
  if (failed(params))
    return;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  bool sameZeroPoint = llvm::all_equal(params->zeroPoints);
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    unsigned from = graph.getAxis(input, dim);
    unsigned to = graph.getAxis(op->getResult(0), dim);
    if (from == ChannelGraph::kNone || to == ChannelGraph::kNone)
      continue;
    bool hasParams = !params->axis || *params->axis == dim;
    for (unsigned i = 0; i < graph.getAxis(to).extent; ++i) {
      std::optional<double> number = get(from, i);
      unsigned channel = params->axis ? i : 0;
      if (!number)
        continue;
      unsigned node = graph.getAxis(to).first + i;
      if (fakeQuant && *number == 0)
        set(node, 0);
      else if (!fakeQuant && sameZeroPoint && *number == params->zeroPoints[0])
        set(node, 0);
      else if (hasParams && fakeQuant)
        set(node,
            dequantize(quantize(static_cast<float>(*number),
                                params->scales[channel],
                                params->zeroPoints[channel], params->qmin,
                                params->qmax),
                       params->scales[channel], params->zeroPoints[channel]));
      else if (hasParams)
        set(node,
            dequantize(static_cast<int32_t>(*number), params->scales[channel],
                       params->zeroPoints[channel]));
    }
  }
}

//===----------------------------------------------------------------------===//
// linalg
//===----------------------------------------------------------------------===//

/// The value of a body op whose operands are known, by its folder.
static Attribute foldOp(Operation *op, ArrayRef<Attribute> operands) {
  if (isa<math::RsqrtOp>(op)) {
    auto x = dyn_cast_or_null<FloatAttr>(operands[0]);
    if (!x || !x.getType().isF32() || x.getValueAsDouble() <= 0)
      return {};
    // As the code does it: a root and a division.
    float root = std::sqrt(static_cast<float>(x.getValueAsDouble()));
    return FloatAttr::get(x.getType(), 1.0f / root);
  }
  SmallVector<OpFoldResult> results;
  // Folders may change the op; this one is not ours to change.
  Operation *copy = op->clone();
  SmallVector<Attribute> constants(operands);
  LogicalResult folded = copy->fold(constants, results);
  Attribute attr;
  if (succeeded(folded) && results.size() == 1) {
    attr = dyn_cast<Attribute>(results[0]);
    if (auto value = dyn_cast<Value>(results[0]))
      for (auto [operand, constant] : llvm::zip(copy->getOperands(), operands))
        if (operand == value)
          attr = constant;
  }
  copy->dropAllReferences();
  copy->destroy();
  return attr;
}

std::optional<double>
mlir::compress::evaluateBody(linalg::LinalgOp op,
                             ArrayRef<std::optional<double>> arguments) {
  Block &body = *op.getBlock();
  DenseMap<Value, Attribute> known;
  auto makeAttr = [](Type type, double number) -> Attribute {
    if (isa<FloatType>(type))
      return FloatAttr::get(type, number);
    if (isa<IntegerType>(type))
      return IntegerAttr::get(type, static_cast<int64_t>(number));
    return {};
  };
  for (auto [argument, number] : llvm::zip(body.getArguments(), arguments))
    if (number)
      known[argument] = makeAttr(argument.getType(), *number);
  auto lookUp = [&](Value value) {
    Attribute attr = known.lookup(value);
    if (!attr)
      matchPattern(value, m_Constant(&attr));
    return attr;
  };
  auto isZero = [](Attribute attr) {
    if (auto number = dyn_cast_or_null<FloatAttr>(attr))
      return number.getValue().isZero();
    auto integer = dyn_cast_or_null<IntegerAttr>(attr);
    return integer && integer.getValue().isZero();
  };
  for (Operation &inner : body.without_terminator()) {
    if (inner.getNumResults() != 1 || inner.getNumRegions() != 0)
      continue;
    SmallVector<Attribute> operands;
    for (Value operand : inner.getOperands())
      operands.push_back(lookUp(operand));
    if (isa<arith::MulFOp, arith::MulIOp>(inner) &&
        llvm::any_of(operands, isZero))
      known[inner.getResult(0)] = makeAttr(inner.getResult(0).getType(), 0);
    else if (!llvm::is_contained(operands, Attribute()))
      if (Attribute result = foldOp(&inner, operands))
        known[inner.getResult(0)] = result;
  }
  Attribute result = lookUp(body.getTerminator()->getOperand(0));
  if (auto number = dyn_cast_or_null<FloatAttr>(result))
    return number.getValueAsDouble();
  if (auto integer = dyn_cast_or_null<IntegerAttr>(result);
      integer && integer.getType().getIntOrFloatBitWidth() <= 32)
    return static_cast<double>(integer.getValue().getSExtValue());
  return std::nullopt;
}

std::optional<double> ChannelConstants::getArgument(linalg::LinalgOp op,
                                                    OpOperand &operand,
                                                    unsigned loop,
                                                    unsigned index) const {
  Value value = operand.get();
  if (std::optional<double> splat = matchSplat(value))
    return splat;
  std::optional<unsigned> dim =
      dimOfLoop(op.getMatchingIndexingMap(&operand), loop);
  if (!dim)
    return std::nullopt;
  unsigned axis = graph.getAxis(value, *dim);
  return axis == ChannelGraph::kNone ? std::nullopt : get(axis, index);
}

FailureOr<SmallVector<double>>
mlir::compress::sumFilter(Value filter, unsigned dim, unsigned index,
                          unsigned resultDim, double number) {
  FailureOr<ConstantData> data = readConstant(filter);
  if (failed(data) || !data->type.getElementType().isF32())
    return failure();
  ArrayRef<int64_t> shape = data->type.getShape();
  SmallVector<float> sums(shape[resultDim]);
  int64_t inner = 1, resultInner = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    inner *= d > dim ? shape[d] : 1;
    resultInner *= d > resultDim ? shape[d] : 1;
  }
  for (int64_t i = 0; i < data->size(); ++i)
    if (i / inner % shape[dim] == index)
      sums[i / resultInner % shape[resultDim]] +=
          static_cast<float>(number) * static_cast<float>(data->getReal(i));
  return SmallVector<double>(sums.begin(), sums.end());
}

/// Whether every window of a maximum has an element that a pad did not add.
static bool windowsMeetInput(linalg::LinalgOp op, tensor::PadOp pad) {
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (auto [dim, result] : llvm::enumerate(map.getResults())) {
    AffineExpr expr = result;
    int64_t low = pad.getStaticLow()[dim], high = pad.getStaticHigh()[dim];
    int64_t extent = pad.getSourceType().getDimSize(dim);
    if (low == 0 && high == 0)
      continue;
    // How far the last element of a window is from the first, and how far its
    // elements are from each other at most.
    int64_t reach = 0, step = 1;
    bool known = extent > 0 && low >= 0 && high >= 0;
    expr.walk([&](AffineExpr inner) {
      auto loop = dyn_cast<AffineDimExpr>(inner);
      if (!loop ||
          iterators[loop.getPosition()] != utils::IteratorType::reduction)
        return;
      SmallVector<AffineExpr> zeros(map.getNumDims(),
                                    getAffineConstantExpr(0, op.getContext()));
      zeros[loop.getPosition()] = getAffineConstantExpr(1, op.getContext());
      auto factor = dyn_cast<AffineConstantExpr>(expr.replaceDims(zeros));
      if (!factor || ranges[loop.getPosition()] < 1) {
        known = false;
        return;
      }
      step = std::max(step, factor.getValue());
      reach += factor.getValue() * (ranges[loop.getPosition()] - 1);
    });
    if (!known || step > extent || reach < low || reach < high)
      return false;
  }
  return true;
}

/// What is padded with less than all else has no part in a maximum.
std::optional<double>
ChannelConstants::getMaximum(linalg::LinalgOp op, unsigned loop, unsigned index,
                             ArrayRef<std::optional<double>> args) const {
  if (args[0])
    return evaluateBody(op, args);
  OpOperand *input = op.getDpsInputOperand(0);
  auto pad = input->get().getDefiningOp<tensor::PadOp>();
  std::optional<unsigned> dim =
      dimOfLoop(op.getMatchingIndexingMap(input), loop);
  Value value = pad ? pad.getConstantPaddingValue() : Value();
  std::optional<double> filler = value ? matchSplat(value) : std::nullopt;
  if (!filler || !dim || pad.getStaticLow()[*dim] != 0 ||
      pad.getStaticHigh()[*dim] != 0)
    return std::nullopt;
  unsigned axis = graph.getAxis(pad.getSource(), *dim);
  std::optional<double> number =
      axis == ChannelGraph::kNone ? std::nullopt : get(axis, index);
  if (!number || !(*filler <= *number) || !windowsMeetInput(op, pad))
    return std::nullopt;
  SmallVector<std::optional<double>> known(args);
  known[0] = number;
  return evaluateBody(op, known);
}

/// A sum or a maximum over what is known of the arguments.
std::optional<double>
ChannelConstants::getReduction(linalg::LinalgOp op, unsigned loop,
                               unsigned index,
                               ArrayRef<std::optional<double>> args) {
  constexpr int64_t kMostTerms = int64_t(1) << 20;
  std::optional<double> init = args.back();
  CombinerKind kind = matchCombiner(op);
  if (kind == CombinerKind::Max)
    return getMaximum(op, loop, index, args);
  if (kind == CombinerKind::Other || !init)
    return std::nullopt;
  bool isZero = args[0] == 0.0;
  if (kind == CombinerKind::MulAdd) {
    auto zeroPoints = getZeroPoints(op);
    isZero = zeroPoints && matchReduction(op) == Reduction::Product &&
             (args[0] == zeroPoints->first || args[1] == zeroPoints->second);
  }
  if (isZero)
    return init;
  if (kind == CombinerKind::MulAdd) {
    // A depthwise filter over a channel that holds one number.
    OpOperand &filter = op->getOpOperand(1);
    std::optional<unsigned> dim =
        dimOfLoop(op.getMatchingIndexingMap(&filter), loop);
    if (!args[0] || !dim || op.getNumDpsInputs() != 2)
      return std::nullopt;
    FailureOr<SmallVector<double>> sums =
        sumFilter(filter.get(), *dim, index, *dim, *args[0]);
    if (failed(sums))
      return std::nullopt;
    return static_cast<float>(*init) + static_cast<float>((*sums)[index]);
  }
  int64_t terms = 1;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [extent, iterator] : llvm::zip(ranges, op.getIteratorTypesArray()))
    if (iterator == utils::IteratorType::reduction) {
      if (ShapedType::isDynamic(extent) || extent > kMostTerms / terms)
        return std::nullopt;
      terms *= extent;
    }
  if (getElementTypeOrSelf(op.getDpsInits()[0].getType()).isF32() && args[0]) {
    float sum = *init;
    for (int64_t i = 0; i < terms; ++i)
      sum += static_cast<float>(*args[0]);
    return sum;
  }
  return std::nullopt;
}

void ChannelConstants::visitLinalg(linalg::LinalgOp op) {
  Value result = op->getResult(0);
  if (std::optional<double> splat = matchSplat(result))
    return setAll(result, *splat);
  if (op->getNumResults() != 1)
    return;
  AffineMap map = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  bool isParallel = op.getNumReductionLoops() == 0;
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    unsigned axis = graph.getAxis(result, dim);
    if (!loop || axis == ChannelGraph::kNone)
      continue;
    for (unsigned index = 0; index < graph.getAxis(axis).extent; ++index) {
      SmallVector<std::optional<double>> args;
      for (OpOperand &operand : op->getOpOperands())
        args.push_back(getArgument(op, operand, loop.getPosition(), index));
      // Where only the constants that the op computes with are known, nothing
      // comes out but of products with zero, and of constants alone, as of a
      // bias that is repeated.
      ArrayRef<std::optional<double>> inputs =
          ArrayRef(args).take_front(op.getNumDpsInputs());
      bool hasNews = isParallel ? !llvm::is_contained(inputs, std::nullopt)
                                : matchCombiner(op) == CombinerKind::Max;
      for (auto [operand, number] : llvm::zip(op->getOpOperands(), args))
        hasNews |= number && (*number == 0 || !isConstant(operand.get()));
      if (!hasNews)
        continue;
      std::optional<double> number =
          isParallel ? evaluateBody(op, args)
                     : getReduction(op, loop.getPosition(), index, args);
      if (number)
        set(graph.getAxis(axis).first + index, *number);
    }
  }
}

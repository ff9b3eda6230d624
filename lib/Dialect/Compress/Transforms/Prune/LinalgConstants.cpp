//===- LinalgConstants.cpp - what linalg ops make of constant channels ----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelConstants.h"
#include "CodeLayer.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "PrunableLayer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

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

double ChannelConstants::getSlack(linalg::LinalgOp op, OpOperand &operand,
                                  unsigned loop, unsigned index) const {
  std::optional<unsigned> dim =
      dimOfLoop(op.getMatchingIndexingMap(&operand), loop);
  unsigned axis =
      dim ? graph.getAxis(operand.get(), *dim) : ChannelGraph::kNone;
  return axis == ChannelGraph::kNone ? 0 : getSlack(axis, index);
}

SmallVector<double> mlir::compress::sumFilter(const ConstantData &filter,
                                              unsigned dim, unsigned index,
                                              unsigned resultDim,
                                              double number) {
  ArrayRef<int64_t> shape = filter.type.getShape();
  SmallVector<float> sums(shape[resultDim]);
  int64_t inner = 1, resultInner = 1;
  for (size_t d = shape.size(); d-- > 0;) {
    inner *= d > dim ? shape[d] : 1;
    resultInner *= d > resultDim ? shape[d] : 1;
  }
  for (int64_t i = 0; i < filter.size(); ++i)
    if (i / inner % shape[dim] == index)
      sums[i / resultInner % shape[resultDim]] +=
          static_cast<float>(number) * static_cast<float>(filter.getReal(i));
  return SmallVector<double>(sums.begin(), sums.end());
}

/// The numbers of a filter, those that its codes stand for.
static std::optional<ConstantData> readFilter(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 2 || matchCombiner(op) != CombinerKind::MulAdd)
    return std::nullopt;
  Value filter = op->getOperand(1);
  FailureOr<ConstantData> data = readConstant(filter);
  if (succeeded(data))
    return data->type.getElementType().isF32() ? std::optional(*data)
                                               : std::nullopt;
  if (!findFilterScale(filter))
    return std::nullopt;
  std::optional<WeightedOp> weighted = matchWeightedOp(op);
  std::optional<QuantizedWeights> weights;
  std::string reason;
  if (weighted)
    weights = readQuantizedWeights(*weighted, reason);
  if (!weights)
    return std::nullopt;
  std::vector<float> numbers(weights->values.size());
  weighted->forEachFilterElement([&](int64_t i, int64_t channel) {
    numbers[i] = static_cast<float>(weights->values[i]) *
                 static_cast<float>(weights->scales[channel]);
  });
  ConstantData result{cast<RankedTensorType>(filter.getType()), {}};
  auto *bytes = reinterpret_cast<const char *>(numbers.data());
  result.bytes.assign(bytes, bytes + numbers.size() * sizeof(float));
  return result;
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
std::optional<double> ChannelConstants::getReduction(
    linalg::LinalgOp op, unsigned loop, unsigned index,
    ArrayRef<std::optional<double>> args, FilterReader getFilter) {
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
    // A depthwise filter over a channel that holds one number. Where a channel
    // has several outputs, as in groups, they hold several.
    OpOperand &filter = op->getOpOperand(1);
    AffineMap filterMap = op.getMatchingIndexingMap(&filter);
    std::optional<unsigned> dim = dimOfLoop(filterMap, loop);
    if (!args[0] || !dim)
      return std::nullopt;
    SmallVector<int64_t> extents = op.getStaticLoopRanges();
    for (auto [other, iterator] : llvm::enumerate(op.getIteratorTypesArray()))
      if (other != loop && iterator == utils::IteratorType::parallel &&
          extents[other] != 1 && filterMap.isFunctionOfDim(other))
        return std::nullopt;
    const ConstantData *filterData = getFilter();
    if (!filterData)
      return std::nullopt;
    SmallVector<double> sums =
        sumFilter(*filterData, *dim, index, *dim, *args[0]);
    return static_cast<float>(*init) + static_cast<float>(sums[index]);
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
  double unit = units.lookup(result);
  // Read once, where it is wanted.
  std::optional<ConstantData> filter;
  bool isRead = false;
  auto getFilter = [&]() -> const ConstantData * {
    if (!isRead)
      filter = readFilter(op);
    isRead = true;
    return filter ? &*filter : nullptr;
  };
  for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    unsigned axis = graph.getAxis(result, dim);
    if (!loop || axis == ChannelGraph::kNone)
      continue;
    for (unsigned index = 0; index < graph.getAxis(axis).extent; ++index) {
      SmallVector<Number> args;
      SmallVector<double> argSlacks;
      for (OpOperand &operand : op->getOpOperands()) {
        args.push_back(getArgument(op, operand, loop.getPosition(), index));
        argSlacks.push_back(getSlack(op, operand, loop.getPosition(), index));
      }
      // Where only the constants that the op computes with are known, nothing
      // comes out but of products with zero, and of constants alone, as of a
      // bias that is repeated.
      ArrayRef<Number> inputs = ArrayRef(args).take_front(op.getNumDpsInputs());
      bool hasNews = isParallel ? !llvm::is_contained(inputs, std::nullopt)
                                : matchCombiner(op) == CombinerKind::Max;
      for (auto [operand, number] : llvm::zip(op->getOpOperands(), args))
        hasNews |= number && (*number == 0 || !isConstant(operand.get()));
      if (!hasNews)
        continue;
      auto evaluate = [&](ArrayRef<Number> args) {
        return isParallel ? evaluateBody(op, args)
                          : getReduction(op, loop.getPosition(), index, args,
                                         getFilter);
      };
      if (Number number = evaluate(args))
        set(graph.getAxis(axis).first + index, *number,
            spread(evaluate, args, argSlacks, *number, unit));
    }
  }
}

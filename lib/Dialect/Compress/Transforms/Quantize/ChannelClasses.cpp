//===- ChannelClasses.cpp - channels that are scaled together -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelClasses.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "QuantizeWeights.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::compress;

/// What stands for infinity in TOSA.
static constexpr double kMost = std::numeric_limits<float>::max();

//===----------------------------------------------------------------------===//
// The classes
//===----------------------------------------------------------------------===//

static RankedTensorType getScalableType(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() == 0 || !type.hasStaticShape() ||
      !type.getElementType().isF32())
    return {};
  return type;
}

void ChannelClasses::add(Value value, unsigned numDims) {
  RankedTensorType type = getScalableType(value);
  if (!type)
    return;
  auto [entry, isNew] = channels.try_emplace(value);
  assert(isNew && "added twice");
  unsigned count = 1;
  for (int64_t extent : type.getShape().take_back(numDims))
    count *= extent;
  entry->second = {getNumNodes(), count, numDims};
  for (unsigned i = 0; i < count; ++i)
    parents.push_back(parents.size());
  pinned.resize(parents.size(), 0);
}

unsigned ChannelClasses::getNumChannels(Value value) const {
  return channels.lookup(value).count;
}

unsigned ChannelClasses::getClass(Value value, unsigned channel) const {
  return getRoot(channels.at(value).first + channel);
}

unsigned ChannelClasses::getRoot(unsigned node) const {
  while (parents[node] != node)
    node = parents[node] = parents[parents[node]];
  return node;
}

void ChannelClasses::unite(Value a, unsigned channelA, Value b,
                           unsigned channelB) {
  unsigned first = getClass(a, channelA), second = getClass(b, channelB);
  if (second < first)
    std::swap(first, second);
  parents[second] = first;
  pinned[first] |= pinned[second];
}

bool ChannelClasses::isAllPinned(Value value) const {
  for (unsigned i = 0, e = getNumChannels(value); i < e; ++i)
    if (isFree(getClass(value, i)))
      return false;
  return true;
}

void ChannelClasses::pin(Value value) {
  for (unsigned i = 0, e = getNumChannels(value); i < e; ++i)
    pinned[getClass(value, i)] = 1;
}

void ChannelClasses::pinAll(Operation *op) {
  for (Value result : op->getResults()) {
    if (!channels.contains(result))
      add(result, 1);
    pin(result);
  }
  // What branches read, too.
  op->walk([&](Operation *inner) {
    llvm::for_each(inner->getOperands(), [&](Value v) { pin(v); });
  });
}

bool ChannelClasses::follow(Value from, AffineMap fromMap, Value to,
                            AffineMap toMap) {
  unsigned numDims = channels.lookup(from).numDims;
  if (numDims == 0 || !getScalableType(to) || toMap.getNumResults() < numDims ||
      fromMap.getResults().take_back(numDims) !=
          toMap.getResults().take_back(numDims) ||
      llvm::any_of(toMap.getResults().take_back(numDims),
                   [](AffineExpr e) { return !isa<AffineDimExpr>(e); }))
    return false;
  if (!channels.contains(to))
    add(to, numDims);
  if (channels.at(to).numDims != numDims ||
      getNumChannels(from) != getNumChannels(to))
    return false;
  for (unsigned i = 0, e = getNumChannels(from); i < e; ++i)
    unite(from, i, to, i);
  return true;
}

bool ChannelClasses::followAll(Value from, Value to) {
  auto fromType = getScalableType(from), toType = getScalableType(to);
  if (!fromType || !toType)
    return false;
  auto map =
      AffineMap::getMultiDimIdentityMap(fromType.getRank(), from.getContext());
  return follow(from, map, to, map);
}

//===----------------------------------------------------------------------===//
// What ops do with factors
//===----------------------------------------------------------------------===//

ChannelClasses::ChannelClasses(func::FuncOp func) {
  // What other blocks read is not followed: nothing can be scaled.
  if (!func.getBody().hasOneBlock())
    return;
  Block &block = func.getBody().front();
  for (BlockArgument argument : block.getArguments()) {
    add(argument, 1);
    pin(argument);
  }
  for (Operation &op : block)
    if (!visit(&op))
      pinAll(&op);
}

bool ChannelClasses::visit(Operation *op) {
  if (op->hasTrait<OpTrait::ConstantLike>() || isa<tensor::EmptyOp>(op))
    return true;
  if (auto observer = dyn_cast<ObserveOp>(op))
    return followAll(observer.getInput(), observer.getOutput());
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return visitPad(pad);
  if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
    return visitSlice(slice);
  if (auto concat = dyn_cast<tensor::ConcatOp>(op))
    return visitConcat(concat);
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return visitReshape(op);
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || op->getNumResults() != 1)
    return false;
  // What a bias or a zero is made of has no channels to scale.
  if (isa<linalg::FillOp>(op) || matchBroadcast(op->getResult(0)))
    if (llvm::none_of(linalgOp.getDpsInputs(),
                      [&](Value v) { return channels.contains(v); }))
      return true;
  if (std::optional<WeightedOp> weighted = matchWeightedOp(op))
    return visitLayer(*weighted);
  if (std::optional<Elementwise> elementwise = matchElementwise(op))
    return visitElementwise(linalgOp, *elementwise);
  return visitReduction(linalgOp);
}

bool ChannelClasses::visitLayer(WeightedOp op) {
  Value result = op.op->getResult(0);
  if (op.op.getNumDpsInputs() != 2 || !getScalableType(result) ||
      !getElementTypeOrSelf(op.filter->get().getType()).isF32() ||
      failed(readMovedConstant(op.filter->get())))
    return false;
  ScalableLayer layer{op, {}};

  // The channels of the results are their last dimensions, in order.
  unsigned rank = cast<RankedTensorType>(result.getType()).getRank();
  std::optional<BiasSource> bias = matchBias(op);
  bool isLast =
      bias && (!bias->constant || succeeded(readMovedConstant(bias->constant)));
  for (auto [i, d] : llvm::enumerate(llvm::reverse(op.channelDims)))
    isLast &= d == rank - 1 - i;
  add(result, isLast ? op.channelDims.size() : 1);
  if (!isLast) {
    pin(result);
    pin(op.init->get());
  }

  // Each dimension of the input's channels is one of the filter.
  Value input = op.input->get();
  unsigned numDims = channels.lookup(input).numDims;
  AffineMap filter = op.op.getMatchingIndexingMap(op.filter);
  SmallVector<int64_t> strides(filter.getNumResults(), 0);
  bool found = numDims > 0;
  if (found) {
    int64_t stride = 1;
    for (auto [expr, extent] : llvm::zip_equal(
             llvm::reverse(
                 op.op.getMatchingIndexingMap(op.input).getResults().take_back(
                     numDims)),
             llvm::reverse(cast<RankedTensorType>(input.getType())
                               .getShape()
                               .take_back(numDims)))) {
      auto loop = dyn_cast<AffineDimExpr>(expr);
      std::optional<unsigned> place =
          loop ? filter.getResultPosition(loop) : std::nullopt;
      if (place)
        strides[*place] = stride;
      found &= place.has_value();
      stride *= extent;
    }
  }
  if (found)
    layer.inputChannelStride = std::move(strides);
  else
    pin(input);
  if (!isLast && !found)
    return true;
  layers.push_back(std::move(layer));
  return true;
}

bool ChannelClasses::visitElementwise(linalg::LinalgOp op,
                                      const Elementwise &elementwise) {
  Value result = op->getResult(0);
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto followOperand = [&](OpOperand *operand) {
    return follow(operand->get(), op.getMatchingIndexingMap(operand), result,
                  resultMap);
  };
  SmallVector<OpOperand *> operands(elementwise.operands);
  switch (elementwise.kind) {
  case BodyKind::Identity:
    return followOperand(operands[0]);
  case BodyKind::Clamp:
    // max(x, 0) / s is max(x / s, 0); other bounds would have to be scaled.
    return elementwise.lo == 0 && elementwise.hi >= kMost &&
           followOperand(operands[0]);
  case BodyKind::Add:
  case BodyKind::Sub:
    return !elementwise.scalar && llvm::all_of(operands, followOperand);
  case BodyKind::Mul:
    // As one operand is divided the product is; the other is left alone.
    if (operands.size() == 2 && isAllPinned(operands[0]->get()))
      std::swap(operands[0], operands[1]);
    [[fallthrough]];
  case BodyKind::Div:
    if (!followOperand(operands[0]))
      return false;
    for (OpOperand *operand : ArrayRef(operands).drop_front())
      pin(operand->get());
    return true;
  default:
    return false;
  }
}

bool ChannelClasses::visitReduction(linalg::LinalgOp op) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInits() != 1)
    return false;
  std::optional<double> init = matchSplat(op.getDpsInits()[0]);
  CombinerKind kind = matchCombiner(op);
  // From 0, or from below everything: a maximum of scaled elements is scaled.
  bool isMax = kind == CombinerKind::Max;
  if (!init || !(*init == 0 ? isMax || kind == CombinerKind::Add
                            : isMax && *init <= -kMost))
    return false;
  OpOperand *input = op.getDpsInputOperand(0);
  return follow(input->get(), op.getMatchingIndexingMap(input),
                op->getResult(0),
                op.getMatchingIndexingMap(op.getDpsInitOperand(0)));
}

bool ChannelClasses::visitPad(tensor::PadOp op) {
  Value value = op.getConstantPaddingValue();
  std::optional<double> filler = value ? matchSplat(value) : std::nullopt;
  unsigned numDims = channels.lookup(op.getSource()).numDims;
  if (!filler || *filler != 0 || numDims == 0 || !getScalableType(op))
    return false;
  auto isZero = [](int64_t size) { return size == 0; };
  if (numDims > 1)
    return llvm::all_of(op.getStaticLow().take_back(numDims), isZero) &&
           llvm::all_of(op.getStaticHigh().take_back(numDims), isZero) &&
           followAll(op.getSource(), op);
  int64_t low = op.getStaticLow().back();
  if (low < 0 || low + op.getSourceType().getShape().back() >
                     op.getResultType().getShape().back())
    return false;
  add(op, 1);
  for (unsigned i = 0, e = getNumChannels(op.getSource()); i < e; ++i)
    unite(op.getSource(), i, op, low + i);
  return true;
}

bool ChannelClasses::visitSlice(tensor::ExtractSliceOp op) {
  unsigned numDims = channels.lookup(op.getSource()).numDims;
  if (numDims == 0 || op.getDroppedDims().any() || !getScalableType(op))
    return false;
  if (numDims > 1)
    return op.getSourceType().getShape().take_back(numDims) ==
               op.getType().getShape().take_back(numDims) &&
           followAll(op.getSource(), op);
  int64_t offset = op.getStaticOffsets().back();
  int64_t stride = op.getStaticStrides().back();
  if (ShapedType::isDynamic(offset) || ShapedType::isDynamic(stride))
    return false;
  add(op, 1);
  for (unsigned i = 0, e = getNumChannels(op); i < e; ++i)
    unite(op.getSource(), offset + stride * i, op, i);
  return true;
}

bool ChannelClasses::visitConcat(tensor::ConcatOp op) {
  if (!getScalableType(op))
    return false;
  if (static_cast<int64_t>(op.getDim()) + 1 < op.getType().getRank())
    return llvm::all_of(op.getInputs(), [&](Value part) {
      return channels.lookup(part).numDims == 1 && followAll(part, op);
    });
  auto isZero = [](Value part) {
    std::optional<double> splat = matchSplat(part);
    return splat && *splat == 0;
  };
  if (!llvm::all_of(op.getInputs(), [&](Value part) {
        return channels.lookup(part).numDims == 1 || isZero(part);
      }))
    return false;
  add(op, 1);
  unsigned offset = 0;
  for (Value part : op.getInputs()) {
    if (isZero(part)) {
      offset += getScalableType(part).getShape().back();
      continue;
    }
    for (unsigned i = 0, e = getNumChannels(part); i < e; ++i)
      unite(part, i, op, offset + i);
    offset += getNumChannels(part);
  }
  return true;
}

bool ChannelClasses::visitReshape(Operation *op) {
  Value source = op->getOperand(0), result = op->getResult(0);
  unsigned count = getNumChannels(source);
  RankedTensorType type = getScalableType(result);
  if (count == 0 || !type)
    return false;
  // As many of the last dimensions as hold all of the channels: more elements
  // are the same channels at several positions.
  int64_t extent = 1;
  unsigned numDims = 0;
  while (numDims < type.getRank() && extent < count)
    extent *= type.getShape().drop_back(numDims++).back();
  if (extent % count != 0)
    return false;
  add(result, std::max(numDims, 1u));
  for (unsigned i = 0, e = getNumChannels(result); i < e; ++i)
    unite(source, i % count, result, i);
  return true;
}

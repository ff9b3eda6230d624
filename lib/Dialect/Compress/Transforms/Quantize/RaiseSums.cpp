//===- RaiseSums.cpp - i32 sums as the f32 ops they stand for -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "RaiseInteger.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// Networks have a few ops between a product and its use; a damaged file may
/// have any number.
static constexpr unsigned kMaxDepth = 128;

//===----------------------------------------------------------------------===//
// Building
//===----------------------------------------------------------------------===//

/// An empty f32 tensor of the shape of `like`.
static Value emptyLike(OpBuilder &b, Location loc, Value like) {
  return tensor::EmptyOp::create(b, loc, tensor::getMixedSizes(b, loc, like),
                                 b.getF32Type());
}

static Value
buildMap(OpBuilder &b, Location loc, Value like, ValueRange inputs,
         ArrayRef<AffineMap> inputMaps,
         function_ref<Value(OpBuilder &, Location, ValueRange)> fn) {
  auto type = cast<RankedTensorType>(like.getType()).clone(b.getF32Type());
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(b.getMultiDimIdentityMap(type.getRank()));
  return linalg::GenericOp::create(
             b, loc, TypeRange{type}, inputs,
             ValueRange{emptyLike(b, loc, like)}, maps,
             SmallVector<utils::IteratorType>(type.getRank(),
                                              utils::IteratorType::parallel),
             [&](OpBuilder &b, Location loc, ValueRange args) {
               linalg::YieldOp::create(b, loc, fn(b, loc, args));
             })
      ->getResult(0);
}

Value mlir::compress::buildRealClamp(OpBuilder &b, Location loc, Value x,
                                     double lo, double hi) {
  auto type = cast<RankedTensorType>(x.getType());
  auto bound = [&](OpBuilder &b, Location loc, double value) -> Value {
    return arith::ConstantOp::create(
        b, loc, b.getF32FloatAttr(static_cast<float>(value)));
  };
  return buildMap(
      b, loc, x, x, b.getMultiDimIdentityMap(type.getRank()),
      [&](OpBuilder &b, Location loc, ValueRange args) {
        Value v = args[0];
        if (std::isfinite(lo))
          v = arith::MaximumFOp::create(b, loc, v, bound(b, loc, lo));
        if (std::isfinite(hi))
          v = arith::MinimumFOp::create(b, loc, v, bound(b, loc, hi));
        return v;
      });
}

Value mlir::compress::buildRead(OpBuilder &b, OpOperand *operand,
                                Value source) {
  auto op = cast<linalg::LinalgOp>(operand->getOwner());
  return buildMap(
      b, op.getLoc(), op->getResult(0), source,
      op.getMatchingIndexingMap(operand),
      [](OpBuilder &, Location, ValueRange args) { return args[0]; });
}

Value mlir::compress::buildMoved(OpBuilder &b, Operation *op, Value source) {
  Type element = getElementTypeOrSelf(source.getType());
  IRMapping mapping;
  mapping.map(op->getOperand(0), source);
  if (auto destination = dyn_cast<DestinationStyleOpInterface>(op)) {
    if (isa<linalg::LinalgOp>(op)) {
      Value init = destination.getDpsInits()[0];
      mapping.map(init, emptyLike(b, op->getLoc(), init));
    }
  }
  Operation *moved = b.clone(*op, mapping);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  moved->getResult(0).setType(type.clone(element));
  for (Region &region : moved->getRegions())
    for (BlockArgument argument : region.getArguments())
      argument.setType(element);
  return moved->getResult(0);
}

Value mlir::compress::buildStoredConstant(OpBuilder &b, Location loc,
                                          const ConstantData &data,
                                          const StoredGrid &grid) {
  Type storage = data.type.getElementType();
  unsigned bits = storage.getIntOrFloatBitWidth();
  int64_t lo = -(int64_t(1) << (bits - 1)), hi = -(lo + 1);
  quant::QuantizedType type;
  if (grid.axis)
    type = quant::UniformQuantizedPerAxisType::get(
        quant::QuantizationFlags::Signed, storage, b.getF32Type(), grid.scales,
        grid.zeroPoints, static_cast<int32_t>(*grid.axis), lo, hi);
  else
    type = quant::UniformQuantizedType::get(
        quant::QuantizationFlags::Signed, storage, b.getF32Type(),
        grid.scales[0], grid.zeroPoints[0], lo, hi);
  ConstantData codes = data;
  if (grid.offset != 0) // 8 bits: 128 less is the other highest bit.
    for (char &byte : codes.bytes)
      byte = static_cast<char>(byte ^ 0x80);
  Value constant =
      arith::ConstantOp::create(b, loc, makeConstant(codes.type, codes.bytes));
  Value stored = quant::StorageCastOp::create(
      b, loc, codes.type.clone(Type(type)), constant);
  return quant::DequantizeCastOp::create(
      b, loc, codes.type.clone(Type(b.getF32Type())), stored);
}

//===----------------------------------------------------------------------===//
// Products with weights
//===----------------------------------------------------------------------===//

/// The init that repeats `bias`, or zero, over the result of `op`.
static Value buildInit(OpBuilder &b, const WeightedOp &op, Value bias) {
  Location loc = op.op->getLoc();
  Value init = op.init->get();
  auto type = cast<RankedTensorType>(init.getType());
  SmallVector<int64_t> repeated;
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (!llvm::is_contained(op.channelDims, static_cast<unsigned>(d)))
      repeated.push_back(d);
  if (bias && repeated.empty())
    return bias;
  Value empty = emptyLike(b, loc, init);
  if (bias)
    return linalg::BroadcastOp::create(b, loc, bias, empty, repeated)
        ->getResult(0);
  Value zero = arith::ConstantOp::create(b, loc, b.getF32FloatAttr(0));
  return linalg::FillOp::create(b, loc, zero, empty)->getResult(0);
}

/// The bias codes of every channel; nothing where they are no constants.
static std::optional<std::vector<int32_t>>
readBias(const WeightedOp &op, ConstantEvaluator &constants) {
  std::vector<int32_t> result(op.numChannels(), 0);
  if (std::optional<BiasSource> source = matchBias(op)) {
    const ConstantData *data =
        source->constant ? constants.evaluate(source->constant) : nullptr;
    if (source->constant && (!data || data->size() != op.numChannels()))
      return std::nullopt;
    for (auto [c, code] : llvm::enumerate(result))
      code = static_cast<int32_t>(data ? data->getInt(c)
                                       : static_cast<int64_t>(source->splat));
    return result;
  }
  // In another form, as a broadcast that is reshaped: every element is that of
  // its channel.
  const ConstantData *data = constants.evaluate(op.init->get());
  if (!data)
    return std::nullopt;
  std::vector<bool> seen(result.size(), false);
  ArrayRef<int64_t> shape = data->type.getShape();
  SmallVector<int64_t> strides(shape.size(), 0), index(shape.size(), 0);
  int64_t stride = 1;
  for (unsigned dim : llvm::reverse(op.channelDims)) {
    strides[dim] = stride;
    stride *= shape[dim];
  }
  for (int64_t i = 0, channel = 0, e = data->size(); i < e; ++i) {
    auto code = static_cast<int32_t>(data->getInt(i));
    if (seen[channel] && result[channel] != code)
      return std::nullopt;
    seen[channel] = true;
    result[channel] = code;
    for (int64_t d = static_cast<int64_t>(shape.size()) - 1; d >= 0; --d) {
      channel += strides[d];
      if (++index[d] < shape[d])
        break;
      channel -= strides[d] * shape[d];
      index[d] = 0;
    }
  }
  return result;
}

Value RaisedValues::buildProduct(OpBuilder &b, linalg::LinalgOp op,
                                 const SumScale &scale, std::string &reason) {
  auto fail = [&](const Twine &why) {
    reason = why.str();
    return Value();
  };
  StringRef why;
  std::optional<WeightedOp> view = matchWeightedOp(op, &why, true);
  if (!view)
    return fail(why);
  bool centred = op.getNumDpsInputs() == 4;
  if (centred && !isCentredProduct(op))
    return fail("does not sum products");
  const RaisedCodes *input = lookup(view->input->get());
  if (!input)
    return fail("its input is not quantized with one scale");
  // The elements of the input are codes + shift, without wrapping.
  const CodeGrid &grid = input->grid;
  int64_t shift = grid.element(grid.qmin) - grid.qmin;
  if (grid.element(grid.qmax) - grid.qmax != shift)
    return fail("it reads unsigned codes as signed ones");
  int64_t inputZero = 0, weightZero = 0;
  if (centred) {
    auto zx = matchSplat(op->getOperand(2)), zw = matchSplat(op->getOperand(3));
    if (!zx || !zw)
      return fail("a zero point is no constant");
    inputZero = static_cast<int64_t>(*zx);
    weightZero = static_cast<int64_t>(*zw);
  }
  std::optional<std::vector<int32_t>> bias = readBias(*view, constants);
  if (!bias)
    return fail("its sum does not start at a constant of its channel");
  const ConstantData *filter = constants.evaluate(view->filter->get());
  if (!filter || !filter->type.getElementType().isInteger(8))
    return fail("its weights are no i8 constant");

  // Where the codes of zero differ, the bias makes up for it.
  int64_t correction = grid.zeroPoint + shift - inputZero;
  bool hasBias = correction != 0;
  view->forEachFilterElement([&](int64_t i, int64_t c) {
    int64_t w = filter->getInt(i) - weightZero;
    (*bias)[c] = static_cast<int32_t>(
        static_cast<uint32_t>((*bias)[c]) +
        static_cast<uint32_t>(static_cast<uint64_t>(correction * w)));
  });
  for (int32_t code : *bias)
    hasBias |= code != 0;

  // The scale of the weights is what the scale of the input leaves of that of
  // the sum.
  StoredGrid weights, sums;
  for (double s : scale.scales) {
    std::optional<float> rest = toScale(s / grid.scale), sum = toScale(s);
    if (!rest || !sum)
      return fail("the scale of its weights is no normal f32 number");
    weights.scales.push_back(*rest);
    weights.zeroPoints.push_back(weightZero);
    sums.scales.push_back(*sum);
    sums.zeroPoints.push_back(0);
  }
  if (scale.axis) {
    auto it = llvm::find(view->channelDims, *scale.axis);
    if (it == view->channelDims.end())
      return fail("its sums have scales along no channel");
    sums.axis = it - view->channelDims.begin();
    AffineExpr loop = b.getAffineDimExpr(view->channelLoops[*sums.axis]);
    AffineMap map = op.getMatchingIndexingMap(view->filter);
    weights.axis =
        llvm::find(map.getResults(), loop) - map.getResults().begin();
  }
  Location loc = op.getLoc();
  Value filterReal = buildStoredConstant(b, loc, *filter, weights);
  Value biasReal;
  if (hasBias) {
    auto type = RankedTensorType::get(view->channelShape, b.getI32Type());
    ConstantData data{type, {}};
    const char *bytes = reinterpret_cast<const char *>(bias->data());
    data.bytes.assign(bytes, bytes + bias->size() * sizeof(int32_t));
    biasReal = buildStoredConstant(b, loc, data, sums);
  }
  Value init = buildInit(b, *view, biasReal);
  return cloneWithOperands(b, *view, input->real, filterReal, init)
      ->getResult(0);
}

//===----------------------------------------------------------------------===//
// What is done to sums
//===----------------------------------------------------------------------===//

Value RaisedValues::buildClamp(OpBuilder &b, OpOperand *x,
                               const SumScale &scale, double lo, double hi,
                               std::string &reason) {
  auto bound = [&](double code) {
    return std::isfinite(code) && code != 0
               ? static_cast<float>(code) * static_cast<float>(scale.scales[0])
               : code;
  };
  bool perChannel = scale.axis.has_value();
  if (perChannel &&
      ((std::isfinite(lo) && lo != 0) || (std::isfinite(hi) && hi != 0))) {
    reason = "it clamps sums with a scale a channel";
    return {};
  }
  Value real = raiseSum(b, x->get(), scale, reason);
  return real ? buildRealClamp(b, x->getOwner()->getLoc(), real, bound(lo),
                               bound(hi))
              : Value();
}

Value RaisedValues::buildAddition(OpBuilder &b, linalg::LinalgOp op,
                                  const SumScale &scale, std::string &reason) {
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    AffineMap map = op.getMatchingIndexingMap(operand);
    maps.push_back(map);
    const ConstantData *data = constants.evaluate(operand->get());
    if (!data) {
      if (!map.isIdentity()) {
        reason = "it broadcasts sums";
        return {};
      }
      inputs.push_back(raiseSum(b, operand->get(), scale, reason));
      if (!inputs.back())
        return {};
      continue;
    }
    StoredGrid grid;
    for (double s : scale.scales) {
      grid.scales.push_back(*toScale(s));
      grid.zeroPoints.push_back(0);
    }
    if (scale.axis) {
      auto it = llvm::find(map.getResults(), b.getAffineDimExpr(*scale.axis));
      if (it == map.getResults().end()) {
        reason = "it adds one number to sums with a scale a channel";
        return {};
      }
      grid.axis = it - map.getResults().begin();
    }
    inputs.push_back(buildStoredConstant(b, op.getLoc(), *data, grid));
  }
  return buildMap(b, op.getLoc(), op->getResult(0), inputs, maps,
                  [](OpBuilder &b, Location loc, ValueRange args) -> Value {
                    return arith::AddFOp::create(b, loc, args[0], args[1]);
                  });
}

Value RaisedValues::buildSum(OpBuilder &b, Value sum, const SumScale &scale,
                             std::string &reason) {
  Operation *def = sum.getDefiningOp();
  reason = def ? "it has no f32 form" : "it is an input of the function";
  if (!def || !getElementTypeOrSelf(sum.getType()).isInteger(32))
    return {};
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp, tensor::CastOp,
          linalg::TransposeOp>(def)) {
    SumScale moved = scale;
    auto transpose = dyn_cast<linalg::TransposeOp>(def);
    if (scale.axis && transpose)
      moved.axis = transpose.getPermutation()[*scale.axis];
    if (scale.axis && !transpose && !isa<tensor::CastOp>(def)) {
      reason = "it reshapes sums with a scale a channel";
      return {};
    }
    Value source = raiseSum(b, def->getOperand(0), moved, reason);
    return source ? buildMoved(b, def, source) : Value();
  }
  auto op = dyn_cast<linalg::LinalgOp>(def);
  if (!op || op->getNumResults() != 1)
    return {};
  if (op.getNumReductionLoops() > 0)
    return buildProduct(b, op, scale, reason);
  std::optional<Elementwise> elementwise = matchElementwise(def);
  if (!elementwise)
    return {};
  constexpr double inf = std::numeric_limits<double>::infinity();
  bool max = elementwise->kind == BodyKind::Max;
  bool bounded =
      elementwise->scalar && elementwise->operands.size() == 1 &&
      op.getMatchingIndexingMap(elementwise->operands[0]).isIdentity();
  if (bounded && (max || elementwise->kind == BodyKind::Min))
    return buildClamp(b, elementwise->operands[0], scale,
                      max ? *elementwise->scalar : -inf,
                      max ? inf : *elementwise->scalar, reason);
  // A transpose that is written as a generic.
  OpOperand *operand = elementwise->operands[0];
  AffineMap map = op.getMatchingIndexingMap(operand);
  if (elementwise->kind == BodyKind::Identity && map.isPermutation()) {
    SumScale moved = scale;
    if (scale.axis)
      moved.axis = *map.getResultPosition(b.getAffineDimExpr(*scale.axis));
    Value source = raiseSum(b, operand->get(), moved, reason);
    return source ? buildRead(b, operand, source) : Value();
  }
  if (elementwise->kind == BodyKind::Add && elementwise->operands.size() == 2)
    return buildAddition(b, op, scale, reason);
  return {};
}

Value RaisedValues::raiseSum(OpBuilder &b, Value sum, const SumScale &scale,
                             std::string &reason) {
  auto it = sums.find(sum);
  if (it != sums.end()) {
    const auto &[known, real] = it->second;
    if (known.scales == scale.scales && known.axis == scale.axis)
      return real;
    reason = "it is multiplied by several scales";
    return {};
  }
  if (depth == kMaxDepth) {
    reason = "it is computed from too many sums of sums";
    return {};
  }
  ++depth;
  Value real = buildSum(b, sum, scale, reason);
  --depth;
  if (real)
    sums.try_emplace(sum, scale, real);
  return real;
}

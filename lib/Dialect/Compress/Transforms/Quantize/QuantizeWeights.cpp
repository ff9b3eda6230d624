//===- QuantizeWeights.cpp - weights and biases as codes ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "QuantizeWeights.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "Compress/Dialect/Compress/Utils/QuantizedLayer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include <cmath>
#include <limits>
#include <numeric>

using namespace mlir;
using namespace mlir::compress;

static constexpr int32_t kMaxCode = 127;

LogicalResult mlir::compress::checkStraight(func::FuncOp func) {
  if (func.getBody().hasOneBlock())
    return success();
  return func.emitOpError("has branches; only straight networks are quantized");
}

static std::optional<SmallVector<double>>
readBiases(const WeightedOp &op, ArrayRef<double> correction,
           std::string &reason);

/// Weights that are codes of up to 8 bits already.
static std::optional<QuantizedWeights> readOwnCodes(const WeightedOp &op) {
  std::string reason;
  std::optional<QuantizedWeights> weights = readQuantizedWeights(op, reason);
  if (weights && llvm::all_of(weights->values, [](int32_t value) {
        return std::abs(value) <= UINT8_MAX;
      }))
    return weights;
  return std::nullopt;
}

LogicalResult mlir::compress::checkQuantizable(const WeightedOp &op,
                                               std::string &reason) {
  auto reject = [&](StringRef why) {
    reason = why.str();
    return failure();
  };
  auto elementOf = [](OpOperand *operand) {
    return getElementTypeOrSelf(operand->get().getType());
  };
  linalg::LinalgOp linalgOp = op.op;
  if (linalgOp.getNumDpsInputs() != 2 || !elementOf(op.init).isF32() ||
      !elementOf(op.input).isF32() || !elementOf(op.filter).isF32())
    return reject("it does not compute in f32");
  if (op.channelLoops.empty())
    return reject("all its results have the same weights, so that there is no "
                  "channel");
  if (readOwnCodes(op))
    return success(readBiases(op, {}, reason).has_value());
  FailureOr<ConstantData> filter = readMovedConstant(op.filter->get());
  if (failed(filter))
    return reject("its weights are no constant");
  if (filter->size() == 0 ||
      cast<RankedTensorType>(op.init->get().getType()).getNumElements() == 0)
    return reject("it has no elements");
  for (int64_t i = 0; i < filter->size(); ++i)
    if (!std::isfinite(filter->getReal(i)))
      return reject("a weight is NaN or infinite");
  return success(readBiases(op, {}, reason).has_value());
}

std::vector<NamedWeightedOp>
mlir::compress::nameWeightedOps(func::FuncOp func) {
  std::vector<NamedWeightedOp> result;
  if (!func.getBody().hasOneBlock())
    return result;
  llvm::StringSet<> names;
  for (Operation &op : func.getBody().front()) {
    std::optional<WeightedOp> weighted = matchWeightedOp(&op);
    if (!weighted || weighted->op.getNumDpsInputs() != 2 ||
        !getElementTypeOrSelf(op.getResult(0).getType()).isF32())
      continue;
    std::string base = llvm::json::fixUTF8(placeOf(op.getLoc()));
    if (base.empty())
      base = op.getName().stripDialect().str();
    std::string name = base;
    for (unsigned n = 2; !names.insert(name).second; ++n)
      name = base + "#" + std::to_string(n);
    result.push_back({*weighted, name});
  }
  return result;
}

quant::UniformQuantizedType mlir::compress::getActivationType(
    MLIRContext *context, const ::compress::Range &range, bool symmetric) {
  ::compress::Grid grid = ::compress::gridOf(range, symmetric);
  return quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed,
                                          IntegerType::get(context, 8),
                                          Float32Type::get(context), grid.scale,
                                          grid.zeroPoint, grid.qmin, grid.qmax);
}

FailureOr<ConstantData> mlir::compress::readMovedConstant(Value value) {
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def)) {
    FailureOr<ConstantData> data = readMovedConstant(def->getOperand(0));
    if (succeeded(data))
      data->type = cast<RankedTensorType>(value.getType());
    return data;
  }
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(def)) {
    FailureOr<ConstantData> data = readMovedConstant(transpose.getInput());
    if (failed(data))
      return failure();
    return transposeConstant(*data, transpose.getPermutation());
  }
  return readConstant(value);
}

/// The scale of one channel, whose weights are not all zero.
static double chooseScale(ArrayRef<float> weights, WeightRange method) {
  double largest = 0;
  for (float w : weights)
    largest = std::max<double>(largest, std::abs(w));
  double best = largest / kMaxCode;
  if (method == WeightRange::MinMax)
    return best;
  auto errorOf = [&](double scale) {
    double sum = 0;
    for (float w : weights) {
      double code =
          std::clamp<double>(std::nearbyint(w / scale), -kMaxCode, kMaxCode);
      double error = w - code * scale;
      sum += error * error;
    }
    return sum;
  };
  constexpr int kSteps = 256;
  double least = errorOf(best);
  for (int step = kSteps - 1; step >= kSteps / 2; --step) {
    double scale = largest * step / kSteps / kMaxCode;
    double error = errorOf(scale);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

/// One scale for each channel. One without weights has a scale all the same:
/// its bias is rounded to it.
static SmallVector<double> chooseScales(const WeightedOp &op,
                                        const ConstantData &data,
                                        ArrayRef<double> biases,
                                        float inputScale, WeightRange method) {
  SmallVector<std::vector<float>> channels(op.numChannels());
  op.forEachFilterElement([&](int64_t i, int64_t c) {
    channels[c].push_back(static_cast<float>(data.getReal(i)));
  });
  SmallVector<double> scales;
  for (auto [weights, bias] : llvm::zip_equal(channels, biases)) {
    double scale = 1;
    if (llvm::any_of(weights, [](float w) { return w != 0; }))
      scale = chooseScale(weights, method);
    else if (bias != 0)
      scale = std::abs(bias) / inputScale * 0x1p-20;
    // The contract wants normal numbers.
    constexpr double least = std::numeric_limits<float>::min();
    constexpr double most = std::numeric_limits<float>::max();
    scales.push_back(static_cast<float>(std::clamp(scale, least, most)));
  }
  return scales;
}

static Value buildCodes(OpBuilder &b, Location loc, RankedTensorType type,
                        ArrayRef<int8_t> codes, ArrayRef<double> scales,
                        int32_t axis) {
  auto element = quant::UniformQuantizedPerAxisType::get(
      quant::QuantizationFlags::Signed, b.getIntegerType(8), b.getF32Type(),
      scales, SmallVector<int64_t>(scales.size(), 0), axis, -kMaxCode,
      kMaxCode);
  Value constant = arith::ConstantOp::create(
      b, loc, makeConstant(type.clone(b.getIntegerType(8)), codes));
  Value stored =
      quant::StorageCastOp::create(b, loc, type.clone(Type(element)), constant);
  return quant::DequantizeCastOp::create(b, loc, type, stored);
}

/// Codes whose channels are the elements of several dimensions: a type has one
/// quantized dimension, so they are stored with the channels as one, in front.
static Value buildGroupedCodes(OpBuilder &b, Location loc, const WeightedOp &op,
                               RankedTensorType type, ArrayRef<int8_t> codes,
                               ArrayRef<double> scales,
                               ArrayRef<int64_t> channelDims) {
  SmallVector<int64_t> order(channelDims);
  llvm::sort(order, [&](int64_t x, int64_t y) {
    return op.filterChannelStride[x] > op.filterChannelStride[y];
  });
  size_t count = order.size();
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (!llvm::is_contained(channelDims, d))
      order.push_back(d);
  const char *bytes = reinterpret_cast<const char *>(codes.data());
  ConstantData data{type.clone(b.getIntegerType(8)),
                    std::vector<char>(bytes, bytes + codes.size())};
  ConstantData moved = transposeConstant(data, order);
  SmallVector<int64_t> shape = {op.numChannels()};
  SmallVector<ReassociationIndices> groups(1);
  for (auto [i, extent] : llvm::enumerate(moved.type.getShape())) {
    if (i < count) {
      groups[0].push_back(i);
      continue;
    }
    shape.push_back(extent);
    groups.push_back({static_cast<int64_t>(i)});
  }
  auto flat = RankedTensorType::get(shape, type.getElementType());
  Value value = buildCodes(
      b, loc, flat,
      ArrayRef<int8_t>(reinterpret_cast<const int8_t *>(moved.bytes.data()),
                       moved.bytes.size()),
      scales, /*axis=*/0);
  value = tensor::ExpandShapeOp::create(
      b, loc, moved.type.clone(type.getElementType()), value, groups);
  // Result dimension order[i] is dimension i of the value.
  SmallVector<int64_t> back(order.size());
  for (auto [i, d] : llvm::enumerate(order))
    back[d] = static_cast<int64_t>(i);
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  return linalg::TransposeOp::create(b, loc, value, empty, back)->getResult(0);
}

/// The bias of every channel, with the correction.
static std::optional<SmallVector<double>>
readBiases(const WeightedOp &op, ArrayRef<double> correction,
           std::string &reason) {
  std::optional<BiasSource> source = matchBias(op);
  FailureOr<ConstantData> data = failure();
  if (source && source->constant)
    data = readMovedConstant(source->constant);
  if (!source || (source->constant &&
                  (failed(data) || data->size() != op.numChannels()))) {
    reason = "its bias is not one constant a channel";
    return std::nullopt;
  }
  SmallVector<double> biases(op.numChannels(), source->splat);
  for (auto [c, bias] : llvm::enumerate(biases)) {
    if (succeeded(data))
      bias = data->getReal(static_cast<int64_t>(c));
    if (!correction.empty())
      bias += correction[c];
    if (!std::isfinite(bias)) {
      reason = "its bias is not finite";
      return std::nullopt;
    }
  }
  return biases;
}

/// A vector with one element a channel as a tensor of the channel shape.
static Value expandChannels(OpBuilder &b, Location loc, const WeightedOp &op,
                            Value vector) {
  if (op.channelShape.size() == 1)
    return vector;
  ReassociationIndices all(op.channelShape.size());
  std::iota(all.begin(), all.end(), 0);
  Type element = getElementTypeOrSelf(vector.getType());
  return tensor::ExpandShapeOp::create(
      b, loc, RankedTensorType::get(op.channelShape, element), vector,
      ArrayRef<ReassociationIndices>(all));
}

/// The bias of `op` as codes in the scale of the sums, or in f32 if one does
/// not fit.
static Value buildBias(OpBuilder &b, const WeightedOp &op,
                       ArrayRef<double> biases, ArrayRef<double> scales,
                       double inputScale) {
  Location loc = op.op->getLoc();
  SmallVector<int32_t> codes;
  SmallVector<double> sums;
  bool fits = true;
  for (auto [bias, scale] : llvm::zip_equal(biases, scales)) {
    double sum = inputScale * scale;
    double code = std::nearbyint(bias / sum);
    // Half of the range is left to the products.
    fits &= toScale(sum).has_value() && std::abs(code) < 0x1p30;
    if (!fits)
      break;
    sums.push_back(sum);
    codes.push_back(static_cast<int32_t>(code));
  }
  if (!fits) {
    SmallVector<float> reals(biases.begin(), biases.end());
    return expandChannels(b, loc, op,
                          buildVector(b, loc, ArrayRef<float>(reals)));
  }
  auto type = RankedTensorType::get({op.numChannels()}, b.getF32Type());
  auto element = quant::UniformQuantizedPerAxisType::get(
      quant::QuantizationFlags::Signed, b.getI32Type(), b.getF32Type(), sums,
      SmallVector<int64_t>(sums.size(), 0), /*quantizedDimension=*/0, INT32_MIN,
      INT32_MAX);
  Value constant = buildVector(b, loc, ArrayRef<int32_t>(codes));
  Value stored =
      quant::StorageCastOp::create(b, loc, type.clone(Type(element)), constant);
  Value bias = quant::DequantizeCastOp::create(b, loc, type, stored);
  return expandChannels(b, loc, op, bias);
}

FailureOr<SmallVector<double>>
mlir::compress::chooseWeightScales(const WeightedOp &op, float inputScale,
                                   WeightRange method, std::string &reason) {
  if (failed(checkQuantizable(op, reason)))
    return failure();
  FailureOr<ConstantData> data = readMovedConstant(op.filter->get());
  std::optional<SmallVector<double>> biases = readBiases(op, {}, reason);
  if (!biases)
    return failure();
  return chooseScales(op, *data, *biases, inputScale, method);
}

FailureOr<QuantizedOperands> mlir::compress::quantizeOperands(
    OpBuilder &b, const WeightedOp &op, float inputScale, WeightRange method,
    ArrayRef<double> correction, ArrayRef<int8_t> steps, std::string &reason) {
  if (failed(checkQuantizable(op, reason)))
    return failure();
  std::optional<SmallVector<double>> biases =
      readBiases(op, correction, reason);
  if (!biases)
    return failure();
  if (std::optional<QuantizedWeights> own = readOwnCodes(op))
    return QuantizedOperands{
        op.filter->get(),
        buildBiasInit(b, op.op->getLoc(), op,
                      buildBias(b, op, *biases, own->scales, inputScale))};
  FailureOr<ConstantData> data = readMovedConstant(op.filter->get());
  SmallVector<double> scales =
      chooseScales(op, *data, *biases, inputScale, method);
  SmallVector<int64_t> channelDims;
  for (auto [d, stride] : llvm::enumerate(op.filterChannelStride))
    if (stride != 0)
      channelDims.push_back(static_cast<int64_t>(d));
  auto type = cast<RankedTensorType>(op.filter->get().getType());
  std::vector<int8_t> codes(data->size());
  op.forEachFilterElement([&](int64_t i, int64_t c) {
    int32_t code =
        quantize(static_cast<float>(data->getReal(i)),
                 static_cast<float>(scales[c]), 0, -kMaxCode, kMaxCode);
    if (!steps.empty())
      code = std::clamp(code + steps[i], -kMaxCode, kMaxCode);
    codes[i] = static_cast<int8_t>(code);
  });
  Location loc = op.op->getLoc();
  QuantizedOperands result;
  result.filter =
      channelDims.size() == 1
          ? buildCodes(b, loc, type, codes, scales,
                       static_cast<int32_t>(channelDims[0]))
          : buildGroupedCodes(b, loc, op, type, codes, scales, channelDims);
  result.init =
      buildBiasInit(b, loc, op, buildBias(b, op, *biases, scales, inputScale));
  return result;
}

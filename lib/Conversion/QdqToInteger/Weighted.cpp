//===- Weighted.cpp - integer convolutions and products ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

namespace {
/// Constant weights as integers: codes less their zero point, and one scale a
/// channel.
struct Weights {
  std::vector<int32_t> values; // one for each filter element
  std::vector<double> scales;  // one a channel
};
} // namespace

/// What is reshaped to `value`: the same elements in the same order.
static Value beforeReshapes(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
      break;
    value = def->getOperand(0);
  }
  return value;
}

namespace {
/// The weight and the scale of every element of a filter, row major.
struct FilterElements {
  ConstantData values, scales; // i32 and f32
};
} // namespace

/// Codes behind quant.dcast and quant.scast, moved by reshapes and transposes.
static std::optional<FilterElements> readFilter(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape())
    return std::nullopt;
  Type i32 = IntegerType::get(value.getContext(), 32);
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def)) {
    std::optional<FilterElements> source = readFilter(def->getOperand(0));
    if (source) {
      source->values.type = type.clone(i32);
      source->scales.type = type;
    }
    return source;
  }
  if (auto transpose = dyn_cast_or_null<linalg::TransposeOp>(def)) {
    std::optional<FilterElements> source = readFilter(transpose.getInput());
    if (!source)
      return std::nullopt;
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    return FilterElements{transposeConstant(source->values, permutation),
                          transposeConstant(source->scales, permutation)};
  }
  std::optional<Codes> codes = matchCodes(value);
  FailureOr<ConstantData> data = failure();
  if (codes)
    data = readConstant(codes->codes);
  if (failed(data))
    return std::nullopt;
  const QuantParams &params = codes->params;
  // Along the quantized axis, every `inner` elements the next scale begins.
  int64_t inner = 1, extent = 1;
  if (params.isPerAxis()) {
    ArrayRef<int64_t> shape = data->type.getShape();
    extent = shape[*params.axis];
    for (int64_t s : shape.drop_front(*params.axis + 1))
      inner *= s;
  }
  FilterElements result{{type.clone(i32), {}}, {type, {}}};
  auto append = [](ConstantData &to, auto value) {
    const char *bytes = reinterpret_cast<const char *>(&value);
    to.bytes.insert(to.bytes.end(), bytes, bytes + sizeof(value));
  };
  for (int64_t i = 0; i < data->size(); ++i) {
    int64_t q = params.isPerAxis() ? i / inner % extent : 0;
    int64_t weight = data->getInt(i) - params.zeroPoint(q);
    if (weight != static_cast<int32_t>(weight))
      return std::nullopt;
    append(result.values, static_cast<int32_t>(weight));
    append(result.scales, params.scale(q));
  }
  return result;
}

static std::optional<Weights> readWeights(const WeightedOp &op,
                                          std::string &reason) {
  std::optional<FilterElements> filter = readFilter(op.filter->get());
  if (!filter) {
    reason = "its weights are no quantized integer constant";
    return std::nullopt;
  }
  Weights weights;
  weights.values.resize(filter->values.size());
  weights.scales.assign(op.numChannels(), 0);
  bool consistent = true;
  op.forEachFilterElement([&](int64_t i, int64_t c) {
    weights.values[i] = static_cast<int32_t>(filter->values.getInt(i));
    double s = filter->scales.getReal(i);
    consistent &= weights.scales[c] == 0 || weights.scales[c] == s;
    weights.scales[c] = s;
  });
  if (llvm::is_contained(weights.scales, 0.0)) {
    reason = "its filter has no elements";
    return std::nullopt;
  }
  if (!consistent) {
    reason = "its weights are quantized along a dimension that is summed";
    return std::nullopt;
  }
  return weights;
}

/// The bias of every channel as a real number. Codes whose scale is that of the
/// accumulator but for rounding stay exactly what they are.
static std::optional<std::vector<double>> readBias(const WeightedOp &op,
                                                   const Weights &weights,
                                                   double inputScale,
                                                   std::string &reason) {
  std::vector<double> values(op.numChannels(), 0);
  std::optional<BiasSource> source = matchBias(op);
  if (!source) {
    reason = "its bias is not one constant a channel";
    return std::nullopt;
  }
  if (!source->constant) {
    if (!std::isfinite(source->splat)) {
      reason = "its bias is not finite";
      return std::nullopt;
    }
    values.assign(op.numChannels(), source->splat);
    return values;
  }
  // The biases of groups are reshaped where channels have their own scales.
  Value constant = beforeReshapes(source->constant);
  std::optional<Codes> codes = matchCodes(constant);
  FailureOr<ConstantData> data = readConstant(codes ? codes->codes : constant);
  bool oneScaleEach =
      !codes || !codes->params.isPerAxis() ||
      static_cast<int64_t>(codes->params.scales.size()) == op.numChannels();
  if (failed(data) || data->size() != op.numChannels() || !oneScaleEach) {
    reason = "its bias is no constant";
    return std::nullopt;
  }
  for (auto [c, value] : llvm::enumerate(values)) {
    value = data->getReal(c);
    if (codes) {
      double scale = codes->params.scale(c);
      double wanted = inputScale * weights.scales[c];
      if (std::abs(scale - wanted) <= 1e-6 * wanted)
        scale = wanted;
      value = (value - codes->params.zeroPoint(c)) * scale;
    }
    if (!std::isfinite(value)) {
      reason = "its bias is not finite";
      return std::nullopt;
    }
  }
  return values;
}

/// Raises the weight scale of channel `c` until its bias code fits in i32
/// beside the products, which reach `reach`; the weights are rounded to the
/// coarser grid.
static void fitBias(const WeightedOp &op, Weights &weights, int64_t channel,
                    double bias, double inputScale, double reach) {
  constexpr double limit = 2147483647.0;
  double code = std::abs(bias) / (inputScale * weights.scales[channel]);
  double factor = 1;
  // Products that do not fit alone are no matter of the bias.
  while (reach <= limit / 2 && (code + reach) / factor > limit)
    factor *= 2;
  if (factor == 1)
    return;
  weights.scales[channel] *= factor;
  op.forEachFilterElement([&](int64_t i, int64_t c) {
    if (c == channel)
      weights.values[i] =
          static_cast<int32_t>(std::nearbyint(weights.values[i] / factor));
  });
  remark::missed(op.op->getLoc(),
                 remark::RemarkOpts::name("BiasRange").category("compress"))
      << ("weight scale of channel " + Twine(channel) + " raised by " +
          std::to_string(factor) + " so that the bias fits in i32")
             .str();
}

std::optional<Accumulator> mlir::compress::buildWeighted(RewriterBase &rewriter,
                                                         Operation *operation,
                                                         std::string &reason) {
  StringRef why;
  std::optional<WeightedOp> op = matchWeightedOp(operation, &why);
  if (!op) {
    reason = why.str();
    return std::nullopt;
  }
  if (op->op.getNumDpsInputs() != 2) {
    reason = "it does not compute from an input and weights alone";
    return std::nullopt;
  }
  if (!getElementTypeOrSelf(op->init->get().getType()).isF32()) {
    reason = "it does not compute in f32";
    return std::nullopt;
  }
  std::optional<Codes> input = matchActivation(op->input->get());
  if (!input) {
    reason = "its input is not quantized to 8 bits with one scale";
    return std::nullopt;
  }
  std::optional<Weights> weights = readWeights(*op, reason);
  if (!weights)
    return std::nullopt;
  double sx = input->params.scales[0];
  std::optional<std::vector<double>> bias = readBias(*op, *weights, sx, reason);
  if (!bias)
    return std::nullopt;

  int64_t zx = input->params.zeroPoints[0];
  int64_t channels = op->numChannels();
  // The overflow proof: |final sum| <= max|q - zx| * sum|w| + |bias|, over all
  // codes of 8 bits, as --compress-prove-sums will see them.
  int64_t reach = std::max(std::abs(-128 - zx), std::abs(127 - zx));
  std::vector<double> products(channels, 0);
  op->forEachFilterElement([&](int64_t i, int64_t c) {
    products[c] += static_cast<double>(reach) * std::abs(weights->values[i]);
  });
  for (int64_t c = 0; c < channels; ++c)
    fitBias(*op, *weights, c, (*bias)[c], sx, products[c]);

  std::vector<int64_t> sums(channels, 0), magnitudes(channels, 0);
  bool narrow = true, fits = true;
  op->forEachFilterElement([&](int64_t i, int64_t c) {
    int64_t w = weights->values[i];
    sums[c] += w;
    magnitudes[c] += std::abs(w);
    narrow &= w >= -128 && w <= 127;
    fits &= w >= INT16_MIN && w <= INT16_MAX;
  });
  if (!fits) {
    reason = "its weights less their zero point do not fit in 16 bits";
    return std::nullopt;
  }
  std::vector<int32_t> biasCodes(channels);
  Accumulator result;
  for (int64_t c = 0; c < channels; ++c) {
    double scale = sx * weights->scales[c];
    double code = std::nearbyint((*bias)[c] / scale);
    double bound = static_cast<double>(reach) * magnitudes[c] + std::abs(code);
    if (!(bound <= 2147483647.0)) {
      reason = "the sum of channel " + std::to_string(c) + " may reach " +
               std::to_string(bound) + ", which does not fit in i32";
      return std::nullopt;
    }
    // Parts may wrap modulo 2^32; the final sum was proved to fit.
    biasCodes[c] = static_cast<int32_t>(
        static_cast<uint32_t>(static_cast<int64_t>(code) - zx * sums[c]));
    result.scale.push_back(scale);
  }
  result.scaleShape = op->channelShape;
  result.scaleMap = op->channelMap();

  Location loc = operation->getLoc();
  auto filterType = cast<RankedTensorType>(op->filter->get().getType());
  Value filter;
  if (narrow) {
    std::vector<int8_t> codes(weights->values.begin(), weights->values.end());
    filter = arith::ConstantOp::create(
        rewriter, loc,
        makeConstant(filterType.clone(rewriter.getI8Type()),
                     ArrayRef<int8_t>(codes)));
  } else {
    // Codes less a weight zero point need nine bits.
    std::vector<int16_t> codes(weights->values.begin(), weights->values.end());
    filter = arith::ConstantOp::create(
        rewriter, loc,
        makeConstant(filterType.clone(rewriter.getI16Type()),
                     ArrayRef<int16_t>(codes)));
  }
  Value biasValue = buildChannelConstant(rewriter, loc, *op, biasCodes);
  Value init = buildBiasInit(rewriter, loc, *op, biasValue);
  result.acc = cloneWithOperands(rewriter, *op, input->codes, filter, init)
                   ->getResult(0);
  return result;
}

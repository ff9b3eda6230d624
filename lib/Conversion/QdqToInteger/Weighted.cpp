//===- Weighted.cpp - integer convolutions and products ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/QuantizedLayer.h"
#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// Raises the weight scale of channel `c` until its bias code fits in i32
/// beside the products, which reach `reach`; the weights are rounded to the
/// coarser grid.
static void fitBias(const WeightedOp &op, QuantizedWeights &weights,
                    int64_t channel, double bias, double inputScale,
                    double reach) {
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
  std::optional<QuantizedWeights> weights = readQuantizedWeights(*op, reason);
  if (!weights)
    return std::nullopt;
  double sx = input->params.scales[0];
  std::optional<std::vector<double>> bias =
      readBiasNumbers(*op, *weights, sx, reason);
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

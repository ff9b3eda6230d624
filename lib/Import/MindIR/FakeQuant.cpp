//===- FakeQuant.cpp - what FakeQuantParam says ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeQuant.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

double FakeQuant::getRange(int64_t channel) const {
  auto [low, high] = quant.getRange();
  return quant.scales[channel] * static_cast<double>(high - low) / 2;
}

/// The bits of the codes: num_bits, or in files without it quant_dtype, that is
/// n - 1 for INTn and 99 + n for UINTn.
static int64_t readBits(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  if (n.hasArgument(attribute, "num_bits"))
    return n.getInt(attribute, "num_bits");
  constexpr int64_t firstUnsigned = 100;
  int64_t type = n.getInt(attribute, "quant_dtype", 7);
  return type >= firstUnsigned ? type - firstUnsigned + 1 : type + 1;
}

FailureOr<FakeQuant> mlir::compress::readFakeQuant(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  FakeQuant result;
  std::string algorithm =
      n.getText(attribute, "quant_algo_name", "linear_quant_algo");
  bool isSlb = algorithm == "SLBQuant";
  result.isLevels = isSlb && n.getInput(0).isConstant();
  result.bits = readBits(n);
  // The first release has no such attribute, and signed codes; SLB has none
  // either, and activations that count from 0.
  bool isSigned = n.getBool(attribute, "signed", !isSlb);
  bool isSymmetric = n.getBool(attribute, "symmetric", false);
  bool isNarrow = n.getBool(attribute, "narrow_range", false);
  SmallVector<double> scales = n.getNumbers(attribute, "linear_quant_scale");
  SmallVector<double> zeroPoints =
      n.getNumbers(attribute, "linear_quant_zero_point");
  if (n.hasFailed())
    return failure();
  if (!isSlb && algorithm != "linear_quant_algo")
    return n.fail("has the quant_algo_name " + quoted(algorithm) +
                  ", which is not supported; \"linear_quant_algo\" and "
                  "\"SLBQuant\" are");
  constexpr int64_t maxBits = 16;
  if (result.bits < 1 || result.bits > maxBits ||
      (result.bits == 1 && !result.isLevels))
    return n.fail("has codes of " + Twine(result.bits) +
                  " bits, which are not supported; of 2 to 16 bits they are, "
                  "and of 1 in SLB's weights");
  if (scales.empty() || scales.size() != zeroPoints.size())
    return n.fail("requires as many scales as zero points, not " +
                  Twine(scales.size()) + " and " + Twine(zeroPoints.size()));

  Quantization &quant = result.quant;
  int64_t half = int64_t(1) << (result.bits - 1);
  if (isSigned) {
    quant.storage = result.bits > 8 ? ElementType::I16 : ElementType::I8;
    quant.range = std::pair(-half + isNarrow, half - 1);
  } else {
    quant.storage = result.bits > 8 ? ElementType::U16 : ElementType::U8;
    quant.range = std::pair(int64_t(isNarrow), 2 * half - 1);
  }
  for (auto [scale, zeroPoint] : llvm::zip_equal(scales, zeroPoints)) {
    if (!(std::fabs(zeroPoint) <= 65535) || zeroPoint != std::floor(zeroPoint))
      return n.fail("requires zero points that are whole numbers");
    // LSQ's alpha may be negative: the same grid, where that is as wide below 0
    // as above.
    if (scale < 0 && !result.isLevels &&
        (zeroPoint != 0 || !isSymmetric || !isSigned || !isNarrow))
      return n.fail("has a negative scale, which is supported for symmetric "
                    "signed codes of a narrow range with the zero point 0");
    quant.scales.push_back(static_cast<float>(std::fabs(scale)));
    quant.zeroPoints.push_back(static_cast<int64_t>(zeroPoint));
  }
  if (scales.size() > 1)
    quant.axis = 0;
  return result;
}

FailureOr<Tensor> mlir::compress::quantizeWeights(ModelOpBuilder &b,
                                                  const ConstantTensor &weights,
                                                  const Quantization &quant) {
  Quantization checked = quant;
  if (failed(b.checkQuantization(checked, weights.getShape(),
                                 /*allowZero=*/true)) ||
      failed(b.charge(2 * checked.getCost())))
    return failure();
  if (weights.getType() != ElementType::F32)
    return b.fail("quantizes a constant of " + toString(weights.getType()) +
                  ", which is not supported; of float32 it is");
  Quantization whole = checked;
  for (float &scale : whole.scales)
    scale = scale == 0 ? 1 : scale;
  FailureOr<ConstantTensorRef> codes = b.quantizeConstant(weights, whole);
  if (failed(codes))
    return failure();
  Tensor result = Tensor::fromConstant(
      ConstantTensor::get((*codes)->getType(), (*codes)->getShape(),
                          (*codes)->getBytes().str(), weights.getName().str()));
  result.type = ElementType::F32;
  // A scale of 0 means 0, whatever the code.
  result.quant = std::make_shared<const Quantization>(std::move(checked));
  return result;
}

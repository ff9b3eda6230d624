//===- QuantOps.cpp - FakeQuantParam --------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FakeQuant.h"
#include "OpTable.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// The codes of weights that SLB has chosen from linspace(-1, 1, 2^bits): the
/// odd integers 2k - (2^bits - 1) with the scale 1 / (2^bits - 1). None where a
/// weight is no level.
static FailureOr<std::optional<Tensor>>
getLevels(ModelOpBuilder &b, const ConstantTensor &weights, int64_t bits) {
  constexpr int64_t maxBits = 7; // that odd integers in int8 have
  if (bits > maxBits || weights.getType() != ElementType::F32)
    return std::optional<Tensor>();
  if (failed(b.charge(weights.getNumElements() *
                      static_cast<int64_t>(sizeof(int64_t) + 2))))
    return failure();
  int64_t steps = (int64_t(1) << bits) - 1;
  SmallVector<int64_t> codes;
  for (int64_t i = 0; i < weights.getNumElements(); ++i) {
    double weight = weights.getDouble(i);
    if (!(std::fabs(weight) <= 1))
      return std::optional<Tensor>();
    int64_t k = std::llround((weight + 1) * static_cast<double>(steps) / 2);
    int64_t code = 2 * k - steps;
    // As far as two ways to compute a level in f32 may differ.
    double level = static_cast<double>(code) / static_cast<double>(steps);
    constexpr double tolerance = 1.2e-7;
    if (std::fabs(weight - level) > tolerance)
      return std::optional<Tensor>();
    codes.push_back(code);
  }
  ConstantTensorRef constant =
      ConstantTensor::fromInts(ElementType::I8, weights.getShape(), codes);
  Quantization quant;
  quant.scales.push_back(1.0f / static_cast<float>(steps));
  quant.zeroPoints.push_back(0);
  quant.range = std::pair(-steps, steps);
  Tensor result = Tensor::fromConstant(
      ConstantTensor::get(ElementType::I8, weights.getShape(),
                          constant->getBytes().str(), weights.getName().str()));
  result.type = ElementType::F32;
  result.quant = std::make_shared<const Quantization>(std::move(quant));
  return std::optional(std::move(result));
}

/// The identity to MindSpore; the quantization that was trained to us.
LogicalResult mlir::compress::importFakeQuantParam(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  if (n.options.asWritten)
    return n.setResult(FailureOr<Tensor>(x));
  FailureOr<FakeQuant> fakeQuant = readFakeQuant(n);
  if (failed(fakeQuant))
    return failure();
  if (x.type != ElementType::F32 || (x.isConstant() && x.quant))
    return n.fail("of " + toString(x.type) +
                  " is not supported; of float32, quantized once, it is");
  if (!x.isConstant()) {
    if (fakeQuant->quant.axis)
      return n.fail("quantizes an activation with " +
                    Twine(fakeQuant->quant.scales.size()) +
                    " scales, which is not supported; with one it is");
    return n.setResult(n.b.fakeQuant(x.value, fakeQuant->quant));
  }
  if (!fakeQuant->isLevels)
    return n.setResult(quantizeWeights(n.b, *x.constant, fakeQuant->quant));
  FailureOr<std::optional<Tensor>> levels =
      getLevels(n.b, *x.constant, fakeQuant->bits);
  if (failed(levels))
    return failure();
  if (*levels)
    return n.setResult(FailureOr<Tensor>(**levels));
  remark::missed(n.b.getLoc(), mindirRemark())
      << "weights are not quantized: they are no levels of SLB's "
      << std::to_string(fakeQuant->bits) << " bits";
  return n.setResult(FailureOr<Tensor>(x));
}

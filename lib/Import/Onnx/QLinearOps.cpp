//===- QLinearOps.cpp - ops from codes to codes --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The ops of the QOperator format: what the op of the same name does in f32,
// between DequantizeLinear and QuantizeLinear.
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "Quantizers.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::compress;

/// Input `i` in f32, by the scale and zero point in the two inputs behind it.
static FailureOr<Tensor> getNumbers(NodeImporter &n, unsigned i,
                                    std::optional<int64_t> axis = {}) {
  const Tensor &x = n.getInput(i);
  if (!isInteger(x.type) || getBitWidth(x.type) > 16)
    return n.fail("requires codes of int8, uint8, int16 or uint16, not " +
                  toString(x.type));
  FailureOr<Quantization> quant = getQuantization(
      n, x.shape, x.type, i + 1, axis, /*allowZero=*/x.isConstant());
  if (failed(quant))
    return failure();
  return dequantize(n, x, *quant);
}

/// Quantizes `y` by the scale in input `scaleInput` and the zero point behind
/// it; without a zero point to codes of uint8.
static LogicalResult setCodes(NodeImporter &n, FailureOr<Tensor> y,
                              unsigned scaleInput) {
  if (failed(y))
    return failure();
  ElementType storage = n.hasInput(scaleInput + 1)
                            ? n.getInput(scaleInput + 1).type
                            : ElementType::U8;
  FailureOr<Quantization> quant = getQuantization(
      n, y->shape, storage, scaleInput, std::nullopt, /*allowZero=*/false);
  if (failed(quant))
    return failure();
  return n.setResult(quantize(n, *y, *quant));
}

/// The int32 bias in input `i` as numbers: its scale is that of the sums, the
/// product of those of `x` and of the weights.
static FailureOr<Tensor> getBias(NodeImporter &n, unsigned i, unsigned xScale,
                                 const Tensor &weight) {
  Tensor bias = n.getInput(i);
  if (bias.type != ElementType::I32 || !bias.isPlainConstant())
    return n.fail("requires the bias (input " + n.getInputName(i) +
                  ") as a constant of int32");
  std::optional<double> factor = n.getInput(xScale).getScalar();
  if (!factor || !weight.quant)
    return n.fail("requires constant weights for its bias");
  Quantization quant;
  quant.storage = ElementType::I32;
  bool isPerChannel = weight.quant->axis.has_value();
  if (isPerChannel && bias.getNumElements() == 1) {
    // One number, but not of one scale.
    FailureOr<Tensor> list = n.b.reshape(bias, {1});
    if (succeeded(list))
      list =
          n.b.expand(*list, static_cast<int64_t>(weight.quant->scales.size()));
    if (failed(list))
      return failure();
    bias = *list;
  }
  size_t count = isPerChannel ? weight.quant->scales.size() : 1;
  if (isPerChannel && static_cast<int64_t>(count) != bias.shape.back())
    return n.fail("requires a bias of [" + Twine(count) + "], not " +
                  toString(bias.shape));
  for (size_t c = 0; c < count; ++c)
    quant.scales.push_back(static_cast<float>(
        *factor * static_cast<double>(weight.quant->scales[c])));
  quant.zeroPoints.assign(count, 0);
  if (isPerChannel)
    quant.axis = bias.getRank() - 1;
  Tensor result = bias;
  result.type = ElementType::F32;
  result.quant = std::make_shared<const Quantization>(std::move(quant));
  return result;
}

/// x, its scale and zero point, w, its, then those of y, optional bias.
LogicalResult mlir::compress::importQLinearConv(NodeImporter &n) {
  FailureOr<Tensor> x = getNumbers(n, 0), w = getNumbers(n, 3, /*axis=*/0);
  if (failed(x) || failed(w))
    return failure();
  FailureOr<Tensor> bias = Tensor();
  if (n.hasInput(8))
    bias = getBias(n, 8, 1, *w);
  if (failed(bias))
    return failure();
  return setCodes(n,
                  n.importAs("Conv", importConv,
                             {&*x, &*w, n.hasInput(8) ? &*bias : nullptr}),
                  6);
}

/// a, its scale and zero point, b, its, then those of y.
LogicalResult mlir::compress::importQLinearMatMul(NodeImporter &n) {
  FailureOr<Tensor> a = getNumbers(n, 0), b = getNumbers(n, 3, /*axis=*/-1);
  if (failed(a) || failed(b))
    return failure();
  return setCodes(n, n.importAs("MatMul", importMatMul, {&*a, &*b}), 6);
}

/// A, B and C as Gemm has them; without a scale of y the result is f32.
LogicalResult mlir::compress::importQGemm(NodeImporter &n) {
  bool isTransposed = n.getInt("transB", 0);
  float alpha = n.getFloat("alpha", 1.0f);
  if (n.hasFailed())
    return failure();
  FailureOr<Tensor> a = getNumbers(n, 0);
  FailureOr<Tensor> b = getNumbers(n, 3, isTransposed ? 0 : 1);
  if (failed(a) || failed(b))
    return failure();
  FailureOr<Tensor> bias = Tensor();
  if (n.hasInput(6)) {
    if (alpha != 1)
      return n.fail("requires an alpha of 1 for its bias");
    bias = getBias(n, 6, 1, *b);
  }
  if (failed(bias))
    return failure();
  FailureOr<Tensor> y = n.importAs(
      "Gemm", importGemm, {&*a, &*b, n.hasInput(6) ? &*bias : nullptr});
  return n.hasInput(7) ? setCodes(n, y, 7) : n.setResult(y);
}

/// A, its scale and zero point, B, its, then those of C.
LogicalResult mlir::compress::importQLinearBinary(NodeImporter &n) {
  FailureOr<Tensor> a = getNumbers(n, 0), b = getNumbers(n, 3);
  if (failed(a) || failed(b))
    return failure();
  StringRef op = n.getOpType();
  op.consume_front("QLinear");
  return setCodes(n, n.importAs(op, importArithmetic, {&*a, &*b}), 6);
}

/// X, its scale and zero point, then those of Y.
LogicalResult mlir::compress::importQLinearUnary(NodeImporter &n) {
  FailureOr<Tensor> x = getNumbers(n, 0);
  if (failed(x))
    return failure();
  if (n.getInt("channels_last", 0) != 0)
    return n.fail("has the channels last, which is not supported");
  StringRef op = n.getOpType();
  op.consume_front("QLinear");
  auto import = llvm::StringSwitch<LogicalResult (*)(NodeImporter &)>(op)
                    .Case("AveragePool", importAveragePool)
                    .Case("GlobalAveragePool", importGlobalPool)
                    .Case("LeakyRelu", importLeakyRelu)
                    .Case("ReduceMean", importReduce)
                    .Case("Softmax", importSoftmax)
                    .Default(importUnary);
  return setCodes(n, n.importAs(op, import, &*x), 3);
}

/// Scale and zero point of Y, then X, its scale and zero point, any number of
/// times.
LogicalResult mlir::compress::importQLinearConcat(NodeImporter &n) {
  if (n.getNumInputs() < 5 || n.getNumInputs() % 3 != 2)
    return n.fail("requires a scale and zero point, and three inputs for each "
                  "operand");
  SmallVector<Tensor> operands;
  SmallVector<const Tensor *> pointers;
  for (unsigned i = 2; i < n.getNumInputs(); i += 3) {
    if (!n.hasInput(i) || !n.hasInput(i + 1))
      return n.fail("requires all of its inputs");
    FailureOr<Tensor> x = getNumbers(n, i);
    if (failed(x))
      return failure();
    operands.push_back(*x);
  }
  for (const Tensor &operand : operands)
    pointers.push_back(&operand);
  return setCodes(n, n.importAs("Concat", importConcat, pointers), 0);
}

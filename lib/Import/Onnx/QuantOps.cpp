//===- QuantOps.cpp - QuantizeLinear, DequantizeLinear -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Codes exist in constants only. QuantizeLinear of an activation makes a
// `compress.fake_quant`; between it and its DequantizeLinear the tensor is the
// f32 value and a record of how ONNX codes it.
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "Quantizers.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

FailureOr<Quantization>
mlir::compress::getQuantization(NodeImporter &n, ArrayRef<int64_t> shape,
                                ElementType storage, unsigned scaleInput,
                                std::optional<int64_t> axis, bool allowZero) {
  const Tensor &scale = n.getInput(scaleInput);
  unsigned zeroPointInput = scaleInput + 1;
  std::string name = n.getInputName(scaleInput);
  if (!scale.isPlainConstant() || scale.type != ElementType::F32)
    return n.fail("requires the scale (input " + name +
                  ") as a constant of float32");
  if (scale.getRank() > 1)
    return n.fail("is quantized in blocks, which is not supported; per tensor "
                  "and per channel are");
  int64_t count = scale.constant->getNumElements();
  if (failed(n.b.charge(2 * count * (sizeof(float) + sizeof(int64_t)))))
    return failure();
  Quantization quant;
  quant.storage = storage;
  for (int64_t i = 0; i < count; ++i)
    quant.scales.push_back(static_cast<float>(scale.constant->getDouble(i)));
  quant.zeroPoints.assign(count, 0);
  if (count != 1) {
    if (!axis)
      return n.fail("requires one scale (input " + name + "), not " +
                    Twine(count));
    FailureOr<int64_t> known =
        n.getAxis(*axis, static_cast<int64_t>(shape.size()));
    if (failed(known))
      return failure();
    quant.axis = *known;
  }
  if (n.hasInput(zeroPointInput)) {
    const Tensor &zeroPoint = n.getInput(zeroPointInput);
    if (!zeroPoint.isPlainConstant() || zeroPoint.type != storage)
      return n.fail("requires the zero point (input " +
                    n.getInputName(zeroPointInput) + ") as a constant of " +
                    Twine(count) + " elements of " + toString(storage));
    quant.zeroPoints = zeroPoint.constant->getInts();
    // Some producers give one zero point for the scales of all channels.
    if (quant.zeroPoints.size() == 1)
      quant.zeroPoints.assign(count, quant.zeroPoints.front());
  }
  if (failed(n.b.checkQuantization(quant, shape, allowZero,
                                   "scales (input " + name + ")")))
    return failure();
  return quant;
}

FailureOr<Tensor> mlir::compress::dequantize(NodeImporter &n, const Tensor &x,
                                             const Quantization &quant) {
  if (x.isConstant()) {
    Tensor result = x;
    result.type = ElementType::F32;
    result.quant = std::make_shared<const Quantization>(quant);
    return result;
  }
  if (x.isCodes() && quant.sameNumbers(*x.quant))
    return Tensor::fromValue(x.value);
  FailureOr<Value> value = failure();
  if (getBitWidth(x.type) <= 16) {
    value = n.b.dequantize(x, quant);
  } else if (quant.axis) {
    return n.fail("dequantizes sums per channel, which is not supported; per "
                  "tensor it is");
  } else {
    Tensor scale =
        Tensor::fromConstant(ConstantTensor::fromFloats({}, quant.scale(0)));
    value = n.b.elementwise(
        {x, scale}, [](OpBuilder &b, Location l, ValueRange v) -> Value {
          Value number = arith::SIToFPOp::create(b, l, b.getF32Type(), v[0]);
          return arith::MulFOp::create(b, l, number, v[1]);
        });
  }
  if (failed(value))
    return failure();
  return Tensor::fromValue(*value);
}

FailureOr<Tensor> mlir::compress::quantize(NodeImporter &n, const Tensor &x,
                                           const Quantization &quant) {
  if (x.isPlainConstant()) {
    FailureOr<ConstantTensorRef> codes =
        n.b.quantizeConstant(*x.constant, quant);
    if (failed(codes))
      return failure();
    return Tensor::fromConstant(*codes);
  }
  if (quant.axis && getBitWidth(quant.storage) > 8)
    return n.fail("quantizes an activation per channel to " +
                  toString(quant.storage) +
                  ", which is not supported; per tensor it is");
  FailureOr<Value> value = n.b.materialize(x);
  if (failed(value))
    return failure();
  FailureOr<Value> fake = n.b.fakeQuant(*value, quant);
  if (failed(fake))
    return failure();
  Tensor codes = Tensor::fromValue(*fake, quant.storage);
  codes.quant = std::make_shared<const Quantization>(quant);
  return codes;
}

/// The channel dimension of QuantizeLinear and DequantizeLinear.
static FailureOr<std::optional<int64_t>> getChannelAxis(NodeImporter &n,
                                                        int64_t rank) {
  int64_t blockSize = n.getInt("block_size", 0);
  int64_t axis = n.getInt("axis", 1);
  if (n.hasFailed())
    return failure();
  if (blockSize != 0)
    return n.fail("is quantized in blocks, which is not supported; per tensor "
                  "and per channel are");
  if (n.getOpset() < 13 && n.getInput(1).getNumElements() != 1)
    return n.fail("requires opset 13 or newer for per-channel scales");
  return std::optional<int64_t>(rank == 1 && !n.hasAttribute("axis") ? 0
                                                                     : axis);
}

/// The type of the codes: that of the zero point, output_dtype, or uint8.
static FailureOr<ElementType> getCodeType(NodeImporter &n) {
  if (n.hasInput(2) && isInteger(n.getInput(2).type))
    return n.getInput(2).type;
  if (n.hasInput(2))
    return n.fail("quantizes to " + toString(n.getInput(2).type) +
                  ", which is not supported");
  int64_t outputType = n.getInt("output_dtype", 0);
  if (n.hasFailed())
    return failure();
  if (outputType == 0)
    return ElementType::U8;
  std::optional<ElementType> type = getOnnxElementType(outputType);
  if (!type || !isInteger(*type))
    return n.fail("quantizes to " + getOnnxTypeName(outputType) +
                  ", which is not supported");
  return *type;
}

LogicalResult mlir::compress::importQuantizeLinear(NodeImporter &n) {
  constexpr int64_t float32 = 1; // TensorProto.FLOAT
  const Tensor &x = n.getInput(0);
  FailureOr<ElementType> storage = getCodeType(n);
  if (failed(storage))
    return failure();
  if (getBitWidth(*storage) > 16)
    return n.fail("quantizes to " + toString(*storage) +
                  ", which is not supported; integers of up to 16 bits are");
  int64_t precision = n.getInt("precision", 0);
  FailureOr<std::optional<int64_t>> axis = getChannelAxis(n, x.getRank());
  if (failed(axis))
    return failure();
  FailureOr<Quantization> quant =
      getQuantization(n, x.shape, *storage, /*scaleInput=*/1, *axis,
                      /*allowZero=*/false);
  if (failed(quant))
    return failure();
  if (precision != 0 && precision != float32)
    return n.fail("divides in " + getOnnxTypeName(precision) +
                  ", which is not supported; float32 is");
  return n.setResult(quantize(n, x, *quant));
}

LogicalResult mlir::compress::importDequantizeLinear(NodeImporter &n) {
  constexpr int64_t float32 = 1; // TensorProto.FLOAT
  Tensor x = n.getInput(0);
  int64_t outputType = n.getInt("output_dtype", float32);
  if (n.hasFailed())
    return failure();
  if (outputType != float32 && outputType != 0)
    return n.fail("dequantizes to " + getOnnxTypeName(outputType) +
                  ", which is not supported; float32 is");
  if (!isInteger(x.type) || (!x.isCodes() && getBitWidth(x.type) > 32) ||
      x.type == ElementType::U32)
    return n.fail("dequantizes " + toString(x.type) +
                  ", which is not supported; integers of up to 32 bits are");
  FailureOr<std::optional<int64_t>> axis = getChannelAxis(n, x.getRank());
  if (failed(axis))
    return failure();
  FailureOr<Quantization> quant =
      getQuantization(n, x.shape, x.type, /*scaleInput=*/1, *axis,
                      /*allowZero=*/x.isConstant());
  if (failed(quant))
    return failure();
  return n.setResult(dequantize(n, x, *quant));
}

//===----------------------------------------------------------------------===//
// QONNX
//===----------------------------------------------------------------------===//

/// The numbers of constant input `i`: one, or one along a single dimension of
/// `shape`, which becomes the axis of `quant`.
static FailureOr<SmallVector<double>>
getChannelNumbers(NodeImporter &n, unsigned i, StringRef what,
                  ArrayRef<int64_t> shape, std::optional<int64_t> &axis) {
  const Tensor &tensor = n.getInput(i);
  if (!tensor.isPlainConstant() || tensor.getRank() > int64_t(shape.size()))
    return n.fail("requires " + what + " (input " + n.getInputName(i) +
                  ") as a constant that broadcasts to its input");
  if (failed(n.b.charge(tensor.getNumElements() * sizeof(double) * 2)))
    return failure();
  int64_t missing = static_cast<int64_t>(shape.size()) - tensor.getRank();
  for (auto [d, extent] : llvm::enumerate(tensor.shape)) {
    if (extent == 1)
      continue;
    int64_t at = static_cast<int64_t>(d) + missing;
    if (extent != shape[at] || (axis && *axis != at))
      return n.fail("requires " + what +
                    " per tensor or along one dimension, "
                    "not " +
                    toString(tensor.shape));
    axis = at;
  }
  SmallVector<double> numbers;
  for (int64_t k = 0; k < tensor.getNumElements(); ++k)
    numbers.push_back(tensor.getNumber(k));
  return numbers;
}

/// Quant of QONNX, which Brevitas writes: x, scale, zero point, bit width;
/// (clip(round(x / scale) + zero point) - zero point) * scale, in f32. QONNX
/// adds the zero point before it rounds, which is another number where that is
/// odd and x / scale ends in a half.
LogicalResult mlir::compress::importQonnxQuant(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool isSigned = n.getInt("signed", 1), isNarrow = n.getInt("narrow", 0);
  std::string rounding = n.getString("rounding_mode", "ROUND");
  FailureOr<double> width = n.getConstantScalar(3, "the bit width");
  if (failed(width) || n.hasFailed())
    return failure();
  if (rounding != "ROUND" && rounding != "HALF_EVEN")
    return n.fail("has the rounding_mode " + quoted(rounding) +
                  ", which is not supported; \"ROUND\" is");
  if (!(*width >= 2 && *width <= 8) || *width != std::floor(*width))
    return n.fail("requires a bit width from 2 to 8");
  int64_t bits = static_cast<int64_t>(*width), half = int64_t(1) << (bits - 1);
  Quantization quant;
  quant.storage = isSigned ? ElementType::I8 : ElementType::U8;
  quant.range = isSigned ? std::pair(-half + isNarrow, half - 1)
                         : std::pair(int64_t(0), 2 * half - 1 - isNarrow);
  std::optional<int64_t> axis;
  FailureOr<SmallVector<double>> scales =
      getChannelNumbers(n, 1, "the scale", x.shape, axis);
  FailureOr<SmallVector<double>> zeroPoints =
      getChannelNumbers(n, 2, "the zero point", x.shape, axis);
  if (failed(scales) || failed(zeroPoints))
    return failure();
  quant.axis = axis;
  int64_t channels = axis ? x.shape[*axis] : 1;
  for (int64_t c = 0; c < channels; ++c) {
    double zeroPoint = (*zeroPoints)[zeroPoints->size() > 1 ? c : 0];
    if (!(std::fabs(zeroPoint) <= 255) || zeroPoint != std::floor(zeroPoint))
      return n.fail("requires a zero point that is a whole number");
    quant.scales.push_back(
        static_cast<float>((*scales)[scales->size() > 1 ? c : 0]));
    quant.zeroPoints.push_back(static_cast<int64_t>(zeroPoint));
  }
  if (failed(n.b.checkQuantization(quant, x.shape, /*allowZero=*/false)))
    return failure();
  FailureOr<Tensor> codes = quantize(n, x, quant);
  return n.setResult(failed(codes) ? codes : dequantize(n, *codes, quant));
}

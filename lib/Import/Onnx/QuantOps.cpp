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

using namespace mlir;
using namespace mlir::compress;

/// Reads the scale (input 1) and zero point (input 2) for a tensor of `shape`
/// with codes of `storage`; the zero point is 0 where it is left out.
static FailureOr<Quantization> getQuantization(NodeImporter &n,
                                               ArrayRef<int64_t> shape,
                                               ElementType storage,
                                               bool allowZero) {
  const Tensor &scale = n.getInput(1);
  int64_t blockSize = n.getInt("block_size", 0);
  int64_t axis = n.getInt("axis", 1);
  if (n.hasFailed())
    return failure();
  if (!scale.isPlainConstant() || scale.type != ElementType::F32)
    return n.fail("requires the scale (input " + n.getInputName(1) +
                  ") as a constant of float32");
  if (blockSize != 0 || scale.getRank() > 1)
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
    if (n.getOpset() < 13)
      return n.fail("requires opset 13 or newer for per-channel scales");
    int64_t rank = shape.size();
    FailureOr<int64_t> known =
        n.getAxis(rank == 1 && !n.hasAttribute("axis") ? 0 : axis, rank);
    if (failed(known))
      return failure();
    quant.axis = *known;
  }
  if (n.hasInput(2)) {
    const Tensor &zeroPoint = n.getInput(2);
    if (!zeroPoint.isPlainConstant() || zeroPoint.type != storage ||
        zeroPoint.constant->getNumElements() != count)
      return n.fail("requires the zero point (input " + n.getInputName(2) +
                    ") as a constant of " + Twine(count) + " elements of " +
                    toString(storage));
    quant.zeroPoints = zeroPoint.constant->getInts();
  }
  if (failed(n.b.checkQuantization(quant, shape, allowZero,
                                   "scales (input " + n.getInputName(1) + ")")))
    return failure();
  return quant;
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
  FailureOr<Quantization> quant =
      getQuantization(n, x.shape, *storage, /*allowZero=*/false);
  if (failed(quant))
    return failure();
  if (precision != 0 && precision != float32)
    return n.fail("divides in " + getOnnxTypeName(precision) +
                  ", which is not supported; float32 is");
  if (x.isPlainConstant()) {
    FailureOr<ConstantTensorRef> codes =
        n.b.quantizeConstant(*x.constant, *quant);
    if (failed(codes))
      return failure();
    return n.setResult(FailureOr<Tensor>(Tensor::fromConstant(*codes)));
  }
  FailureOr<Value> value = n.getValue(0);
  if (failed(value))
    return failure();
  FailureOr<Value> fake = n.b.fakeQuant(*value, *quant);
  if (failed(fake))
    return failure();
  Tensor codes = Tensor::fromValue(*fake);
  codes.type = *storage;
  codes.quant = std::make_shared<const Quantization>(*quant);
  return n.setResult(FailureOr<Tensor>(codes));
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
  FailureOr<Quantization> quant =
      getQuantization(n, x.shape, x.type, /*allowZero=*/x.isConstant());
  if (failed(quant))
    return failure();
  if (x.isConstant()) {
    x.type = ElementType::F32;
    x.quant = std::make_shared<const Quantization>(*quant);
    return n.setResult(FailureOr<Tensor>(x));
  }
  if (!quant->sameNumbers(*x.quant))
    return n.fail("has other scales or zero points than the QuantizeLinear "
                  "before it, which is not supported; insert a "
                  "DequantizeLinear and a QuantizeLinear between them");
  return n.setResult(FailureOr<Tensor>(Tensor::fromValue(x.value)));
}

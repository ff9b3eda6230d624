//===- OpBuilderQuant.cpp - quantized values -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// What turns a code of the file into a signed one: 0 for signed types.
static int64_t getShift(ElementType storage) {
  return isSignedInteger(storage) ? 0
                                  : int64_t(1) << (getBitWidth(storage) - 1);
}

/// The signed type of the same width in memory, with codes of fewer bits in i8.
static ElementType getSignedStorage(ElementType storage) {
  switch (getStorageBytes(storage)) {
  case 1:
    return ElementType::I8;
  case 2:
    return ElementType::I16;
  default:
    return ElementType::I32;
  }
}

/// The quantized type over signed storage; zero points already shifted.
static quant::QuantizedType createType(OpBuilder &builder,
                                       const Quantization &quant,
                                       ArrayRef<double> scales,
                                       ArrayRef<int64_t> zeroPoints) {
  auto storage = builder.getIntegerType(getStorageBytes(quant.storage) * 8);
  auto [low, high] = quant.getRange();
  low -= getShift(quant.storage);
  high -= getShift(quant.storage);
  if (quant.axis)
    return quant::UniformQuantizedPerAxisType::get(
        quant::QuantizationFlags::Signed, storage, builder.getF32Type(), scales,
        zeroPoints, static_cast<int32_t>(*quant.axis), low, high);
  return quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, storage, builder.getF32Type(),
      scales.front(), zeroPoints.front(), low, high);
}

LogicalResult ModelOpBuilder::checkQuantization(Quantization &quant,
                                                ArrayRef<int64_t> shape,
                                                bool allowZero,
                                                StringRef what) {
  size_t channels = 1;
  if (quant.axis) {
    if (*quant.axis < 0 || *quant.axis >= static_cast<int64_t>(shape.size()))
      return fail("quantizes along dimension " + Twine(*quant.axis) +
                  ", which " + toString(shape) + " does not have");
    channels = shape[*quant.axis];
  }
  if (quant.scales.size() != channels || quant.zeroPoints.size() != channels)
    return fail("requires " + Twine(channels) +
                " scales and zero points, not " + Twine(quant.scales.size()) +
                " and " + Twine(quant.zeroPoints.size()));
  auto [low, high] = quant.getRange();
  for (auto [scale, zeroPoint] :
       llvm::zip_equal(quant.scales, quant.zeroPoints)) {
    bool isGood = std::isnormal(scale) && scale > 0;
    if (!isGood && !(allowZero && scale == 0))
      return fail(llvm::formatv("requires {0} that are finite, normal and "
                                "above 0, not {1:e}",
                                what, scale)
                      .str());
    if (zeroPoint < low || zeroPoint > high)
      return fail("requires zero points from " + Twine(low) + " to " +
                  Twine(high) + ", not " + Twine(zeroPoint));
    if (getBitWidth(quant.storage) > 16 && zeroPoint != 0)
      return fail("requires a zero point of 0 for " + toString(quant.storage) +
                  ", not " + Twine(zeroPoint));
  }
  if (quant.axis && channels == 1)
    quant.axis.reset();
  return success();
}

FailureOr<Value> ModelOpBuilder::fakeQuant(Value x, const Quantization &quant) {
  Quantization checked = quant;
  ArrayRef<int64_t> shape = cast<RankedTensorType>(x.getType()).getShape();
  unsigned bits = getBitWidth(quant.storage);
  if (!isInteger(quant.storage) || (bits != 8 && bits != 16))
    return fail("quantizes an activation to " + toString(quant.storage) +
                ", which is not supported; int8, uint8, int16 and uint16 are");
  if (failed(checkQuantization(checked, shape, /*allowZero=*/false)))
    return failure();
  SmallVector<double> scales(checked.scales.begin(), checked.scales.end());
  SmallVector<int64_t> zeroPoints(checked.zeroPoints);
  for (int64_t &zeroPoint : zeroPoints)
    zeroPoint -= getShift(checked.storage);
  return FakeQuantOp::create(builder, loc, x,
                             createType(builder, checked, scales, zeroPoints))
      .getOutput();
}

FailureOr<Tensor> ModelOpBuilder::toIntegers(const Tensor &codes) {
  const Quantization &quant = *codes.quant;
  // The numbers are exact multiples: the quotient rounds to the code.
  Tensor numbers = Tensor::fromValue(codes.value);
  SmallVector<int64_t> shape;
  if (quant.axis) {
    shape.assign(codes.getRank() - *quant.axis, 1);
    shape.front() = static_cast<int64_t>(quant.scales.size());
  }
  Tensor scale =
      Tensor::fromConstant(ConstantTensor::fromFloats(shape, quant.scales));
  Tensor zeroPoint = Tensor::fromConstant(
      ConstantTensor::fromInts(ElementType::I32, shape, quant.zeroPoints));
  auto type = builder.getIntegerType(getStorageBytes(codes.type) * 8);
  FailureOr<Value> value = elementwise(
      {numbers, scale, zeroPoint},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value quotient = arith::DivFOp::create(b, l, v[0], v[1]);
        Value rounded = math::RoundEvenOp::create(b, l, quotient);
        Value whole = arith::FPToSIOp::create(b, l, b.getI32Type(), rounded);
        Value code = arith::AddIOp::create(b, l, whole, v[2]);
        if (type.getWidth() < 32)
          return arith::TruncIOp::create(b, l, type, code);
        if (type.getWidth() > 32)
          return arith::ExtSIOp::create(b, l, type, code);
        return code;
      },
      codes.type);
  if (failed(value))
    return failure();
  return Tensor::fromValue(*value, codes.type);
}

FailureOr<Value> ModelOpBuilder::dequantize(const Tensor &x,
                                            const Quantization &quant) {
  if (failed(charge(4 * quant.getCost())))
    return failure();
  Quantization checked = quant;
  if (failed(checkQuantization(checked, x.shape, /*allowZero=*/false)))
    return failure();
  int64_t shift = getShift(checked.storage);
  FailureOr<Value> codes = materializeAny(x);
  if (failed(codes))
    return failure();
  if (shift) { // The top bit flipped is half of the range subtracted.
    auto storage = cast<IntegerType>(getElementTypeOrSelf(codes->getType()));
    auto top =
        builder.getIntegerAttr(storage, APInt::getSignMask(storage.getWidth()));
    codes = elementwise(
        {x},
        [&](OpBuilder &b, Location l, ValueRange v) -> Value {
          return arith::XOrIOp::create(b, l, v[0],
                                       arith::ConstantOp::create(b, l, top));
        },
        x.type);
  }
  if (failed(codes))
    return failure();
  SmallVector<double> scales(checked.scales.begin(), checked.scales.end());
  SmallVector<int64_t> zeroPoints(checked.zeroPoints);
  for (int64_t &zeroPoint : zeroPoints)
    zeroPoint -= shift;
  quant::QuantizedType type = createType(builder, checked, scales, zeroPoints);
  Value cast = quant::StorageCastOp::create(
      builder, loc, RankedTensorType::get(x.shape, type), *codes);
  return quant::DequantizeCastOp::create(
             builder, loc, RankedTensorType::get(x.shape, builder.getF32Type()),
             cast)
      .getResult();
}

FailureOr<Value> ModelOpBuilder::dequantizeConstant(const Tensor &tensor) {
  if (failed(charge(4 * tensor.quant->getCost())))
    return failure();
  Quantization quant = *tensor.quant;
  if (failed(checkQuantization(quant, tensor.shape, /*allowZero=*/true)))
    return failure();
  int64_t shift = getShift(quant.storage);
  SmallVector<double> scales(quant.scales.begin(), quant.scales.end());
  SmallVector<int64_t> zeroPoints(quant.zeroPoints);
  for (int64_t &zeroPoint : zeroPoints)
    zeroPoint -= shift;

  ConstantTensorRef codes = tensor.constant;
  bool hasZeroScale = llvm::is_contained(scales, 0.0);
  ElementType storage = getSignedStorage(quant.storage);
  if (codes->getType() != storage || hasZeroScale) {
    if (failed(charge(codes->getNumElements() *
                      (sizeof(int64_t) + getStorageBytes(storage)))))
      return failure();
    int64_t inner = 1;
    if (quant.axis)
      inner = *countElements(
          ArrayRef<int64_t>(tensor.shape).drop_front(*quant.axis + 1));
    SmallVector<int64_t> shifted = codes->getInts();
    for (auto [i, code] : llvm::enumerate(shifted)) {
      size_t channel =
          quant.axis ? size_t(i / inner % tensor.shape[*quant.axis]) : 0;
      // A scale of 0 means 0 whatever the code: the code of 0, scale 1.
      code = scales[channel] == 0 ? zeroPoints[channel] : code - shift;
    }
    std::string name = codes->getName().str();
    codes = ConstantTensor::fromInts(storage, tensor.shape, shifted);
    codes = ConstantTensor::get(storage, tensor.shape, codes->getBytes().str(),
                                name);
  }
  for (double &scale : scales)
    scale = scale == 0 ? 1 : scale;

  quant::QuantizedType type = createType(builder, quant, scales, zeroPoints);
  Value constant = createConstant(*codes, type.getStorageType());
  Value cast = quant::StorageCastOp::create(
      builder, loc, RankedTensorType::get(tensor.shape, type), constant);
  return quant::DequantizeCastOp::create(
             builder, loc,
             RankedTensorType::get(tensor.shape, builder.getF32Type()), cast)
      .getResult();
}

FailureOr<ConstantTensorRef>
ModelOpBuilder::quantizeConstant(const ConstantTensor &x,
                                 const Quantization &quant) {
  Quantization checked = quant;
  if (x.getType() != ElementType::F32 || getBitWidth(quant.storage) > 16)
    return fail("quantizes a constant of " + toString(x.getType()) + " to " +
                toString(quant.storage) + ", which is not supported");
  if (failed(checkQuantization(checked, x.getShape(), /*allowZero=*/false)) ||
      failed(charge(x.getNumElements() * 2 * sizeof(int64_t))))
    return failure();
  auto [low, high] = checked.getRange();
  int64_t inner = 1, channels = checked.scales.size();
  if (checked.axis)
    inner =
        countElements(x.getShape().drop_front(*checked.axis + 1)).value_or(1);
  SmallVector<int64_t> codes(x.getNumElements());
  for (auto [i, code] : llvm::enumerate(codes)) {
    int64_t channel = static_cast<int64_t>(i) / inner % channels;
    code = quantize(static_cast<float>(x.getDouble(i)), checked.scales[channel],
                    checked.zeroPoints[channel], low, high);
  }
  return ConstantTensor::fromInts(checked.storage, x.getShape(), codes);
}

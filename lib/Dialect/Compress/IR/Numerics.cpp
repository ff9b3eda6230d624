//===- Numerics.cpp - the numeric contract -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "mlir/IR/BuiltinTypes.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

float mlir::compress::roundHalfEven(float v) {
  // Adding and subtracting 1.5 * 2^23 leaves no fraction bits: the addition
  // itself rounds to nearest even.
  constexpr float magic = 12582912.0f;
  volatile float sum = v + magic;
  return sum - magic;
}

static int32_t roundAndClamp(float v, int32_t zp, int32_t qmin, int32_t qmax) {
  float lo = static_cast<float>(qmin - zp), hi = static_cast<float>(qmax - zp);
  v = v > lo ? v : lo;
  v = v < hi ? v : hi;
  return static_cast<int32_t>(roundHalfEven(v)) + zp;
}

int32_t mlir::compress::quantize(float x, float scale, int32_t zp, int32_t qmin,
                                 int32_t qmax) {
  return requantize(x / scale, 1.0f, zp, qmin, qmax);
}

float mlir::compress::dequantize(int32_t q, float scale, int32_t zp) {
  return static_cast<float>(static_cast<int64_t>(q) - zp) * scale;
}

int32_t mlir::compress::requantize(int32_t acc, float scale, int32_t zp,
                                   int32_t qmin, int32_t qmax) {
  return roundAndClamp(static_cast<float>(acc) * scale, zp, qmin, qmax);
}

int32_t mlir::compress::requantize(float acc, float scale, int32_t zp,
                                   int32_t qmin, int32_t qmax) {
  float v = acc * scale;
  return roundAndClamp(std::isnan(v) ? 0.0f : v, zp, qmin, qmax);
}

std::optional<float> mlir::compress::toScale(double scale) {
  float s = static_cast<float>(scale);
  if (!std::isnormal(s) || s <= 0)
    return std::nullopt;
  return s;
}

FailureOr<QuantParams> mlir::compress::getQuantParams(Type type) {
  QuantParams params;
  auto add = [&](double scale, int64_t zp) {
    std::optional<float> s = toScale(scale);
    if (!s || zp != static_cast<int32_t>(zp))
      return failure();
    params.scales.push_back(*s);
    params.zeroPoints.push_back(static_cast<int32_t>(zp));
    return success();
  };
  auto quantized = dyn_cast<quant::QuantizedType>(type);
  if (!quantized)
    return failure();
  if (auto tensor = dyn_cast<quant::UniformQuantizedType>(type)) {
    if (failed(add(tensor.getScale(), tensor.getZeroPoint())))
      return failure();
  } else if (auto axis = dyn_cast<quant::UniformQuantizedPerAxisType>(type)) {
    for (auto [s, z] : llvm::zip_equal(axis.getScales(), axis.getZeroPoints()))
      if (failed(add(s, z)))
        return failure();
    params.axis = axis.getQuantizedDimension();
  } else {
    return failure();
  }
  params.bits = quantized.getStorageTypeIntegralWidth();
  params.isSigned = quantized.isSigned();
  if (params.bits <= 16) {
    params.qmin = static_cast<int32_t>(quantized.getStorageTypeMin());
    params.qmax = static_cast<int32_t>(quantized.getStorageTypeMax());
  } else {
    params.qmin = INT32_MIN;
    params.qmax = INT32_MAX;
  }
  return params;
}

quant::UniformQuantizedType
mlir::compress::getInt8Type(MLIRContext *ctx, double scale, int64_t zeroPoint) {
  return quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, IntegerType::get(ctx, 8),
      Float32Type::get(ctx), scale, zeroPoint, -128, 127);
}

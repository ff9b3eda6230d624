//===- Numerics.h - the numeric contract ------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The scalar arithmetic of docs/numerics.md for use at compile time: folders,
// passes that compute codes, tests. Everything is f32 with one rounding an
// operation unless a name says f64.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_NUMERICS_H
#define COMPRESS_DIALECT_COMPRESS_IR_NUMERICS_H

#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include "mlir/Support/LLVM.h"
#include <cstdint>
#include <optional>

namespace mlir::compress {

/// Rounds to the nearest integer, halves to even. For |v| < 2^22.
float roundHalfEven(float v);

/// clamp(roundeven(x / scale) + zp, qmin, qmax); NaN becomes zp.
int32_t quantize(float x, float scale, int32_t zp, int32_t qmin, int32_t qmax);

/// f32(q - zp) * scale.
float dequantize(int32_t q, float scale, int32_t zp);

/// As compress.requantize of an i32 accumulator.
int32_t requantize(int32_t acc, float scale, int32_t zp, int32_t qmin,
                   int32_t qmax);

/// As compress.requantize of an f32 accumulator.
int32_t requantize(float acc, float scale, int32_t zp, int32_t qmin,
                   int32_t qmax);

/// A scale as the contract wants it: rounded once from f64, finite, normal and
/// above 0; std::nullopt otherwise.
std::optional<float> toScale(double scale);

/// Scales and zero points of a quantized type as plain vectors of length 1
/// (per tensor) or C (per channel along `axis`).
struct QuantParams {
  SmallVector<float> scales;
  SmallVector<int32_t> zeroPoints;
  std::optional<int32_t> axis; // the quantized dimension; absent: per tensor
  int32_t qmin = -128, qmax = 127;
  unsigned bits = 8; // of the storage type
  bool isSigned = true;

  float scale(int64_t c) const { return scales[axis ? c : 0]; }
  int32_t zeroPoint(int64_t c) const { return zeroPoints[axis ? c : 0]; }
  bool isPerAxis() const { return axis.has_value(); }
};

/// Reads `type`; fails for a type that is neither per tensor nor per axis, or
/// whose scales break the contract.
FailureOr<QuantParams> getQuantParams(Type type);

/// The per-tensor type with signed i8 storage over the full range.
quant::UniformQuantizedType getInt8Type(MLIRContext *ctx, double scale,
                                        int64_t zeroPoint);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_IR_NUMERICS_H

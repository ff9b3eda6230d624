//===- Lowering.h - integer forms of f32 computations -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Shared by the patterns of --compress-qdq-to-integer; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CONVERSION_QDQTOINTEGER_LOWERING_H
#define LIB_CONVERSION_QDQTOINTEGER_LOWERING_H

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace mlir::compress {

/// Marks a generic that converts between f32 and codes; its value is the
/// quantized type.
inline constexpr StringLiteral kConvertAttr = "compress.convert";
/// Why an op stays f32.
inline constexpr StringLiteral kFloatAttr = "compress.float";

/// An f32 value that is exactly `(codes - zero point) * scale`: a
/// quant.dcast of a quant.scast.
struct Codes {
  Value codes; // tensor of i8, i16 or i32
  quant::QuantizedType type;
  QuantParams params;
};
std::optional<Codes> matchCodes(Value value);

/// Codes of one scale, 8 bits wide.
std::optional<Codes> matchActivation(Value value);

/// The f32 value of `codes`, as matchCodes finds it again.
Value buildDequantized(OpBuilder &b, Location loc, Value codes,
                       quant::QuantizedType type);

/// An f32 value as integer sums: `value[r] = f32(acc[r]) * scale[map(r)]`.
/// `acc` is i32; or f32, then already in units of the target's scale.
struct Accumulator {
  Value acc;
  SmallVector<double> scale;       // row major over `scaleShape`
  SmallVector<int64_t> scaleShape; // empty: one scale
  AffineMap scaleMap;              // from result dimensions
};

/// Builds the integer form of the computation of `value`, whose result will be
/// requantized to `targetScale`. Where it has none, says why in `reason` and
/// builds nothing that stays.
std::optional<Accumulator> buildAccumulator(RewriterBase &rewriter, Value value,
                                            double targetScale,
                                            std::string &reason);

/// Convolutions and matrix products only; `op` makes the value.
std::optional<Accumulator> buildWeighted(RewriterBase &rewriter, Operation *op,
                                         std::string &reason);

/// requantize(acc, scale / target scale) to the target's codes, clamped to
/// [qlo, qhi]; null where a scale leaves the range of normal f32 numbers.
Value buildRequantize(RewriterBase &rewriter, Location loc,
                      const Accumulator &acc, const QuantParams &target,
                      int32_t qlo, int32_t qhi);

/// f32(acc) * scale as an f32 tensor.
Value buildFloat(RewriterBase &rewriter, Location loc, const Accumulator &acc);

/// quantize(x) as codes, and dequantize(codes) as f32.
Value buildQuantize(OpBuilder &b, Location loc, Value x,
                    quant::QuantizedType type);
Value buildDequantize(OpBuilder &b, Location loc, Value codes,
                      quant::QuantizedType type);

/// Lower fake_quant of something that has an integer form.
void populateQuantizePatterns(RewritePatternSet &patterns,
                              Pass::Statistic &numInteger);
/// Let data movement work on codes.
void populateMoveCodesPatterns(RewritePatternSet &patterns,
                               Pass::Statistic &numMoved);
/// Weighted ops whose result stays f32, and what is left of fake_quant, dcast
/// and scast.
void populateFloatBorderPatterns(RewritePatternSet &patterns,
                                 Pass::Statistic &numInteger);

} // namespace mlir::compress

#endif // LIB_CONVERSION_QDQTOINTEGER_LOWERING_H

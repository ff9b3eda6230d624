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
#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "Compress/Dialect/Compress/Utils/QuantizedLayer.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::compress {

/// Codes of one scale, 8 bits wide.
std::optional<Codes> matchActivation(Value value);

/// The f32 value of `codes`, as matchCodes finds it again.
Value buildDequantized(OpBuilder &b, Location loc, Value codes,
                       quant::QuantizedType type);

/// An f32 value as integer sums: `value[r] = f32(acc[r]) * scale[map(r)]`.
/// `acc` is i32; or f32 in units of the target's scale, and `scale` is the
/// target's times the constants that multiply `acc`.
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

/// f32(acc) * scale as an f32 tensor; null where a scale leaves the range of
/// normal f32 numbers.
Value buildFloat(RewriterBase &rewriter, Location loc, const Accumulator &acc);

/// quantize(x) as codes, and dequantize(codes) as f32. Codes of more than 8
/// bits with a zero point a channel, or with zero points near the ends of 16
/// bits, cannot be made: null.
Value buildQuantize(OpBuilder &b, Location loc, Value x,
                    quant::QuantizedType type);
Value buildDequantize(OpBuilder &b, Location loc, Value codes,
                      quant::QuantizedType type);

/// Codes from `lo` to `hi`, both included.
struct CodeRange {
  int32_t lo, hi;
};
/// `range`, narrowed to the codes of reals in [lo, hi].
CodeRange clampRange(const QuantParams &params, CodeRange range, double lo,
                     double hi);
/// clamp(codes, range.lo, range.hi), or `codes` where that changes nothing.
Value buildClampedCodes(OpBuilder &b, Location loc, Value codes,
                        const QuantParams &params, CodeRange range);

/// The same movement of `codes`, one for each data operand; `filler` is the
/// code of the constant.
Value buildMovement(OpBuilder &b, const Movement &move, ValueRange codes,
                    int64_t filler);

/// What the patterns did, for the remarks. (A Pass::Statistic counts nothing in
/// release builds of LLVM.)
struct LoweringLog {
  unsigned numInteger = 0; // ops computed in integers
  unsigned numMoved = 0;   // ops that move codes
  /// Why an op has no integer form.
  llvm::MapVector<Operation *, std::string> reasons;
};

/// Lower fake_quant: of something that has an integer form, to integers; of
/// anything else, to a quantization in f32.
void populateQuantizePatterns(RewritePatternSet &patterns, LoweringLog &log);
/// Let data movement work on codes.
void populateMoveCodesPatterns(RewritePatternSet &patterns, LoweringLog &log);
/// Weighted ops whose result stays f32 sum integers.
void populateDequantizeSumsPatterns(RewritePatternSet &patterns,
                                    LoweringLog &log);
/// Dequantize the codes that f32 ops use.
void populateDequantizeCodesPatterns(RewritePatternSet &patterns);

} // namespace mlir::compress

#endif // LIB_CONVERSION_QDQTOINTEGER_LOWERING_H

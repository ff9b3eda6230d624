//===- IntegerBodies.h - what scalar bodies say about codes -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Recognizes the bodies of elementwise linalg ops by the numbers that they
// compute, whatever ops they are written with. A body counts as a quantization
// or dequantization only if it gives the numbers of docs/numerics.md for every
// input (but NaN, for which producers differ).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_QUANTIZE_INTEGERBODIES_H
#define COMPRESS_LIB_TRANSFORMS_QUANTIZE_INTEGERBODIES_H

#include "Compress/Dialect/Compress/Utils/ConstantEvaluator.h"
#include "Compress/Dialect/Compress/Utils/ScalarBody.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"
#include <optional>

namespace mlir::compress {

/// How an integer tensor stands for a quantized one: its elements, of `width`
/// bits, are `code + offset` modulo 2^width, for signed codes of `bits` bits.
struct CodeGrid {
  float scale = 1;
  int32_t zeroPoint = 0;
  int32_t qmin = -128, qmax = 127;
  unsigned bits = 8;
  unsigned width = 8;
  int64_t offset = 0;

  /// The element of `code`, sign extended.
  int64_t element(int32_t code) const;
  /// The code of an element, whether or not it is one of the grid.
  int64_t code(int64_t element) const;
  float real(int32_t code) const;
  quant::UniformQuantizedType type(MLIRContext *ctx) const;
  bool operator==(const CodeGrid &other) const;
};

/// `value` as a signed number of `width` bits.
int64_t signExtend(int64_t value, unsigned width);

/// Whether `op` makes each element of its one result from the elements at its
/// place, or at others, of its operands.
bool isElementwiseOp(linalg::LinalgOp op);

/// The number of a scalar or splat operand, of the type of its elements.
std::optional<Scalar> matchConstantArgument(Value value);

/// The operand whose elements, at the same place, are all that the result of an
/// elementwise op depends on, besides scalar constants; null with a reason
/// where there is none. It may be read through any map.
OpOperand *matchUnary(linalg::LinalgOp op, StringRef &reason);

/// The arguments of the body of `op`, with the constant ones filled in.
SmallVector<Scalar> constantArguments(linalg::LinalgOp op);

/// Numbers that the body multiplies or divides by, each as a scale.
SmallVector<float> scaleCandidates(linalg::LinalgOp op);

/// The f32 numbers in order, by integers; the smallest one whose code on `grid`
/// is at least `code`.
float numberAt(int64_t order);
int64_t thresholdOf(const CodeGrid &grid, int32_t code);

/// A body from f32 to integers that quantizes with one scale and zero point.
std::optional<CodeGrid> matchQuantize(linalg::LinalgOp op, OpOperand *input,
                                      StringRef &reason);

/// Whether a body from the elements of `grid` to f32 dequantizes them.
bool isDequantize(linalg::LinalgOp op, OpOperand *input, const CodeGrid &grid);

/// The grid for which a body from 8 or 16 bits to f32 is the dequantization.
std::optional<CodeGrid> matchDequantize(linalg::LinalgOp op, OpOperand *input);

/// A body from the elements of `grid` to integers that are codes as well:
/// clamp(code, lo, hi) with another offset.
struct CodeMap {
  CodeGrid grid; // of the result
  int32_t lo, hi;
};
std::optional<CodeMap> matchCodeMap(linalg::LinalgOp op, OpOperand *input,
                                    const CodeGrid &grid);

/// f32 ops that together are dequantize(quantize(input)); the last one makes
/// the result. Zero points of f32 ops show only where the bounds need one.
struct FloatRounding {
  Value input;
  SmallVector<Operation *> ops;
  CodeGrid grid;
};

/// The fake quantization whose rounding is in the body of `op`.
std::optional<FloatRounding> matchFloatRounding(linalg::LinalgOp op);

/// f32(sum) * scale: one scale, or one for each index of a dimension.
struct SumScale {
  SmallVector<double> scales;   // before they are rounded to f32
  std::optional<unsigned> axis; // of the result, where there are several
};

/// A body from i32 to f32 that multiplies by positive constants.
std::optional<SumScale> matchSumScale(linalg::LinalgOp op, OpOperand *input,
                                      ConstantEvaluator &constants,
                                      StringRef &reason);

/// Scales and zero points for which constant integers, put through the body,
/// are dequantized: one, or one for each index of a dimension. Signed codes are
/// the integers less `offset`, modulo their width.
struct StoredGrid {
  int64_t offset = 0;
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  std::optional<unsigned> axis;
};
std::optional<StoredGrid> matchStored(linalg::LinalgOp op, OpOperand *input,
                                      const ConstantData &data,
                                      ConstantEvaluator &constants);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_QUANTIZE_INTEGERBODIES_H

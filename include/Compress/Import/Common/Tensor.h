//===- Tensor.h - a tensor while it is imported -----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What an importer knows of a tensor of the file: a value of the function or a
// constant that is not written yet, and how integer codes stand for numbers.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_TENSOR_H
#define COMPRESS_IMPORT_COMMON_TENSOR_H

#include "Compress/Import/Common/ConstantTensor.h"
#include "mlir/IR/Value.h"

namespace mlir::compress {

struct Quantization;
using QuantizationRef = std::shared_ptr<const Quantization>;

/// real = f32(code - zeroPoint) * scale, with code, zero point and storage as
/// the file has them (u8 is not shifted to s8 yet).
struct Quantization {
  ElementType storage = ElementType::I8;
  SmallVector<float> scales;       // one, or one a channel
  SmallVector<int64_t> zeroPoints; // as many
  std::optional<int64_t> axis;     // the channel dimension
  /// The smallest and largest code, where they are not those of the storage.
  std::optional<std::pair<int64_t, int64_t>> range;

  std::pair<int64_t, int64_t> getRange() const {
    return range.value_or(getIntegerRange(storage));
  }

  float scale(int64_t channel) const { return scales[axis ? channel : 0]; }
  int64_t zeroPoint(int64_t channel) const {
    return zeroPoints[axis ? channel : 0];
  }
  bool operator==(const Quantization &other) const {
    return storage == other.storage && range == other.range &&
           sameNumbers(other);
  }
  /// Bytes that a copy takes, about.
  int64_t getCost() const {
    return scales.size() * (sizeof(float) + sizeof(int64_t));
  }
  /// The same codes stand for the same numbers, whatever holds the codes.
  bool sameNumbers(const Quantization &other) const {
    return scales == other.scales && zeroPoints == other.zeroPoints &&
           axis == other.axis;
  }

  /// After a transposition of the tensor.
  Quantization transpose(ArrayRef<int64_t> permutation) const;
  /// After a reshape; std::nullopt where it splits or merges the channels.
  std::optional<Quantization> reshape(ArrayRef<int64_t> oldShape,
                                      ArrayRef<int64_t> newShape) const;
  /// After a slice of the tensor.
  Quantization slice(ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes,
                     ArrayRef<int64_t> steps) const;
};

/// One of
/// - an f32 activation: `value`;
/// - an activation of integers or bools that stand for themselves: `value` is a
///   tensor of signless integers as wide as `type` in memory, for bools of i8
///   with 0 and 1;
/// - the codes of a quantized activation: `value` holds the numbers they stand
///   for (f32), `quant` how they are coded, `type` their integer type;
/// - a constant of any type: `constant`;
/// - a dequantized constant: `constant` holds the codes, `quant` their meaning,
///   `type` is f32.
struct Tensor {
  ElementType type = ElementType::F32;
  SmallVector<int64_t> shape;
  Value value;
  ConstantTensorRef constant;
  QuantizationRef quant;

  static Tensor fromValue(Value value, ElementType type = ElementType::F32);
  static Tensor fromConstant(ConstantTensorRef constant);

  int64_t getRank() const { return shape.size(); }
  int64_t getNumElements() const { return countElements(shape).value_or(0); }
  bool isConstant() const { return constant != nullptr; }
  bool isPlainConstant() const { return constant && !quant; }
  bool isCodes() const { return value && quant; }

  /// Element `index` of a constant as a number, codes dequantized.
  double getNumber(int64_t index) const;
  /// The number of a constant with a single element.
  std::optional<double> getScalar() const;
};

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_TENSOR_H

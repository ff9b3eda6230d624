//===- WeightedOp.h - convolutions and products with weights ----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// One view of every op that multiplies an input with a filter and sums:
// convolutions (plain, depthwise, grouped, any layout) and matrix products,
// named or generic. Everything is read from the indexing maps.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_WEIGHTEDOP_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_WEIGHTEDOP_H

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace mlir::compress {

/// `result[r] = init[r] + sum(input[i] * filter[f])`. A channel is a
/// combination of the parallel loops that the filter depends on; channels are
/// numbered row major in the order in which those loops stand in the result.
struct WeightedOp {
  linalg::LinalgOp op;
  OpOperand *input;
  OpOperand *filter;
  OpOperand *init;
  SmallVector<unsigned> channelLoops;       // in the order of the result
  SmallVector<int64_t> channelShape;        // their extents
  SmallVector<unsigned> channelDims;        // their dimensions in the result
  SmallVector<int64_t> filterChannelStride; // of every filter dimension, or 0

  int64_t numChannels() const;

  /// Calls fn(element, channel) for every element of the filter, row major.
  void forEachFilterElement(
      function_ref<void(int64_t element, int64_t channel)> fn) const;

  /// The map from result dimensions to the channel dimensions.
  AffineMap channelMap() const;
};

/// Recognizes `op`; `reason` says what is missing where it does not. Of an open
/// shape, if it is allowed, the channels are static.
std::optional<WeightedOp> matchWeightedOp(Operation *op,
                                          StringRef *reason = nullptr,
                                          bool allowOpenShape = false);

/// Whether the body computes `acc + (x - zx) * (w - zw)` in i32 of four inputs,
/// as the body of every `*_q` op does; a generic may compute anything.
bool isCentredProduct(linalg::LinalgOp op);

/// What a weighted op starts from: one constant a channel, or zero.
struct BiasSource {
  Value constant;   // tensor of the channel shape; null: all zero
  double splat = 0; // where constant is null
};
/// The bias of `op`, if its init repeats one value a channel (linalg.fill,
/// linalg.broadcast or a generic that does the same).
std::optional<BiasSource> matchBias(const WeightedOp &op);

/// Builds `values` (one a channel) as a constant of the channel shape.
Value buildChannelConstant(OpBuilder &b, Location loc, const WeightedOp &op,
                           ArrayRef<int32_t> values);
Value buildChannelConstant(OpBuilder &b, Location loc, const WeightedOp &op,
                           ArrayRef<float> values);

/// Builds the init tensor of the op's result shape that repeats `bias`, a
/// tensor of the channel shape.
Value buildBiasInit(OpBuilder &b, Location loc, const WeightedOp &op,
                    Value bias);

/// The same operation with other operands of other element types: a named op
/// stays named; `*_q` ops become plain.
linalg::LinalgOp cloneWithOperands(OpBuilder &b, const WeightedOp &op,
                                   Value input, Value filter, Value init);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_WEIGHTEDOP_H

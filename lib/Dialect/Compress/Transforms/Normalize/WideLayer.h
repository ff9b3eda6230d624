//===- WideLayer.h - layers with channels of zeros --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_NORMALIZE_WIDELAYER_H
#define COMPRESS_LIB_TRANSFORMS_NORMALIZE_WIDELAYER_H

#include "Compress/Dialect/Compress/Utils/WeightedOp.h"

namespace mlir::compress {

/// In lists of channels: one of zeros.
inline constexpr int64_t kZeroChannel = -1;

/// An f32 convolution or product with constant weights that makes `value`, with
/// its channels in the last dimension, each from all channels of the input.
std::optional<WeightedOp> matchMixingLayer(Value value);

/// The results of `layer`, a mixing layer, with channel i what channel
/// `channels[i]` was. Null where weights or bias cannot be read.
Value buildWideLayer(OpBuilder &b, const WeightedOp &layer,
                     ArrayRef<int64_t> channels);

/// f32 elements of `constant` that dimension `dim` of the result names, 0 for
/// kZeroChannel. Null where they cannot be read.
Value buildGathered(OpBuilder &b, Value constant, int64_t dim,
                    ArrayRef<int64_t> elements);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_NORMALIZE_WIDELAYER_H

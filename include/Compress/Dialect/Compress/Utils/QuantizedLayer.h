//===- QuantizedLayer.h - layers on codes, in the qdq form ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What the qdq form says of the integers behind a convolution or product:
// codes, weights and biases, read for lowering and for pruning alike.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_QUANTIZEDLAYER_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_QUANTIZEDLAYER_H

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"

namespace mlir::compress {

/// An f32 value that is exactly `(codes - zero point) * scale`: a
/// quant.dcast of a quant.scast.
struct Codes {
  Value codes; // tensor of i8, i16 or i32
  quant::QuantizedType type;
  QuantParams params;
};
std::optional<Codes> matchCodes(Value value);

/// Constant weights as integers: codes less their zero point, and one scale a
/// channel.
struct QuantizedWeights {
  std::vector<int32_t> values; // one for each filter element, row major
  std::vector<double> scales;  // one a channel
};
/// The weights of `op`: an integer constant behind quant.scast and quant.dcast,
/// moved by reshapes and transposes at most; `reason` says what is missing.
std::optional<QuantizedWeights> readQuantizedWeights(const WeightedOp &op,
                                                     std::string &reason);

/// The bias of every channel as a real number, 0 where there is none. Codes
/// whose scale is `inputScale` times that of the weights but for rounding stay
/// exactly what they are: numbers over that scale.
std::optional<std::vector<double>>
readBiasNumbers(const WeightedOp &op, const QuantizedWeights &weights,
                double inputScale, std::string &reason);
/// The same of `bias`, one number a channel of `op`.
std::optional<std::vector<double>>
readBiasNumbers(Value bias, const WeightedOp &op,
                const QuantizedWeights &weights, double inputScale,
                std::string &reason);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_QUANTIZEDLAYER_H

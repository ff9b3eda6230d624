//===- QuantizeWeights.h - weights and biases as codes ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Used by --compress-quantize-observed; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_COMPRESS_TRANSFORMS_QUANTIZE_QUANTIZEWEIGHTS_H
#define LIB_DIALECT_COMPRESS_TRANSFORMS_QUANTIZE_QUANTIZEWEIGHTS_H

#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"

namespace mlir::compress {

/// Replaces the constant weights of `op` by i8 codes with one scale a channel,
/// behind quant.scast and quant.dcast, and its bias, if it fits, by i32 codes
/// in the scale of the sums; the input has the scale `inputScale`. Where it
/// cannot, says why in `reason` and changes nothing.
LogicalResult quantizeWeights(OpBuilder &b, const WeightedOp &op,
                              float inputScale, WeightRange method,
                              std::string &reason);

} // namespace mlir::compress

#endif // LIB_DIALECT_COMPRESS_TRANSFORMS_QUANTIZE_QUANTIZEWEIGHTS_H

//===- Normalization.h - normalizations by what they see --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_NORMALIZATION_H
#define COMPRESS_IMPORT_COMMON_NORMALIZATION_H

#include "Compress/Import/Common/OpBuilder.h"

namespace mlir::compress {

/// x over `axes` with mean 0 (unless it is kept) and mean square 1; the mean
/// and the factor have an extent of 1 along the axes.
struct Normalized {
  Value result, mean, factor;
};
FailureOr<Normalized> normalize(ModelOpBuilder &b, Value x,
                                ArrayRef<int64_t> axes, float epsilon,
                                bool keepsMean = false);

/// x * scale + bias, which broadcast to x in one direction.
FailureOr<Value> scaleAndShift(ModelOpBuilder &builder, Value x,
                               const Tensor &scale, const Tensor *bias);

/// Each of `groups` runs of channels of each sample for itself; `scale` and
/// `bias` are [groups] or [channels].
FailureOr<Tensor> createGroupNorm(ModelOpBuilder &b, const Tensor &x,
                                  int64_t groups, const Tensor &scale,
                                  const Tensor &bias, float epsilon);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_NORMALIZATION_H

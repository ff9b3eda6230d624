//===- TransposedConv.h - transposed convolutions ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_TRANSPOSEDCONV_H
#define COMPRESS_IMPORT_COMMON_TRANSPOSEDCONV_H

#include "Compress/Import/Common/OpBuilder.h"

namespace mlir::compress {

/// One axis of a transposed convolution, as an ordinary one of stride 1 on the
/// input with `stride` - 1 zeros between its elements.
struct TransposedAxis {
  int64_t stride = 1, dilation = 1;
  /// Padding of that input; below 0 it is cut.
  int64_t before = 0, after = 0;
};

/// `x` is [N, C, H, W], `weight` [C, F / group, KH, KW], `bias` [F] or null,
/// `axes` {H, W}: a convolution of the input with stride - 1 zeros between its
/// elements, with the weights turned around. C is a multiple of `group`.
FailureOr<Value> createTransposedConv2d(ModelOpBuilder &b, const Tensor &x,
                                        const Tensor &weight,
                                        const Tensor *bias, int64_t group,
                                        ArrayRef<TransposedAxis> axes);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_TRANSPOSEDCONV_H

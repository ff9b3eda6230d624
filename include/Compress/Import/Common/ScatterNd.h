//===- ScatterNd.h - elements replaced by coordinates -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_SCATTERND_H
#define COMPRESS_IMPORT_COMMON_SCATTERND_H

#include "Compress/Import/Common/OpBuilder.h"

namespace mlir::compress {

/// `data` with the slices at `indices` replaced by `updates`: the last
/// dimension of `indices`, constants of integers, has the first coordinates of
/// a slice, negative ones counted from the end; of several updates of one place
/// the last one stays. Constants are computed.
FailureOr<Tensor> createScatterNd(ModelOpBuilder &b, const Tensor &data,
                                  const Tensor &indices, const Tensor &updates);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_SCATTERND_H

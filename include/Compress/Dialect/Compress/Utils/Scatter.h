//===- Scatter.h - scattered channels as a lookup ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_SCATTER_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_SCATTER_H

#include "Compress/Dialect/Compress/IR/Compress.h"

namespace mlir::compress {

/// What `op` makes of `x`, a tensor of its operand's shape and any element
/// type, with `filler` (of that type) in place of zero: a linalg.generic that
/// looks each channel up in a table. Extents beside the channels may be open.
Value buildScatterLookup(OpBuilder &b, ScatterChannelsOp op, Value x,
                         TypedAttr filler);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_SCATTER_H

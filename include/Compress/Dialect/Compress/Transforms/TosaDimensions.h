//===- TosaDimensions.h - how TOSA ops relate dimensions --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_TOSADIMENSIONS_H
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_TOSADIMENSIONS_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::compress {

/// Gives the TOSA ops that compute (the elementwise ones, convolutions,
/// products, pools, reductions, transposes, gather, tile, resize)
/// DimensionRelationInterface: maps as linalg has them, read from TOSA 1.0's
/// definitions of the ops. Ops that join, cut, pad and reshape have none: their
/// relations are no affine maps.
void registerTosaDimensions(DialectRegistry &registry);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_TOSADIMENSIONS_H

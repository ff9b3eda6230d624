//===- Movement.h - ops that move elements -------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_MOVEMENT_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_MOVEMENT_H

#include "mlir/IR/Operation.h"
#include <optional>

namespace mlir::compress {

/// An op that moves or selects elements of its data operands: reshapes, slices,
/// transposes, copies, pads, concatenations, scattered channels, and maxima
/// over windows.
struct Movement {
  Operation *op;
  SmallVector<OpOperand *, 2> data;
  std::optional<double> filler; // of a pad, a scatter; start of a maximum
  bool isMax = false;
};
std::optional<Movement> matchMovement(Operation *op);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_MOVEMENT_H

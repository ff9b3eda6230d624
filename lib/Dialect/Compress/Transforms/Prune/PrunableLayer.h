//===- PrunableLayer.h - layers with weights, in any dialect ----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_PRUNABLELAYER_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_PRUNABLELAYER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/AffineMap.h"
#include "mlir/IR/Operation.h"
#include <optional>

namespace mlir::compress {

/// A convolution or product whose second factor is constant, as maps from one
/// space of loops; what is in no result is summed over.
struct PrunableLayer {
  Operation *op;
  Value input, filter;
  AffineMap inputMap, filterMap, resultMap;

  Value result() const { return op->getResult(0); }
  unsigned numLoops() const { return resultMap.getNumDims(); }
  bool isSummed(unsigned loop) const {
    return !resultMap.isFunctionOfDim(loop);
  }
  /// Its place in the model; else what kind of op it is.
  std::string name() const;
};

/// Recognizes linalg's weighted ops and those of TOSA.
std::optional<PrunableLayer> matchPrunableLayer(Operation *op);

/// What an op computes over the loops that its result does not have.
enum class Reduction {
  None,
  Sum,     // of its first operand
  Product, // the sum of products of its first two operands, less zero points
  Maximum,
  Other
};
Reduction matchReduction(Operation *op);

/// What the two factors of a product are less by; none where it is not known.
std::optional<std::pair<double, double>> getZeroPoints(Operation *op);

/// The dimension that `map` indexes by `loop` itself.
std::optional<unsigned> dimOfLoop(AffineMap map, unsigned loop);

/// Emits an error if `func` is past the forms in which channels are pruned: if
/// it computes in integers already.
LogicalResult checkPrunable(func::FuncOp func);

/// Whether `value` is the result of a constant op.
bool isConstant(Value value);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_PRUNABLELAYER_H

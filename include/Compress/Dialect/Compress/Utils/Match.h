//===- Match.h - recognizing ops by what they compute -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Recognizes linalg ops by their maps and bodies, never by their names: each
// producer writes the same computation in a form of its own.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_MATCH_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_MATCH_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace mlir::compress {

/// The one operation between a linalg body's arguments and its yield.
enum class BodyKind {
  Identity, // a copy or broadcast
  Add,
  Sub,
  Mul,
  Div,
  Max,
  Min,
  Clamp, // min(max(x, lo), hi) with constant bounds, in any order or alone
  Other,
};

/// An elementwise linalg op (all iterators parallel, one result) whose body is
/// one of the above. Operands are those of the linalg op that the body reads.
struct Elementwise {
  BodyKind kind = BodyKind::Other;
  SmallVector<OpOperand *> operands; // in the order of the computation
  double lo = 0, hi = 0;             // Clamp; infinite where absent
  std::optional<double> scalar;      // Add..Div: a constant second operand
};
std::optional<Elementwise> matchElementwise(Operation *op);

/// The combining operation of a reduction's body: `acc = acc OP f(ins)`. Add
/// and Max are of the first input, widened (signed) at most.
enum class CombinerKind { Add, Max, MulAdd, Other };
CombinerKind matchCombiner(linalg::LinalgOp op);

/// The scalar that every element of `value` has, if it is a splat constant, a
/// linalg.fill or a scalar constant.
std::optional<double> matchSplat(Value value);

/// If `value` only repeats a smaller tensor (linalg.broadcast or a generic
/// that yields its input), that tensor and the map from the dimensions of
/// `value` to its dimensions.
struct Broadcast {
  Value source;
  AffineMap map;
};
std::optional<Broadcast> matchBroadcast(Value value);

/// Ops that make or move elements and compute none.
bool onlyMovesData(Operation *op);
/// Whether an op computes f32 tensors, or from f32 tensors that are no
/// constants (as the scales of channels are).
bool computesOnF32(Operation *op);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_MATCH_H

//===- ScalarBody.h - computing the bodies of linalg ops --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Computes what a body of scalar ops yields, for given arguments: to fold ops
// on constants, and to see what a body computes by computing it.
//
// f32 and f64 operations round once, to nearest even. Integers of 1 to 64 bits
// wrap. What the IR leaves undefined is defined here: a conversion of a float
// to an integer saturates, and NaN becomes 0.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_SCALARBODY_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_SCALARBODY_H

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <memory>
#include <optional>

namespace mlir::compress {

/// A number of the type that its place in the body says: `real` for f32 (a
/// double that is one) and f64, `integer`, sign extended, for integers.
struct Scalar {
  double real = 0;
  int64_t integer = 0;
};

/// Element `i` of a constant.
Scalar getScalar(const ConstantData &data, int64_t i);

/// The number of a scalar constant, if `value` is one, or one that is rounded
/// to another float type.
std::optional<Scalar> readScalar(Value value);

/// One step of a body, with the places of its operands and its result.
struct ScalarStep {
  using Compute = Scalar (*)(const ScalarStep &step, Scalar a, Scalar b,
                             Scalar c);
  Compute compute;
  unsigned operands[3] = {0, 0, 0};
  unsigned arity = 0;
  unsigned result = 0;
  unsigned width = 0;     // of the result's type, in bits
  unsigned fromWidth = 0; // of the first operand's type
  int64_t predicate = 0;  // of a comparison
};

/// An element of a constant tensor, at the indices in the given places; 0 where
/// there is no such element.
struct ScalarLookup {
  std::shared_ptr<const ConstantData> data;
  SmallVector<unsigned> indices;
  unsigned result = 0;
};

/// The computation between the arguments of a block and one of its values:
/// `arith` on integers, f32 and f64, and the rounding ops of `math`. Constants
/// may stand outside the block.
class ScalarBody {
public:
  /// Looks a constant tensor up.
  using Lookup = function_ref<const ConstantData *(Value)>;

  /// The computation of what `op` yields as its result 0; nothing where it
  /// holds another operation, or more than 256 of them. With `lookup` it may
  /// extract elements of the tensors that this knows.
  static std::optional<ScalarBody> get(linalg::LinalgOp op,
                                       Lookup lookup = nullptr);

  /// The result for the arguments of the block (of those that it does not use
  /// any number will do)
  /// at `indices` of the loops.
  Scalar evaluate(ArrayRef<Scalar> arguments, ArrayRef<int64_t> indices = {});

  /// The number of its operations.
  int64_t size() const { return static_cast<int64_t>(steps.size()); }

  /// Whether the result depends on argument `index`.
  bool uses(unsigned index) const { return used[index]; }

  /// What the result is at both ends of argument `index`, from -inf to inf, if
  /// it never falls in between and no integer wraps on the way; the other
  /// arguments are fixed. An integer result is exact here: of the bits 0xff an
  /// unsigned conversion makes 255, a signed one -1. An i32 sum counts as not
  /// wrapping if it would wrap only where a float beyond 2^31 - 2^16 was
  /// converted. NaN is not looked at.
  std::optional<std::pair<Scalar, Scalar>>
  getMonotoneRange(unsigned index, ArrayRef<Scalar> arguments) const;

private:
  struct Ends;
  bool growWith(Ends &ends, unsigned step) const;

  unsigned numArguments = 0;
  SmallVector<Scalar> places; // arguments, constants, results of steps
  SmallVector<ScalarStep> steps;
  SmallVector<Operation *> ops; // of the steps
  // Places of loop indices with their loops; elements of constants, by the
  // number of steps before them.
  SmallVector<std::pair<unsigned, unsigned>> loops;
  std::vector<std::pair<unsigned, ScalarLookup>> lookups;
  unsigned result = 0;
  SmallVector<bool> used;
};

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_SCALARBODY_H

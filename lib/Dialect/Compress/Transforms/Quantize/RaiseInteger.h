//===- RaiseInteger.h - integers back to what they stand for ----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_QUANTIZE_RAISEINTEGER_H
#define COMPRESS_LIB_TRANSFORMS_QUANTIZE_RAISEINTEGER_H

#include "IntegerBodies.h"
#include "mlir/IR/Builders.h"

namespace mlir::compress {

/// The f32 tensor that an integer tensor stands for, on its grid.
struct RaisedCodes {
  Value real;
  CodeGrid grid;
};

/// What the integer values of a function stand for, as far as it is known.
class RaisedValues {
public:
  explicit RaisedValues(ConstantEvaluator &constants) : constants(constants) {}

  const RaisedCodes *lookup(Value value) const {
    auto it = codes.find(value);
    return it == codes.end() ? nullptr : &it->second;
  }
  void set(Value value, RaisedCodes raised) { codes[value] = raised; }

  /// The f32 tensor that i32 sums stand for when they are multiplied by
  /// `scale`: products of raised codes with constant weights, their clamps,
  /// additions and movements. Null, with a reason, where one of them has no f32
  /// form.
  Value raiseSum(OpBuilder &b, Value sum, const SumScale &scale,
                 std::string &reason);

private:
  Value buildSum(OpBuilder &b, Value sum, const SumScale &scale,
                 std::string &reason);
  Value buildProduct(OpBuilder &b, linalg::LinalgOp op, const SumScale &scale,
                     std::string &reason);
  Value buildClamp(OpBuilder &b, OpOperand *x, const SumScale &scale, double lo,
                   double hi, std::string &reason);
  Value buildAddition(OpBuilder &b, linalg::LinalgOp op, const SumScale &scale,
                      std::string &reason);

  ConstantEvaluator &constants;
  DenseMap<Value, RaisedCodes> codes;
  DenseMap<Value, std::pair<SumScale, Value>> sums;
  unsigned depth = 0; // of the sum that is being raised
};

/// Replaces the result of an elementwise generic whose body both dequantizes
/// and quantizes, or does one of them among other things, by generics that each
/// do one of these.
void splitBody(linalg::GenericOp op);

/// An elementwise f32 generic that clamps `x`; infinite bounds are left out.
Value buildRealClamp(OpBuilder &b, Location loc, Value x, double lo, double hi);

/// An elementwise f32 generic that reads `source` as the op of `operand` reads
/// that.
Value buildRead(OpBuilder &b, OpOperand *operand, Value source);

/// `op`, which moves elements of its operand 0 and has no body of its own
/// besides, on `source` instead.
Value buildMoved(OpBuilder &b, Operation *op, Value source);

/// Constant codes behind quant.scast and quant.dcast.
Value buildStoredConstant(OpBuilder &b, Location loc, const ConstantData &codes,
                          const StoredGrid &grid);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_QUANTIZE_RAISEINTEGER_H

//===- WinogradTransform.cpp - sums around fewer products -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WinogradTransform.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;
using namespace mlir::compress;

SmallVector<double> mlir::compress::transformWeights(int64_t outputs,
                                                     ArrayRef<double> g) {
  constexpr double kTwo[4][3] = {
      {1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
  constexpr double kFour[6][3] = {{1. / 4, 0, 0},
                                  {-1. / 6, -1. / 6, -1. / 6},
                                  {-1. / 6, 1. / 6, -1. / 6},
                                  {1. / 24, 1. / 12, 1. / 6},
                                  {1. / 24, -1. / 12, 1. / 6},
                                  {0, 0, 1}};
  ArrayRef<double[3]> rows =
      outputs == 2 ? ArrayRef(kTwo) : ArrayRef<double[3]>(kFour);
  SmallVector<double> result;
  for (const double (&row)[3] : rows) {
    double partial[3] = {};
    for (int64_t j = 0; j < 3; ++j)
      for (int64_t k = 0; k < 3; ++k)
        partial[j] += row[k] * g[3 * k + j];
    for (const double (&column)[3] : rows) {
      double sum = 0;
      for (int64_t k = 0; k < 3; ++k)
        sum += partial[k] * column[k];
      result.push_back(sum);
    }
  }
  return result;
}

namespace {
/// Sums of vectors in few characters.
struct Sums {
  OpBuilder &b;
  Location loc;

  Value add(Value x, Value y) const {
    return arith::AddFOp::create(b, loc, x, y);
  }
  Value subtract(Value x, Value y) const {
    return arith::SubFOp::create(b, loc, x, y);
  }
  /// y + factor * x, rounded once.
  Value addScaled(Value y, double factor, Value x) const {
    auto type = cast<ShapedType>(x.getType());
    Value scale = arith::ConstantOp::create(
        b, loc,
        DenseElementsAttr::get(type, b.getF32FloatAttr(factor).getValue()));
    return LLVM::FMAOp::create(b, loc, scale, x, y);
  }
};
} // namespace

SmallVector<Value> mlir::compress::buildInputTransform(OpBuilder &b,
                                                       Location loc,
                                                       ArrayRef<Value> d) {
  Sums s{b, loc};
  if (d.size() == 4)
    return {s.subtract(d[0], d[2]), s.add(d[1], d[2]), s.subtract(d[2], d[1]),
            s.subtract(d[1], d[3])};
  Value even = s.addScaled(d[4], -4, d[2]), odd = s.addScaled(d[3], -4, d[1]);
  Value evenOuter = s.subtract(d[4], d[2]), oddOuter = s.subtract(d[3], d[1]);
  return {s.addScaled(s.addScaled(d[4], -5, d[2]), 4, d[0]),
          s.add(even, odd),
          s.subtract(even, odd),
          s.addScaled(evenOuter, 2, oddOuter),
          s.addScaled(evenOuter, -2, oddOuter),
          s.addScaled(s.addScaled(d[5], -5, d[3]), 4, d[1])};
}

SmallVector<Value> mlir::compress::buildSumTransform(OpBuilder &b, Location loc,
                                                     ArrayRef<Value> m) {
  Sums s{b, loc};
  Value sum = s.add(m[1], m[2]), less = s.subtract(m[1], m[2]);
  if (m.size() == 4)
    return {s.add(m[0], sum), s.subtract(less, m[3])};
  Value outerSum = s.add(m[3], m[4]), outerLess = s.subtract(m[3], m[4]);
  return {s.add(m[0], s.add(sum, outerSum)), s.addScaled(less, 2, outerLess),
          s.addScaled(sum, 4, outerSum),
          s.add(s.addScaled(less, 8, outerLess), m[5])};
}

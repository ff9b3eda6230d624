//===- ChannelConstants.h - channels that hold one number -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What is known of elements of dimensions without running the network: a
// channel that a mask sets to zero, or whose filter is all zeros, holds the
// same number at all places, and so do others that are computed from it. At
// the border of a padded image a channel holds one number only if it is padded
// with that number.
//
// Integers round elsewhere than f32 does: a bias to the scale of the sums, a
// product of sum and scales before the quantization. Beside each number stands
// how far it may be from what the lowered network has at its place. A
// quantization gives the same code for all of those, or one that is not known.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELCONSTANTS_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELCONSTANTS_H

#include "ChannelGraph.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace mlir::compress {

class ChannelConstants {
public:
  ChannelConstants(const ChannelGraph &graph, func::FuncOp func);

  /// The number that all elements of the node have, if they have one that is
  /// finite. f32 numbers and integers are exact. A product with zero counts as
  /// zero, whatever the other factor.
  std::optional<double> get(unsigned node) const {
    if (!known[node])
      return std::nullopt;
    return numbers[node];
  }
  std::optional<double> get(unsigned axis, unsigned index) const {
    return get(graph.getAxis(axis).first + index);
  }
  bool isZero(unsigned axis, unsigned index) const {
    return get(axis, index) == 0.0;
  }

private:
  using Number = std::optional<double>;
  void set(unsigned node, double number, double slack = 0);
  double getSlack(unsigned axis, unsigned index) const {
    return slacks[graph.getAxis(axis).first + index];
  }
  /// The slack of what `evaluate` makes of numbers with slacks, `number`, in
  /// an op whose result is less exact than f32 by `unit`.
  double spread(function_ref<Number(ArrayRef<Number>)> evaluate,
                ArrayRef<Number> args, ArrayRef<double> slacks, double number,
                double unit) const;
  double findUnit(Operation *op) const;
  void setAll(Value value, double number);
  void readConstant(Value value);
  void visit(Operation *op);
  void visitMovement(Operation *op, std::optional<double> filler);
  void visitIdentity(Operation *op);
  void visitDequantize(Operation *op);
  void visitLinalg(linalg::LinalgOp op);
  void visitTosa(Operation *op); // that has maps
  using FilterReader = function_ref<const ConstantData *()>;
  std::optional<double> getReduction(linalg::LinalgOp op, unsigned loop,
                                     unsigned index,
                                     ArrayRef<std::optional<double>> args,
                                     FilterReader getFilter);
  std::optional<double> getMaximum(linalg::LinalgOp op, unsigned loop,
                                   unsigned index,
                                   ArrayRef<std::optional<double>> args) const;
  std::optional<double> getArgument(linalg::LinalgOp op, OpOperand &operand,
                                    unsigned loop, unsigned index) const;

  double getSlack(linalg::LinalgOp op, OpOperand &operand, unsigned loop,
                  unsigned index) const;

  const ChannelGraph &graph;
  bool isQuantized = false; // else nothing has a slack
  std::vector<char> known;
  std::vector<double> numbers, slacks;
  /// The largest scale of the sums that an f32 value is made of, until it is
  /// quantized.
  DenseMap<Value, double> units;
};

/// What the body of a linalg op yields where some of its arguments are known.
std::optional<double> evaluateBody(linalg::LinalgOp op,
                                   ArrayRef<std::optional<double>> arguments);

/// The sum of `number` times the elements of an f32 filter whose dimension
/// `dim` has `index`, for each index of dimension `resultDim`; the products are
/// rounded to f32 and summed one after the other.
SmallVector<double> sumFilter(const ConstantData &filter, unsigned dim,
                              unsigned index, unsigned resultDim,
                              double number);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELCONSTANTS_H

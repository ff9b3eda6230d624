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
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELCONSTANTS_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELCONSTANTS_H

#include "ChannelGraph.h"
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
  void set(unsigned node, double number);
  void setAll(Value value, double number);
  void readConstant(Value value);
  void visit(Operation *op);
  void visitMovement(Operation *op, std::optional<double> filler);
  void visitIdentity(Operation *op);
  void visitDequantize(Operation *op);
  void visitLinalg(linalg::LinalgOp op);
  void visitTosa(Operation *op); // that has maps
  std::optional<double> getReduction(linalg::LinalgOp op, unsigned loop,
                                     unsigned index,
                                     ArrayRef<std::optional<double>> args);
  std::optional<double> getMaximum(linalg::LinalgOp op, unsigned loop,
                                   unsigned index,
                                   ArrayRef<std::optional<double>> args) const;
  std::optional<double> getArgument(linalg::LinalgOp op, OpOperand &operand,
                                    unsigned loop, unsigned index) const;

  const ChannelGraph &graph;
  std::vector<char> known;
  std::vector<double> numbers;
};

/// What the body of a linalg op yields where some of its arguments are known.
std::optional<double> evaluateBody(linalg::LinalgOp op,
                                   ArrayRef<std::optional<double>> arguments);

/// The sum of `number` times the elements of a filter whose dimension `dim` has
/// `index`, for each index of dimension `resultDim`; the products are rounded
/// to f32 and summed one after the other. Failure where the filter is no
/// constant.
FailureOr<SmallVector<double>> sumFilter(Value filter, unsigned dim,
                                         unsigned index, unsigned resultDim,
                                         double number);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELCONSTANTS_H

//===- ChannelGraph.h - which channels live and die together ----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every element of every static dimension of every tensor is a node. An op
// relates the nodes of its operands with those of its results: elements that
// it reads together, or moves one to the other, are one unit, of which all
// elements stay or all go. What an op needs whole is pinned, with the reason.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELGRAPH_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELGRAPH_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/Twine.h"
#include <string>

namespace mlir::compress {

/// A dimension of static extent of a value.
struct Axis {
  Value value;
  unsigned dim;
  unsigned first;  // the node of element 0
  unsigned extent; // nodes in a row
};

/// What an op says of two axes: of element t of `extent`, on either side those
/// elements n of `count` behind `offset` with (n / inner) % extent == t are the
/// same unit.
struct AxisRelation {
  struct Side {
    unsigned axis, offset = 0, count = 0, inner = 1;
  };
  Operation *op;
  Side from, to; // an operand and a result, or two operands
  unsigned extent;
};

class ChannelGraph {
public:
  static constexpr unsigned kNone = ~0u;

  /// The graph of a function of one block. Ops that nothing is known of pin
  /// what they touch.
  explicit ChannelGraph(func::FuncOp func);

  ArrayRef<Axis> getAxes() const { return axes; }
  const Axis &getAxis(unsigned axis) const { return axes[axis]; }
  /// kNone where the value is no tensor or the extent is open.
  unsigned getAxis(Value value, int64_t dim) const;
  unsigned getNumNodes() const { return parents.size(); }

  /// The unit of a node: one node that stands for all of them.
  unsigned getUnit(unsigned node) const;
  unsigned getUnit(unsigned axis, unsigned index) const {
    return getUnit(axes[axis].first + index);
  }

  /// Why a unit must stay; null where it may go.
  struct Pin {
    Operation *op; // null: an argument of the function
    std::string reason;
  };
  const Pin *getPin(unsigned unit) const;

  /// The relations that movements (reshapes, slices, pads...) stated, each from
  /// an operand to the result.
  ArrayRef<AxisRelation> getRelations(Operation *op) const;

  //===--------------------------------------------------------------------===//
  // For those who relate
  //===--------------------------------------------------------------------===//

  /// All elements, one to one. Axes that are not of the same extent are pinned.
  void relate(Operation *op, unsigned from, unsigned to);
  void relate(Operation *op, unsigned from, unsigned fromOffset, unsigned to,
              unsigned toOffset, unsigned count);
  /// As AxisRelation says.
  void relate(const AxisRelation &relation);
  void pin(unsigned axis, Operation *op, const llvm::Twine &reason);
  void pinOperandsAndResults(Operation *op, const llvm::Twine &reason);
  /// The elements are what a product of two tensors goes over side by side: a
  /// group of a convolution, a head. A reshape that cannot have all of its
  /// factors go separately prefers those.
  void prefer(unsigned axis);
  bool isPreferred(unsigned axis) const;
  /// How many elements are not pinned.
  unsigned countFree(unsigned axis) const;

private:
  void addValue(Value value);
  void unite(unsigned a, unsigned b);
  void pinNode(unsigned node, unsigned pin);

  SmallVector<Axis> axes;
  DenseMap<std::pair<Value, unsigned>, unsigned> axisOf;
  mutable std::vector<unsigned> parents;
  std::vector<unsigned> pinOf; // of a unit: index + 1, 0 where free
  std::vector<char> preferred; // of a unit
  std::vector<Pin> pins;
  DenseMap<Operation *, SmallVector<AxisRelation>> relations;
};

/// Relates the axes of an op of the linalg dialect, or of any op that has
/// DimensionRelationInterface; false where it is neither.
bool relateByMaps(ChannelGraph &graph, Operation *op);

/// Relates the axes of an op that moves elements (reshapes, slices, pads,
/// concatenations, casts); false where it is none. Reshapes choose one factor
/// of each dimension and come last: `reshapes` collects them.
bool relateMovement(ChannelGraph &graph, Operation *op,
                    SmallVectorImpl<Operation *> &reshapes);
void relateReshapes(ChannelGraph &graph, ArrayRef<Operation *> reshapes);

/// Makes constants of reshaped ones, and gives each user of a constant vector,
/// of a fill and of an empty tensor one of its own: those are made alike by
/// chance. Matrices that have several users stay one.
void separateConstants(func::FuncOp func);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELGRAPH_H

//===- Layout.h - in which order values are stored --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Shared by the files of --compress-layout-nhwc; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_COMPRESS_TRANSFORMS_NORMALIZE_LAYOUT_H
#define LIB_DIALECT_COMPRESS_TRANSFORMS_NORMALIZE_LAYOUT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include <optional>

namespace mlir::compress {

/// The order in which a value is stored: dimension i of the stored tensor is
/// dimension `layout[i]` of the value.
using Layout = SmallVector<int64_t>;

Layout identityLayout(Value value);
bool isIdentityLayout(ArrayRef<int64_t> layout);

/// The loops of `map`, a permutation, in the order in which a value read
/// through it is stored.
SmallVector<unsigned> loopsInOrder(AffineMap map, ArrayRef<int64_t> layout);

/// The layout of a value read through `map`, a projected permutation, that
/// stores its dimensions in the order of the loops `sequence`.
Layout layoutOfOrder(AffineMap map, ArrayRef<unsigned> sequence);

/// Whether the value takes any layout for nothing: constants (also behind
/// quant.dcast of quant.scast), tensor.empty, linalg.fill and linalg.broadcast.
bool isFree(Value value);

/// Convolutions and pools: the wanted layout of every operand, then of the
/// result; nullopt for any other op.
std::optional<SmallVector<Layout>> getWindowLayouts(linalg::LinalgOp op);

/// Dimensions that a reshape splits (expand) or merges (collapse). The finer
/// side has one atom a dimension.
struct Reshape {
  Value coarse, fine;
  SmallVector<ReassociationIndices> groups; // of fine dims, one a coarse dim
  bool isExpand;

  Value source() const { return isExpand ? coarse : fine; }
  Value result() const { return isExpand ? fine : coarse; }
};
std::optional<Reshape> matchReshape(Operation *op);

/// The atoms in the order of `layout`, without those of extent 1, whose place
/// does not matter.
SmallVector<int64_t> atomsOfCoarse(const Reshape &op, ArrayRef<int64_t> layout);
SmallVector<int64_t> atomsOfFine(const Reshape &op, ArrayRef<int64_t> layout);

/// Decides how values are stored: convolutions and pools want NHWC, and ops
/// that do not care pass the wish on, to their operands and to their users.
/// The nearest convolution wins.
class LayoutAssignment {
public:
  explicit LayoutAssignment(Block &block);

  /// Where nobody wishes anything, the layout that the value has.
  Layout get(Value value) const;

private:
  void assign(Value value, Layout layout);
  void propagate(Operation *op, Value known);

  DenseMap<Value, Layout> layouts;
  SmallVector<Value> worklist;
};

/// Rewrites a block so that values are stored as the assignment says.
class Relayout {
public:
  Relayout(RewriterBase &rewriter, Block &block);

  /// Rewrites one op; ops come in the order of the block. Returns true for a
  /// convolution or pool that was brought to NHWC. The old op stays, unused.
  bool rewrite(Operation *op);

private:
  struct Stored {
    Value value;
    Layout layout;
  };
  /// How `value` is stored so far.
  Stored resolve(Value value) const;
  /// `value` stored as `layout`; makes a transpose where there is none yet.
  Value get(Value value, ArrayRef<int64_t> layout);
  Value permute(Value stored, ArrayRef<int64_t> perm);
  Value permuteFree(Value stored, ArrayRef<int64_t> perm);
  void record(Value old, Value stored, Layout layout);

  bool rewriteWindow(linalg::LinalgOp op, ArrayRef<Layout> wanted);
  bool rewriteTranspose(linalg::TransposeOp op);
  bool rewriteLinalg(linalg::LinalgOp op);
  bool rewriteSelect(Operation *op); // pad, slice, concat, annotations
  bool rewriteReshape(const Reshape &op);
  bool flattenIntoWeights(const Reshape &op);
  void useOriginals(Operation *op);

  RewriterBase &rewriter;
  std::optional<LayoutAssignment> layouts;
  DenseMap<Value, Stored> stored;
  DenseMap<Value, SmallVector<std::pair<Layout, Value>>> permuted;
};

/// `value` with another static shape and its elements in the same order.
Value reshapeTo(OpBuilder &b, Location loc, Value value,
                ArrayRef<int64_t> shape);

/// Copies the user's attributes, not what linalg keeps beside them.
void copyDiscardableAttrs(Operation *from, Operation *to);

/// Makes the op with other operands; a named op whose maps change becomes a
/// generic.
linalg::LinalgOp rebuildLinalg(RewriterBase &rewriter, linalg::LinalgOp op,
                               ValueRange operands, ArrayRef<AffineMap> maps,
                               ArrayRef<utils::IteratorType> iterators);

/// Takes the multiplier off depthwise convolutions where it is 1.
void populateMultiplierPatterns(RewritePatternSet &patterns);

/// Brings reshapes next to the dense layers that can take their order.
void populateReshapePatterns(RewritePatternSet &patterns);

/// The NHWC op that `op` is in another layout, on operands that are NHWC, or
/// null where upstream has none.
linalg::LinalgOp createNhwcOp(OpBuilder &b, linalg::LinalgOp op,
                              ValueRange operands);

} // namespace mlir::compress

#endif // LIB_DIALECT_COMPRESS_TRANSFORMS_NORMALIZE_LAYOUT_H

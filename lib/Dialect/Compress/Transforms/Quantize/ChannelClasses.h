//===- ChannelClasses.h - channels that are scaled together -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// If what makes the channels of a class computes them divided by a factor above
// 0, and what multiplies them by weights multiplies by the factor again, the
// network computes what it did. Ops that a common factor goes through unchanged
// (sums, relus, pads with 0, means over the image...) unite the channels of
// their operands and results. A channel that anything else touches has none.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_QUANTIZE_CHANNELCLASSES_H
#define COMPRESS_LIB_TRANSFORMS_QUANTIZE_CHANNELCLASSES_H

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::compress {

/// A convolution or product with constant weights that can take factors: those
/// of its results, and of its input unless `inputChannelStride` is empty.
struct ScalableLayer {
  WeightedOp op;
  /// Of every filter dimension, in channels of the input, or 0.
  SmallVector<int64_t> inputChannelStride;
};

/// The channels of an f32 tensor of static shape are its last dimension, or its
/// last ones where a convolution has groups.
class ChannelClasses {
public:
  /// Of the ops of `func`; none where it has several blocks.
  explicit ChannelClasses(func::FuncOp func);

  /// 0 for what is no such tensor.
  unsigned getNumChannels(Value value) const;
  /// The class of a channel: a number below getNumNodes().
  unsigned getClass(Value value, unsigned channel) const;
  unsigned getNumNodes() const { return parents.size(); }
  /// Whether the channels of a class may have a factor.
  bool isFree(unsigned channelClass) const { return !pinned[channelClass]; }

  ArrayRef<ScalableLayer> getLayers() const { return layers; }

private:
  struct Channels {
    unsigned first = 0, count = 0; // nodes
    unsigned numDims = 0;          // the last ones of the tensor
  };

  void add(Value value, unsigned numDims);
  unsigned getRoot(unsigned node) const;
  void unite(Value a, unsigned channelA, Value b, unsigned channelB);
  /// True where there are none, too.
  bool isAllPinned(Value value) const;
  void pin(Value value);
  void pinAll(Operation *op);
  /// Adds `to` with the channels of `from`, or unites them; false where they
  /// are not the same dimensions in the same order.
  bool follow(Value from, AffineMap fromMap, Value to, AffineMap toMap);
  bool followAll(Value from, Value to);

  /// Each adds the result of `op`; false where no factor goes through it.
  bool visit(Operation *op);
  bool visitLayer(WeightedOp op);
  bool visitElementwise(linalg::LinalgOp op, const Elementwise &elementwise);
  bool visitReduction(linalg::LinalgOp op);
  bool visitPad(tensor::PadOp op);
  bool visitSlice(tensor::ExtractSliceOp op);
  bool visitConcat(tensor::ConcatOp op);
  bool visitReshape(Operation *op);

  DenseMap<Value, Channels> channels;
  mutable std::vector<unsigned> parents;
  std::vector<char> pinned; // of a root
  std::vector<ScalableLayer> layers;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_QUANTIZE_CHANNELCLASSES_H

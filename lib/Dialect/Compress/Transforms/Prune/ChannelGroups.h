//===- ChannelGroups.h - units that can be ranked together ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELGROUPS_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELGROUPS_H

#include "ChannelGraph.h"
#include "PrunableLayer.h"

namespace mlir::compress {

/// A layer that makes channels of a group.
struct GroupMember {
  PrunableLayer layer;
  unsigned resultAxis; // whose elements are units of the group
  unsigned filterDim;  // that dimension of the filter
  /// The input does not have these channels: their values come from here. A
  /// depthwise convolution goes on with those of its input.
  bool isSource;
};

/// Units that occur in the same dimensions of the same tensors: the channels of
/// a layer, as it were.
struct ChannelGroup {
  SmallVector<unsigned> units; // in the order of the first axis
  SmallVector<unsigned> axes;
  std::vector<GroupMember> members;
  std::vector<PrunableLayer> readers; // that sum over the units
  const ChannelGraph::Pin *pin = nullptr;
  /// Of the first source, unique in the function.
  std::string name;
};

/// The groups of more than one unit that some layer makes, in the order
/// of the function.
std::vector<ChannelGroup> findChannelGroups(const ChannelGraph &graph,
                                            func::FuncOp func);

/// Whether one of the patterns, in which * is any text, matches the name of the
/// group or of a layer that makes its channels. They are valid.
bool isExcluded(const ChannelGroup &group, ArrayRef<std::string> patterns);

/// Remarks that the group loses no channels, and why.
void remarkStays(const ChannelGroup &group, const llvm::Twine &reason);

/// Where the channels of a member are complete: its result, or that of the
/// affine ops on single channels (bias, batch normalization) behind it that
/// alone use it. `dim` is the dimension of that value's `axis`.
struct ChannelEnd {
  Value value;
  unsigned axis;
};
ChannelEnd findChannelEnd(const ChannelGraph &graph, const GroupMember &member);

/// The one operand of an elementwise op that is no constant, if what the op
/// computes of it is affine and has its type; null otherwise.
OpOperand *getAffineOperand(Operation *op);

/// The two operands that `op` adds element by element, if neither is constant
/// nor repeated.
SmallVector<OpOperand *> getAddends(Operation *op);

/// The constant by which a batch normalization behind the member multiplies
/// last, one number a channel; null where there is none.
Value findGamma(const ChannelGraph &graph, const GroupMember &member);

/// The elements of `axis` that are `unit`.
SmallVector<unsigned> indicesOf(const ChannelGraph &graph, unsigned axis,
                                unsigned unit);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELGROUPS_H

//===- NetworkCost.h - what a pruned network costs --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_NETWORKCOST_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_NETWORKCOST_H

#include "ChannelGraph.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"

namespace mlir::compress {

/// The weights and the multiply-accumulates of the layers of a network of
/// which some units are gone. Of open extents it counts one.
class NetworkCost {
public:
  NetworkCost(const ChannelGraph &graph, func::FuncOp func);

  PrunableCost compute(function_ref<bool(unsigned unit)> isDropped) const;

  /// The multiply-accumulates with output channels rounded up to whole vectors
  /// of `lanes`, and input channels to whole groups of four: what instructions
  /// on vectors compute, of bytes and of floats. To begin and to requantize a
  /// vector of sums costs as much as eight groups.
  double computeLatency(function_ref<bool(unsigned unit)> isDropped,
                        int64_t lanes) const;

private:
  struct Layer {
    SmallVector<unsigned> loopAxes, filterAxes;
    SmallVector<bool> isSummed; // by place in loopAxes
    // Places in loopAxes of the last output and of the last input channels.
    std::optional<unsigned> outputs, inputs;
  };
  const ChannelGraph &graph;
  SmallVector<Layer> layers;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_NETWORKCOST_H

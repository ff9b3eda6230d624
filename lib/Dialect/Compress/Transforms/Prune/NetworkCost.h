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

private:
  struct Layer {
    SmallVector<unsigned> loopAxes, filterAxes;
  };
  const ChannelGraph &graph;
  SmallVector<Layer> layers;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_NETWORKCOST_H

//===- ChannelMasks.h - masks behind the layers of groups -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELMASKS_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELMASKS_H

#include "ChannelGroups.h"
#include "Compress/Dialect/Compress/IR/Compress.h"

namespace mlir::compress {

/// Puts a mask behind every member of every group (findChannelEnd) that zeroes
/// the units of which `isDropped` says so; of a value that has channels of
/// several groups there is one mask. Where nothing is dropped there is none.
/// Also where the activation has no channels of its own: a depthwise
/// convolution of a masked channel adds its bias.
void insertMasks(const ChannelGraph &graph, ArrayRef<ChannelGroup> groups,
                 function_ref<bool(unsigned unit)> isDropped);

/// For each group: whether a unit of it can be removed once it is masked; else
/// why not. Tries it on a copy of the function.
SmallVector<std::string> findObstacles(func::FuncOp func,
                                       const ChannelGraph &graph,
                                       ArrayRef<ChannelGroup> groups);

/// A unit that stays although it is masked.
struct StayingUnit {
  unsigned group, unit;
  std::string reason;
};
/// Those among `dropped`: of a group of which one unit can be removed others
/// may hold another number when they are masked. Tries it as above.
std::vector<StayingUnit> findStaying(func::FuncOp func,
                                     const ChannelGraph &graph,
                                     ArrayRef<ChannelGroup> groups,
                                     const DenseSet<unsigned> &dropped);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELMASKS_H

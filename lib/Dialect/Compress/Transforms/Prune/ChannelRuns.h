//===- ChannelRuns.h - scattered channels in runs ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELRUNS_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELRUNS_H

#include "Compress/Dialect/Compress/IR/Compress.h"

namespace mlir::compress {

/// Channels `first` to `first + count` of the operand, which go to `at` and
/// those that follow it.
struct ChannelRun {
  int64_t first, count, at;
};

/// A few slices are cheaper than a table.
inline constexpr size_t kMostRuns = 8;

/// The runs of a scatter in order; one that is empty where it has no channels.
SmallVector<ChannelRun> findRuns(ScatterChannelsOp op);

/// A run with the zeros before it and, of the last one, those behind it.
struct RunPart {
  ChannelRun run;
  int64_t low, high;
};
SmallVector<RunPart> placeRuns(ArrayRef<ChannelRun> runs, int64_t extent);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELRUNS_H

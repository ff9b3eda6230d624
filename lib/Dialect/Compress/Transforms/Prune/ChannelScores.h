//===- ChannelScores.h - how much channels matter ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Scores from weights alone; the lowest go first. F is the filter of a channel:
// its weights in one layer. Everything is computed in f64.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELSCORES_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELSCORES_H

#include "ChannelGroups.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"

namespace mlir::compress {

/// One score a unit of the group, in its order: those of the members that make
/// its channels, each as `criterion` says, combined by `combine`. `seed` is for
/// a random score. Failure, with a reason, where the criterion says nothing of
/// this group, or a score is not finite.
FailureOr<SmallVector<double>>
scoreFromWeights(const ChannelGraph &graph, const ChannelGroup &group,
                 PruneCriterion criterion, ScoreCombination combine,
                 uint64_t seed, std::string &reason);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_CHANNELSCORES_H

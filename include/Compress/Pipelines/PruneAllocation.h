//===- PruneAllocation.h - a budget divided by trials -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// How much a group of channels is to give of a budget for the whole network.
// The error that a layer makes of its own output says which of its channels go
// first, but not what that does to the outputs of the network: an error near
// the input may die away, one near the output goes straight there. That is
// measured.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_PRUNEALLOCATION_H
#define COMPRESS_PIPELINES_PRUNEALLOCATION_H

#include "Compress/Calibration/SensitivityFile.h"
#include "Compress/Pipelines/PruneTrials.h"

namespace mlir::compress {

/// Told what is being tried, and how many of how many trials are done.
using TrialProgress = llvm::function_ref<void(llvm::StringRef doing,
                                              int64_t done, int64_t total)>;

struct Allocation {
  ::compress::ScoreFile scores; // as given, each group's times a factor
  double before = 0,
         after = 0; // the outputs' error with those given, and these
  int64_t trials = 0;
};

/// Finds factors for the scores of each group so that the network pruned by
/// `select`, which ranks all channels together, has the least error at its
/// outputs. The scores are errors of layers for each multiply-accumulate.
///
///   1. A trial for each group that loses half of its channels: w is what the
///      outputs lose, over what its scores say. Of groups that `known` measured
///      it is taken from there.
///   2. Trials of the whole choice with factors wᵉ, e = 0, ¼, ½, ¾, 1: layers'
///      own errors alone, to outputs' alone, which leaves out that errors meet.
///   3. From the best of them on, while there are fewer than `mostTrials` in
///      all, the factor of one group after the other a step up and a step down.
///
/// What comes out does not depend on the number of threads.
llvm::Expected<Allocation>
allocateByTrials(const PruneTrials &trials,
                 const SelectChannelsPassOptions &select,
                 const ::compress::ScoreFile &scores,
                 const ::compress::SensitivityFile *known, int64_t mostTrials,
                 TrialProgress progress);

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_PRUNEALLOCATION_H

//===- PrunedNetwork.h - networks pruned by running them --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_PRUNEDNETWORK_H
#define COMPRESS_PIPELINES_PRUNEDNETWORK_H

#include "Compress/Calibration/Calibrate.h"
#include "Compress/Calibration/SensitivityFile.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"

namespace mlir::compress {

struct PruneByDataOptions {
  /// What goes; its criterion and file count where scores do not come from
  /// data.
  SelectChannelsPassOptions select;
  /// The criterion of scores that come from data.
  std::optional<PruneCriterion> dataCriterion = PruneCriterion::Reconstruction;
  /// Weights fitted to the data: all at once, and then in order, each layer to
  /// what those before it make of its inputs.
  bool repair = true, inOrder = true;
  /// How many networks are tried to divide a budget among all groups
  /// (PruneAllocation.h): one for each group and five more at least; 0: none.
  int64_t trials = 1;
  /// What single groups cost, if it is known: of this network, pruned by these
  /// scores and repaired like this.
  const ::compress::SensitivityFile *sensitivity = nullptr;
  ::compress::SampleSource source;
  unsigned threads = 1;
};

/// Says what is being done, and how many samples of how many are.
using PruneProgress = llvm::function_ref<void(llvm::StringRef doing,
                                              int64_t done, int64_t total)>;

/// Prunes the float network of `module`, in the model form, in place. Returns
/// the scores that came from data; none where they did not. Errors of passes
/// are diagnostics in the context. What it takes besides the network does not
/// depend on the number of samples: for a layer with K inputs and F outputs (K
/// + 1)² numbers of f64, those of all layers at once, and (K + 2F + 1)² for
/// one.
llvm::Expected<::compress::ScoreFile>
pruneByData(ModuleOp module, const PruneByDataOptions &options,
            PruneProgress progress);

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_PRUNEDNETWORK_H

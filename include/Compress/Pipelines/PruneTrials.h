//===- PruneTrials.h - what pruning does to the outputs ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Networks that lose channels to see what it costs: each is a copy that is
// pruned, compiled and run on samples, whose outputs are compared with those of
// the full network. The network itself does not change.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_PRUNETRIALS_H
#define COMPRESS_PIPELINES_PRUNETRIALS_H

#include "Compress/Calibration/OutputRecord.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlir::compress {

/// A choice of channels to try.
struct PruneTrial {
  SelectChannelsPassOptions select;
  ::compress::ScoreFile scores;
};

struct TrialResult {
  double parameters = 0, macs = 0; // of the pruned network, as --budget counts
  int64_t channels = 0;            // that were selected to go
  ::compress::RecordComparison comparison;
};

struct TrialOptions {
  ::compress::SampleSource source;
  /// So many samples each network is run on; chosen among those of the source.
  int64_t samples = 256;
  bool wantsLabels = false;
  unsigned threads = 1; // of the full network; trials take one each
};

class PruneTrials {
public:
  /// `module` has the network `func` in the model form; `layers` and `moments`
  /// are those to fit weights by, none: they stay as they are. Refers to both.
  /// An error where an output of the full network is not finite.
  static llvm::Expected<PruneTrials>
  create(ModuleOp module, func::FuncOp func, ArrayRef<DataLayer> layers,
         ArrayRef<::compress::SecondMoments> moments,
         const TrialOptions &options, ::compress::SampleProgress progress);

  /// From here on the weights of the layers are fitted by these.
  void fitBy(ArrayRef<::compress::SecondMoments> moments) {
    this->moments = moments;
  }

  const ::compress::OutputRecord &record() const { return *outputs; }
  /// What the full network costs.
  double parameters() const { return full.parameters; }
  double macs() const { return full.macs; }

  /// Is told the number and the result of a trial that is done. An error ends
  /// all.
  using Done =
      llvm::function_ref<llvm::Error(size_t number, const TrialResult &result)>;

  /// Runs trials, several at a time, as many as there are threads. `done` is
  /// told after each; by one thread at a time, in any order.
  llvm::Expected<std::vector<TrialResult>> run(ArrayRef<PruneTrial> trials,
                                               Done done) const;

private:
  llvm::Expected<TrialResult> runOne(const PruneTrial &trial) const;

  const DialectRegistry *registry = nullptr;
  std::unique_ptr<llvm::MemoryBuffer> bytecode; // of the module
  std::vector<unsigned> places; // of the layers' ops in the function
  ArrayRef<DataLayer> layers;
  ArrayRef<::compress::SecondMoments> moments;
  std::unique_ptr<::compress::OutputRecord> outputs;
  TrialResult full;
};

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_PRUNETRIALS_H

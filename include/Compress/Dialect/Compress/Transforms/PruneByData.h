//===- PruneByData.h - pruning with data --------------------------*- C++
//-*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a pass cannot do by itself, since the network has to be run on data: to
// score channels by how well the layers that read them do without, and to fit
// the weights of those layers to the channels that are left. In this order, on
// the model form:
//
//   findDataLayers, exposeInputs (a copy is compiled and run; the inputs of the
//   layers fill SecondMoments), scoreByData (scores for
//   --compress-select-channels), removeAndRefit.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEBYDATA_H
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEBYDATA_H

#include "Compress/Calibration/Reconstruction.h"
#include "Compress/Calibration/ScoreFile.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// A layer that sums over channels that may go.
struct DataLayer {
  Operation *op;
  std::string name;               // unique in the function
  ::compress::PatchPlan plan;     // of its input
  ::compress::LayerMatrix matrix; // its weights and bias as they are
};

/// The layers of f32 whose inputs are channels of groups that are not pinned,
/// with constant weights, in the order of the function. Convolutions in groups
/// and depthwise ones are none: each of their sums has an input of its own.
/// Gives constants that are alike by chance one user each.
std::vector<DataLayer> findDataLayers(func::FuncOp func);

/// A copy of the module, whose network `func` is, with the inputs of `layers`
/// as further results, in their order, padded as the layers see them.
OwningOpRef<ModuleOp> exposeInputs(ModuleOp module, func::FuncOp func,
                                   ArrayRef<DataLayer> layers);

/// What the network loses with each channel, for each multiply-accumulate that
/// it saves: the squared error of the layers that read it, each over the
/// variance of its output, with their weights refitted. Groups that also others
/// read are left out. `moments` are those of `layers`.
llvm::Expected<::compress::ScoreFile>
scoreByReconstruction(func::FuncOp func, ArrayRef<DataLayer> layers,
                      ArrayRef<::compress::SecondMoments> moments);

/// Whether the scores of a criterion come from data.
bool needsData(PruneCriterion criterion);
/// How it is spelled in options and files; empty for one without data.
StringRef nameOfDataCriterion(PruneCriterion criterion);

/// The scores of a criterion that needs data, of the same groups. The layers
/// that read a channel are summed over:
///   activation-mean, activation-variance: the mean of |x|, and the variance of
///   x, over the elements of the channel that a layer reads for one output, its
///   padding included; divided by the mean over the channels of the group;
///   knockoff, knockoff-gaussian: see Calibration/Knockoffs.h.
llvm::Expected<::compress::ScoreFile>
scoreByData(func::FuncOp func, ArrayRef<DataLayer> layers,
            ArrayRef<::compress::SecondMoments> moments,
            PruneCriterion criterion);

/// The weights of a network's layers and their multiply-accumulates, as
/// --compress-select-channels counts them for its budget.
struct PrunableCost {
  double parameters = 0, macs = 0;
};
PrunableCost countCost(func::FuncOp func);

/// The scores by the criterion of `select`, whatever it is but a file, of the
/// groups that it lets lose channels; remarks say why others stay. `layers` and
/// `moments` are for the criteria that need data. Errors that are diagnostics
/// have an empty message here.
llvm::Expected<::compress::ScoreFile>
scoreChannels(func::FuncOp func, const SelectChannelsPassOptions &select,
              ArrayRef<DataLayer> layers,
              ArrayRef<::compress::SecondMoments> moments);

/// --compress-select-channels with criterion=file and these scores. How many
/// channels it selected is stored in `numSelected`, if that is not null.
std::unique_ptr<Pass>
createSelectChannelsPass(SelectChannelsPassOptions options,
                         std::shared_ptr<const ::compress::ScoreFile> scores,
                         int64_t *numSelected = nullptr);

/// What is left of a layer when channels have been taken out.
struct LayerRemainder {
  size_t layer = 0; // its number
  bool losesInputs = false;
  SmallVector<int64_t> columns;  // of its matrix, those that are left
  SmallVector<int64_t> channels; // rows of its matrix, those that are left
};

/// Takes the masked channels out (--compress-remove-channels) and gives layers
/// that lost inputs the weights that do best without them, with inputs and
/// outputs as in the full network. `ops` of `func` are the layers. Returns what
/// is left of each; the ops are the same ones.
FailureOr<std::vector<LayerRemainder>>
removeAndRefit(func::FuncOp func, ArrayRef<Operation *> ops,
               ArrayRef<DataLayer> layers,
               ArrayRef<::compress::SecondMoments> moments);

/// Fits the layers of a pruned network again, one after the other, from the
/// first one that lost inputs on: with the inputs that the pruned network
/// computes, the layers before it being fitted already, to the outputs of the
/// full network. Of a layer whose output is added to what is computed before
/// it, the sum is what is fitted (He et al. 2017, Channel Pruning for
/// Accelerating Very Deep Neural Networks, section 3.2).
class OrderedRefit {
public:
  /// `full` and `pruned` are modules with the networks `fullFunc` and
  /// `prunedFunc`; `layers` are ops of the full one, and `prunedOps` the same
  /// layers of the pruned one.
  OrderedRefit(ModuleOp full, func::FuncOp fullFunc, ModuleOp pruned,
               func::FuncOp prunedFunc, ArrayRef<DataLayer> layers,
               ArrayRef<Operation *> prunedOps,
               ArrayRef<LayerRemainder> remainders);

  size_t size() const { return steps.size(); }

  /// What a step wants to know: the moments of rows made of the results of two
  /// modules, those of `pruned` first. Each has a plan.
  struct Step {
    OwningOpRef<ModuleOp> pruned, full;
    std::vector<::compress::PatchPlan> plans;
    std::string name;
  };
  Step makeStep(size_t number);
  /// Fits the layer of a step.
  llvm::Error fit(size_t number, const ::compress::SecondMoments &moments);

private:
  struct Target;
  Target findTarget(Operation *op, ArrayRef<int64_t> channels) const;

  ModuleOp full, pruned;
  func::FuncOp fullFunc, prunedFunc;
  ArrayRef<DataLayer> layers;
  ArrayRef<Operation *> prunedOps;
  ArrayRef<LayerRemainder> remainders;
  std::vector<size_t> steps; // places in `remainders`
};

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEBYDATA_H

//===- PrunePasses.td - passes that take channels out ------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD

include "mlir/Pass/PassBase.td"

def RemoveChannelsPass
    : Pass<"compress-remove-channels", "::mlir::func::FuncOp"> {
  let summary = "Takes out the channels that are masked or all zero";
  let description = [{
    Finds the channels that hold one number whatever the input is: those that
    `compress.channel_mask` sets to zero, that a product with a constant of
    zeros and ones does, or whose filter is all zeros; and what is computed from
    them. Elements of dimensions that live and die together are one unit (see
    `--compress-print-channel-groups`); it goes if of every sum over one of its
    elements the term is zero, or one number at all places, which moves into
    the bias. Then types, constants and attributes shrink: the result computes
    what the masked network computes, bit for bit where only zeros go in the
    order of a sequential sum; what moves into a bias is rounded in another order.

    Where a sum adds a branch of which channels are zero to one of which they
    are not, the branch alone shrinks, behind `compress.scatter_channels`. One
    channel of every tensor stays. A remark says which masked channels stay, and
    why.

    Example (`test/Dialect/Compress/Transforms/Prune/remove-channels.mlir`):

    ```mlir
    %h = linalg.matmul ins(%x, %w1 : tensor<1x4xf32>, tensor<4x3xf32>) ...
    %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>}
    %y = linalg.matmul ins(%m, %w2 : tensor<1x3xf32>, tensor<3x2xf32>) ...
    // becomes
    %h = linalg.matmul ins(%x, %w1' : tensor<1x4xf32>, tensor<4x2xf32>) ...
    %y = linalg.matmul ins(%h, %w2' : tensor<1x2xf32>, tensor<2x2xf32>) ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::compress::CompressDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numRemoved", "removed", "units of channels taken out">,
    Statistic<"numKept", "kept", "masked channels that stay">,
    Statistic<"numScattered", "scattered", "branches behind a scatter">];
}

def PrintChannelGroupsPass
    : Pass<"compress-print-channel-groups", "::mlir::func::FuncOp"> {
  let summary = "Prints which channels live and die together";
  let description = [{
    Elements of dimensions that an op reads together, or moves one to the other,
    are one unit: all of them stay or all go. Units that occur in the same
    dimensions of the same tensors are a group: what one would call the channels
    of a layer, or of several layers that are added. Printed is every group of
    more than one unit that a convolution or product with constant weights
    makes: the layers that make it, those that sum over it, and why it may not be
    pruned where it may not. The network is not changed.

    With `format=dot` a drawing for Graphviz: boxes are layers, ellipses groups;
    pinned ones are grey.

    Example (`test/Dialect/Compress/Transforms/Prune/print-channel-groups.mlir`):

    ```
    group 'conv1': 64 channels of 1 element
      made by conv1, layer1.0.conv2
      read by layer1.0.conv1
    group 'fc': 10 channels of 1 element, pinned: an output of the network has it
      made by fc
    ```
  }];
  // It tries masks on a copy.
  let dependentDialects = ["::mlir::compress::CompressDialect"];
  let options = [
    Option<"format", "format", "std::string", "\"text\"",
           "text, or dot for Graphviz">,
    Option<"output", "output", "std::string", "\"-\"",
           "the file to write; - is standard output">];
  let statistics = [
    Statistic<"numFree", "free", "groups that may lose channels">,
    Statistic<"numKept", "kept", "groups that may not">];
}

def SelectChannelsPass
    : Pass<"compress-select-channels", "::mlir::func::FuncOp"> {
  let summary = "Masks the channels that matter least";
  let description = [{
    Ranks the units of each group (`--compress-print-channel-groups`) by a score
    and puts a `compress.channel_mask` behind the layers that make those that go:
    behind the batch normalization, before the activation, so that a masked
    channel is zero. `--compress-remove-channels` takes them out.

    Scores of a layer's filter, the lowest go first: `l1` and `l2` are its norms;
    `gamma` is the factor of the batch normalization behind it (Liu et al. 2017);
    `fpgm` the sum of its distances to the other filters (He et al. 2019); `lamp`
    the share of its energy in what is left of its layer when weaker ones have
    gone (Lee et al. 2021); `median-ratio` its norm over the median of its
    layer's; `random` is a control; `file` reads the scores from `scores`, which
    has one for each channel of each group: those from data are in such files.
    Where several layers make one group, `combine` makes one score of theirs.

    With `budget=latency` the time is modelled: what a layer computes at once
    is a vector of `lanes` output channels, full or not, and groups of four input
    channels; it takes the multiply-accumulates of these. A group then gives
    channels only where that saves time: with `scope=global` of all such steps
    those go first that lose least for what they save.

    With `scope=local` each group loses `int(rate * channels)` of its channels,
    computed in f64; with `scope=global` all groups together do, which wants a
    score that can be compared between layers: each group's scores are divided
    by their mean, but for those of a file. With `budget=macs` or `parameters` it is the multiply-
    accumulates or the weights that are to become less by `rate`, at least; the
    number of channels follows. A group never loses more than `max-rate` of its
    channels, nor its last one; with `multiple` the number that stays is rounded
    up to a multiple of it, where that is less than it had.

    Left alone, with a remark that says why, are groups that are pinned, groups
    and single channels that cannot be removed although they are masked, and
    groups whose name, or that of a layer that makes them, matches a pattern of
    `exclude` (`*` is any text).

    Example (`test/Dialect/Compress/Transforms/Prune/select-channels.mlir`):

    ```mlir
    // criterion=l1 rate=0.5
    %h = linalg.matmul ins(%x, %w : tensor<1x4xf32>, tensor<4x2xf32>) ...
    // becomes
    %h = linalg.matmul ins(%x, %w : tensor<1x4xf32>, tensor<4x2xf32>) ...
    %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false>}
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect"];
  let options = [
    Option<"criterion", "criterion", "::mlir::compress::PruneCriterion",
           "::mlir::compress::PruneCriterion::L1", "what channels are ranked by",
           [{::llvm::cl::values(
             clEnumValN(::mlir::compress::PruneCriterion::L1, "l1",
                        "the sum of the magnitudes of the filter"),
             clEnumValN(::mlir::compress::PruneCriterion::L2, "l2",
                        "its Euclidean norm"),
             clEnumValN(::mlir::compress::PruneCriterion::Gamma, "gamma",
                        "the factor of the batch normalization"),
             clEnumValN(::mlir::compress::PruneCriterion::Fpgm, "fpgm",
                        "the distance from the other filters"),
             clEnumValN(::mlir::compress::PruneCriterion::Lamp, "lamp",
                        "the share of the layer's energy"),
             clEnumValN(::mlir::compress::PruneCriterion::MedianRatio,
                        "median-ratio", "the norm over the layer's median"),
             clEnumValN(::mlir::compress::PruneCriterion::Random, "random",
                        "chance"),
             clEnumValN(::mlir::compress::PruneCriterion::File, "file",
                        "the scores of a file"))}]>,
    Option<"scores", "scores", "std::string", "\"\"",
           "the JSON file of scores, for criterion=file">,
    Option<"rate", "rate", "double", "0.5",
           "how much goes, from 0 to below 1">,
    Option<"scope", "scope", "::mlir::compress::PruneScope",
           "::mlir::compress::PruneScope::Local", "who is ranked together",
           [{::llvm::cl::values(
             clEnumValN(::mlir::compress::PruneScope::Local, "local",
                        "the channels of a group"),
             clEnumValN(::mlir::compress::PruneScope::Global, "global",
                        "all channels"))}]>,
    Option<"budget", "budget", "::mlir::compress::PruneBudget",
           "::mlir::compress::PruneBudget::Channels", "what becomes less by rate",
           [{::llvm::cl::values(
             clEnumValN(::mlir::compress::PruneBudget::Channels, "channels",
                        "the channels"),
             clEnumValN(::mlir::compress::PruneBudget::Parameters, "parameters",
                        "the weights"),
             clEnumValN(::mlir::compress::PruneBudget::Macs, "macs",
                        "the multiply-accumulates"),
             clEnumValN(::mlir::compress::PruneBudget::Latency, "latency",
                        "the time they take, by a model"))}]>,
    Option<"lanes", "lanes", "int64_t", "16",
           "of budget=latency: outputs that the target computes at once">,
    Option<"combine", "combine", "::mlir::compress::ScoreCombination",
           "::mlir::compress::ScoreCombination::Mean",
           "how the scores of several layers become one",
           [{::llvm::cl::values(
             clEnumValN(::mlir::compress::ScoreCombination::Sum, "sum", "their sum"),
             clEnumValN(::mlir::compress::ScoreCombination::Mean, "mean",
                        "their mean"),
             clEnumValN(::mlir::compress::ScoreCombination::Max, "max",
                        "the largest"))}]>,
    Option<"multiple", "multiple", "int64_t", "1",
           "what the number of channels that stay is a multiple of">,
    Option<"maxRate", "max-rate", "double", "1.0",
           "the most that one group loses, from 0 to 1">,
    ListOption<"exclude", "exclude", "std::string",
               "names of groups or layers that are left alone; * is any text">,
    Option<"seed", "seed", "uint64_t", "0", "of criterion=random">];
  let statistics = [
    Statistic<"numMasked", "masked", "channels masked">,
    Statistic<"numGroups", "groups", "groups that lose channels">];
}

def ScoreGatesPass : Pass<"compress-score-gates", "::mlir::func::FuncOp"> {
  let summary = "Masks the channels that SCOP's gates score lowest";
  let description = [{
    Every `compress.channel_gate` becomes a `compress.channel_mask`: of its `C`
    channels the `int(rate * C)` with the lowest `|gamma| * (2 * beta - 1)` go,
    both computed in f64; of equal scores the one with the lower number goes.
    Each layer is ranked on its own, as in the paper (Tang et al. 2020).

    Example (`test/Dialect/Compress/Transforms/Prune/score-gates.mlir`):

    ```mlir
    // rate=0.5
    %y = compress.channel_gate %x
       {axis = 1, beta = array<f32: 0.9, 0.2>, gamma = array<f32: 1.0, -0.5>}
    // becomes
    %y = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>}
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect"];
  let options = [Option<"rate", "rate", "double", "0.35",
                        "how much of each layer goes, from 0 to below 1">];
  let statistics = [Statistic<"numMasked", "masked", "channels masked">];
}

def LowerMasksPass : Pass<"compress-lower-masks", "::mlir::func::FuncOp"> {
  let summary = "Turns masks and scattered channels into linalg and tensor ops";
  let description = [{
    What pruning leaves becomes what every later pass knows:

    - `compress.channel_mask` becomes a multiplication by a constant, 1 for a
      channel that stays and 0 for one that is set to zero. The pass that folds
      batch norms folds it into the convolution before it. Of a channel that is
      set to zero a negative number gives -0, an infinity NaN;
    - `compress.scatter_channels` becomes a pad with zeros where its indices
      follow each other, and a concatenation of padded slices, one for each run
      of indices, where there are up to 8 runs. With more it stays: every later
      pass knows it as an op that moves elements, and it becomes a lookup of
      channels when it is lowered to integers or to code;
    - `compress.channel_gate` becomes its operand, with a remark: its scores were
      trained, and nobody used them.

    It folds nothing else, so that it may run before quantizations are raised.

    Example (`test/Dialect/Compress/Transforms/Prune/lower-masks.mlir`):

    ```mlir
    %m = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>} : tensor<1x2x4x4xf32>
    %y = compress.scatter_channels %m {axis = 1, indices = array<i64: 1, 2>} : tensor<1x2x4x4xf32> -> tensor<1x4x4x4xf32>
    // becomes
    %c = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
    %m = linalg.generic ins(%x, %c) { arith.mulf %in, %in_0 }
    %y = tensor.pad %m low[0, 1, 0, 0] high[0, 1, 0, 0] { 0.0 }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numMasks", "masks", "masks made multiplications">,
    Statistic<"numScattered", "scattered", "scattered tensors made pads">,
    Statistic<"numDropped", "dropped", "gates dropped unused">];
}

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD

//===- PruneOptions.h - options that take channels out ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESSC_PRUNEOPTIONS_H
#define COMPRESS_TOOLS_COMPRESSC_PRUNEOPTIONS_H

#include "Compress/Support/PreprocessOptions.h"
#include "Driver.h"
#include "llvm/Support/CommandLine.h"

namespace mlir::compress {

/// The options by which a model is pruned.
struct PruneOptions {
  llvm::cl::OptionCategory category{"Options for models that are to shrink"};

  llvm::cl::opt<double> scopPrune{
      "scop-prune",
      llvm::cl::desc("Take out this share of each layer that has SCOP's gates "
                     "(compress.channel_gate, or ChannelGate in ONNX)"),
      llvm::cl::value_desc("rate"), llvm::cl::cat(category)};
  llvm::cl::opt<double> prune{
      "prune",
      llvm::cl::desc("Take out this share of the channels, those that matter "
                     "least; 0: only those that are masked or zero already"),
      llvm::cl::value_desc("rate"), llvm::cl::cat(category)};
  llvm::cl::opt<PruneCriterion> criterion{
      "prune-criterion",
      llvm::cl::desc("What says how much a channel matters (default: l1)"),
      llvm::cl::values(
          clEnumValN(PruneCriterion::L1, "l1",
                     "the sum of the magnitudes of its filter"),
          clEnumValN(PruneCriterion::L2, "l2", "the Euclidean norm"),
          clEnumValN(PruneCriterion::Gamma, "gamma",
                     "the factor of its batch normalization"),
          clEnumValN(PruneCriterion::Fpgm, "fpgm",
                     "the distance from the other filters"),
          clEnumValN(PruneCriterion::Lamp, "lamp",
                     "its share in the energy of the layer"),
          clEnumValN(PruneCriterion::MedianRatio, "median-ratio",
                     "the norm over the layer's median"),
          clEnumValN(PruneCriterion::Random, "random", "chance, to compare"),
          clEnumValN(PruneCriterion::Reconstruction, "reconstruction",
                     "how well the layers that read it do without, by "
                     "--prune-data (default where there is data)"),
          clEnumValN(PruneCriterion::ActivationMean, "activation-mean",
                     "the mean magnitude of what they read, likewise"),
          clEnumValN(PruneCriterion::ActivationVariance, "activation-variance",
                     "its variance, likewise"),
          clEnumValN(PruneCriterion::Knockoff, "knockoff",
                     "what it explains of their outputs, and a copy of other "
                     "samples does not, likewise"),
          clEnumValN(PruneCriterion::KnockoffGaussian, "knockoff-gaussian",
                     "what it explains of them, and a second-order knockoff "
                     "does not, likewise")),
      llvm::cl::init(PruneCriterion::L1), llvm::cl::cat(category)};
  llvm::cl::opt<std::string> scores{
      "prune-scores",
      llvm::cl::desc("A JSON file that says it, in place of a criterion"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};
  llvm::cl::opt<PruneScope> scope{
      "prune-scope",
      llvm::cl::desc("Which channels are ranked together (default: local)"),
      llvm::cl::values(
          clEnumValN(PruneScope::Local, "local",
                     "those of a layer, or of layers that are added"),
          clEnumValN(PruneScope::Global, "global", "all")),
      llvm::cl::init(PruneScope::Local), llvm::cl::cat(category)};
  llvm::cl::opt<PruneBudget> budget{
      "prune-budget",
      llvm::cl::desc("What becomes less by the rate (default: channels)"),
      llvm::cl::values(
          clEnumValN(PruneBudget::Channels, "channels", "the channels"),
          clEnumValN(PruneBudget::Parameters, "parameters", "the weights"),
          clEnumValN(PruneBudget::Macs, "macs", "the multiply-accumulates"),
          clEnumValN(PruneBudget::Latency, "latency",
                     "the time that they take, by a model of the target's "
                     "vectors")),
      llvm::cl::init(PruneBudget::Channels), llvm::cl::cat(category)};
  llvm::cl::opt<ScoreCombination> combine{
      "prune-combine",
      llvm::cl::desc("How the scores that several layers give one channel "
                     "become one (default: mean)"),
      llvm::cl::values(clEnumValN(ScoreCombination::Sum, "sum", "their sum"),
                       clEnumValN(ScoreCombination::Mean, "mean", "their mean"),
                       clEnumValN(ScoreCombination::Max, "max", "the largest")),
      llvm::cl::init(ScoreCombination::Mean), llvm::cl::cat(category)};
  llvm::cl::opt<unsigned> multiple{
      "prune-multiple",
      llvm::cl::desc("Keep multiples of this number of channels (default: 1)"),
      llvm::cl::value_desc("n"), llvm::cl::init(1), llvm::cl::cat(category)};
  llvm::cl::opt<double> maxRate{
      "prune-max-rate",
      llvm::cl::desc("The most that one layer loses (default: 1)"),
      llvm::cl::value_desc("rate"), llvm::cl::init(1), llvm::cl::cat(category)};
  llvm::cl::list<std::string> exclude{
      "prune-exclude",
      llvm::cl::desc("Leave layers of these names alone; * is any text"),
      llvm::cl::value_desc("name,..."), llvm::cl::CommaSeparated,
      llvm::cl::cat(category)};
  llvm::cl::opt<unsigned long long> seed{
      "prune-seed", llvm::cl::desc("Of --prune-criterion=random (default: 0)"),
      llvm::cl::value_desc("n"), llvm::cl::cat(category)};

  llvm::cl::list<std::string> data{
      "prune-data",
      llvm::cl::desc("Samples of the inputs, without labels (see below): the "
                     "weights of layers that lose inputs are fitted to them"),
      llvm::cl::value_desc("data"), llvm::cl::cat(category)};
  llvm::cl::opt<unsigned long long> samples{
      "prune-samples", llvm::cl::desc("Use only the first samples"),
      llvm::cl::value_desc("n"), llvm::cl::cat(category)};
  llvm::cl::opt<unsigned long long> trials{
      "prune-trials",
      llvm::cl::desc("With --prune-scope=global: networks to try on the data "
                     "to find what each layer should give; 0: none (default: "
                     "one a layer, and five; more may find better ones)"),
      llvm::cl::value_desc("n"), llvm::cl::init(1), llvm::cl::cat(category)};
  llvm::cl::opt<bool> noRepair{
      "no-repair", llvm::cl::desc("Leave the weights that stay as they are"),
      llvm::cl::cat(category)};
  llvm::cl::opt<bool> repairOnce{
      "repair-once",
      llvm::cl::desc("Fit the weights all at once, not one layer after the "
                     "other as well: fast, and less exact"),
      llvm::cl::cat(category)};
  llvm::cl::opt<std::string> saveScores{
      "save-scores",
      llvm::cl::desc("Write the scores from data to this file (JSON)"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};

  llvm::cl::opt<std::string> sensitivity{
      "prune-sensitivity",
      llvm::cl::desc("With --prune-scope=global: take from this file, which "
                     "--sensitivity wrote, what each layer is worth"),
      llvm::cl::value_desc("file"), llvm::cl::cat(category)};

  /// How files name a criterion, with the options that belong to it.
  std::string describe(PruneCriterion criterion);
  /// The patterns of layers to leave alone; an error where one is none.
  llvm::Error readExclude(SelectChannelsPassOptions &select) const;
  /// The data, which there is.
  llvm::Error readSource(const ::compress::PreprocessOptions &preprocess,
                         ::compress::SampleSource &source) const;

  /// Sets `choice` if the command line wants a model pruned. The error says
  /// what is wrong with it.
  llvm::Error read(Emit emit, const ::compress::PreprocessOptions &preprocess,
                   std::optional<PruneChoice> &choice) const;

private:
  llvm::Error readData(const ::compress::PreprocessOptions &preprocess,
                       PruneChoice &choice) const;
};

} // namespace mlir::compress

#endif // COMPRESS_TOOLS_COMPRESSC_PRUNEOPTIONS_H

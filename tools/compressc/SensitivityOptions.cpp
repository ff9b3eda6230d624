//===- SensitivityOptions.cpp - what pruning would cost -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "SensitivityOptions.h"

using namespace mlir::compress;

static llvm::Error usageError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Error
SensitivityOptionGroup::read(PruneOptions &prune,
                             const ::compress::PreprocessOptions &preprocess,
                             std::optional<SensitivityChoice> &choice) const {
  if (!output.getNumOccurrences()) {
    const llvm::cl::Option *first = nullptr;
    auto look = [&](const llvm::cl::Option &option) {
      if (!first && option.getNumOccurrences())
        first = &option;
    };
    look(chart);
    look(rates);
    look(samples);
    if (first)
      return usageError("--" + first->ArgStr +
                        ": only with --sensitivity=FILE");
    return llvm::Error::success();
  }
  if (output.empty() || output == "-")
    return usageError("--sensitivity: the name of a file is missing, which "
                      "keeps what has been measured");
  if (chart.getNumOccurrences() && chart.empty())
    return usageError("--sensitivity-chart: the name of a file is missing");
  for (const llvm::cl::Option *option :
       std::initializer_list<const llvm::cl::Option *>{
           &prune.scopPrune, &prune.prune, &prune.scores, &prune.scope,
           &prune.budget, &prune.multiple, &prune.maxRate, &prune.trials,
           &prune.saveScores, &prune.sensitivity, &prune.repairOnce})
    if (option->getNumOccurrences())
      return usageError("--" + option->ArgStr +
                        ": not with --sensitivity, which takes channels out "
                        "of one layer at a time, to measure");
  if (prune.data.empty())
    return usageError("--sensitivity needs data; name it with --prune-data");
  if (samples == 0 || samples > INT64_MAX)
    return usageError("--sensitivity-samples: a number of samples from 1");

  SensitivityChoice made;
  SensitivityOptions &measure = made.measure;
  measure.rates.assign(rates.begin(), rates.end());
  if (!rates.getNumOccurrences())
    measure.rates = {0.1, 0.25, 0.5, 0.75};
  for (double rate : measure.rates)
    if (!(rate > 0 && rate < 1))
      return usageError("--sensitivity-rates: numbers above 0 and below 1");
  llvm::sort(measure.rates);
  measure.rates.erase(llvm::unique(measure.rates), measure.rates.end());
  if (llvm::Error error = prune.readSource(preprocess, measure.source))
    return error;
  measure.select.criterion = prune.criterion.getNumOccurrences()
                                 ? prune.criterion.getValue()
                                 : PruneCriterion::Reconstruction;
  measure.criterion = prune.describe(measure.select.criterion);
  measure.select.combine = prune.combine;
  measure.select.seed = prune.seed;
  if (llvm::Error error = prune.readExclude(measure.select))
    return error;
  measure.repair = !prune.noRepair;
  measure.samples = static_cast<int64_t>(samples);
  made.output = output;
  made.chart = chart;
  choice = std::move(made);
  return llvm::Error::success();
}

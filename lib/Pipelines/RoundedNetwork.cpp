//===- RoundedNetwork.cpp - weights rounded by running a network ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/RoundedNetwork.h"
#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/Pipelines.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::CalibrationTable;
using ::compress::ModelLibrary;
using ::compress::PatchPlan;
using ::compress::WeightSteps;

/// How much memory the moments of the layers that are rounded at once take.
static constexpr int64_t kMomentBytes = int64_t(512) << 20;

/// The network whose outputs are the quantized inputs of `layers`.
static llvm::Expected<std::unique_ptr<ModelLibrary>>
loadInputs(ModuleOp module,
           const std::shared_ptr<const CalibrationTable> &table,
           ArrayRef<RoundingLayer> layers, unsigned threads) {
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager pm(copy->getContext());
  ExposeInputsPassOptions expose;
  for (const RoundingLayer &layer : layers)
    expose.names.push_back(layer.name);
  pm.addNestedPass<func::FuncOp>(createExposeInputsPass(table, expose));
  buildIntegerPipeline(pm, {});
  if (failed(pm.run(*copy)))
    return llvm::createStringError("the network cannot be compiled to be run");
  return loadNetwork(*copy, threads);
}

llvm::Expected<std::vector<WeightSteps>> mlir::compress::roundWeights(
    ModuleOp module, ArrayRef<RoundingLayer> layers,
    const CalibrationTable &table, WeightRange weights, bool biasFollows,
    const ::compress::SampleSource &source, unsigned threads,
    ::compress::SampleProgress progress) {
  FailureOr<func::FuncOp> func = findNetworkFunction(module);
  if (failed(func))
    return llvm::createStringError("the network cannot be compiled to be run");
  auto shared = std::make_shared<const CalibrationTable>(table);
  std::vector<WeightSteps> result;
  for (ArrayRef<RoundingLayer> left = layers; !left.empty();) {
    size_t count = 0;
    int64_t bytes = 0;
    while (count < left.size() &&
           (count == 0 || bytes + left[count].momentBytes() <= kMomentBytes))
      bytes += left[count++].momentBytes();
    ArrayRef<RoundingLayer> part = left.take_front(count);
    left = left.drop_front(count);
    auto library = loadInputs(module, shared, part, threads);
    if (!library)
      return library.takeError();
    std::vector<std::string> names;
    std::vector<std::vector<PatchPlan>> plans;
    for (const RoundingLayer &layer : part) {
      names.push_back(layer.name);
      std::vector<PatchPlan> &own = plans.emplace_back();
      for (const RoundingGroup &group : layer.groups)
        own.push_back(group.plan);
    }
    std::vector<ArrayRef<PatchPlan>> views(plans.begin(), plans.end());
    auto moments = ::compress::collectGroupMoments(
        **library, source, names, views, static_cast<int32_t>(threads),
        progress);
    if (!moments)
      return moments.takeError();
    auto steps =
        roundLayers(*func, table, part, *moments, weights, biasFollows);
    if (!steps)
      return steps.takeError();
    llvm::append_range(result, *steps);
  }
  return result;
}

//===- PruneTrials.cpp - what pruning does to the outputs -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/PruneTrials.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/Pipelines.h"
#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Parallel.h"
#include "llvm/Support/SourceMgr.h"
#include <atomic>
#include <mutex>

using namespace mlir;
using namespace mlir::compress;
using ::compress::OutputRecord;
using ::compress::SecondMoments;

llvm::Expected<PruneTrials>
PruneTrials::create(ModuleOp module, func::FuncOp func,
                    ArrayRef<DataLayer> layers, ArrayRef<SecondMoments> moments,
                    const TrialOptions &options,
                    ::compress::SampleProgress progress) {
  PruneTrials trials;
  trials.registry = &module.getContext()->getDialectRegistry();
  trials.layers = layers;
  trials.moments = moments;
  {
    std::string text;
    llvm::raw_string_ostream os(text);
    if (mlir::failed(writeBytecodeToFile(module, os)))
      return llvm::createStringError("the network cannot be copied");
    // Constants in bytecode are aligned, if it is.
    auto buffer = llvm::WritableMemoryBuffer::getNewUninitMemBuffer(
        text.size(), "network", llvm::Align(64));
    if (!buffer)
      return llvm::createStringError("no memory for a copy of the network");
    llvm::copy(text, buffer->getBufferStart());
    trials.bytecode = std::move(buffer);
  }
  DenseMap<Operation *, unsigned> placeOf;
  for (auto [place, op] : llvm::enumerate(func.getBody().front()))
    placeOf[&op] = place;
  for (const DataLayer &layer : layers)
    trials.places.push_back(placeOf.lookup(layer.op));
  auto library =
      compileNetwork(OwningOpRef<ModuleOp>(module.clone()), options.threads);
  if (!library)
    return library.takeError();
  auto record = OutputRecord::make(
      **library, options.source, options.samples, options.wantsLabels,
      static_cast<int32_t>(options.threads), progress);
  if (!record)
    return record.takeError();
  if (std::optional<int64_t> sample = record->notFinite())
    return llvm::createStringError(
        "the full network has an output that is NaN or infinite for sample " +
        llvm::Twine(*sample) +
        " of the data; the data must be finite, and check --scale, --mean and "
        "--std");
  trials.outputs = std::make_unique<OutputRecord>(std::move(*record));
  PrunableCost cost = countCost(func);
  trials.full.parameters = cost.parameters;
  trials.full.macs = cost.macs;
  return trials;
}

llvm::Expected<TrialResult> PruneTrials::runOne(const PruneTrial &trial) const {
  // A context of its own: remarks of trials are nobody's, and contexts do not
  // wait for each other.
  MLIRContext context(*registry, MLIRContext::Threading::DISABLED);
  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
        message.empty())
      message = diagnostic.str();
  });
  auto fail = [&](const llvm::Twine &doing) {
    return llvm::createStringError(
        "a network with fewer channels failed while " + doing +
        (message.empty() ? "" : ": " + message));
  };
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(
      llvm::MemoryBuffer::getMemBuffer(bytecode->getMemBufferRef(),
                                       /*RequiresNullTerminator=*/false),
      llvm::SMLoc());
  auto module = parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
  FailureOr<func::FuncOp> func = failure();
  if (module)
    func = findNetworkFunction(*module);
  if (failed(func))
    return fail("it was copied");
  PassManager select(&context);
  TrialResult result;
  select.addNestedPass<func::FuncOp>(createSelectChannelsPass(
      trial.select, std::make_shared<const ::compress::ScoreFile>(trial.scores),
      &result.channels));
  std::vector<Operation *> all, ops;
  for (Operation &op : func->getBody().front())
    all.push_back(&op);
  for (unsigned place : places)
    ops.push_back(all[place]);
  if (failed(select.run(*module)))
    return fail("channels were selected");
  if (moments.empty()) {
    PassManager remove(&context);
    remove.addNestedPass<func::FuncOp>(createRemoveChannelsPass());
    if (failed(remove.run(*module)))
      return fail("channels were removed");
  } else if (failed(removeAndRefit(*func, ops, layers, moments))) {
    return fail("weights were fitted");
  }
  PrunableCost cost = countCost(*func);
  result.parameters = cost.parameters;
  result.macs = cost.macs;
  auto library = compileNetwork(std::move(module), /*threads=*/1);
  if (!library) {
    std::string reason = llvm::toString(library.takeError());
    if (message.empty())
      message = reason;
    return fail("it was compiled");
  }
  auto comparison = outputs->compare(**library, /*threads=*/1);
  if (!comparison)
    return comparison.takeError();
  result.comparison = *comparison;
  return result;
}

llvm::Expected<std::vector<TrialResult>>
PruneTrials::run(ArrayRef<PruneTrial> trials, Done done) const {
  std::vector<TrialResult> results(trials.size());
  std::vector<std::string> failures(trials.size());
  std::mutex oneAtATime;
  std::atomic<bool> failed = false;
  llvm::parallelFor(0, trials.size(), [&](size_t number) {
    if (failed)
      return;
    llvm::Expected<TrialResult> result = runOne(trials[number]);
    std::lock_guard<std::mutex> lock(oneAtATime);
    if (failed) {
      // What was on its way is of no use any more.
      if (!result)
        llvm::consumeError(result.takeError());
      return;
    }
    llvm::Error error = result ? done(number, *result) : result.takeError();
    if (!error) {
      results[number] = *result;
      return;
    }
    failures[number] = llvm::toString(std::move(error));
    failed = true;
  });
  for (const std::string &failure : failures)
    if (!failure.empty())
      return llvm::createStringError(failure);
  return results;
}

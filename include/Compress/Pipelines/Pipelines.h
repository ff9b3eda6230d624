//===- Pipelines.h - the stages as pipelines --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The stages between the forms of a model (docs/forms.md), as pass pipelines
// for tools and for compilers that embed Compress.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_PIPELINES_H
#define COMPRESS_PIPELINES_PIPELINES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::compress {

/// Options of `--int8-lower`.
struct Int8LowerOptions : public PassPipelineOptions<Int8LowerOptions> {
  PassOptions::Option<bool> int8Io{
      *this, "int8-io",
      llvm::cl::desc("integer inputs and outputs of the function instead of "
                     "f32 ones, where they are quantized"),
      llvm::cl::init(false)};
};

/// Options of `--scop-prune`.
struct ScopPruneOptions : public PassPipelineOptions<ScopPruneOptions> {
  PassOptions::Option<double> rate{
      *this, "rate",
      llvm::cl::desc("how much of each gated layer goes, from 0 to below 1"),
      llvm::cl::init(0.35)};
  PassOptions::Option<bool> orderChannels{
      *this, "order-channels",
      llvm::cl::desc(
          "order the channels of residual sums so that what branches "
          "add lies side by side; f32 sums round in another order"),
      llvm::cl::init(false)};
};

/// `--scop-prune`: the model form with `compress.channel_gate`, TOSA or linalg,
/// float or quantized, as the same ops without the channels that the gates
/// score lowest. Comes before the pipelines below: normalizing drops gates.
void buildScopPrunePipeline(OpPassManager &pm, const ScopPruneOptions &options);

/// The part of it that takes masked channels out, however they were masked.
/// `ordersChannels`: --compress-order-channels, too.
void buildRemovePipeline(OpPassManager &pm, bool ordersChannels = false);

/// The rest of it, where pruneByData has taken them out.
void buildAfterRemovalPipeline(OpPassManager &pm, bool ordersChannels);

/// `--compress-normalize`: the model form, TOSA or linalg in any layout, as
/// linalg in NHWC; quantizations as `compress.fake_quant`. A model without
/// fake_quant comes out as the f32 model that the code generator takes.
void buildNormalizePipeline(OpPassManager &pm);

/// The first part of it: the model form as linalg alone, in the layout that it
/// has and with its batch normalizations. What an exporter takes.
void buildLinalgPipeline(OpPassManager &pm);

/// `--int8-lower`: model or qdq form -> integer form. Runs the normalize
/// pipeline first.
void buildInt8LowerPipeline(OpPassManager &pm, const Int8LowerOptions &options);

/// The part of it behind normalizing: qdq form -> integer form.
void buildIntegerPipeline(OpPassManager &pm, const Int8LowerOptions &options);

/// Whether anything in the module is quantized: a fake_quant, also one that is
/// written in f32 ops, a quant cast, or an op that computes on integers of 8 or
/// 16 bits.
bool isQuantized(ModuleOp module);

/// Whether the module computes with quantized activations, so that there is
/// nothing to calibrate: bytes that come in, that are bools, or that only
/// become f32, and constant weights are no quantization of activations.
bool quantizesActivations(ModuleOp module);

/// Registers the pipelines above by their flags.
void registerPipelines();

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_PIPELINES_H

//===- RoundedNetwork.h - weights rounded by running a network --*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_ROUNDEDNETWORK_H
#define COMPRESS_PIPELINES_ROUNDEDNETWORK_H

#include "Compress/Calibration/Calibrate.h"
#include "Compress/Dialect/Compress/Transforms/RoundWeights.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// Chooses the codes of the weights of `layers`, found by findRoundingLayers in
/// `module`, a normalized f32 network with observers and the ranges of `table`,
/// so that the outputs of each layer change least
/// (Compress/Calibration/WeightRounding.h), by the inputs that the float
/// network gives it, quantized. What it takes besides the network depends
/// neither on the number of samples nor of layers: the layers go in parts whose
/// moments take 512 MB, or one layer with more, and the network is run for each
/// part.
llvm::Expected<std::vector<::compress::WeightSteps>>
roundWeights(ModuleOp module, ArrayRef<RoundingLayer> layers,
             const ::compress::CalibrationTable &table, WeightRange weights,
             bool biasFollows, const ::compress::SampleSource &source,
             unsigned threads, ::compress::SampleProgress progress);

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_ROUNDEDNETWORK_H

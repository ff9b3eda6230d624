//===- Passes.h - passes on the compress dialect ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PASSES_H
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"
#include "llvm/Support/CommandLine.h"

namespace mlir::compress {

/// How the scale of a channel's weights is chosen; see
/// --compress-quantize-observed.
enum class WeightRange { MinMax, Mse };

/// What says how much a channel matters; see --compress-select-channels.
enum class PruneCriterion {
  L1,
  L2,
  Gamma,
  Fpgm,
  Lamp,
  MedianRatio,
  Random,
  File,
  Reconstruction // from data, which a pass has not
};
/// How the scores that several layers give one channel become one.
enum class ScoreCombination { Sum, Mean, Max };
/// Whether channels are ranked within each group, or all together.
enum class PruneScope { Local, Global };
/// What of the network is to become less.
enum class PruneBudget { Channels, Parameters, Macs, Latency };

#define GEN_PASS_DECL
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"

/// Whether `op` rounds within a fake quantization that is written in f32, which
/// --compress-raise-integer-linalg makes compress.fake_quant.
bool isFloatFakeQuant(Operation *op);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PASSES_H

//===- RoundWeights.h - layers whose weights are rounded --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_ROUNDWEIGHTS_H
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_ROUNDWEIGHTS_H

#include "Compress/Calibration/CalibrationTable.h"
#include "Compress/Calibration/WeightRounding.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"

namespace mlir::compress {

/// The outputs of a layer that are computed from the same inputs: all of them,
/// or those of one group.
struct RoundingGroup {
  ::compress::PatchPlan plan;    ///< of what --compress-expose-inputs shows
  std::vector<int64_t> channels; ///< of the layer, one an output
};

/// A quantized convolution or product, as rounding its weights sees it.
struct RoundingLayer {
  std::string name;
  std::vector<RoundingGroup> groups;
  /// How much memory its second moments take.
  int64_t momentBytes() const;
};

/// The layers of a normalized f32 network with observers whose weights can be
/// rounded by data, in program order: their outputs have `mostInputs` inputs at
/// most, and the samples of `table` as many as `leastRows` positions for each.
/// A remark says why one cannot.
std::vector<RoundingLayer>
findRoundingLayers(func::FuncOp func, const ::compress::CalibrationTable &table,
                   int64_t mostInputs, int64_t leastRows);

/// Rounds the weights of `layers` by the moments of their groups. Each group is
/// computed in one thread. With `biasFollows` their biases are corrected later.
llvm::Expected<std::vector<::compress::WeightSteps>>
roundLayers(func::FuncOp func, const ::compress::CalibrationTable &table,
            ArrayRef<RoundingLayer> layers,
            ArrayRef<std::vector<::compress::SecondMoments>> moments,
            WeightRange weights, bool biasFollows);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_ROUNDWEIGHTS_H

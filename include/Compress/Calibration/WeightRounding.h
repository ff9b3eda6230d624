//===- WeightRounding.h - codes that keep a layer's outputs -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// With weights W, codes Q of the scales s, and A the second moments of a
// layer's inputs, rounding changes the outputs by E |(W - s Q) u|², which is
// tr((W - s Q) A (W - s Q)ᵀ). The nearest codes have the least error a weight;
// others have less of this, as the errors of inputs that vary together cancel.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_WEIGHTROUNDING_H
#define COMPRESS_CALIBRATION_WEIGHTROUNDING_H

#include "Compress/Calibration/Reconstruction.h"

namespace compress {

struct RoundedWeights {
  std::vector<int8_t> codes; ///< outputs x K, row major
  /// E |(W - s Q) u|² of these and of the nearest codes, over all outputs.
  double error = 0, nearestError = 0;
};

/// Chooses codes from -127 to 127 for the K weights of each output, at most
/// WeightSteps::kMostSteps from the nearest: one input
/// after the other is rounded, those that vary least last, and takes up what
/// the ones before it have lost (Frantar et al. 2022, GPTQ); then single codes
/// are changed as long as that helps. `scales` has one number an output. With
/// `biasFollows` the mean of the outputs does not count: a bias will bring it
/// back. No output has a greater error than with the nearest codes. An error if
/// the moments hold what is not finite.
llvm::Expected<RoundedWeights> roundWeights(const LayerMatrix &layer,
                                            const SecondMoments &moments,
                                            llvm::ArrayRef<double> scales,
                                            bool biasFollows);

} // namespace compress

#endif // COMPRESS_CALIBRATION_WEIGHTROUNDING_H

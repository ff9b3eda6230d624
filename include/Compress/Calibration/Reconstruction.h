//===- Reconstruction.h - fewer inputs, the same output ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A layer that has lost inputs computes its outputs from those that are left,
// by least squares over data: with W its weights and A the second moments of
// its inputs, the new weights V of the columns S that stay have the least
// E |W u - V u_S|² = tr((W - V) A (W - V)ᵀ).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_RECONSTRUCTION_H
#define COMPRESS_CALIBRATION_RECONSTRUCTION_H

#include "Compress/Calibration/SecondMoments.h"
#include "llvm/Support/Error.h"

namespace compress {

/// The weights of a layer as a matrix: `outputs` rows of the K + 1 columns of
/// its second moments, the last being the bias; row major, f64.
struct LayerMatrix {
  int64_t outputs = 0;
  std::vector<double> weights;
};

/// How strongly weights are held: this share of the mean of the diagonal of A
/// is added to it, which also keeps an ill-conditioned system solvable.
inline constexpr double kRidge = 1e-4;

/// In which order blocks of columns go so that each time the least is lost, and
/// the squared error of the outputs, per row, after each of them.
struct Elimination {
  std::vector<size_t> order;  // blocks
  std::vector<double> errors; // errors[i]: after order[i] has gone
};

/// One of the layers that read the same channels.
struct EliminationLayer {
  const LayerMatrix *matrix = nullptr;
  const SecondMoments *moments = nullptr;
  double weight = 1; ///< of its error among those of the others
  /// Of each channel the columns that it is read by, not the last one.
  std::vector<std::vector<int64_t>> blocks;
};

/// Takes one channel after the other out, the one without which the layers do
/// best, until one is left (Hassibi and Stork 1993, Optimal Brain Surgeon, with
/// blocks for weights). An error if the moments cannot be inverted: they hold
/// what is not finite.
llvm::Expected<Elimination>
eliminateBlocks(llvm::ArrayRef<EliminationLayer> layers);

/// The weights for the columns `kept`, and the last one: `outputs` rows of
/// kept.size() + 1. `error` is E |W u - V u_S|² of it.
llvm::Expected<LayerMatrix> refitWeights(const LayerMatrix &layer,
                                         const SecondMoments &moments,
                                         llvm::ArrayRef<int64_t> kept,
                                         double &error);

/// As refitWeights, but towards outputs that were computed elsewhere: `moments`
/// are those of rows (u, o, s, 1), the first `inputs` columns being the layer's
/// inputs as they are now, s what the sum of the layer and another tensor
/// should be, a column an output, and o, with `hasAddend`, that other tensor.
/// The layer's output is scaled by `scales` and shifted by `shifts` on the way
/// to the sum. `old` are the weights to hold on to: rows of inputs + 1 columns.
llvm::Expected<LayerMatrix> fitWeights(const LayerMatrix &old,
                                       const SecondMoments &moments,
                                       int64_t inputs, bool hasAddend,
                                       llvm::ArrayRef<double> scales,
                                       llvm::ArrayRef<double> shifts);

/// E |W u|², what an error is to be compared with; less that of the mean.
double outputVariance(const LayerMatrix &layer, const SecondMoments &moments);

} // namespace compress

#endif // COMPRESS_CALIBRATION_RECONSTRUCTION_H

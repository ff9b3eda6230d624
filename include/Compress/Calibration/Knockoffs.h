//===- Knockoffs.h - inputs that look alike and say nothing -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A channel matters as far as a layer that reads it cannot be served by a
// knockoff instead: a block of inputs that has the statistics of the real one,
// and knows nothing of the layer's output that the other inputs do not. All is
// computed from second moments; no knockoff is ever drawn, and nothing is
// trained.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CALIBRATION_KNOCKOFFS_H
#define COMPRESS_CALIBRATION_KNOCKOFFS_H

#include "Compress/Calibration/Reconstruction.h"

namespace compress {

/// Blocks of a block-diagonal matrix, each column major.
using DiagonalBlocks = std::vector<std::vector<double>>;

/// The columns of a layer that belong to each channel: disjoint, without the
/// constant one. A channel may have none.
using ColumnBlocks = llvm::ArrayRef<std::vector<int64_t>>;

/// The covariance of the inputs of a layer, without the constant one: K * K
/// numbers, symmetric, with a ridge of kRidge times the mean second moment on
/// the diagonal, so that it is positive definite. An error if the moments hold
/// what is not finite.
llvm::Expected<std::vector<double>> covarianceOf(const SecondMoments &moments);

/// How far second-order knockoffs x~ of the blocks are from the real inputs x
/// (Candès et al. 2018; for blocks Dai and Barber 2016): with C the covariance
/// of `size` columns, that of (x, x~) is [[C, C - S], [C - S, C]], and S is
/// block-diagonal, zero for columns in no block. S has the greatest entropy,
/// log det(2C - S) + log det S (Spector and Janson 2022), until a sweep over
/// all blocks changes them by `tolerance` of their norms on average, or 50 have
/// been made; S and 2C - S are positive definite at any time. An error if C is
/// not.
///
/// Block by block the best S_b is known when the others stand still: half the
/// Schur complement of 2C - S with S_b = 0. A sweep takes O(size³), and five to
/// twenty are enough.
llvm::Expected<DiagonalBlocks>
separateKnockoffs(llvm::ArrayRef<double> covariance, int64_t size,
                  ColumnBlocks blocks, double tolerance = 1e-2);

/// What stands for a channel.
enum class Knockoff {
  Permuted, ///< its values in another sample, independent of this one
  Gaussian  ///< a second-order knockoff, as alike as data of samples can be
};

/// How much better each real channel explains the outputs of the layer than its
/// knockoff does; shares of the variance of the outputs, all 0 where that is 0.
///
/// Permuted: with all channels mixed half and half with those of one other
/// sample, as SCOP's gates begin (Tang et al. 2020), half of how fast the
/// squared error of the outputs falls as the gate of this one opens:
/// tr(W_b C_b: Wᵀ), the covariance of what the channel adds to the outputs with
/// the outputs. Over all columns they sum up to 1; one that works against the
/// others is below 0.
///
/// Gaussian: what the channel alone explains of the outputs by a linear fit,
/// tr(W C_:b C_bb⁻¹ C_b: Wᵀ), less what its knockoff alone explains, which is
/// the same with (C - S)_:b for C_:b. A channel that others can stand for
/// scores little: its knockoff is nearly as good.
///
/// An error if the moments hold what is not finite.
llvm::Expected<std::vector<double>>
scoreByKnockoffs(const LayerMatrix &layer, const SecondMoments &moments,
                 ColumnBlocks blocks, Knockoff knockoff);

} // namespace compress

#endif // COMPRESS_CALIBRATION_KNOCKOFFS_H

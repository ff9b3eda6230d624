//===- Knockoffs.cpp - inputs that look alike and say nothing -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Knockoffs.h"
#include "Blas.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace compress;

/// Each sweep raises the entropy and leaves a valid S; well before this many it
/// stands still.
static constexpr int kMaxSweeps = 50;

static llvm::Error singular() {
  return llvm::createStringError(
      "the covariance of its inputs is not positive definite: the data makes "
      "NaN or infinity there");
}

llvm::Expected<std::vector<double>>
compress::covarianceOf(const SecondMoments &moments) {
  if (!llvm::all_of(moments.matrix(),
                    [](double m) { return std::isfinite(m); }))
    return singular();
  int64_t size = moments.numColumns();
  std::vector<double> covariance(size * size);
  double trace = 0, rounding = 0;
  for (int64_t j = 0; j < size; ++j) {
    for (int64_t i = 0; i < size; ++i)
      covariance[j * size + i] =
          moments.at(i, j) - moments.at(i, size) * moments.at(j, size);
    // Of what varies: a constant input has no part in it but what the
    // subtraction rounds off.
    trace += std::max(covariance[j * size + j], 0.0);
    rounding += moments.at(j, j) * 1e-12;
  }
  double count = static_cast<double>(std::max<int64_t>(size, 1));
  double ridge = std::max((kRidge * trace + rounding) / count, 1e-30);
  for (int64_t j = 0; j < size; ++j)
    covariance[j * size + j] += ridge;
  return covariance;
}

/// Inverts a symmetric positive definite matrix in place; both halves are set.
static bool invert(std::vector<double> &matrix, int size) {
  int info = 0;
  dpotrf_("L", &size, matrix.data(), &size, &info);
  if (info == 0)
    dpotri_("L", &size, matrix.data(), &size, &info);
  for (int j = 0; j < size; ++j)
    for (int i = j + 1; i < size; ++i)
      matrix[static_cast<size_t>(i) * size + j] =
          matrix[static_cast<size_t>(j) * size + i];
  return info == 0 &&
         llvm::all_of(matrix, [](double m) { return std::isfinite(m); });
}

/// The elements of a matrix in the rows and columns of a block.
static std::vector<double> cornerOf(llvm::ArrayRef<double> matrix, int64_t size,
                                    llvm::ArrayRef<int64_t> block) {
  std::vector<double> corner;
  for (int64_t j : block)
    for (int64_t i : block)
      corner.push_back(matrix[j * size + i]);
  return corner;
}

namespace {
/// What is left of 2C when S is taken out of it, and its inverse.
class Remainder {
public:
  Remainder(llvm::ArrayRef<double> covariance, int64_t size)
      : size(static_cast<int>(size)), matrix(covariance) {
    for (double &number : matrix)
      number *= 2;
  }

  /// Computes the inverse anew: updates of it add up their rounding.
  bool refresh() {
    inverse = matrix;
    return invert(inverse, size);
  }

  /// The Schur complement of a block: what S_b may have at most besides what it
  /// has.
  bool complementOf(llvm::ArrayRef<int64_t> block,
                    std::vector<double> &result) const {
    result = cornerOf(inverse, size, block);
    return invert(result, static_cast<int>(block.size()));
  }

  /// Takes `change`, symmetric, out of a block:
  /// (A - U D Uᵀ)⁻¹ = A⁻¹ + A⁻¹U (I - D UᵀA⁻¹U)⁻¹ D UᵀA⁻¹.
  bool take(llvm::ArrayRef<int64_t> block, const std::vector<double> &change) {
    int width = static_cast<int>(block.size()), info = 0;
    std::vector<double> corner = cornerOf(inverse, size, block);
    std::vector<double> system(corner.size()), middle = change;
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, width, width, width,
                -1.0, change.data(), width, corner.data(), width, 0.0,
                system.data(), width);
    for (int i = 0; i < width; ++i)
      system[static_cast<size_t>(i) * width + i] += 1;
    std::vector<int> pivots(width);
    dgesv_(&width, &width, system.data(), &width, pivots.data(), middle.data(),
           &width, &info);
    if (info != 0)
      return false;
    std::vector<double> columns(static_cast<size_t>(size) * width),
        step(columns.size());
    for (auto [place, column] : llvm::enumerate(block))
      std::copy_n(&inverse[column * size], size, &columns[place * size]);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, width, width,
                1.0, columns.data(), size, middle.data(), width, 0.0,
                step.data(), size);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, size, size, width, 1.0,
                step.data(), size, columns.data(), size, 1.0, inverse.data(),
                size);
    subtract(block, change);
    return true;
  }

  /// The same, but the inverse waits for refresh().
  void subtract(llvm::ArrayRef<int64_t> block,
                const std::vector<double> &change) {
    const double *number = change.data();
    for (int64_t j : block)
      for (int64_t i : block)
        matrix[j * size + i] -= *number++;
  }

private:
  int size;
  std::vector<double> matrix, inverse;
};
} // namespace

static double normOf(const std::vector<double> &numbers) {
  return cblas_dnrm2(static_cast<int>(numbers.size()), numbers.data(), 1);
}

llvm::Expected<DiagonalBlocks>
compress::separateKnockoffs(llvm::ArrayRef<double> covariance, int64_t size,
                            ColumnBlocks blocks, double tolerance) {
  useBlas();
  Remainder rest(covariance, size);
  if (!rest.refresh())
    return singular();
  // From the middle: what the others do not know of each block, over the number
  // n of blocks. Scaled by these, the inverse of C has identities on its
  // diagonal and no eigenvalue above n: S <= C, and 2C - S >= S. From 0 each
  // block would take half of what all share, and leave nothing in the end.
  DiagonalBlocks separation(blocks.size());
  for (auto [block, own] : llvm::zip(blocks, separation)) {
    if (block.empty())
      continue;
    if (!rest.complementOf(block, own))
      return singular();
    for (double &number : own)
      number /= 2.0 * static_cast<double>(blocks.size());
  }
  for (auto [block, own] : llvm::zip(blocks, separation))
    rest.subtract(block, own);
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    if (!rest.refresh())
      return singular();
    double changed = 0;
    for (auto [block, own] : llvm::zip(blocks, separation)) {
      if (block.empty())
        continue;
      std::vector<double> change;
      if (!rest.complementOf(block, change))
        return singular();
      // (S_b + complement) / 2 is the best one; what it differs by.
      for (auto [number, old] : llvm::zip(change, own))
        number = (number - old) / 2;
      if (!rest.take(block, change))
        return singular();
      for (auto [number, by] : llvm::zip(own, change))
        number += by;
      changed += normOf(change) / normOf(own);
    }
    if (changed <= tolerance * static_cast<double>(blocks.size()))
      break;
  }
  return separation;
}

/// C Wᵀ, column major: a column for each output.
static std::vector<double> multiply(llvm::ArrayRef<double> covariance,
                                    const LayerMatrix &layer, int size) {
  int outputs = static_cast<int>(layer.outputs);
  std::vector<double> product(static_cast<size_t>(size) * outputs);
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, outputs, size,
              1.0, covariance.data(), size, layer.weights.data(), size + 1, 0.0,
              product.data(), size);
  return product;
}

/// How much of the outputs a block explains that covaries with them by `rows`,
/// a row for each of its columns: tr(rowsᵀ C_bb⁻¹ rows), C_bb by its factor.
static double explained(const std::vector<double> &factor,
                        std::vector<double> rows, int width) {
  int outputs = static_cast<int>(rows.size()) / width;
  cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit,
              width, outputs, 1.0, factor.data(), width, rows.data(), width);
  return cblas_ddot(static_cast<int>(rows.size()), rows.data(), 1, rows.data(),
                    1);
}

/// S_b W_bᵀ, by which the knockoff covaries less with the outputs.
static std::vector<double> findShortfall(const LayerMatrix &layer, int64_t size,
                                         llvm::ArrayRef<int64_t> block,
                                         llvm::ArrayRef<double> separation) {
  std::vector<double> shortfall;
  for (int64_t o = 0; o < layer.outputs; ++o)
    for (size_t i = 0; i < block.size(); ++i) {
      double sum = 0;
      for (auto [j, column] : llvm::enumerate(block))
        sum += separation[j * block.size() + i] *
               layer.weights[o * (size + 1) + column];
      shortfall.push_back(sum);
    }
  return shortfall;
}

llvm::Expected<std::vector<double>>
compress::scoreByKnockoffs(const LayerMatrix &layer,
                           const SecondMoments &moments, ColumnBlocks blocks,
                           Knockoff knockoff) {
  useBlas();
  int size = static_cast<int>(moments.numColumns());
  llvm::Expected<std::vector<double>> covariance = covarianceOf(moments);
  if (!covariance)
    return covariance.takeError();
  std::vector<double> product = multiply(*covariance, layer, size);
  auto explain = [&](int64_t column) {
    double sum = 0;
    for (int64_t o = 0; o < layer.outputs; ++o)
      sum +=
          layer.weights[o * (size + 1) + column] * product[o * size + column];
    return sum;
  };
  double variance = 0;
  for (int64_t column = 0; column < size; ++column)
    variance += explain(column);
  std::vector<double> scores(blocks.size(), 0.0);
  if (!(variance > 0))
    return scores;
  if (knockoff == Knockoff::Permuted) {
    for (auto [score, block] : llvm::zip(scores, blocks))
      for (int64_t column : block)
        score += explain(column) / variance;
    return scores;
  }
  llvm::Expected<DiagonalBlocks> separation =
      separateKnockoffs(*covariance, size, blocks);
  if (!separation)
    return separation.takeError();
  for (auto [score, block, own] : llvm::zip(scores, blocks, *separation)) {
    if (block.empty())
      continue;
    int width = static_cast<int>(block.size()), info = 0;
    std::vector<double> factor = cornerOf(*covariance, size, block), real;
    dpotrf_("L", &width, factor.data(), &width, &info);
    if (info != 0)
      return singular();
    for (int64_t o = 0; o < layer.outputs; ++o)
      for (int64_t column : block)
        real.push_back(product[o * size + column]);
    std::vector<double> fake = real;
    for (auto [number, by] :
         llvm::zip_equal(fake, findShortfall(layer, size, block, own)))
      number -= by;
    score = (explained(factor, real, width) - explained(factor, fake, width)) /
            variance;
  }
  return scores;
}

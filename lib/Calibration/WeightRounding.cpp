//===- WeightRounding.cpp - codes that keep a layer's outputs -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/WeightRounding.h"
#include "Blas.h"
#include "Compress/Calibration/CalibrationTable.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include <cmath>

using namespace compress;

static constexpr int32_t kMaxCode = 127;
/// Nearest codes of f32 weights may differ by one from those of f64.
static constexpr int32_t kMostSteps = WeightSteps::kMostSteps - 1;

/// Which share of the mean variance of the inputs is added to that of each.
static constexpr double kRoundingRidge = 1e-3;

namespace {
/// All outputs of a layer. Columns are in the order in which they are rounded,
/// from the last to the first; matrices are column major.
class Rounding {
public:
  Rounding(const LayerMatrix &layer, const SecondMoments &moments,
           llvm::ArrayRef<double> scales, bool biasFollows);

  /// Rounds by the Cholesky factor of A; false where it has none.
  bool roundInOrder();
  /// A times the change of the weights of each output: half the gradient of its
  /// error.
  std::vector<double> gradients() const;
  /// Changes codes one at a time while that helps, and the gradients with them.
  void descend(std::vector<double> &gradients);

  /// The error of each output.
  std::vector<double> errors(llvm::ArrayRef<double> gradients) const;
  std::vector<int32_t> &codes() { return current; }
  int8_t at(int64_t output, int64_t column) const {
    return static_cast<int8_t>(current[output * size + place[column]]);
  }

private:
  /// A code of weight `i` of output `o` for the real value.
  int32_t round(int64_t o, int64_t i, double real) const {
    int32_t middle = nearest[o * size + i];
    double code = std::nearbyint(real / scales[o]);
    return static_cast<int32_t>(
        std::clamp<double>(code, std::max(middle - kMostSteps, -kMaxCode),
                           std::min(middle + kMostSteps, kMaxCode)));
  }
  double lost(int64_t o, int64_t i) const {
    return weights[o * size + i] - current[o * size + i] * scales[o];
  }

  int64_t size, outputs;
  std::vector<double> scales;
  std::vector<int64_t> place;   // of each column
  std::vector<double> matrix;   // A
  std::vector<double> weights;  // size x outputs, as the codes
  std::vector<int32_t> nearest; // within the range of codes
  std::vector<int32_t> current;
};
} // namespace

Rounding::Rounding(const LayerMatrix &layer, const SecondMoments &moments,
                   llvm::ArrayRef<double> scales, bool biasFollows)
    : size(moments.numColumns()), outputs(layer.outputs), scales(scales),
      place(size), matrix(size * size), weights(size * outputs),
      nearest(size * outputs) {
  useBlas();
  auto centred = [&](int64_t i, int64_t j) {
    double mean = moments.at(i, size) * moments.at(j, size);
    return moments.at(i, j) - (biasFollows ? mean : 0);
  };
  auto order = llvm::to_vector(llvm::seq<int64_t>(0, size));
  llvm::stable_sort(order, [&](int64_t i, int64_t j) {
    return centred(i, i) < centred(j, j);
  });
  for (auto [at, column] : llvm::enumerate(order))
    place[column] = static_cast<int64_t>(at);
  double trace = 0;
  for (int64_t j = 0; j < size; ++j)
    for (int64_t i = 0; i < size; ++i) {
      matrix[j * size + i] = centred(order[i], order[j]);
      trace += i == j ? matrix[j * size + i] : 0;
    }
  // Inputs that hardly vary on the samples may vary on others.
  double ridge =
      std::max(kRoundingRidge * trace / std::max<int64_t>(size, 1), 1e-30);
  for (int64_t i = 0; i < size; ++i)
    matrix[i * size + i] += ridge;
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < size; ++i) {
      double w = layer.weights[o * (size + 1) + order[i]];
      weights[o * size + i] = w;
      nearest[o * size + i] = static_cast<int32_t>(std::clamp<double>(
          std::nearbyint(w / scales[o]), -kMaxCode, kMaxCode));
    }
  current = nearest;
}

bool Rounding::roundInOrder() {
  // A = Rᵀ R: |R e|² is least, row by row from the last one, where e[i] makes
  // up for the sum of R[i][j] e[j] over the j > i that are rounded already.
  std::vector<double> factor = matrix;
  int n = static_cast<int>(size), info = 0;
  dpotrf_("U", &n, factor.data(), &n, &info);
  if (info != 0)
    return false;
  constexpr int64_t kBlock = 64;
  std::vector<double> errors(size * outputs, 0), carried(kBlock * outputs);
  for (int64_t end = size; end > 0; end -= std::min(end, kBlock)) {
    int64_t begin = std::max<int64_t>(end - kBlock, 0), rows = end - begin;
    // What the columns behind this block have lost.
    std::fill(carried.begin(), carried.end(), 0.0);
    if (end < size)
      cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rows, outputs,
                  size - end, 1.0, &factor[end * size + begin], n, &errors[end],
                  n, 0.0, carried.data(), kBlock);
    for (int64_t i = end - 1; i >= begin; --i)
      for (int64_t o = 0; o < outputs; ++o) {
        double *column = &errors[o * size];
        double sum = carried[o * kBlock + i - begin];
        for (int64_t j = i + 1; j < end; ++j)
          sum += factor[j * size + i] * column[j];
        double real = weights[o * size + i] + sum / factor[i * size + i];
        current[o * size + i] = round(o, i, real);
        column[i] = lost(o, i);
      }
  }
  return true;
}

std::vector<double> Rounding::gradients() const {
  std::vector<double> change(size * outputs), result(size * outputs);
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < size; ++i)
      change[o * size + i] = -lost(o, i);
  if (!result.empty())
    cblas_dsymm(CblasColMajor, CblasLeft, CblasUpper, size, outputs, 1.0,
                matrix.data(), size, change.data(), size, 0.0, result.data(),
                size);
  return result;
}

void Rounding::descend(std::vector<double> &gradients) {
  constexpr int kSweeps = 16;
  for (int64_t o = 0; o < outputs; ++o) {
    double *gradient = &gradients[o * size];
    bool changed = true;
    for (int sweep = 0; sweep < kSweeps && changed; ++sweep) {
      changed = false;
      for (int64_t i = 0; i < size; ++i) {
        int32_t &code = current[o * size + i];
        double curve = matrix[i * size + i];
        int32_t wanted = round(o, i, code * scales[o] - gradient[i] / curve);
        double step = (wanted - code) * scales[o];
        // By more than what sums are off.
        if (step == 0 || 2 * step * gradient[i] + step * step * curve >
                             -1e-9 * step * step * curve)
          continue;
        cblas_daxpy(size, step, &matrix[i * size], 1, gradient, 1);
        code = wanted;
        changed = true;
      }
    }
  }
}

std::vector<double> Rounding::errors(llvm::ArrayRef<double> gradients) const {
  std::vector<double> result(outputs, 0);
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t i = 0; i < size; ++i)
      result[o] -= lost(o, i) * gradients[o * size + i];
  return result;
}

llvm::Expected<RoundedWeights>
compress::roundWeights(const LayerMatrix &layer, const SecondMoments &moments,
                       llvm::ArrayRef<double> scales, bool biasFollows) {
  auto singular = [] {
    return llvm::createStringError("the second moments of its inputs are not "
                                   "positive definite: the data makes NaN or "
                                   "infinity there");
  };
  // LAPACK need not notice NaN.
  if (!llvm::all_of(moments.matrix(),
                    [](double x) { return std::isfinite(x); }))
    return singular();
  Rounding rounding(layer, moments, scales, biasFollows);
  std::vector<double> nearestErrors = rounding.errors(rounding.gradients());
  std::vector<int32_t> nearest = rounding.codes();
  int64_t size = moments.numColumns();
  if (size > 0 && !rounding.roundInOrder())
    return singular();
  std::vector<double> gradients = rounding.gradients();
  rounding.descend(gradients);
  std::vector<double> errors = rounding.errors(gradients);
  RoundedWeights result;
  for (int64_t o = 0; o < layer.outputs; ++o) {
    if (!(errors[o] < nearestErrors[o])) {
      std::copy_n(&nearest[o * size], size, &rounding.codes()[o * size]);
      errors[o] = nearestErrors[o];
    }
    result.error += errors[o];
    result.nearestError += nearestErrors[o];
    for (int64_t i = 0; i < size; ++i)
      result.codes.push_back(rounding.at(o, i));
  }
  return result;
}

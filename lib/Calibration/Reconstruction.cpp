//===- Reconstruction.cpp - fewer inputs, the same output -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/Reconstruction.h"
#include "Blas.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include <cmath>

using namespace compress;

static llvm::Error singular() {
  return llvm::createStringError(
      "the second moments of its inputs are not positive definite: the data "
      "makes NaN or infinity there");
}

/// What is added to the diagonal, for all but the constant column.
static double ridgeOf(const SecondMoments &moments) {
  double trace = 0;
  for (int64_t i = 0; i < moments.numColumns(); ++i)
    trace += moments.at(i, i);
  double ridge = kRidge * trace / std::max<int64_t>(moments.numColumns(), 1);
  return ridge > 0 ? ridge : 1e-30;
}

/// The moments of some columns with the ridge, column major.
static std::vector<double> gather(const SecondMoments &moments,
                                  llvm::ArrayRef<int64_t> columns,
                                  double ridge) {
  size_t size = columns.size();
  std::vector<double> result(size * size);
  for (size_t j = 0; j < size; ++j) {
    for (size_t i = 0; i < size; ++i)
      result[j * size + i] = moments.at(columns[j], columns[i]);
    result[j * size + j] += ridge;
  }
  return result;
}

namespace {
/// The weights of a layer and the inverse of its moments, without what has
/// gone.
class EliminationState {
public:
  EliminationState(const LayerMatrix &layer, const SecondMoments &moments)
      : size(static_cast<int>(moments.numColumns() + 1)),
        outputs(static_cast<int>(layer.outputs)), weights(layer.weights) {
    auto all = llvm::to_vector(llvm::seq<int64_t>(0, size));
    inverse = gather(moments, all, ridgeOf(moments));
    int info = 0;
    dpotrf_("L", &size, inverse.data(), &size, &info);
    if (info == 0)
      dpotri_("L", &size, inverse.data(), &size, &info);
    valid = info == 0;
    for (int j = 0; j < size && valid; ++j)
      for (int i = j + 1; i < size; ++i)
        inverse[static_cast<size_t>(i) * size + j] =
            inverse[static_cast<size_t>(j) * size + i];
  }

  bool isValid() const { return valid; }

  /// The error that going adds: tr(W_b corner⁻¹ W_bᵀ), with the corner of the
  /// inverse; NaN where that is not positive definite.
  double costOf(llvm::ArrayRef<int64_t> columns) {
    int width = static_cast<int>(columns.size());
    if (!factorCorner(columns))
      return NAN;
    readWeights(columns);
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans,
                CblasNonUnit, width, outputs, 1.0, corner.data(), width,
                part.data(), width);
    return cblas_ddot(outputs * width, part.data(), 1, part.data(), 1);
  }

  void take(llvm::ArrayRef<int64_t> columns) {
    int width = static_cast<int>(columns.size()), info = 0;
    factorCorner(columns);
    std::vector<double> rows(static_cast<size_t>(width) * size);
    for (int j = 0; j < size; ++j)
      for (int i = 0; i < width; ++i)
        rows[static_cast<size_t>(j) * width + i] =
            inverse[static_cast<size_t>(j) * size + columns[i]];
    std::vector<double> step = rows;
    dpotrs_("L", &width, &size, corner.data(), &width, step.data(), &width,
            &info);
    // W -= W_b step; inverse -= rowsᵀ step. Row major is column major of the
    // transpose.
    readWeights(columns);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, size, outputs, width,
                -1.0, step.data(), width, part.data(), width, 1.0,
                weights.data(), size);
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, size, size, width,
                -1.0, rows.data(), width, step.data(), width, 1.0,
                inverse.data(), size);
    for (int64_t column : columns)
      for (int o = 0; o < outputs; ++o)
        weights[static_cast<size_t>(o) * size + column] = 0;
  }

private:
  bool factorCorner(llvm::ArrayRef<int64_t> columns) {
    int width = static_cast<int>(columns.size()), info = 0;
    corner.resize(static_cast<size_t>(width) * width);
    for (int j = 0; j < width; ++j)
      for (int i = 0; i < width; ++i)
        corner[static_cast<size_t>(j) * width + i] =
            inverse[columns[j] * size + columns[i]];
    dpotrf_("L", &width, corner.data(), &width, &info);
    return info == 0;
  }

  void readWeights(llvm::ArrayRef<int64_t> columns) {
    size_t width = columns.size();
    part.resize(outputs * width);
    for (int o = 0; o < outputs; ++o)
      for (size_t i = 0; i < width; ++i)
        part[o * width + i] =
            weights[static_cast<size_t>(o) * size + columns[i]];
  }

  int size, outputs;
  std::vector<double> weights, inverse, corner, part;
  bool valid = false;
};
} // namespace

llvm::Expected<Elimination>
compress::eliminateBlocks(llvm::ArrayRef<EliminationLayer> layers) {
  useBlas();
  std::vector<EliminationState> states;
  for (const EliminationLayer &layer : layers) {
    states.emplace_back(*layer.matrix, *layer.moments);
    if (!states.back().isValid())
      return singular();
  }
  auto alive =
      llvm::to_vector(llvm::seq<size_t>(0, layers.front().blocks.size()));
  Elimination result;
  double total = 0;
  while (alive.size() > 1) {
    double least = INFINITY;
    size_t best = 0;
    for (auto [place, block] : llvm::enumerate(alive)) {
      double cost = 0;
      for (auto [layer, state] : llvm::zip(layers, states))
        cost += layer.weight * state.costOf(layer.blocks[block]);
      if (cost < least) {
        least = cost;
        best = place;
      }
    }
    if (!(least < INFINITY))
      return singular();
    size_t gone = alive[best];
    alive.erase(alive.begin() + best);
    for (auto [layer, state] : llvm::zip(layers, states))
      state.take(layer.blocks[gone]);
    total += least;
    result.order.push_back(gone);
    result.errors.push_back(total);
  }
  return result;
}

llvm::Expected<LayerMatrix> compress::refitWeights(const LayerMatrix &layer,
                                                   const SecondMoments &moments,
                                                   llvm::ArrayRef<int64_t> kept,
                                                   double &error) {
  int64_t full = moments.numColumns() + 1;
  std::vector<int64_t> columns(kept.begin(), kept.end());
  columns.push_back(full - 1);
  int size = static_cast<int>(columns.size()), info = 0;
  int outputs = static_cast<int>(layer.outputs);
  double ridge = ridgeOf(moments);
  std::vector<double> system = gather(moments, columns, ridge);
  // Towards the old weights, not towards zero: right = A_S,: Wᵀ + ridge W_Sᵀ.
  std::vector<double> rows(static_cast<size_t>(size) * full);
  for (int i = 0; i < size; ++i)
    for (int64_t j = 0; j < full; ++j)
      rows[static_cast<size_t>(j) * size + i] = moments.at(columns[i], j);
  LayerMatrix result;
  result.outputs = layer.outputs;
  result.weights.resize(static_cast<size_t>(outputs) * size);
  cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, size, outputs,
              static_cast<int>(full), 1.0, rows.data(), size,
              layer.weights.data(), static_cast<int>(full), 0.0,
              result.weights.data(), size);
  for (int o = 0; o < outputs; ++o)
    for (int i = 0; i < size; ++i)
      result.weights[static_cast<size_t>(o) * size + i] +=
          ridge * layer.weights[o * full + columns[i]];
  dpotrf_("L", &size, system.data(), &size, &info);
  if (info == 0)
    dpotrs_("L", &size, &outputs, system.data(), &size, result.weights.data(),
            &size, &info);
  if (info != 0)
    return singular();
  // The error as a quadratic form of what the weights have changed by.
  std::vector<double> change(layer.weights), moved(full);
  error = 0;
  for (int o = 0; o < outputs; ++o) {
    double *row = &change[o * full];
    for (int i = 0; i < size; ++i)
      row[columns[i]] -= result.weights[static_cast<size_t>(o) * size + i];
    cblas_dsymv(CblasColMajor, CblasLower, static_cast<int>(full), 1.0,
                moments.matrix().data(), static_cast<int>(full), row, 1, 0.0,
                moved.data(), 1);
    error += cblas_ddot(static_cast<int>(full), row, 1, moved.data(), 1);
  }
  if (!std::isfinite(error))
    return singular();
  return result;
}

llvm::Expected<LayerMatrix>
compress::fitWeights(const LayerMatrix &old, const SecondMoments &moments,
                     int64_t inputs, bool hasAddend,
                     llvm::ArrayRef<double> scales,
                     llvm::ArrayRef<double> shifts) {
  int64_t constant = moments.numColumns();
  auto columns = llvm::to_vector(llvm::seq<int64_t>(0, inputs));
  columns.push_back(constant);
  int size = static_cast<int>(columns.size()), info = 0;
  int outputs = static_cast<int>(old.outputs);
  double trace = 0;
  for (int64_t i = 0; i < inputs; ++i)
    trace += moments.at(i, i);
  double ridge = kRidge * trace / std::max<int64_t>(inputs, 1);
  ridge = ridge > 0 ? ridge : 1e-30;
  std::vector<double> system = gather(moments, columns, ridge);
  LayerMatrix result;
  result.outputs = old.outputs;
  result.weights.resize(static_cast<size_t>(outputs) * size);
  for (int o = 0; o < outputs; ++o)
    for (int i = 0; i < size; ++i) {
      // E[t u] with t = (sum - addend - shift) / scale.
      int64_t sum = inputs + (hasAddend ? outputs : 0) + o;
      double moment = moments.at(columns[i], sum) -
                      shifts[o] * moments.at(columns[i], constant);
      if (hasAddend)
        moment -= moments.at(columns[i], inputs + o);
      size_t place = static_cast<size_t>(o) * size + i;
      result.weights[place] = moment / scales[o] + ridge * old.weights[place];
    }
  dpotrf_("L", &size, system.data(), &size, &info);
  if (info == 0)
    dpotrs_("L", &size, &outputs, system.data(), &size, result.weights.data(),
            &size, &info);
  if (info != 0 ||
      !llvm::all_of(result.weights, [](double w) { return std::isfinite(w); }))
    return singular();
  return result;
}

double compress::outputVariance(const LayerMatrix &layer,
                                const SecondMoments &moments) {
  int64_t full = moments.numColumns() + 1;
  std::vector<double> moved(full);
  double variance = 0;
  for (int64_t o = 0; o < layer.outputs; ++o) {
    const double *row = &layer.weights[o * full];
    cblas_dsymv(CblasColMajor, CblasLower, static_cast<int>(full), 1.0,
                moments.matrix().data(), static_cast<int>(full), row, 1, 0.0,
                moved.data(), 1);
    double mean = moved[full - 1];
    variance += cblas_ddot(static_cast<int>(full), row, 1, moved.data(), 1) -
                mean * mean;
  }
  return std::max(variance, 0.0);
}

//===- SecondMoments.cpp - how the inputs of a layer vary -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Calibration/SecondMoments.h"
#include "Blas.h"
#include "llvm/ADT/STLExtras.h"
#include <cmath>

using namespace compress;

/// Rows that wait until they are multiplied: enough for the matrix product to
/// be worth its name, few enough for f32 sums.
static constexpr int64_t kChunk = 512;

SecondMoments::SecondMoments(std::vector<PatchPlan> plans,
                             int64_t rowsPerSample)
    : plans(std::move(plans)), rowsPerSample(rowsPerSample) {
  useBlas();
  for (const PatchPlan &plan : this->plans)
    columns += static_cast<int64_t>(plan.columns.size());
  waiting.reserve(kChunk * (columns + 1));
  moments.assign((columns + 1) * (columns + 1), 0);
  magnitudes.assign(columns + 1, 0);
}

void SecondMoments::add(llvm::ArrayRef<llvm::ArrayRef<float>> tensors) {
  int64_t numPlanned = static_cast<int64_t>(plans.front().rows.size());
  int64_t wanted = std::min(rowsPerSample, numPlanned);
  for (int64_t n = 0; n < wanted; ++n) {
    int64_t row = n;
    if (wanted < numPlanned) {
      // One of each stretch of rows, where in it by Knuth's generator.
      state = state * 6364136223846793005ull + 1442695040888963407ull;
      int64_t begin = n * numPlanned / wanted;
      int64_t end = (n + 1) * numPlanned / wanted;
      row = begin + static_cast<int64_t>((state >> 33) % (end - begin));
    }
    for (auto [plan, tensor] : llvm::zip(plans, tensors)) {
      const float *origin = tensor.data() + plan.rows[row];
      for (int64_t column : plan.columns)
        waiting.push_back(origin[column]);
    }
    waiting.push_back(1);
    ++count;
    if (static_cast<int64_t>(waiting.size()) >= kChunk * (columns + 1))
      flush();
  }
}

void SecondMoments::flush() {
  int64_t size = columns + 1;
  int64_t rows = static_cast<int64_t>(waiting.size()) / size;
  if (rows == 0)
    return;
  cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, size, rows, 1.0,
              waiting.data(), size, 1.0, moments.data(), size);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t i = 0; i < size; ++i)
      magnitudes[i] += std::abs(waiting[r * size + i]);
  waiting.clear();
}

void SecondMoments::finish() {
  flush();
  std::vector<double>().swap(waiting);
  int64_t size = columns + 1;
  for (double &magnitude : magnitudes)
    magnitude = count ? magnitude / count : 0;
  for (int64_t j = 0; j < size; ++j)
    for (int64_t i = j; i < size; ++i) {
      double mean = count ? moments[j * size + i] / count : 0;
      moments[j * size + i] = moments[i * size + j] = mean;
    }
}

//===- PeakRate.cpp - what the CPU could compute --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/PeakRate.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include <chrono>
#include <cstdint>

#if defined(__linux__) && defined(__x86_64__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace compress;

#if defined(__linux__) && defined(__x86_64__)

/// Independent sums: more than the latency of an instruction needs.
static constexpr int kSums = 12;

__attribute__((target("avx512f,avx512vnni"))) static void
multiplyBytes(int64_t steps) {
  __m512i sums[kSums], inputs = _mm512_set1_epi8(1), weights = inputs;
  for (__m512i &sum : sums)
    sum = _mm512_setzero_si512();
  for (int64_t i = 0; i < steps; ++i)
    for (__m512i &sum : sums) {
      sum = _mm512_dpbusd_epi32(sum, inputs, weights);
      // The compiler must not see that the sums are never used.
      __asm__ volatile("" : "+v"(sum));
    }
}

__attribute__((target("avx512f"))) static void multiplyFloats(int64_t steps) {
  __m512 sums[kSums], inputs = _mm512_set1_ps(0), weights = inputs;
  for (__m512 &sum : sums)
    sum = _mm512_setzero_ps();
  for (int64_t i = 0; i < steps; ++i)
    for (__m512 &sum : sums) {
      sum = _mm512_fmadd_ps(inputs, weights, sum);
      __asm__ volatile("" : "+v"(sum));
    }
}

__attribute__((target("avx2,fma"))) static void
multiplyFloats256(int64_t steps) {
  __m256 sums[kSums], inputs = _mm256_set1_ps(0), weights = inputs;
  for (__m256 &sum : sums)
    sum = _mm256_setzero_ps();
  for (int64_t i = 0; i < steps; ++i)
    for (__m256 &sum : sums) {
      sum = _mm256_fmadd_ps(inputs, weights, sum);
      __asm__ volatile("" : "+x"(sum));
    }
}

/// A configuration of all tile registers for the largest shape.
struct TileConfig {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t width[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t height[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
static_assert(sizeof(TileConfig) == 64, "as ldtilecfg reads it");

__attribute__((target("amx-tile,amx-int8"))) static void
multiplyTiles(int64_t steps) {
  TileConfig config;
  _tile_loadconfig(&config);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  for (int64_t i = 0; i < steps; ++i) {
    _tile_dpbusd(0, 4, 5);
    _tile_dpbusd(1, 4, 5);
    _tile_dpbusd(2, 4, 5);
    _tile_dpbusd(3, 4, 5);
  }
  _tile_release();
}

static bool mayUseTiles() {
  constexpr long requestPermission = 0x1023, tileData = 18; // of arch_prctl
  return syscall(SYS_arch_prctl, requestPermission, tileData) == 0;
}

/// The best of a few rounds, in multiply-accumulates a second.
static double measure(void (*loop)(int64_t), int64_t macsOfStep) {
  using Clock = std::chrono::steady_clock;
  constexpr int64_t steps = 100000;
  double best = 0;
  for (int round = 0; round < 6; ++round) {
    Clock::time_point begin = Clock::now();
    loop(steps);
    std::chrono::duration<double> seconds = Clock::now() - begin;
    best = std::max(best,
                    static_cast<double>(steps * macsOfStep) / seconds.count());
  }
  return best;
}
#endif

PeakRates compress::measurePeakRates() {
  PeakRates rates;
#if defined(__linux__) && defined(__x86_64__)
  llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  auto has = [&](llvm::StringRef name) { return features.lookup(name); };
  if (has("avx512f") && has("avx512vnni"))
    rates.bytes = measure(multiplyBytes, kSums * 64);
  if (has("avx512f"))
    rates.floats = measure(multiplyFloats, kSums * 16);
  else if (has("avx2") && has("fma"))
    rates.floats = measure(multiplyFloats256, kSums * 8);
  if (has("amx-tile") && has("amx-int8") && mayUseTiles())
    rates.matrices = measure(multiplyTiles, int64_t(4) * 16 * 16 * 64);
#endif
  return rates;
}

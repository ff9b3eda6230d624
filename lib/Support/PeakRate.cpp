//===- PeakRate.cpp - what the CPU could compute --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/PeakRate.h"
#include "Compress/Support/CpuFeatures.h"
#include "Compress/Support/ModelLibrary.h"
#include "TimeTogether.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/X86TargetParser.h"
#include <initializer_list>

#if defined(__linux__) && defined(__x86_64__)
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace llvm;
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

__attribute__((target("avx2,avxvnni"))) static void
multiplyBytes256(int64_t steps) {
  __m256i sums[kSums], inputs = _mm256_set1_epi8(1), weights = inputs;
  for (__m256i &sum : sums)
    sum = _mm256_setzero_si256();
  for (int64_t i = 0; i < steps; ++i)
    for (__m256i &sum : sums) {
      sum = _mm256_dpbusd_avx_epi32(sum, inputs, weights);
      __asm__ volatile("" : "+x"(sum));
    }
}

// Without vpdpbusd bytes are products of 16 bits, two a lane, and an addition.
__attribute__((target("avx512f,avx512bw"))) static void
multiplyWords(int64_t steps) {
  __m512i sums[kSums], inputs = _mm512_set1_epi16(1), weights = inputs;
  for (__m512i &sum : sums)
    sum = _mm512_setzero_si512();
  for (int64_t i = 0; i < steps; ++i)
    for (__m512i &sum : sums) {
      // Nor that all products are the same.
      __asm__ volatile("" : "+v"(inputs));
      sum = _mm512_add_epi32(sum, _mm512_madd_epi16(inputs, weights));
      __asm__ volatile("" : "+v"(sum));
    }
}

__attribute__((target("avx2"))) static void multiplyWords256(int64_t steps) {
  __m256i sums[kSums], inputs = _mm256_set1_epi16(1), weights = inputs;
  for (__m256i &sum : sums)
    sum = _mm256_setzero_si256();
  for (int64_t i = 0; i < steps; ++i)
    for (__m256i &sum : sums) {
      __asm__ volatile("" : "+x"(inputs));
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(inputs, weights));
      __asm__ volatile("" : "+x"(sum));
    }
}

__attribute__((target("sse2"))) static void multiplyWords128(int64_t steps) {
  __m128i sums[kSums], inputs = _mm_set1_epi16(1), weights = inputs;
  for (__m128i &sum : sums)
    sum = _mm_setzero_si128();
  for (int64_t i = 0; i < steps; ++i)
    for (__m128i &sum : sums) {
      __asm__ volatile("" : "+x"(inputs));
      sum = _mm_add_epi32(sum, _mm_madd_epi16(inputs, weights));
      __asm__ volatile("" : "+x"(sum));
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

__attribute__((target("avx512f,avx512bf16"))) static void
multiplyBfloats(int64_t steps) {
  __m512 sums[kSums];
  __m512bh inputs = (__m512bh)_mm512_setzero_si512();
  for (__m512 &sum : sums)
    sum = _mm512_setzero_ps();
  for (int64_t i = 0; i < steps; ++i)
    for (__m512 &sum : sums) {
      sum = _mm512_dpbf16_ps(sum, inputs, inputs);
      __asm__ volatile("" : "+v"(sum));
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

namespace {
/// A loop of one kind of products.
struct Loop {
  StringRef name;
  std::initializer_list<StringRef> features; ///< all that it takes
  void (*run)(int64_t steps);
  int64_t macsOfStep;
};
} // namespace

// The best first: what kernels choose. Every x86-64 has SSE2.
static constexpr Loop kByteLoops[] = {
    {"AMX", {"amx-tile", "amx-int8"}, multiplyTiles, int64_t(4) * 16 * 16 * 64},
    {"AVX512-VNNI", {"avx512f", "avx512vnni"}, multiplyBytes, kSums * 64},
    {"AVX-VNNI", {"avx2", "avxvnni"}, multiplyBytes256, kSums * 32},
    {"AVX512BW", {"avx512f", "avx512bw"}, multiplyWords, kSums * 32},
    {"AVX2", {"avx2"}, multiplyWords256, kSums * 16},
    {"SSE2", {}, multiplyWords128, kSums * 8}};
static constexpr Loop kFloatLoops[] = {
    {"AVX512F", {"avx512f"}, multiplyFloats, kSums * 16},
    {"FMA", {"avx2", "fma"}, multiplyFloats256, kSums * 8}};
static constexpr Loop kBfloatLoops[] = {
    {"AVX512-BF16", {"avx512f", "avx512bf16"}, multiplyBfloats, kSums * 32}};

static PeakRate measure(ArrayRef<Loop> loops, function_ref<bool(StringRef)> has,
                        int32_t threads) {
  const Loop *loop = find_if(
      loops, [&](const Loop &each) { return all_of(each.features, has); });
  if (loop == loops.end() || (loop->run == multiplyTiles && !mayUseTiles()))
    return {};
  constexpr int64_t steps = 20000;
  double seconds = timeTogether(threads, /*milliseconds=*/10,
                                [&](int32_t) { loop->run(steps); });
  double macs = static_cast<double>(steps * loop->macsOfStep) * threads;
  return {macs / seconds, loop->name};
}
#endif

PeakRates compress::measurePeakRates(StringRef target, int32_t threads) {
  PeakRates rates;
#if defined(__linux__) && defined(__x86_64__)
  StringMap<bool> host = sys::getHostCPUFeatures();
  StringMap<bool> features;
  for (StringRef feature : targetFeatures(target)) {
    features[feature] = true;
    X86::updateImpliedFeatures(feature, /*Enabled=*/true, features);
  }
  auto has = [&](StringRef name) {
    return features.lookup(name) && host.lookup(name);
  };
  rates.bytes = measure(kByteLoops, has, threads);
  rates.floats = measure(kFloatLoops, has, threads);
  rates.bfloats = measure(kBfloatLoops, has, threads);
#endif
  return rates;
}

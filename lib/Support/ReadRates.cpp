//===- ReadRates.cpp - how fast memory is read ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/ReadRates.h"
#include "Compress/Support/ModelLibrary.h"
#include "TimeTogether.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/TargetParser/Host.h"
#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace llvm;
using namespace compress;

static constexpr int64_t kSmallest = 16 << 10, kLargest = 64 << 20;
/// A round reads at least so much: else one would time the clock.
static constexpr int64_t kLeastRead = 4 << 20;
/// What a step of the loops reads; divides all sizes.
static constexpr int64_t kStep = 512;

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

#if defined(__x86_64__)
__attribute__((target("avx512f"))) static void read512(const uint8_t *data,
                                                       int64_t bytes) {
  for (const uint8_t *end = data + bytes; data != end; data += kStep)
    for (int64_t i = 0; i < kStep; i += 64) {
      __m512i loaded = _mm512_load_si512(data + i);
      // The compiler must not see that it is never used.
      __asm__ volatile("" : : "v"(loaded));
    }
}

__attribute__((target("avx"))) static void read256(const uint8_t *data,
                                                   int64_t bytes) {
  for (const uint8_t *end = data + bytes; data != end; data += kStep)
    for (int64_t i = 0; i < kStep; i += 32) {
      __m256i loaded =
          _mm256_load_si256(reinterpret_cast<const __m256i *>(data + i));
      __asm__ volatile("" : : "x"(loaded));
    }
}
#endif

static void readVectors(const uint8_t *data, int64_t bytes) {
  using Vector = uint64_t __attribute__((vector_size(16)));
  for (const uint8_t *end = data + bytes; data != end; data += kStep)
    for (int64_t i = 0; i < kStep; i += 16) {
      Vector loaded = *reinterpret_cast<const Vector *>(data + i);
#if defined(__x86_64__)
      __asm__ volatile("" : : "x"(loaded));
#elif defined(__aarch64__)
      __asm__ volatile("" : : "w"(loaded));
#else
      __asm__ volatile("" : : "m"(loaded));
#endif
    }
}

static auto selectLoop() {
#if defined(__x86_64__)
  StringMap<bool> host = sys::getHostCPUFeatures();
  if (host.lookup("avx512f"))
    return read512;
  if (host.lookup("avx"))
    return read256;
#endif
  return readVectors;
}

//===----------------------------------------------------------------------===//
// Rates
//===----------------------------------------------------------------------===//

Expected<ReadRates> ReadRates::measure(int64_t largest, int32_t threads) {
  // The parts of all threads are aligned.
  int64_t most =
      alignDown(std::clamp(largest / threads, kSmallest, kLargest), kStep);
  Expected<AlignedBuffer> memory =
      AlignedBuffer::allocate(most * threads, "the measurement of memory");
  if (!memory)
    return memory.takeError();
  auto partOf = [&](int32_t thread) { return memory->data() + thread * most; };
  // Memory that was never written is one page of zeros. Each thread has what it
  // writes near its CPU.
  timeTogether(threads, /*milliseconds=*/0,
               [&](int32_t thread) { std::memset(partOf(thread), 1, most); });
  auto *read = selectLoop();
  std::vector<Rate> rates;
  auto add = [&](int64_t size) {
    int64_t times = std::max<int64_t>(1, kLeastRead / size);
    double seconds =
        timeTogether(threads, /*milliseconds=*/1, [&](int32_t thread) {
          for (int64_t i = 0; i < times; ++i)
            read(partOf(thread), size);
        });
    rates.push_back({size * threads,
                     static_cast<double>(size * times * threads) / seconds});
  };
  // Two sizes for each power of two.
  for (int64_t size = kSmallest; size <= most; size *= 2) {
    add(size);
    if (size + size / 2 <= most)
      add(size + size / 2);
  }
  return ReadRates(std::move(rates));
}

ReadRates::ReadRates(std::vector<Rate> rates) : rates(std::move(rates)) {
  double above = 0;
  for (Rate &rate : reverse(this->rates)) {
    rate.bytesPerSecond = std::max(rate.bytesPerSecond, above);
    above = rate.bytesPerSecond;
  }
}

double ReadRates::at(int64_t bytes) const {
  if (rates.empty())
    return 0;
  double rate = rates.front().bytesPerSecond;
  for (const Rate &other : rates)
    if (other.bytes <= bytes)
      rate = other.bytesPerSecond;
  return rate;
}

//===- Random.h - the same random numbers everywhere ------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_RANDOM_H
#define COMPRESS_UNITTESTS_EVALUATOR_RANDOM_H

#include <cstdint>
#include <random>
#include <vector>

namespace oracle {

/// Numbers that are the same in every run and on every machine.
class Random {
public:
  explicit Random(uint32_t seed) : generator(seed) {}
  /// One of low to high.
  int64_t between(int64_t low, int64_t high) {
    uint64_t span = static_cast<uint64_t>(high - low) + 1;
    uint64_t upper = generator();
    uint64_t bits = upper << 32 | generator();
    return low + static_cast<int64_t>(span ? bits % span : bits);
  }
  bool chance(int percent) { return between(0, 99) < percent; }
  double unit() { return generator() / 4294967296.0; }
  std::vector<int8_t> codes(int64_t count, int low = -128, int high = 127) {
    std::vector<int8_t> result;
    for (int64_t i = 0; i < count; ++i)
      result.push_back(static_cast<int8_t>(between(low, high)));
    return result;
  }

private:
  std::mt19937 generator;
};

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_RANDOM_H

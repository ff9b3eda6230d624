//===- VersionsTest.cpp - tests of the choice among versions --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Runtime/Versions.h"
#include "gtest/gtest.h"

namespace {

/// No CPU has it: nothing in CpuFeatures.def.
constexpr uint64_t kNoFeature = uint64_t(1) << COMPRESS_NUM_CPU_FEATURES;

int32_t choose(std::initializer_list<uint64_t> needed) {
  return compress_choose_version(needed.begin(),
                                 static_cast<int32_t>(needed.size()));
}

TEST(Versions, NoneRuns) {
  EXPECT_EQ(choose({kNoFeature}), -1);
  EXPECT_EQ(choose({}), -1);
}

TEST(Versions, FirstOfEquals) {
  EXPECT_EQ(choose({0}), 0);
  EXPECT_EQ(choose({kNoFeature, 0, 0}), 1);
}

#ifdef __x86_64__
TEST(Versions, AsTheCompilerSays) {
#define EXPECT_FEATURE(name, builtin)                                          \
  EXPECT_EQ(choose({uint64_t(1) << COMPRESS_CPU_##name}) == 0,                 \
            __builtin_cpu_supports(builtin) != 0)                              \
      << builtin
  EXPECT_FEATURE(ssse3, "ssse3");
  EXPECT_FEATURE(sse4_2, "sse4.2");
  EXPECT_FEATURE(avx, "avx");
  EXPECT_FEATURE(fma, "fma");
  EXPECT_FEATURE(avx2, "avx2");
  EXPECT_FEATURE(bmi2, "bmi2");
  EXPECT_FEATURE(lzcnt, "lzcnt");
  EXPECT_FEATURE(avx512f, "avx512f");
  EXPECT_FEATURE(avx512bw, "avx512bw");
  EXPECT_FEATURE(avx512vl, "avx512vl");
  EXPECT_FEATURE(avx512vbmi, "avx512vbmi");
  EXPECT_FEATURE(avx512vnni, "avx512vnni");
  EXPECT_FEATURE(avx512bf16, "avx512bf16");
  EXPECT_FEATURE(avxvnni, "avxvnni");
  EXPECT_FEATURE(gfni, "gfni");
}

TEST(Versions, MostFeaturesThatRun) {
  // An old CPU may lack it.
  uint64_t sse3 = uint64_t(1) << COMPRESS_CPU_sse3;
  bool hasIt = __builtin_cpu_supports("sse3");
  EXPECT_EQ(choose({0, sse3, sse3 | kNoFeature}), hasIt ? 1 : 0);
  EXPECT_EQ(choose({sse3, 0}), hasIt ? 0 : 1);
}

TEST(Versions, BetterProductsBeforeMoreFeatures) {
  uint64_t ssse3 = uint64_t(1) << COMPRESS_CPU_ssse3;
  uint64_t others =
      uint64_t(1) << COMPRESS_CPU_sse3 | uint64_t(1) << COMPRESS_CPU_popcnt;
  // An old CPU may lack SSSE3.
  bool hasIt =
      __builtin_cpu_supports("ssse3") && __builtin_cpu_supports("popcnt");
  int32_t without = choose({others, kNoFeature, kNoFeature, 0});
  EXPECT_EQ(choose({others, ssse3, kNoFeature, 0}), hasIt ? 1 : without);
  EXPECT_EQ(choose({others, ssse3, ssse3 | others, 0}), hasIt ? 2 : without);
}
#endif

} // namespace

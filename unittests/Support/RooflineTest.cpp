//===- RooflineTest.cpp - tests of the least time of a kernel -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Roofline.h"
#include "TestFiles.h"

using namespace compress;
using namespace compress::test;

namespace {

compress_profile_op makeOp(const char *element, int64_t macs, int64_t bytes) {
  return {"kernel", "", element, macs, bytes};
}

Roofline makeRoofline() {
  return {{{1000, "AMX"}, {100, "AVX512F"}, {200, "AVX512-BF16"}},
          ReadRates({{64, 50}, {256, 20}, {1024, 5}})};
}

TEST(ReadRates, TakesTheLargestSizeThatFits) {
  ReadRates rates({{64, 50}, {256, 20}, {1024, 5}});
  EXPECT_EQ(rates.at(0), 50);
  EXPECT_EQ(rates.at(64), 50);
  EXPECT_EQ(rates.at(255), 50);
  EXPECT_EQ(rates.at(256), 20);
  EXPECT_EQ(rates.at(1 << 20), 5);
  EXPECT_EQ(ReadRates({}).at(64), 0);
}

TEST(ReadRates, FartherMemoryIsNeverFaster) {
  ReadRates rates({{64, 10}, {256, 40}, {1024, 5}});
  EXPECT_EQ(rates.at(64), 40);
  EXPECT_EQ(rates.at(256), 40);
  EXPECT_EQ(rates.at(1024), 5);
}

TEST(ReadRates, AreMeasured) {
  for (int32_t threads : {1, 2}) {
    ReadRates rates = valueOf(ReadRates::measure(100001, threads));
    ASSERT_FALSE(rates.all().empty());
    EXPECT_EQ(rates.all().front().bytes, threads * (16 << 10));
    EXPECT_LE(rates.all().back().bytes, 100001);
    for (const ReadRates::Rate &rate : rates.all())
      EXPECT_GT(rate.bytesPerSecond, 1e6);
  }
  // Where there is less than the smallest size.
  EXPECT_EQ(valueOf(ReadRates::measure(0, 1)).all().size(), 1u);
}

TEST(Roofline, LeastTimeIsTheLongerOne) {
  Roofline roofline = makeRoofline();
  std::optional<LeastTime> least = roofline.leastTime(makeOp("i8", 8000, 100));
  ASSERT_TRUE(least);
  EXPECT_EQ(least->seconds, 8);
  EXPECT_EQ(least->bound, Bound::Compute);
  least = roofline.leastTime(makeOp("f32", 300, 500));
  ASSERT_TRUE(least);
  EXPECT_EQ(least->seconds, 25);
  EXPECT_EQ(least->bound, Bound::Memory);
  least = roofline.leastTime(makeOp("bf16", 800, 64));
  ASSERT_TRUE(least);
  EXPECT_EQ(least->seconds, 4);
  EXPECT_EQ(least->bound, Bound::Compute);
  least = roofline.leastTime(makeOp("", 0, 100));
  ASSERT_TRUE(least);
  EXPECT_EQ(least->seconds, 2);
  EXPECT_EQ(least->bound, Bound::Memory);
}

TEST(Roofline, UnknownIsNotGuessed) {
  Roofline roofline = makeRoofline();
  EXPECT_FALSE(roofline.leastTime(makeOp("i16", 8000, 100)));
  EXPECT_FALSE(roofline.leastTime(makeOp("", 0, 0)));
  roofline.peak.floats = {};
  EXPECT_FALSE(roofline.leastTime(makeOp("f32", 300, 500)));
}

#if defined(__linux__) && defined(__x86_64__)
TEST(PeakRate, IsOfWhatTheTargetMayUse) {
  PeakRates rates = measurePeakRates("x86-64", 1);
  EXPECT_EQ(rates.bytes.by, "SSE2");
  EXPECT_GT(rates.bytes.macs, 1e6);
  EXPECT_EQ(rates.floats.macs, 0);
  // Not what this CPU may have besides.
  rates = measurePeakRates("x86-64:+sse2,+sse4.2", 2);
  EXPECT_EQ(rates.bytes.by, "SSE2");
}
#endif

} // namespace

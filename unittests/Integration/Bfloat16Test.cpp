//===- Bfloat16Test.cpp - f32 networks that multiply bf16 -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnPaths.h"
#include "RandomNetwork.h"
#include <cmath>
#include <limits>

using namespace oracle;

namespace {

/// Whole networks, whose layers share what they read with others: by stock
/// loops and by kernels they differ by what rounding to 8 bits makes of sums
/// that differ in their last bits.
TEST(Bfloat16Test, RandomNetworks) {
  ModuleRunner runner;
  unsigned compared = 0;
  for (uint32_t seed = 0; seed < BFLOAT16_NETWORKS; ++seed) {
    RandomNetwork network = buildRandomNetwork(runner.context, 5000 + seed);
    llvm::Error error = runner.normalize(*network.module);
    ASSERT_FALSE(error) << llvm::toString(std::move(error));
    std::vector<Path> paths = bfloat16Paths();
    // Loops, and the kernels of this machine or their emulation.
    paths.erase(paths.begin() + 1, paths.end() - 1);
    std::vector<HostTensor> loops;
    runOnPaths(runner, *network.module, paths, network.inputs,
               [&](const std::string &path, llvm::ArrayRef<HostTensor> actual) {
                 if (loops.empty()) {
                   loops = actual.vec();
                   return;
                 }
                 ASSERT_EQ(actual.size(), loops.size());
                 for (size_t i = 0; i < actual.size(); ++i) {
                   // Of numbers that are not finite.
                   if (std::isinf(relativeDifference(loops[i], loops[i])))
                     continue;
                   ++compared;
                   EXPECT_LT(relativeDifference(loops[i], actual[i]), 0.05)
                       << path << ", seed " << seed << ": "
                       << network.description;
                 }
               });
  }
  EXPECT_GT(compared, BFLOAT16_NETWORKS);
}

/// Sums of odd numbers of products: what is not there must not meet infinity.
TEST(Bfloat16Test, InfinityStaysAlone) {
  ModuleRunner runner;
  auto module = runner.parse(R"(
func.func @main(%x: tensor<2x3xf32>) -> tensor<2x16xf32> {
  %w = arith.constant dense<0.5> : tensor<3x16xf32>
  %z = arith.constant dense<0.0> : tensor<2x16xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x16xf32>)
                     outs(%z : tensor<2x16xf32>) -> tensor<2x16xf32>
  return %y : tensor<2x16xf32>
})");
  ASSERT_TRUE(module) << runner.takeMessages();
  constexpr float infinity = std::numeric_limits<float>::infinity();
  HostTensor input = HostTensor::of(
      {2, 3}, std::vector<float>{1, infinity, 2, 1, 2, -infinity});
  unsigned runs = 0;
  runOnPaths(runner, *module, bfloat16Paths(), input,
             [&](const std::string &path, llvm::ArrayRef<HostTensor> actual) {
               ++runs;
               for (int64_t i = 0; i < 32; ++i)
                 EXPECT_EQ(actual[0].get(i).f, i < 16 ? infinity : -infinity)
                     << path << ", element " << i;
             });
  EXPECT_GT(runs, 0u);
}

} // namespace

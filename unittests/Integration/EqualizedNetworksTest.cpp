//===- EqualizedNetworksTest.cpp - factors cancel out ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Random networks whose channels are equalized for ranges that are made up
// compute what they did: each factor that goes in comes out again.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "IntegerEvaluator.h"
#include "ModuleRunner.h"
#include "RandomNetwork.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace oracle;
namespace mc = mlir::compress;
using ::compress::CalibrationTable;
using ::compress::ChannelScales;

namespace {

class EqualizedNetworksTest : public testing::Test {
protected:
  void runPass(ModuleOp module, std::unique_ptr<Pass> pass) {
    PassManager pm(&runner.context);
    pm.addNestedPass<func::FuncOp>(std::move(pass));
    ASSERT_TRUE(succeeded(pm.run(module))) << runner.takeMessages();
  }

  std::vector<HostTensor> evaluated(ModuleOp module,
                                    ArrayRef<HostTensor> inputs) {
    llvm::Expected<Evaluation> result = evaluate(module, inputs);
    if (result)
      return result->results;
    ADD_FAILURE() << llvm::toString(result.takeError());
    return {};
  }

  void equalize(uint32_t seed);

  ModuleRunner runner;
  int64_t tensors = 0, equalized = 0;
};

/// Ranges from 1 / 200 to 1.
std::vector<ChannelScales> inventMagnitudes(ModuleOp module, Random &random) {
  std::vector<ChannelScales> magnitudes;
  module.walk([&](mc::ObserveOp op) {
    std::vector<double> values(op.getType().getShape().back());
    for (double &value : values)
      value = std::exp2(-8 * random.unit());
    magnitudes.push_back({op.getName().str(), std::move(values)});
  });
  return magnitudes;
}

void EqualizedNetworksTest::equalize(uint32_t seed) {
  Random random(seed ^ 0xe9a1);
  RandomNetwork network = buildRandomNetwork(runner.context, seed);
  SCOPED_TRACE("network " + std::to_string(seed) + ":" + network.description);
  ModuleOp module = *network.module;
  if (llvm::Error error = runner.normalize(module))
    FAIL() << llvm::toString(std::move(error));
  runPass(module, mc::createPlaceObserversPass());
  if (HasFatalFailure())
    return;
  std::vector<HostTensor> expected = evaluated(module, network.inputs);

  std::vector<ChannelScales> magnitudes = inventMagnitudes(module, random);
  CalibrationTable table;
  module.walk([&](func::FuncOp func) {
    table.equalization = mc::chooseEqualization(func, magnitudes);
  });
  runPass(module, mc::createEqualizeChannelsPass(
                      std::make_shared<const CalibrationTable>(table)));
  if (HasFatalFailure())
    return;
  tensors += magnitudes.size();
  equalized += table.equalization.size();

  std::vector<HostTensor> actual = evaluated(module, network.inputs);
  ASSERT_EQ(expected.size(), actual.size());
  for (auto [before, after] : llvm::zip_equal(expected, actual)) {
    auto left = before.values<float>(), right = after.values<float>();
    ASSERT_EQ(left.size(), right.size());
    float most = 0;
    for (float value : left)
      most = std::max(most, std::abs(value));
    if (!std::isfinite(most))
      continue;
    for (auto [a, b] : llvm::zip_equal(left, right))
      ASSERT_NEAR(a, b, 2e-5f * most);
  }
}

TEST_F(EqualizedNetworksTest, ComputeWhatTheyDid) {
  for (uint32_t seed = 0; seed < EQUALIZED_NETWORKS && !HasFatalFailure();
       ++seed)
    equalize(seed);
  if (HasFailure())
    return;
  EXPECT_GT(equalized * 4, tensors);
}

} // namespace

//===- CalibratedTest.cpp - calibrated networks, tensor by tensor ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A float network is calibrated on the embedded example's data. At every tensor
// that is quantized the int8 code has the bits of the integer form as the
// oracle evaluates it. The qdq form in f32 has the same codes but for ties:
// where a sum of reals, rounded after each step, is within its error of the
// middle between two codes, integers decide it exactly.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "Compress/Pipelines/ObservedNetwork.h"
#include "Compress/Pipelines/Pipelines.h"
#include "IntegerEvaluator.h"
#include "ModuleRunner.h"
#include <gtest/gtest.h>

using namespace oracle;
using namespace mlir::compress;
using compress::CalibrationTable;

namespace {

class CalibratedTest : public testing::Test {
protected:
  void SetUp() override {
    source.data = {std::string("idx:") + DIGITS_DIR + "/calib-images.idx.gz"};
    source.preprocess.mean = {128};
    source.preprocess.stddev = {128};
    source.limit = 64;
  }

  void runPasses(llvm::function_ref<void(mlir::PassManager &)> build) {
    mlir::PassManager pm(&runner.context);
    build(pm);
    ASSERT_TRUE(mlir::succeeded(pm.run(*module))) << runner.takeMessages();
  }

  /// Loads the float network and puts observers into it.
  void observe() {
    auto loaded = runner.load(std::string(DIGITS_DIR) + "/digits_float.onnx");
    ASSERT_TRUE(static_cast<bool>(loaded))
        << llvm::toString(loaded.takeError());
    module = std::move(*loaded);
    runPasses([](mlir::PassManager &pm) {
      buildNormalizePipeline(pm);
      pm.addNestedPass<mlir::func::FuncOp>(createPlaceObserversPass());
    });
  }

  ObservedNetwork compileObserved(unsigned threads) {
    auto network = ObservedNetwork::load(*module, threads);
    if (!network) {
      ADD_FAILURE() << llvm::toString(network.takeError());
      return {};
    }
    return std::move(*network);
  }

  CalibrationTable calibrate(unsigned threads) {
    ObservedNetwork network = compileObserved(threads);
    auto ignore = [](int64_t, int64_t) {};
    if (!network.library)
      return {};
    auto statistics = compress::collectStatistics(
        *network.library, source, network.names, threads, ignore);
    if (!statistics) {
      ADD_FAILURE() << llvm::toString(statistics.takeError());
      return {};
    }
    CalibrationTable table = chooseRanges(network.names, *statistics, {});
    auto corrections = measureBiasErrors(*module, table, WeightRange::MinMax,
                                         source, threads, ignore);
    if (!corrections) {
      ADD_FAILURE() << llvm::toString(corrections.takeError());
      return {};
    }
    table.corrections = std::move(*corrections);
    return table;
  }

  std::string jsonOf(const CalibrationTable &table) {
    std::string text;
    llvm::raw_string_ostream os(text);
    table.writeJson(os);
    return text;
  }

  ModuleRunner runner;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  compress::SampleSource source;
};

TEST_F(CalibratedTest, ThreadsChangeNothing) {
  observe();
  CalibrationTable one = calibrate(1), four = calibrate(4);
  EXPECT_GT(one.entries.size(), 3u);
  EXPECT_GT(one.corrections.size(), 3u);
  EXPECT_EQ(jsonOf(one), jsonOf(four));
}

TEST_F(CalibratedTest, FormsAgreeAtEveryTensor) {
  observe();
  auto table = std::make_shared<const CalibrationTable>(calibrate(1));
  runPasses([&](mlir::PassManager &pm) {
    QuantizeObservedPassOptions options;
    options.keepObservers = true;
    pm.addNestedPass<mlir::func::FuncOp>(
        createQuantizeObservedPass(table, options));
  });
  ObservedNetwork code = compileObserved(1);
  ASSERT_TRUE(code.library);
  // The same in f32 and in integers: results, then quantized tensors.
  runPasses([](mlir::PassManager &pm) {
    pm.addNestedPass<mlir::func::FuncOp>(createExposeObservedPass());
  });
  mlir::OwningOpRef<mlir::ModuleOp> integers = module->clone();
  llvm::Error error = runner.lower(*integers);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));

  auto samples = compress::SampleReader::open(source, *code.library);
  ASSERT_TRUE(static_cast<bool>(samples))
      << llvm::toString(samples.takeError());
  auto outputs = compress::SampleRunner::create(*code.library, 1);
  ASSERT_TRUE(static_cast<bool>(outputs))
      << llvm::toString(outputs.takeError());
  const compress_tensor_info &info = code.library->inputs()[0];
  size_t first = code.library->outputs().size() - code.names.size();
  int64_t compared = 0, ties = 0;
  for (int64_t i = 0; i < IMAGES; ++i) {
    error = samples->read(i);
    if (!error)
      error = outputs->run(*samples);
    ASSERT_FALSE(error) << llvm::toString(std::move(error));
    const auto *pixels = static_cast<const float *>(samples->inputs()[0]);
    HostTensor input = HostTensor::of(
        compress::dimsOf(info).vec(),
        std::vector<float>(pixels, pixels + info.bytes / sizeof(float)));
    auto exact = evaluate(*integers, input), real = evaluate(*module, input);
    ASSERT_TRUE(exact && real);
    for (size_t t = 0; t < code.names.size(); ++t) {
      llvm::ArrayRef<float> actual = outputs->output(first + t);
      std::vector<float> codes = exact->results[first + t].values<float>();
      std::vector<float> reals = real->results[first + t].values<float>();
      ASSERT_EQ(actual, llvm::ArrayRef<float>(codes)) << code.names[t];
      for (size_t e = 0; e < actual.size(); ++e)
        ties += actual[e] != reals[e];
      compared += static_cast<int64_t>(actual.size());
    }
  }
  EXPECT_GT(compared, IMAGES * 10000);
  // A tie changes what is computed from it, too.
  EXPECT_LT(ties, compared / 200);
  RecordProperty("compared", std::to_string(compared));
  RecordProperty("ties", std::to_string(ties));
}

} // namespace

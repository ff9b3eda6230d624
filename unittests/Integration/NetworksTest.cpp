//===- NetworksTest.cpp - real networks on every path ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The networks of the data folder, where there is one, and the embedded
// example: the evaluator and every path of the code generator give the same
// bits, and int8 TOSA those of its reference model.
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Support/Dataset.h"
#include "Compress/Support/Npy.h"
#include "IntegerEvaluator.h"
#include "ModuleRunner.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>

using namespace oracle;

namespace {

/// Skips a test whose data is not there.
#define REQUIRE_DATA(path)                                                     \
  if (path.empty()) {                                                          \
    llvm::outs() << "skipped: no data\n";                                      \
    GTEST_SKIP() << "skipped: no data";                                        \
  }

class NetworksTest : public testing::Test {
protected:
  mlir::OwningOpRef<mlir::ModuleOp>
  load(const std::string &path, llvm::ArrayRef<int64_t> inputShape = {}) {
    auto module = runner.load(path, inputShape);
    if (module)
      return std::move(*module);
    ADD_FAILURE() << llvm::toString(module.takeError());
    return nullptr;
  }

  std::unique_ptr<compress::ModelLibrary> compile(mlir::ModuleOp module,
                                                  const Path &path) {
    auto library = runner.compile(module, path);
    if (library)
      return std::move(*library);
    ADD_FAILURE() << path.name << ": " << llvm::toString(library.takeError());
    return nullptr;
  }

  /// The first `count` items of a data set as inputs of the module's function.
  std::vector<HostTensor> items(mlir::ModuleOp module, llvm::StringRef spec,
                                const compress::Preprocess &preprocess,
                                int64_t count);

  /// Every path on every input gives what the evaluator gives; sets `library`
  /// to that of the last path.
  void comparePaths(mlir::ModuleOp module, llvm::ArrayRef<HostTensor> inputs);

  /// How many of the inputs have the same class in both results of
  /// evaluate(a) and library b.
  int64_t agreement(mlir::ModuleOp a, compress::ModelLibrary &b,
                    llvm::ArrayRef<HostTensor> inputs);

  ModuleRunner runner;
  std::unique_ptr<compress::ModelLibrary> library;
};

std::vector<HostTensor>
NetworksTest::items(mlir::ModuleOp module, llvm::StringRef spec,
                    const compress::Preprocess &preprocess, int64_t count) {
  std::vector<HostTensor> result;
  auto type = mlir::cast<mlir::RankedTensorType>(
      publicFunction(module).getArgumentTypes()[0]);
  auto data = compress::Dataset::open(spec);
  if (!data) {
    ADD_FAILURE() << llvm::toString(data.takeError());
    return result;
  }
  auto plan = compress::InputPlan::fit((*data)->itemShape(), (*data)->layout(),
                                       type.getShape(), preprocess);
  if (!plan) {
    ADD_FAILURE() << llvm::toString(plan.takeError());
    return result;
  }
  for (int64_t i = 0; i < count; ++i) {
    std::vector<float> item(plan->itemElements()), input(plan->inputElements());
    if (llvm::Error error = (*data)->read(i, item.data())) {
      ADD_FAILURE() << llvm::toString(std::move(error));
      break;
    }
    plan->apply(item.data(), input.data());
    if (type.getElementType().isF32())
      result.push_back(HostTensor::of(type.getShape().vec(), input));
    else
      result.push_back(
          HostTensor::of(type.getShape().vec(),
                         std::vector<int8_t>(input.begin(), input.end())));
  }
  return result;
}

/// exp and the like as the fixed polynomials of the code generator, so that
/// the evaluator has their bits too.
llvm::Error expandMath(ModuleRunner &runner, mlir::ModuleOp module) {
  mlir::PassManager pm(&runner.context);
  pm.addPass(mlir::compress::createExpandMathPass());
  if (mlir::failed(pm.run(module)))
    return failure(runner.takeMessages());
  return llvm::Error::success();
}

void NetworksTest::comparePaths(mlir::ModuleOp module,
                                llvm::ArrayRef<HostTensor> inputs) {
  mlir::OwningOpRef<mlir::ModuleOp> expanded = module.clone();
  llvm::Error error = expandMath(runner, *expanded);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  std::vector<std::vector<HostTensor>> expected;
  for (const HostTensor &input : inputs) {
    auto evaluated = evaluate(*expanded, input);
    if (!evaluated)
      FAIL() << llvm::toString(evaluated.takeError());
    EXPECT_FALSE(evaluated->inexact);
    expected.push_back(evaluated->results);
  }
  for (const Path &path : paths()) {
    library = compile(module, path);
    if (!library)
      continue;
    for (auto [i, input] : llvm::enumerate(inputs))
      for (int32_t threads : {1, 2}) {
        if (threads > static_cast<int32_t>(library->info().max_threads))
          continue;
        auto results = run(*library, input, threads);
        if (!results)
          FAIL() << llvm::toString(results.takeError());
        EXPECT_EQ(difference(expected[i], *results), "")
            << path.name << ", input " << i << ", " << threads << " threads";
      }
  }
}

/// The class with the largest element.
int64_t classOf(const HostTensor &result) {
  int64_t best = 0;
  auto value = [&](int64_t i) {
    return result.kind == Kind::F32 ? result.get(i).f
                                    : static_cast<float>(result.get(i).i);
  };
  for (int64_t i = 1; i < result.size(); ++i)
    if (value(i) > value(best))
      best = i;
  return best;
}

int64_t NetworksTest::agreement(mlir::ModuleOp a, compress::ModelLibrary &b,
                                llvm::ArrayRef<HostTensor> inputs) {
  int64_t count = 0;
  for (const HostTensor &input : inputs) {
    auto first = evaluate(a, input);
    auto second = run(b, input, 2);
    if (!first || !second) {
      ADD_FAILURE() << (first ? "" : llvm::toString(first.takeError()))
                    << (second ? "" : llvm::toString(second.takeError()));
      return count;
    }
    count += classOf(first->results[0]) == classOf(second->front());
  }
  return count;
}

//===----------------------------------------------------------------------===//
// MLPerf Tiny's ResNet-8
//===----------------------------------------------------------------------===//

/// The reference outputs come from Arm's TOSA reference model.
TEST_F(NetworksTest, Int8TosaHasTheBitsOfItsReference) {
  std::string model = dataPath("mlperf_resnet8/int8.tosa.mlir");
  REQUIRE_DATA(model);
  auto reference = compress::readNpy(
      dataPath("mlperf_resnet8/tosa_int8_outputs_first200.npy"));
  ASSERT_TRUE(static_cast<bool>(reference));
  auto module = load(model);
  ASSERT_TRUE(module);
  llvm::Error error = runner.lower(*module);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  compress::Preprocess preprocess;
  preprocess.mean = {128, 128, 128};
  std::vector<HostTensor> inputs =
      items(*module, "cifar10:" + dataPath("cifar10/test_all_10000.bin"),
            preprocess, 200);
  auto expected = [&](size_t i) {
    const auto *codes =
        reinterpret_cast<const int8_t *>(reference->bytes().data()) + i * 10;
    return HostTensor::of({1, 10}, std::vector<int8_t>(codes, codes + 10));
  };
  for (size_t i = 0; i < 3; ++i) {
    auto evaluated = evaluate(*module, inputs[i]);
    if (!evaluated)
      FAIL() << llvm::toString(evaluated.takeError());
    EXPECT_EQ(difference(expected(i), evaluated->results), "")
        << "evaluator, image " << i;
  }
  for (const Path &path : paths()) {
    library = compile(*module, path);
    if (!library)
      continue;
    for (auto [i, input] : llvm::enumerate(inputs)) {
      auto results = run(*library, input, static_cast<int32_t>(1 + i % 2));
      if (!results)
        FAIL() << llvm::toString(results.takeError());
      EXPECT_EQ(difference(expected(i), *results), "")
          << path.name << ", image " << i;
    }
  }
}

TEST_F(NetworksTest, ResNet8) {
  std::string model =
      dataPath("mlperf_resnet8/pretrainedResnet_quant.converted.onnx");
  REQUIRE_DATA(model);
  auto module = load(model);
  ASSERT_TRUE(module);
  mlir::OwningOpRef<mlir::ModuleOp> qdq = module->clone();
  llvm::Error error =
      llvm::joinErrors(runner.lower(*module), runner.normalize(*qdq));
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  std::vector<HostTensor> inputs =
      items(*module, "cifar10:" + dataPath("cifar10/test_all_10000.bin"), {},
            4 * IMAGES);
  comparePaths(*module, llvm::ArrayRef<HostTensor>(inputs).take_front(3));
  ASSERT_TRUE(library);
  EXPECT_GE(agreement(*qdq, *library, inputs), 4 * IMAGES - 1);
}

TEST_F(NetworksTest, FloatResNet8) {
  std::string model = dataPath("mlperf_resnet8/float.tosa.mlir");
  REQUIRE_DATA(model);
  auto module = load(model);
  ASSERT_TRUE(module);
  llvm::Error error = runner.normalize(*module);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  std::vector<HostTensor> inputs = items(
      *module, "cifar10:" + dataPath("cifar10/test_all_10000.bin"), {}, 2);
  comparePaths(*module, inputs);
}

//===----------------------------------------------------------------------===//
// MobileNetV2
//===----------------------------------------------------------------------===//

TEST_F(NetworksTest, MobileNetV2) {
  std::string model = dataPath("mobilenetv2/mobilenetv2_qdq_int8.onnx");
  REQUIRE_DATA(model);
  // The file says 244; the images have 224.
  auto module = load(model, {1, 3, 224, 224});
  ASSERT_TRUE(module);
  mlir::OwningOpRef<mlir::ModuleOp> qdq = module->clone();
  llvm::Error error =
      llvm::joinErrors(runner.lower(*module), runner.normalize(*qdq));
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  compress::Preprocess preprocess;
  preprocess.scale = 1.0f / 255;
  preprocess.mean = {0.485f, 0.456f, 0.406f};
  preprocess.stddev = {0.229f, 0.224f, 0.225f};
  std::vector<HostTensor> inputs =
      items(*module,
            "raw:" + dataPath("imagenet100/sample100_224_u8_nhwc.bin") +
                ",100x224x224x3",
            preprocess, IMAGES);
  comparePaths(*module, llvm::ArrayRef<HostTensor>(inputs).take_front(2));
  ASSERT_TRUE(library);
  EXPECT_GE(agreement(*qdq, *library, inputs), IMAGES - 1);
}

//===----------------------------------------------------------------------===//
// The embedded example
//===----------------------------------------------------------------------===//

compress::Preprocess digitsPreprocess() {
  compress::Preprocess result;
  result.mean = {128};
  result.stddev = {128};
  return result;
}

TEST_F(NetworksTest, Digits) {
  for (const char *model : {"digits_qat.onnx", "digits_float.onnx"}) {
    SCOPED_TRACE(model);
    bool quantized = llvm::StringRef(model).contains("qat");
    auto module = load(std::string(DIGITS_DIR "/") + model);
    ASSERT_TRUE(module);
    llvm::Error error =
        quantized ? runner.lower(*module) : runner.normalize(*module);
    ASSERT_FALSE(error) << llvm::toString(std::move(error));
    std::vector<HostTensor> inputs =
        items(*module, "idx:" DIGITS_DIR "/test-images.idx.gz",
              digitsPreprocess(), 2 * IMAGES);
    comparePaths(*module, inputs);
  }
}

/// Canonicalization and CSE between the passes change no bit.
TEST_F(NetworksTest, DigitsInterleaved) {
  auto module = load(DIGITS_DIR "/digits_qat.onnx");
  ASSERT_TRUE(module);
  mlir::OwningOpRef<mlir::ModuleOp> interleaved = module->clone();
  FormOptions options;
  options.interleave = true;
  llvm::Error error = llvm::joinErrors(runner.lower(*module),
                                       runner.lower(*interleaved, options));
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  std::vector<HostTensor> inputs =
      items(*module, "idx:" DIGITS_DIR "/test-images.idx.gz",
            digitsPreprocess(), 2 * IMAGES);
  for (auto [i, input] : llvm::enumerate(inputs)) {
    auto expected = evaluate(*module, input);
    auto actual = evaluate(*interleaved, input);
    if (!expected || !actual)
      FAIL() << (expected ? "" : llvm::toString(expected.takeError()))
             << (actual ? "" : llvm::toString(actual.takeError()));
    EXPECT_EQ(difference(expected->results, actual->results), "")
        << "image " << i;
  }
  for (Path path : paths()) {
    path.interleave = true;
    library = compile(*interleaved, path);
    if (!library)
      continue;
    auto expected = evaluate(*module, inputs[0]);
    auto actual = run(*library, inputs[0], 1);
    if (!expected || !actual)
      FAIL() << (expected ? "" : llvm::toString(expected.takeError()))
             << (actual ? "" : llvm::toString(actual.takeError()));
    EXPECT_EQ(difference(expected->results, *actual), "") << path.name;
  }
}

} // namespace

//===- RandomLayersTest.cpp - the same bits on every path -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Random layers, in the qdq form: the integer form must compute what the
// reference layers do, and the evaluator, stock loops and the kernels of every
// instruction set the same bits, with 1 and 2 threads.
//
//   COMPRESS_RANDOM_LAYERS  is how many layers are tried (else RANDOM_LAYERS),
//                           each by every path, which takes long.
//
//===----------------------------------------------------------------------===//

#include "RandomLayers.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "IntegerEvaluator.h"
#include "OnPaths.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include "gtest/gtest.h"
#include <cstdlib>
#include <random>

using namespace oracle;

namespace {

/// Layers that share a module, a function and a library.
constexpr uint32_t layersPerModule = 20;

/// How many layers are asked for; 0 where nobody asks.
uint32_t askedLayers() {
  const char *text = std::getenv("COMPRESS_RANDOM_LAYERS");
  uint32_t count = 0;
  if (text && llvm::StringRef(text).getAsInteger(10, count))
    llvm::report_fatal_error("COMPRESS_RANDOM_LAYERS is no number");
  return count;
}

uint32_t numModules() {
  uint32_t asked = askedLayers();
  return llvm::divideCeil(asked ? asked : RANDOM_LAYERS, layersPerModule);
}

class RandomLayersTest : public testing::TestWithParam<uint32_t> {
protected:
  /// The layers of module `number`; sets `names`, one a result.
  GraphBuilder layers(uint32_t number, bool quantized) {
    GraphBuilder graph(quantized);
    for (uint32_t i = 0; i < layersPerModule; ++i) {
      uint32_t seed = number * layersPerModule + i;
      names.push_back("layer " + std::to_string(seed) + ":" +
                      addRandomLayer(graph, seed));
    }
    return graph;
  }

  /// Compares results and names the layers that differ.
  void compare(const std::string &path, llvm::ArrayRef<HostTensor> expected,
               llvm::ArrayRef<HostTensor> actual) {
    ASSERT_EQ(expected.size(), actual.size()) << path;
    for (size_t i = 0; i < expected.size(); ++i)
      EXPECT_EQ(difference(expected[i], actual[i]), "")
          << path << ", " << names[i];
  }

  /// All paths against the evaluator; two modules in five have more of them.
  void comparePaths(mlir::ModuleOp module, llvm::ArrayRef<HostTensor> inputs,
                    llvm::ArrayRef<HostTensor> expected) {
    std::vector<Path> all = paths();
    bool every = askedLayers() > 0;
    if (every || GetParam() % 5 == 1)
      llvm::append_range(all, morePaths());
    if (every || GetParam() % 5 == 2)
      llvm::append_range(all, planPaths());
    runOnPaths(runner, module, all, inputs,
               [&](const std::string &name, llvm::ArrayRef<HostTensor> actual) {
                 compare(name, expected, actual);
               });
  }

  ModuleRunner runner;
  std::vector<std::string> names;
};

TEST_P(RandomLayersTest, Int8) {
  bool int8Io = GetParam() % 2 == 0;
  GraphBuilder graph = layers(GetParam(), /*quantized=*/true);
  auto module = runner.parse(graph.module());
  ASSERT_TRUE(module) << runner.takeMessages() << graph.module();
  mlir::OwningOpRef<mlir::ModuleOp> interleaved = module->clone();
  FormOptions options;
  options.int8Io = int8Io;
  llvm::Error error = runner.lower(*module, options);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));

  module->walk([](mlir::Operation *op) {
    auto reason =
        op->getAttrOfType<mlir::StringAttr>(mlir::compress::kFloatAttr);
    EXPECT_FALSE(reason) << op->getName().getStringRef().str()
                         << " stays f32: " << reason.getValue().str();
  });

  std::vector<HostTensor> inputs = graph.inputs(int8Io);
  auto evaluated = evaluate(*module, inputs);
  if (!evaluated)
    FAIL() << llvm::toString(evaluated.takeError());
  compare("evaluator", graph.expected(int8Io), evaluated->results);

  // Canonicalization and CSE between the passes change no bit.
  options.interleave = true;
  error = runner.lower(*interleaved, options);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  auto again = evaluate(*interleaved, inputs);
  if (!again)
    FAIL() << llvm::toString(again.takeError());
  compare("interleaved", evaluated->results, again->results);

  comparePaths(*module, inputs, evaluated->results);
}

std::string moduleName(const testing::TestParamInfo<uint32_t> &info) {
  return "Module" + std::to_string(info.param);
}

INSTANTIATE_TEST_SUITE_P(, RandomLayersTest, testing::Range(0u, numModules()),
                         moduleName);

class FloatLayersTest : public RandomLayersTest {};

/// f32 networks too have the same bits where products are not fused with their
/// sums, which keep their order; else they have a tolerance.
TEST_P(FloatLayersTest, F32) {
  GraphBuilder graph = layers(1000 + GetParam(), /*quantized=*/false);
  auto module = runner.parse(graph.module());
  ASSERT_TRUE(module) << runner.takeMessages() << graph.module();
  std::vector<HostTensor> inputs = graph.inputs(/*integer=*/false);
  auto before = evaluate(*module, inputs);
  if (!before)
    FAIL() << llvm::toString(before.takeError());
  llvm::Error error = runner.normalize(*module);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  auto evaluated = evaluate(*module, inputs);
  if (!evaluated)
    FAIL() << llvm::toString(evaluated.takeError());
  comparePaths(*module, inputs, evaluated->results);
  for (const Path &path : fusedPaths()) {
    auto library = runner.compile(*module, path);
    if (!library)
      FAIL() << path.name << ": " << llvm::toString(library.takeError());
    auto results = run(**library, inputs, 2);
    if (!results)
      FAIL() << path.name << ": " << llvm::toString(results.takeError());
    ASSERT_EQ(results->size(), evaluated->results.size());
    for (size_t i = 0; i < results->size(); ++i)
      EXPECT_LT(relativeDifference(evaluated->results[i], (*results)[i]),
                path.getTolerance())
          << path.name << ", " << names[i];
  }
}

/// Sums of bf16 have no order, so that kernels have a tolerance; against f32
/// there is what rounding to 8 bits loses.
TEST_P(FloatLayersTest, Bfloat16) {
  GraphBuilder graph = layers(2000 + GetParam(), /*quantized=*/false);
  auto module = runner.parse(graph.module());
  ASSERT_TRUE(module) << runner.takeMessages() << graph.module();
  std::vector<HostTensor> inputs = graph.inputs(/*integer=*/false);
  llvm::Error error = runner.normalize(*module);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  auto exact = evaluate(*module, inputs);
  if (!exact)
    FAIL() << llvm::toString(exact.takeError());
  std::vector<HostTensor> loops;
  runOnPaths(runner, *module, bfloat16Paths(), inputs,
             [&](const std::string &path, llvm::ArrayRef<HostTensor> actual) {
               if (loops.empty())
                 loops = actual.vec();
               ASSERT_EQ(actual.size(), names.size());
               for (size_t i = 0; i < names.size(); ++i)
                 EXPECT_LT(relativeDifference(loops[i], actual[i]), 1e-5)
                     << path << ", " << names[i];
             });
  ASSERT_EQ(loops.size(), names.size());
  unsigned rounded = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    double lost = relativeDifference(exact->results[i], loops[i]);
    EXPECT_LT(lost, 0.02) << names[i];
    rounded += lost > 1e-4;
  }
  EXPECT_GT(rounded, layersPerModule / 2);
}

INSTANTIATE_TEST_SUITE_P(, FloatLayersTest, testing::Range(0u, 2u), moduleName);

/// Convolutions with a 3x3 window, of all sizes of images and channels.
TEST(WinogradTest, Convolutions) {
  ModuleRunner runner;
  std::mt19937 random(7);
  auto upTo = [&](int64_t most) {
    return std::uniform_int_distribution<int64_t>(1, most)(random);
  };
  for (int number = 0; number < 60; ++number) {
    int64_t batch = number % 5 ? 1 : 2, rows = upTo(20), columns = upTo(20);
    int64_t inputs = upTo(40), outputs = upTo(number % 3 ? 40 : 150);
    auto fill = [&](int64_t count) {
      std::vector<float> result(count);
      std::normal_distribution<float> normal;
      for (float &x : result)
        x = normal(random);
      return result;
    };
    auto type = [](std::initializer_list<int64_t> shape) {
      std::string text = "tensor<";
      for (int64_t size : shape)
        text += std::to_string(size) + "x";
      return text + "f32>";
    };
    auto constant = [](llvm::ArrayRef<float> values) {
      return "dense<\"0x" +
             llvm::toHex(llvm::ArrayRef(
                 reinterpret_cast<const uint8_t *>(values.data()),
                 values.size() * sizeof(float))) +
             "\">";
    };
    std::string image = type({batch, rows, columns, inputs});
    std::string filter = type({outputs, 3, 3, inputs});
    std::string bias = type({outputs}),
                result = type({batch, rows, columns, outputs});
    std::string text =
        "func.func @main(%x: " + image + ") -> " + result + " {\n" +
        "  %w = arith.constant " + constant(fill(outputs * 9 * inputs)) +
        " : " + filter + "\n  %b = arith.constant " + constant(fill(outputs)) +
        " : " + bias + "\n" +
        "  %z = \"tosa.const\"() {values = dense<0.0> : tensor<1xf32>} : () -> "
        "tensor<1xf32>\n"
        "  %y = tosa.conv2d %x, %w, %b, %z, %z {acc_type = f32, dilation = "
        "array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: "
        "1, 1>} : (" +
        image + ", " + filter + ", " + bias +
        ", tensor<1xf32>, tensor<1xf32>) -> " + result +
        "\n  %r = tosa.clamp "
        "%y {min_val = -5.0 : f32, max_val = 5.0 : f32} : (" +
        result + ") -> " + result + "\n  return %r : " + result + "\n}\n";
    auto module = runner.parse(text);
    ASSERT_TRUE(module) << runner.takeMessages();
    llvm::Error error = runner.normalize(*module);
    ASSERT_FALSE(error) << llvm::toString(std::move(error));
    HostTensor input = HostTensor::of({batch, rows, columns, inputs},
                                      fill(batch * rows * columns * inputs));
    auto expected = evaluate(*module, input);
    if (!expected)
      FAIL() << llvm::toString(expected.takeError());
    for (const Path &path : fusedPaths()) {
      auto library = runner.compile(*module, path);
      if (!library)
        FAIL() << path.name << ": " << llvm::toString(library.takeError());
      for (int32_t threads : {1, 2}) {
        auto actual = run(**library, input, threads);
        if (!actual)
          FAIL() << path.name << ": " << llvm::toString(actual.takeError());
        EXPECT_LT(relativeDifference(expected->results[0], actual->front()),
                  path.getTolerance())
            << path.name << ", " << threads << " threads, " << image << " * "
            << filter;
      }
    }
  }
}

} // namespace

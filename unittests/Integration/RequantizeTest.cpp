//===- RequantizeTest.cpp - compiled arithmetic ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Quantization and requantization as every path compiles them, on the numbers
// where it matters: ties, saturation, NaN, large sums, extreme scales.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "GraphBuilder.h"
#include "IntegerEvaluator.h"
#include "OnPaths.h"
#include "Random.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace oracle;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

class RequantizeTest : public testing::Test {
protected:
  /// `text` by every path, with 1 and 2 threads; the evaluator must agree with
  /// `expected` as well.
  void check(const std::string &text, llvm::ArrayRef<HostTensor> inputs,
             const HostTensor &expected) {
    auto module = runner.parse(text);
    ASSERT_TRUE(module) << runner.takeMessages();
    auto evaluated = evaluate(*module, inputs);
    if (!evaluated)
      FAIL() << llvm::toString(evaluated.takeError());
    EXPECT_EQ(difference(expected, evaluated->results[0]), "") << "evaluator";
    runOnPaths(runner, *module, paths(), inputs,
               [&](const std::string &name, llvm::ArrayRef<HostTensor> actual) {
                 EXPECT_EQ(difference(expected, actual.front()), "") << name;
               });
  }

  ModuleRunner runner;
};

/// Sums and f32 scales that belong together.
struct Sums {
  std::vector<int32_t> sums;
  std::vector<float> scales;
  void add(int32_t sum, float scale) {
    sums.push_back(sum);
    scales.push_back(scale);
  }
};

Sums hardSums() {
  Sums result;
  // All ties within the codes, and what is beside them.
  for (int32_t sum = -520; sum <= 520; ++sum) {
    result.add(sum, 0.5f);
    result.add(sum, std::nextafter(0.5f, 1.0f));
    result.add(sum, std::nextafter(0.5f, 0.0f));
  }
  float least = std::numeric_limits<float>::min();
  for (float scale : {least, 1e-20f, 4.6566129e-10f, 5.9604645e-8f, 1e-3f, 1.0f,
                      1e10f, 3.4e38f})
    for (int32_t sum :
         {INT32_MIN, INT32_MIN + 1, -1073741825, -16777217, -16777216, -1, 0, 1,
          16777215, 16777217, 16777219, 1073741825, INT32_MAX - 1, INT32_MAX})
      result.add(sum, scale);
  Random random(11);
  for (int i = 0; i < 3000; ++i) {
    auto sum = static_cast<int32_t>(random.between(INT32_MIN, INT32_MAX));
    result.add(sum >> random.between(0, 30),
               static_cast<float>(std::pow(10.0, 9 * random.unit() - 8)));
  }
  return result;
}

TEST_F(RequantizeTest, IntegerSums) {
  Sums data = hardSums();
  auto size = static_cast<int64_t>(data.sums.size());
  struct Case {
    int32_t zeroPoint;
    CodeRange range;
  };
  for (auto [zp, range] : {Case{0, {}}, Case{-128, {-128, 127}},
                           Case{127, {-5, 100}}, Case{300, {-128, 127}}}) {
    std::vector<int8_t> expected;
    for (int64_t i = 0; i < size; ++i) {
      int32_t code = requantize(data.sums[i], data.scales[i], zp, range);
      EXPECT_EQ(code, mlir::compress::requantize(data.sums[i], data.scales[i],
                                                 zp, range.low, range.high));
      expected.push_back(static_cast<int8_t>(code));
    }
    std::string n = std::to_string(size), text;
    llvm::raw_string_ostream(text)
        << "#id = affine_map<(i) -> (i)>\nfunc.func @main(%a: tensor<" << n
        << "xi32>, %s: tensor<" << n << "xf32>) -> tensor<" << n << "xi8> {\n"
        << "  %e = tensor.empty() : tensor<" << n << "xi8>\n"
        << "  %r = linalg.generic {indexing_maps = [#id, #id, #id], "
           "iterator_types = [\"parallel\"]} ins(%a, %s : tensor<"
        << n << "xi32>, tensor<" << n << "xf32>) outs(%e : tensor<" << n
        << "xi8>) {\n  ^bb0(%x: i32, %y: f32, %o: i8):\n"
        << "    %q = compress.requantize %x, %y zp(" << zp << ") range("
        << range.low << ", " << range.high << ") : i32, f32 -> i8\n"
        << "    linalg.yield %q : i8\n  } -> tensor<" << n << "xi8>\n"
        << "  return %r : tensor<" << n << "xi8>\n}\n";
    check(text,
          {HostTensor::of({size}, data.sums),
           HostTensor::of({size}, data.scales)},
          HostTensor::of({size}, expected));
  }
}

/// Every kind of f32: NaN, infinities, subnormals, ties of `scale`.
std::vector<float> hardFloats(float scale) {
  std::vector<float> result{infinity, -infinity, std::nanf(""), -std::nanf(""),
                            0.0f,     -0.0f,     1e-45f,        -1e-45f,
                            3.4e38f,  -3.4e38f,  16777217.0f,   -16777217.0f};
  for (int i = -520; i <= 520; ++i) {
    float tie = static_cast<float>(i) / 2 * scale;
    result.push_back(tie);
    result.push_back(std::nextafter(tie, infinity));
    result.push_back(std::nextafter(tie, -infinity));
  }
  Random random(12);
  for (int i = 0; i < 3000; ++i) {
    auto bits = static_cast<uint32_t>(random.between(0, UINT32_MAX));
    float any;
    std::memcpy(&any, &bits, 4);
    result.push_back(any);
    result.push_back(static_cast<float>((random.unit() - 0.5) * 300 * scale));
  }
  return result;
}

/// f32 -> codes -> f32 at the borders of a network.
TEST_F(RequantizeTest, FakeQuant) {
  for (Grid grid : {Grid{0.5f, 0}, Grid{0.1f, -128}, Grid{0.0078125f, 5},
                    Grid{1e-30f, 0}, Grid{1e30f, 127}}) {
    std::vector<float> x = hardFloats(grid.scale), expected;
    for (float value : x) {
      expected.push_back(fakeQuantize(value, grid));
      int32_t code = mlir::compress::quantize(value, grid.scale, grid.zeroPoint,
                                              -128, 127);
      EXPECT_EQ(expected.back(),
                mlir::compress::dequantize(code, grid.scale, grid.zeroPoint));
    }
    auto size = static_cast<int64_t>(x.size());
    std::string type = "tensor<" + std::to_string(size) + "xf32>", text;
    llvm::raw_string_ostream(text)
        << "func.func @main(%x: " << type << ") -> " << type << " {\n"
        << "  %y = compress.fake_quant %x {type = " << quantType(8, {grid}, -1)
        << "} : " << type << "\n  return %y : " << type << "\n}\n";
    auto module = runner.parse(text);
    ASSERT_TRUE(module);
    llvm::Error error = runner.lower(*module);
    ASSERT_FALSE(error) << llvm::toString(std::move(error));
    std::string lowered;
    llvm::raw_string_ostream os(lowered);
    module->print(os);
    check(lowered, {HostTensor::of({size}, x)},
          HostTensor::of({size}, expected));
  }
}

/// Sums of 60,000 products that end near the end of i32, and on the way wrap.
TEST_F(RequantizeTest, LargeSums) {
  constexpr int64_t depth = 60000, filters = 5;
  GraphBuilder graph;
  Activation x = graph.input({1, 1, 2, depth}, {1.0f, -128}, {},
                             Codes(2 * depth, 127)); // all are 255
  ConvLayer layer;
  layer.filters = filters;
  for (int64_t d = 0; d < depth; ++d)
    for (int64_t f = 0; f < filters; ++f) // largest, least, half and half
      layer.weights.push_back(f == 0   ? 127
                              : f == 1 ? -128
                              : f == 2 ? (d < depth / 2 ? 127 : -127)
                              : f == 3 ? (d % 2 ? 127 : -127)
                                       : 1);
  layer.weightGrid = {{1.0f, 0}};
  layer.bias = {200000000, -180000000, 3, -3, INT32_MAX / 2};
  Target target;
  target.grid = {2147483647.0f / 127, 0};
  graph.output(graph.multiplyMatrix(x, layer, target));
  auto module = runner.parse(graph.module());
  ASSERT_TRUE(module) << runner.takeMessages();
  FormOptions options;
  options.int8Io = true;
  llvm::Error error = runner.lower(*module, options);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  std::vector<HostTensor> inputs = graph.inputs(/*integer=*/true);
  std::vector<HostTensor> expected = graph.expected(/*integer=*/true);
  EXPECT_EQ(expected[0].get(0).i, 127);
  EXPECT_EQ(expected[0].get(1).i, -126);
  auto evaluated = evaluate(*module, inputs);
  if (!evaluated)
    FAIL() << llvm::toString(evaluated.takeError());
  EXPECT_EQ(difference(expected, evaluated->results), "") << "evaluator";
  for (const Path &path : paths()) {
    auto library = runner.compile(*module, path);
    if (!library)
      FAIL() << path.name << ": " << llvm::toString(library.takeError());
    auto results = run(**library, inputs, 2);
    if (!results)
      FAIL() << llvm::toString(results.takeError());
    EXPECT_EQ(difference(expected, *results), "") << path.name;
  }
}

} // namespace

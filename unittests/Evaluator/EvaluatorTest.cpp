//===- EvaluatorTest.cpp - tests of the interpreter -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceLayers.h"
#include "TestModules.h"

using namespace oracle;

namespace {

class EvaluatorTest : public testing::Test, public TestModules {};

TEST_F(EvaluatorTest, RunsGenericBodiesAndMaps) {
  // A transposed read, a broadcast read, an index and an outer constant.
  auto results =
      run(R"(
    func.func @main(%a: tensor<2x3xi32>, %b: tensor<3xi32>) -> tensor<3x2xi32> {
      %c10 = arith.constant 10 : i32
      %e = tensor.empty() : tensor<3x2xi32>
      %r = linalg.generic {
          indexing_maps = [affine_map<(i, j) -> (j, i)>,
                           affine_map<(i, j) -> (i)>,
                           affine_map<(i, j) -> (i, j)>],
          iterator_types = ["parallel", "parallel"]}
          ins(%a, %b : tensor<2x3xi32>, tensor<3xi32>)
          outs(%e : tensor<3x2xi32>) {
      ^bb0(%x: i32, %y: i32, %o: i32):
        %i = linalg.index 1 : index
        %k = arith.index_cast %i : index to i32
        %p = arith.muli %x, %c10 : i32
        %q = arith.addi %p, %y : i32
        %s = arith.subi %q, %k : i32
        linalg.yield %s : i32
      } -> tensor<3x2xi32>
      return %r : tensor<3x2xi32>
    })",
          {HostTensor::of({2, 3}, std::vector<int32_t>{1, 2, 3, 4, 5, 6}),
           HostTensor::of({3}, std::vector<int32_t>{7, 8, 9})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values<int32_t>(),
            (std::vector<int32_t>{17, 46, 28, 57, 39, 68}));
}

TEST_F(EvaluatorTest, RunsNonLinearMaps) {
  auto results = run(R"(
    func.func @main(%a: tensor<4xi8>) -> tensor<8xi8> {
      %e = tensor.empty() : tensor<8xi8>
      %r = linalg.generic {
          indexing_maps = [affine_map<(i) -> (i floordiv 2)>,
                           affine_map<(i) -> (i)>],
          iterator_types = ["parallel"]}
          ins(%a : tensor<4xi8>) outs(%e : tensor<8xi8>) {
      ^bb0(%x: i8, %o: i8):
        linalg.yield %x : i8
      } -> tensor<8xi8>
      return %r : tensor<8xi8>
    })",
                     {HostTensor::of({4}, Codes{1, 2, 3, 4})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values<int8_t>(), (Codes{1, 1, 2, 2, 3, 3, 4, 4}));
}

TEST_F(EvaluatorTest, ConvolvesAsTheReference) {
  Random random(1);
  ConvLayer layer;
  layer.input = {2, 6, 5, 3};
  layer.y = {3, 2, 1, 0, 0};
  layer.x = {2, 1, 2, 0, 0};
  layer.filters = 4;
  layer.weights = random.codes(3 * 2 * 3 * 4);
  layer.weightGrid = {{1, 0}};
  layer.bias = {1, -2, 3, -4};
  Codes x = random.codes(layer.input.size());
  const char *text = R"(
    func.func @main(%x: tensor<2x6x5x3xi8>, %w: tensor<3x2x3x4xi8>,
                    %b: tensor<4xi32>) -> tensor<2x2x3x4xi32> {
      %e = tensor.empty() : tensor<2x2x3x4xi32>
      %i = linalg.broadcast ins(%b : tensor<4xi32>)
        outs(%e : tensor<2x2x3x4xi32>) dimensions = [0, 1, 2]
      %r = linalg.conv_2d_nhwc_hwcf {strides = dense<[2, 1]> : tensor<2xi64>,
                                     dilations = dense<[1, 2]> : tensor<2xi64>}
        ins(%x, %w : tensor<2x6x5x3xi8>, tensor<3x2x3x4xi8>)
        outs(%i : tensor<2x2x3x4xi32>) -> tensor<2x2x3x4xi32>
      return %r : tensor<2x2x3x4xi32>
    })";
  std::vector<HostTensor> inputs = {HostTensor::of({2, 6, 5, 3}, x),
                                    HostTensor::of({3, 2, 3, 4}, layer.weights),
                                    HostTensor::of({4}, layer.bias)};
  auto fast = run(text, inputs);
  LinalgOptions stepwise;
  stepwise.fastSums = false;
  auto slow = run(text, inputs, stepwise);
  ASSERT_EQ(fast.size(), 1u);
  ASSERT_EQ(slow.size(), 1u);
  EXPECT_EQ(fast[0].values<int32_t>(), convolveSums(layer, x));
  EXPECT_EQ(fast[0], slow[0]);
}

TEST_F(EvaluatorTest, SumsFloatsInOrder) {
  // 2^24 + 1 + 1 stays 2^24 term by term.
  const char *text = R"(
    func.func @main(%x: tensor<1x3xf32>, %w: tensor<3x1xf32>) -> tensor<1x1xf32> {
      %z = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<1x1xf32>
      %f = linalg.fill ins(%z : f32) outs(%e : tensor<1x1xf32>) -> tensor<1x1xf32>
      %r = linalg.matmul ins(%x, %w : tensor<1x3xf32>, tensor<3x1xf32>)
        outs(%f : tensor<1x1xf32>) -> tensor<1x1xf32>
      return %r : tensor<1x1xf32>
    })";
  auto one = [&](std::vector<float> x, const LinalgOptions &options) {
    auto results = run(text,
                       {HostTensor::of({1, 3}, x),
                        HostTensor::of({3, 1}, std::vector<float>{1, 1, 1})},
                       options);
    return results.empty() ? 0.0f : results[0].get(0).f;
  };
  LinalgOptions stepwise;
  stepwise.fastSums = false;
  for (const LinalgOptions &options : {LinalgOptions(), stepwise}) {
    EXPECT_EQ(one({16777216, 1, 1}, options), 16777216);
    EXPECT_EQ(one({1, 1, 16777216}, options), 16777218);
  }
}

TEST_F(EvaluatorTest, MovesElements) {
  auto results = run(R"(
    func.func @main(%a: tensor<2x2xi8>)
        -> (tensor<3x4xi8>, tensor<2xi8>, tensor<4x2xi8>, tensor<3x4xi8>, tensor<2x2x1xi8>) {
      %z = arith.constant -7 : i8
      %p = tensor.pad %a low[1, 0] high[0, 2] {
      ^bb0(%i: index, %j: index):
        tensor.yield %z : i8
      } : tensor<2x2xi8> to tensor<3x4xi8>
      %s = tensor.extract_slice %p[1, 0] [2, 1] [1, 1] : tensor<3x4xi8> to tensor<2xi8>
      %c = tensor.concat dim(0) %a, %a : (tensor<2x2xi8>, tensor<2x2xi8>) -> tensor<4x2xi8>
      %n = tensor.insert_slice %a into %p[0, 0] [2, 2] [2, 3]
        : tensor<2x2xi8> into tensor<3x4xi8>
      %x = tensor.expand_shape %a [[0], [1, 2]] output_shape [2, 2, 1]
        : tensor<2x2xi8> into tensor<2x2x1xi8>
      return %p, %s, %c, %n, %x : tensor<3x4xi8>, tensor<2xi8>, tensor<4x2xi8>,
        tensor<3x4xi8>, tensor<2x2x1xi8>
    })",
                     {HostTensor::of({2, 2}, Codes{1, 2, 3, 4})});
  ASSERT_EQ(results.size(), 5u);
  EXPECT_EQ(results[0].values<int8_t>(),
            (Codes{-7, -7, -7, -7, 1, 2, -7, -7, 3, 4, -7, -7}));
  EXPECT_EQ(results[1].values<int8_t>(), (Codes{1, 3}));
  EXPECT_EQ(results[2].values<int8_t>(), (Codes{1, 2, 3, 4, 1, 2, 3, 4}));
  EXPECT_EQ(results[3].values<int8_t>(),
            (Codes{1, -7, -7, 2, 1, 2, -7, -7, 3, 4, -7, 4}));
  EXPECT_EQ(results[4].shape, (std::vector<int64_t>{2, 2, 1}));
}

TEST_F(EvaluatorTest, PadsByPosition) {
  auto results = run(R"(
    func.func @main(%a: tensor<1xi32>) -> tensor<3xi32> {
      %p = tensor.pad %a low[2] high[0] {
      ^bb0(%i: index):
        %k = arith.index_cast %i : index to i32
        tensor.yield %k : i32
      } : tensor<1xi32> to tensor<3xi32>
      return %p : tensor<3xi32>
    })",
                     {HostTensor::of({1}, std::vector<int32_t>{9})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values<int32_t>(), (std::vector<int32_t>{0, 1, 9}));
}

TEST_F(EvaluatorTest, QuantizesInF32) {
  auto results =
      run(R"(
    func.func @main(%x: tensor<2x2xf32>)
        -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>) {
      %f = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5:3>} : tensor<2x2xf32>
      %g = compress.fake_quant %x {type = !quant.uniform<i8:f32:1, {0.5, 2.0:1}>} : tensor<2x2xf32>
      %c = arith.constant dense<[[-1, -128], [127, 5]]> : tensor<2x2xi8>
      %s = quant.scast %c : tensor<2x2xi8> to tensor<2x2x!quant.uniform<u8:f32:0, {0.5:255, 2.0}>>
      %d = quant.dcast %s : tensor<2x2x!quant.uniform<u8:f32:0, {0.5:255, 2.0}>> to tensor<2x2xf32>
      return %f, %g, %d : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x2xf32>
    })",
          {HostTensor::of({2, 2}, std::vector<float>{0.25f, 1, 0.75f, 1e9f})});
  ASSERT_EQ(results.size(), 3u);
  EXPECT_EQ(results[0].values<float>(), (std::vector<float>{0, 1, 1, 62}));
  EXPECT_EQ(results[1].values<float>(), (std::vector<float>{0, 0, 1, 252}));
  EXPECT_EQ(results[2].values<float>(),
            (std::vector<float>{0, -63.5f, 254, 10}));
}

TEST_F(EvaluatorTest, RunsTosaScalesAndTables) {
  auto results = run(R"(
    #id = affine_map<(i) -> (i)>
    func.func @main(%x: tensor<4xi32>, %t: tensor<4xi8>) -> (tensor<4xi32>, tensor<4xi8>) {
      %m = arith.constant 1073741824 : i32
      %s = arith.constant 32 : i8
      %one = arith.constant 1 : i32
      %e = tensor.empty() : tensor<4xi32>
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%x : tensor<4xi32>) outs(%e : tensor<4xi32>) {
      ^bb0(%a: i32, %o: i32):
        %y = tosa.apply_scale %a, %m, %s {rounding_mode = DOUBLE_ROUND} : (i32, i32, i8) -> i32
        linalg.yield %y : i32
      } -> tensor<4xi32>
      %e8 = tensor.empty() : tensor<4xi8>
      %k = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%r : tensor<4xi32>) outs(%e8 : tensor<4xi8>) {
      ^bb0(%a: i32, %o: i8):
        %b = arith.addi %a, %one : i32
        %i = arith.index_cast %b : i32 to index
        %y = tensor.extract %t[%i] : tensor<4xi8>
        linalg.yield %y : i8
      } -> tensor<4xi8>
      return %r, %k : tensor<4xi32>, tensor<4xi8>
    })",
                     {HostTensor::of({4}, std::vector<int32_t>{-2, 0, 4, 5}),
                      HostTensor::of({4}, Codes{70, 71, 72, 73})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].values<int32_t>(), (std::vector<int32_t>{-1, 0, 1, 2}));
  EXPECT_EQ(results[1].values<int8_t>(), (Codes{70, 71, 72, 73}));
}

TEST_F(EvaluatorTest, RequantizesInBodiesAndOnTensors) {
  auto results = run(R"(
    func.func @main(%x: tensor<3xi32>, %s: tensor<3xf32>) -> tensor<3xi8> {
      %r = compress.requantize %x, %s zp(1) range(-5, 100)
        : tensor<3xi32>, tensor<3xf32> -> tensor<3xi8>
      return %r : tensor<3xi8>
    })",
                     {HostTensor::of({3}, std::vector<int32_t>{3, -90, 1000}),
                      HostTensor::of({3}, std::vector<float>{0.5f, 1, 0.25f})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values<int8_t>(), (Codes{3, -5, 100}));
}

TEST_F(EvaluatorTest, NamesUnknownOps) {
  EXPECT_EQ(errorOf(R"(
    func.func @main(%x: tensor<3xf32>) -> tensor<3xf32> {
      %r = tosa.tanh %x : (tensor<3xf32>) -> tensor<3xf32>
      return %r : tensor<3xf32>
    })",
                    {HostTensor::of({3}, std::vector<float>{1, 2, 3})}),
            "there is no evaluation of 'tosa.tanh'");
}

TEST_F(EvaluatorTest, NoticesUndefinedValues) {
  const char *text = R"(
    #id = affine_map<(i) -> (i)>
    func.func @main(%x: tensor<1xi32>) -> tensor<1xi32> {
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
          ins(%x : tensor<1xi32>) outs(%x : tensor<1xi32>) {
      ^bb0(%a: i32, %o: i32):
        %y = arith.addi %a, %a overflow<nsw> : i32
        linalg.yield %y : i32
      } -> tensor<1xi32>
      return %r : tensor<1xi32>
    })";
  EXPECT_EQ(errorOf(text, {HostTensor::of({1}, std::vector<int32_t>{5})}), "");
  EXPECT_EQ(errorOf(text, {HostTensor::of({1}, std::vector<int32_t>{1 << 30})}),
            "'linalg.generic' computes an undefined value: signed overflow of "
            "an op with nsw");
}

TEST_F(EvaluatorTest, MasksAndScattersChannels) {
  auto results =
      run(R"(
    func.func @main(%x: tensor<2x3x2xf32>) -> tensor<2x4x2xf32> {
      %g = compress.channel_gate %x {axis = 1, beta = array<f32: 0.1, 0.2, 0.3>,
          gamma = array<f32: 1.0, 2.0, 3.0>} : tensor<2x3x2xf32>
      %m = compress.channel_mask %g
          {axis = 1, mask = array<i1: true, false, true>} : tensor<2x3x2xf32>
      %y = compress.scatter_channels %m {axis = 1, indices = array<i64: 1, 2, 3>}
          : tensor<2x3x2xf32> -> tensor<2x4x2xf32>
      return %y : tensor<2x4x2xf32>
    })",
          {HostTensor::of({2, 3, 2}, std::vector<float>{1, 2, -3, 4, 5, 6, 7, 8,
                                                        9, 10, 11, 12})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values<float>(),
            (std::vector<float>{0, 0, 1, 2, 0, 0, 5, 6, //
                                0, 0, 7, 8, 0, 0, 11, 12}));
}

TEST_F(EvaluatorTest, ChecksInputs) {
  const char *text = R"(
    func.func @main(%x: tensor<1xi32>) -> tensor<1xi32> {
      return %x : tensor<1xi32>
    })";
  EXPECT_EQ(errorOf(text, {}), "the function takes 1 inputs, not 0");
  EXPECT_EQ(errorOf(text, {HostTensor::of({1}, Codes{5})}),
            "input 0 does not have the type of the argument");
}

TEST_F(EvaluatorTest, CallsFunctions) {
  auto results = run(R"(
    func.func private @twice(%x: tensor<1xi32>) -> tensor<1xi32> {
      %r = arith.addi %x, %x : tensor<1xi32>
      return %r : tensor<1xi32>
    }
    func.func @main(%x: tensor<1xi32>) -> tensor<1xi32> {
      %a = call @twice(%x) : (tensor<1xi32>) -> tensor<1xi32>
      %b = call @twice(%a) : (tensor<1xi32>) -> tensor<1xi32>
      return %b : tensor<1xi32>
    })",
                     {HostTensor::of({1}, std::vector<int32_t>{3})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].values<int32_t>(), (std::vector<int32_t>{12}));
}

} // namespace

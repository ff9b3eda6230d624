//===- OnnxExportTest.cpp - what linalg becomes in ONNX -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExportedModel.h"
#include "gtest/gtest.h"

using namespace mlir::compress::test;

namespace {

/// The operators of one elementwise body on f32 [2, 3, 4, 4].
std::string ofBody(const std::string &body) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
    func.func @main(%x: tensor<2x3x4x4xf32>) -> tensor<2x3x4x4xf32> {
      %c0 = arith.constant 0.0 : f32
      %c1 = arith.constant 1.0 : f32
      %c6 = arith.constant 6.0 : f32
      %e = tensor.empty() : tensor<2x3x4x4xf32>
      %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = [
          "parallel", "parallel", "parallel", "parallel"]}
          ins(%x : tensor<2x3x4x4xf32>) outs(%e : tensor<2x3x4x4xf32>) {
      ^bb0(%v: f32, %o: f32):)" +
                  body + R"(
        linalg.yield %r : f32
      } -> tensor<2x3x4x4xf32>
      return %y : tensor<2x3x4x4xf32>
    })");
  return m.isValid ? m.operators() : m.errors;
}

TEST(OnnxExport, Header) {
  ExportedModel m(R"(
    func.func @main(%x: tensor<2x3xf32> {compress.name = "image"})
        -> (tensor<2x3xf32> {compress.name = "a"}, tensor<2x3xf32>) {
      return %x, %x : tensor<2x3xf32>, tensor<2x3xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.model.ir_version(), 8);
  ASSERT_EQ(m.model.opset_import_size(), 1);
  EXPECT_EQ(m.model.opset_import(0).version(), 17);
  EXPECT_EQ(m.model.producer_name(), "test");
  EXPECT_EQ(m.model.producer_version(), "1.2");
  EXPECT_EQ(m.model.graph().name(), "main");
  // An output that is an input is a copy.
  EXPECT_EQ(m.nodes(), "a = Identity(image)\noutput1 = Identity(image)\n");
  EXPECT_EQ(
      m.model.graph().input(0).type().tensor_type().shape().dim(1).dim_value(),
      3);
}

TEST(OnnxExport, ConvTakesPaddingAndBias) {
  ExportedModel m(R"(
    func.func @main(%x: tensor<1x2x5x5xf32>) -> tensor<1x3x3x5xf32> {
      %c0 = arith.constant 0.0 : f32
      %w = arith.constant dense<1.0> : tensor<3x2x3x2xf32>
      %b = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
      %p = tensor.pad %x low[0, 0, 1, 0] high[0, 0, 1, 2] {
      ^bb0(%i: index, %j: index, %k: index, %l: index):
        tensor.yield %c0 : f32
      } : tensor<1x2x5x5xf32> to tensor<1x2x7x7xf32>
      %e = tensor.empty() : tensor<1x3x3x5xf32>
      %i = linalg.broadcast ins(%b : tensor<3xf32>)
          outs(%e : tensor<1x3x3x5xf32>) dimensions = [0, 2, 3]
      %y = linalg.conv_2d_nchw_fchw {strides = dense<[2, 1]> : tensor<2xi64>,
          dilations = dense<[1, 2]> : tensor<2xi64>}
          ins(%p, %w : tensor<1x2x7x7xf32>, tensor<3x2x3x2xf32>)
          outs(%i : tensor<1x3x3x5xf32>) -> tensor<1x3x3x5xf32> loc("c")
      return %y : tensor<1x3x3x5xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "output = Conv(input, c.weight, c.bias) dilations=[1,2] "
                       "group=1 kernel_shape=[3,2] pads=[1,0,1,2] "
                       "strides=[2,1]\n");
  EXPECT_EQ(m.elements<float>("c.bias"), (std::vector<float>{1, 2, 3}));
}

// Two NHWC convolutions with something between: transposes at the borders only.
TEST(OnnxExport, NhwcLeavesNoTransposesInside) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
    func.func @main(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x3xf32> {
      %c0 = arith.constant 0.0 : f32
      %w = arith.constant dense<[[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]>
          : tensor<1x1x2x3xf32>
      %v = arith.constant dense<1.0> : tensor<1x1x3x3xf32>
      %e = tensor.empty() : tensor<1x4x4x3xf32>
      %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<1x4x4x3xf32>)
          -> tensor<1x4x4x3xf32>
      %a = linalg.conv_2d_nhwc_hwcf
          ins(%x, %w : tensor<1x4x4x2xf32>, tensor<1x1x2x3xf32>)
          outs(%z : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32> loc("c1")
      %r = linalg.generic {indexing_maps = [#id, #id], iterator_types = [
          "parallel", "parallel", "parallel", "parallel"]}
          ins(%a : tensor<1x4x4x3xf32>) outs(%e : tensor<1x4x4x3xf32>) {
      ^bb0(%i: f32, %o: f32):
        %m = arith.maximumf %i, %c0 : f32
        linalg.yield %m : f32
      } -> tensor<1x4x4x3xf32>
      %b = linalg.conv_2d_nhwc_hwcf
          ins(%r, %v : tensor<1x4x4x3xf32>, tensor<1x1x3x3xf32>)
          outs(%a : tensor<1x4x4x3xf32>) -> tensor<1x4x4x3xf32> loc("c2")
      return %b : tensor<1x4x4x3xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.operators(), "Transpose Conv Relu Conv Add Transpose");
  EXPECT_EQ(m.shape("c1.weight"), (std::vector<int64_t>{3, 2, 1, 1}));
  EXPECT_EQ(m.elements<float>("c1.weight"),
            (std::vector<float>{1, 4, 2, 5, 3, 6}));
}

TEST(OnnxExport, DepthwiseWithMultiplier) {
  ExportedModel m(R"(
    func.func @main(%x: tensor<1x4x4x2xf32>, %w: tensor<2x2x2x3xf32>)
        -> tensor<1x3x3x2x3xf32> {
      %c0 = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<1x3x3x2x3xf32>
      %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<1x3x3x2x3xf32>)
          -> tensor<1x3x3x2x3xf32>
      %y = linalg.depthwise_conv_2d_nhwc_hwcm
          ins(%x, %w : tensor<1x4x4x2xf32>, tensor<2x2x2x3xf32>)
          outs(%z : tensor<1x3x3x2x3xf32>) -> tensor<1x3x3x2x3xf32>
      return %y : tensor<1x3x3x2x3xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_NE(m.nodes().find("group=2"), std::string::npos) << m.nodes();
  EXPECT_EQ(m.operators(),
            "Transpose Transpose Reshape Conv Reshape Transpose");
}

TEST(OnnxExport, BatchNormKeepsItsParameters) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
    #c = affine_map<(d0, d1, d2, d3) -> (d1)>
    func.func @main(%x: tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32> {
      %eps = arith.constant 1.0e-3 : f32
      %g = arith.constant dense<1.0> : tensor<2xf32>
      %b = arith.constant dense<[3.0, 4.0]> : tensor<2xf32>
      %m = arith.constant dense<[5.0, 6.0]> : tensor<2xf32>
      %v = arith.constant dense<[7.0, 8.0]> : tensor<2xf32>
      %e = tensor.empty() : tensor<1x2x4x4xf32>
      %y = linalg.generic {indexing_maps = [#id, #c, #c, #c, #c, #id],
          iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
          ins(%x, %g, %b, %m, %v : tensor<1x2x4x4xf32>, tensor<2xf32>,
              tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
          outs(%e : tensor<1x2x4x4xf32>) {
      ^bb0(%i: f32, %gi: f32, %bi: f32, %mi: f32, %vi: f32, %o: f32):
        %0 = arith.subf %i, %mi : f32
        %1 = arith.addf %vi, %eps : f32
        %2 = math.rsqrt %1 : f32
        %3 = arith.mulf %2, %0 : f32
        %4 = arith.mulf %3, %gi : f32
        %5 = arith.addf %bi, %4 : f32
        linalg.yield %5 : f32
      } -> tensor<1x2x4x4xf32> loc("bn")
      return %y : tensor<1x2x4x4xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(),
            "output = BatchNormalization(input, bn.scale, bn.bias, bn.mean, "
            "bn.variance) epsilon=1.000000e-03\n");
  EXPECT_EQ(m.elements<float>("bn.scale"), (std::vector<float>{1, 1}));
  EXPECT_EQ(m.elements<float>("bn.bias"), (std::vector<float>{3, 4}));
  EXPECT_EQ(m.elements<float>("bn.mean"), (std::vector<float>{5, 6}));
  EXPECT_EQ(m.elements<float>("bn.variance"), (std::vector<float>{7, 8}));
}

TEST(OnnxExport, BodiesWithOperators) {
  EXPECT_EQ(ofBody("%r = arith.maximumf %c0, %v : f32"), "Relu");
  EXPECT_EQ(ofBody("%a = arith.cmpf ugt, %v, %c0 : f32\n"
                   "%r = arith.select %a, %v, %c0 : f32"),
            "Relu");
  EXPECT_EQ(ofBody("%a = arith.maximumf %v, %c0 : f32\n"
                   "%r = arith.minimumf %a, %c6 : f32"),
            "Clip");
  EXPECT_EQ(ofBody("%a = arith.minimumf %v, %c6 : f32\n"
                   "%r = arith.maximumf %a, %c0 : f32"),
            "Clip");
  // The bounds cross: no clip.
  EXPECT_EQ(ofBody("%a = arith.minimumf %v, %c0 : f32\n"
                   "%r = arith.maximumf %a, %c6 : f32"),
            "Min Max");
  EXPECT_EQ(ofBody("%a = arith.negf %v : f32\n%b = math.exp %a : f32\n"
                   "%d = arith.addf %c1, %b : f32\n"
                   "%r = arith.divf %c1, %d : f32"),
            "Sigmoid");
  EXPECT_EQ(ofBody("%a = arith.mulf %v, %c6 : f32\n"
                   "%b = arith.addf %a, %c1 : f32\n"
                   "%d = arith.maximumf %b, %c0 : f32\n"
                   "%r = arith.minimumf %d, %c1 : f32"),
            "HardSigmoid");
  EXPECT_EQ(ofBody("%a = arith.mulf %v, %c6 : f32\n"
                   "%b = arith.cmpf oge, %v, %c0 : f32\n"
                   "%r = arith.select %b, %v, %a : f32"),
            "LeakyRelu");
  // Below 1 is not below 0.
  EXPECT_EQ(ofBody("%a = arith.mulf %v, %c6 : f32\n"
                   "%b = arith.cmpf oge, %v, %c1 : f32\n"
                   "%r = arith.select %b, %v, %a : f32"),
            "GreaterOrEqual Mul Where");
  EXPECT_EQ(ofBody("%a = math.expm1 %v : f32\n%d = arith.mulf %c6, %a : f32\n"
                   "%b = arith.cmpf oge, %v, %c0 : f32\n"
                   "%r = arith.select %b, %v, %d : f32"),
            "Elu");
  EXPECT_EQ(ofBody("%a = math.absf %v : f32\n%b = arith.negf %a : f32\n"
                   "%d = math.exp %b : f32\n%f = math.log1p %d : f32\n"
                   "%g = arith.maximumf %v, %c0 : f32\n"
                   "%r = arith.addf %g, %f : f32"),
            "Softplus");
  EXPECT_EQ(ofBody("%r = math.rsqrt %v : f32"), "Sqrt Reciprocal");
  EXPECT_EQ(ofBody("%a = arith.cmpf uno, %v, %v : f32\n"
                   "%r = arith.select %a, %c0, %v : f32"),
            "IsNaN Where");
  EXPECT_EQ(ofBody("%a = arith.fptosi %v : f32 to i32\n"
                   "%r = arith.sitofp %a : i32 to f32"),
            "Cast Cast");
}

TEST(OnnxExport, OperandsAreAligned) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
    #swap = affine_map<(d0, d1, d2) -> (d2, d0)>
    #last = affine_map<(d0, d1, d2) -> (d2)>
    func.func @main(%x: tensor<2x3x4xf32>, %y: tensor<4x2xf32>,
                    %z: tensor<4xf32>) -> tensor<2x3x4xf32> {
      %e = tensor.empty() : tensor<2x3x4xf32>
      %r = linalg.generic {indexing_maps = [#id, #swap, #last, #id],
          iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%x, %y, %z : tensor<2x3x4xf32>, tensor<4x2xf32>, tensor<4xf32>)
          outs(%e : tensor<2x3x4xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
        %0 = arith.subf %a, %b : f32
        %1 = arith.mulf %0, %c : f32
        linalg.yield %1 : f32
      } -> tensor<2x3x4xf32>
      return %r : tensor<2x3x4xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "transpose = Transpose(input1) perm=[1,0]\n"
                       "reshape = Reshape(transpose, reshape.const)\n"
                       "sub = Sub(input0, reshape)\n"
                       "output = Mul(sub, input2)\n");
  EXPECT_EQ(m.elements<int64_t>("reshape.const"),
            (std::vector<int64_t>{2, 1, 4}));
}

TEST(OnnxExport, MeansAndExtrema) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
    #out = affine_map<(d0, d1, d2) -> (d1, d0)>
    #all = affine_map<(d0, d1) -> (d0, d1)>
    func.func @main(%x: tensor<2x3x4xf32>)
        -> (tensor<3x2xf32>, tensor<3x2xf32>) {
      %c0 = arith.constant 0.0 : f32
      %c1 = arith.constant 1.0 : f32
      %c4 = arith.constant 4.0 : f32
      %e = tensor.empty() : tensor<3x2xf32>
      %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<3x2xf32>)
          -> tensor<3x2xf32>
      %one = linalg.fill ins(%c1 : f32) outs(%e : tensor<3x2xf32>)
          -> tensor<3x2xf32>
      %s = linalg.generic {indexing_maps = [#id, #out],
          iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x : tensor<2x3x4xf32>) outs(%z : tensor<3x2xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.addf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<3x2xf32>
      %m = linalg.generic {indexing_maps = [#all, #all],
          iterator_types = ["parallel", "parallel"]}
          ins(%s : tensor<3x2xf32>) outs(%e : tensor<3x2xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.divf %a, %c4 : f32
        linalg.yield %0 : f32
      } -> tensor<3x2xf32>
      %t = linalg.generic {indexing_maps = [#id, #out],
          iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x : tensor<2x3x4xf32>) outs(%one : tensor<3x2xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.maximumf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<3x2xf32>
      return %m, %t : tensor<3x2xf32>, tensor<3x2xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.operators(), "ReduceMean ReduceMax Max Transpose Transpose")
      << m.nodes();
}

/// A pool of NHWC [1, 4, 4, 2] with windows of 2 x 2, padded by one in front,
/// and a divisor of each position.
std::string ofPool(const std::string &filler, const std::string &pool,
                   const std::string &divisor) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
    #img = affine_map<(d0, d1, d2, d3) -> (d1, d2)>
    func.func @main(%x: tensor<1x2x3x3xf32>) -> tensor<1x2x2x2xf32> {
      %f = arith.constant )" +
                  filler + R"( : f32
      %d = arith.constant )" +
                  divisor + R"( : tensor<2x2xf32>
      %p = tensor.pad %x low[0, 0, 1, 1] high[0, 0, 0, 0] {
      ^bb0(%i: index, %j: index, %k: index, %l: index):
        tensor.yield %f : f32
      } : tensor<1x2x3x3xf32> to tensor<1x2x4x4xf32>
      %t = tensor.empty() : tensor<1x4x4x2xf32>
      %n = linalg.transpose ins(%p : tensor<1x2x4x4xf32>)
          outs(%t : tensor<1x4x4x2xf32>) permutation = [0, 2, 3, 1]
      %k = tensor.empty() : tensor<2x2xf32>
      %e = tensor.empty() : tensor<1x2x2x2xf32>
      %z = linalg.fill ins(%f : f32) outs(%e : tensor<1x2x2x2xf32>)
          -> tensor<1x2x2x2xf32>
      %y = linalg.)" +
                  pool + R"( {strides = dense<2> : tensor<2xi64>,
          dilations = dense<1> : tensor<2xi64>}
          ins(%n, %k : tensor<1x4x4x2xf32>, tensor<2x2xf32>)
          outs(%z : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
      %r = linalg.generic {indexing_maps = [#id, #img, #id], iterator_types = [
          "parallel", "parallel", "parallel", "parallel"]}
          ins(%y, %d : tensor<1x2x2x2xf32>, tensor<2x2xf32>)
          outs(%e : tensor<1x2x2x2xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %0 = arith.divf %a, %b : f32
        linalg.yield %0 : f32
      } -> tensor<1x2x2x2xf32>
      %o = linalg.transpose ins(%r : tensor<1x2x2x2xf32>)
          outs(%e : tensor<1x2x2x2xf32>) permutation = [0, 3, 1, 2]
      return %o : tensor<1x2x2x2xf32>
    })");
  return m.isValid ? m.nodes() : m.errors;
}

TEST(OnnxExport, Pools) {
  EXPECT_EQ(ofPool("0.0", "pooling_nhwc_sum", "dense<4.0>"),
            "output = AveragePool(input) kernel_shape=[2,2] pads=[1,1,0,0] "
            "strides=[2,2] count_include_pad=1\n");
  EXPECT_EQ(
      ofPool("0.0", "pooling_nhwc_sum", "dense<[[1.0, 2.0], [2.0, 4.0]]>"),
      "output = AveragePool(input) kernel_shape=[2,2] pads=[1,1,0,0] "
      "strides=[2,2] count_include_pad=0\n");
  // Other divisors are what they are.
  std::string other =
      ofPool("0.0", "pooling_nhwc_sum", "dense<[[1.0, 2.0], [2.0, 3.0]]>");
  EXPECT_NE(other.find("= Div("), std::string::npos) << other;
  std::string max = ofPool("0xFF800000", "pooling_nhwc_max", "dense<1.0>");
  EXPECT_EQ(max.find("maxpool = MaxPool(input) kernel_shape=[2,2] "
                     "pads=[1,1,0,0] strides=[2,2]\n"),
            0u)
      << max;
  // A maximum with zeros is none with padding.
  EXPECT_NE(ofPool("0.0", "pooling_nhwc_max", "dense<1.0>")
                .find("its windows start from other numbers"),
            std::string::npos);
}

// A product of something else than the operands is no matrix product.
TEST(OnnxExport, SumOfAnyTerm) {
  ExportedModel m(R"(
    #a = affine_map<(d0, d1, d2) -> (d0, d2)>
    #b = affine_map<(d0, d1, d2) -> (d2, d1)>
    #c = affine_map<(d0, d1, d2) -> (d0, d1)>
    func.func @main(%x: tensor<2x4xf32>, %y: tensor<4x3xf32>)
        -> tensor<2x3xf32> {
      %c0 = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<2x3xf32>
      %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<2x3xf32>)
          -> tensor<2x3xf32>
      %s = linalg.generic {indexing_maps = [#a, #b, #c],
          iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %y : tensor<2x4xf32>, tensor<4x3xf32>)
          outs(%z : tensor<2x3xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %0 = math.exp %a : f32
        %1 = arith.mulf %0, %b : f32
        %2 = arith.addf %o, %1 : f32
        linalg.yield %2 : f32
      } -> tensor<2x3xf32>
      return %s : tensor<2x3xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "reshape = Reshape(input0, reshape.const)\n"
                       "exp = Exp(reshape)\n"
                       "transpose = Transpose(input1) perm=[1,0]\n"
                       "mul = Mul(exp, transpose)\n"
                       "output = ReduceSum(mul, reducesum.const) keepdims=0\n");
}

TEST(OnnxExport, Softmax) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1) -> (d0, d1)>
    #row = affine_map<(d0, d1) -> (d0)>
    func.func @main(%x: tensor<2x5xf32>) -> tensor<2x5xf32> {
      %c0 = arith.constant 0.0 : f32
      %low = arith.constant 0xFF800000 : f32
      %e = tensor.empty() : tensor<2x5xf32>
      %r = tensor.empty() : tensor<2xf32>
      %z = linalg.fill ins(%c0 : f32) outs(%r : tensor<2xf32>) -> tensor<2xf32>
      %l = linalg.fill ins(%low : f32) outs(%r : tensor<2xf32>)
          -> tensor<2xf32>
      %m = linalg.generic {indexing_maps = [#id, #row],
          iterator_types = ["parallel", "reduction"]}
          ins(%x : tensor<2x5xf32>) outs(%l : tensor<2xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.maximumf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<2xf32>
      %p = linalg.generic {indexing_maps = [#id, #row, #id],
          iterator_types = ["parallel", "parallel"]}
          ins(%x, %m : tensor<2x5xf32>, tensor<2xf32>)
          outs(%e : tensor<2x5xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %0 = arith.subf %a, %b : f32
        %1 = math.exp %0 : f32
        linalg.yield %1 : f32
      } -> tensor<2x5xf32>
      %s = linalg.generic {indexing_maps = [#id, #row],
          iterator_types = ["parallel", "reduction"]}
          ins(%p : tensor<2x5xf32>) outs(%z : tensor<2xf32>) {
      ^bb0(%a: f32, %o: f32):
        %0 = arith.addf %o, %a : f32
        linalg.yield %0 : f32
      } -> tensor<2xf32>
      %y = linalg.generic {indexing_maps = [#id, #row, #id],
          iterator_types = ["parallel", "parallel"]}
          ins(%p, %s : tensor<2x5xf32>, tensor<2xf32>)
          outs(%e : tensor<2x5xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %0 = arith.divf %a, %b : f32
        linalg.yield %0 : f32
      } -> tensor<2x5xf32>
      return %y : tensor<2x5xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "output = Softmax(input) axis=1\n");
}

TEST(OnnxExport, NamesAreUnique) {
  ExportedModel m(R"(
    func.func @main(%x: tensor<2x2xf32> {compress.name = "a"})
        -> (tensor<2x2xf32> {compress.name = "b"}) {
      %c0 = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<2x2xf32>
      %z = linalg.fill ins(%c0 : f32) outs(%e : tensor<2x2xf32>)
          -> tensor<2x2xf32>
      %y = linalg.matmul ins(%x, %x : tensor<2x2xf32>, tensor<2x2xf32>)
          outs(%z : tensor<2x2xf32>) -> tensor<2x2xf32> loc("a")
      %w = linalg.matmul ins(%y, %x : tensor<2x2xf32>, tensor<2x2xf32>)
          outs(%z : tensor<2x2xf32>) -> tensor<2x2xf32> loc("b")
      return %w : tensor<2x2xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "a_1 = MatMul(a, a)\nb = MatMul(a_1, a)\n");
  EXPECT_EQ(m.model.graph().node(0).name(), "a");
}

} // namespace

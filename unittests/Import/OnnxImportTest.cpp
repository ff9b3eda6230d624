//===- OnnxImportTest.cpp - what ONNX models become ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxTestModel.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// Expects the texts in the module, in this order.
void expectInOrder(const ImportResult &result, const Names &texts) {
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  EXPECT_TRUE(result.errors.empty());
  size_t at = 0;
  for (const std::string &text : texts) {
    size_t found = result.ir.find(text, at);
    ASSERT_NE(found, std::string::npos) << text << "\nin\n" << result.ir;
    at = found + text.size();
  }
}

void expectAbsent(const ImportResult &result, const std::string &text) {
  EXPECT_EQ(result.ir.find(text), std::string::npos) << result.ir;
}

TEST(OnnxImport, Conv) {
  TestModel m;
  m.input("x", {-1, 3, 8, 8}).output("y");
  m.floats("w", {4, 3, 3, 3}, {1, 2, 3}).floats("b", {4}, {1, 2, 3, 4});
  m.node("Conv", {"x", "w", "b"}, {"y"})
      .ints("pads", {1, 0, 1, 2})
      .ints("strides", {2, 1});
  OnnxImportOptions options;
  options.batch = 5;
  expectInOrder(import(m, options),
                {"@main(%arg0: tensor<5x3x8x8xf32> {compress.name = \"x\"}) -> "
                 "(tensor<5x4x4x8xf32> {compress.name = \"y\"})",
                 "tensor.pad %arg0 low[0, 0, 1, 0] high[0, 0, 1, 2]",
                 "linalg.broadcast ins(%cst_1 : tensor<4xf32>)",
                 "dimensions = [0, 2, 3]", "linalg.conv_2d_nchw_fchw",
                 "strides = dense<[2, 1]>"});
}

TEST(OnnxImport, DepthwiseAndGroupedConv) {
  TestModel m;
  m.input("x", {1, 4, 8, 8}).output("y").output("z");
  m.floats("w", {4, 1, 3, 3}, {1, 2}).floats("v", {6, 2, 1, 1}, {1, 2});
  m.floats("b", {6}, {1, 2});
  m.node("Conv", {"x", "w"}, {"y"}).attr("group", 4);
  m.node("Conv", {"x", "v", "b"}, {"z"}).attr("group", 2);
  expectInOrder(import(m),
                {"linalg.depthwise_conv_2d_nchw_chw", "tensor<4x3x3xf32>",
                 "dimensions = [0, 3, 4]", "tensor<1x2x2x8x8xf32>",
                 "linalg.conv_2d_ngchw_gfchw", "tensor<2x3x2x1x1xf32>",
                 "tensor.collapse_shape"});
}

TEST(OnnxImport, OneDimensionalConv) {
  TestModel m;
  m.input("x", {1, 2, 8}).output("y").floats("w", {3, 2, 3}, {1, 2});
  m.node("Conv", {"x", "w"}, {"y"}).ints("pads", {1, 1});
  expectInOrder(import(m), {"linalg.conv_2d_nchw_fchw", "tensor<3x2x1x3xf32>",
                            "return", "tensor<1x3x8xf32>"});
}

TEST(OnnxImport, GemmTransposesConstants) {
  TestModel m;
  m.input("x", {1, 2}).output("y");
  m.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6}).floats("c", {1, 3}, {7, 8, 9});
  m.node("Gemm", {"x", "w", "c"}, {"y"}).attr("transB", 1);
  ImportResult result = import(m);
  expectInOrder(result, {"dense<[[1.000000e+00, 3.000000e+00, 5.000000e+00], "
                         "[2.000000e+00, 4.000000e+00, 6.000000e+00]]>",
                         "linalg.matmul"});
  expectAbsent(result, "linalg.transpose");
}

TEST(OnnxImport, GemmWithFactors) {
  TestModel m;
  m.input("x", {2, 1}).output("y");
  m.floats("w", {2, 3}, {1, 2}).floats("c", {}, {7});
  m.node("Gemm", {"x", "w", "c"}, {"y"})
      .attr("transA", 1)
      .real("alpha", 0.5f)
      .real("beta", 2.0f);
  expectInOrder(import(m), {"linalg.transpose", "linalg.matmul", "arith.mulf",
                            "arith.mulf", "arith.addf"});
}

TEST(OnnxImport, MatMul) {
  TestModel m;
  m.input("x", {2, 3, 4}).output("y").output("z");
  m.floats("w", {4, 5}, {1, 2}).floats("v", {2, 4, 5}, {1, 2});
  m.node("MatMul", {"x", "w"}, {"y"});
  m.node("MatMul", {"x", "v"}, {"z"});
  expectInOrder(import(m), {"tensor<6x4xf32>", "linalg.matmul",
                            "tensor<2x3x5xf32>", "linalg.batch_matmul"});
}

TEST(OnnxImport, BroadcastsByProjection) {
  TestModel m;
  m.input("x", {1, 3, 4, 4}).output("y").floats("c", {3, 1, 1}, {1, 2, 3});
  m.node("Mul", {"x", "c"}, {"y"});
  expectInOrder(import(m), {"affine_map<(d0, d1, d2, d3) -> (d1)>",
                            "tensor<3xf32>", "arith.mulf"});
}

TEST(OnnxImport, Activations) {
  TestModel m(14);
  m.input("x", {1, 4}).output("y");
  m.floats("lo", {}, {0}).floats("hi", {1}, {6});
  m.node("Relu", {"x"}, {"a"});
  m.node("Clip", {"a", "lo", "hi"}, {"b"});
  m.node("Clip", {"b", "", "hi"}, {"c"});
  m.node("HardSwish", {"c"}, {"d"});
  m.node("Sigmoid", {"d"}, {"e"});
  m.node("LeakyRelu", {"e"}, {"y"}).real("alpha", 0.25f);
  expectInOrder(import(m),
                {"arith.maximumf", "arith.maximumf", "arith.minimumf",
                 "arith.minimumf", "arith.mulf", "arith.addf", "arith.maximumf",
                 "arith.minimumf", "arith.mulf", "math.exp", "arith.divf",
                 "2.500000e-01", "arith.cmpf oge", "arith.select"});
}

TEST(OnnxImport, BatchNormAndPools) {
  TestModel m;
  m.input("x", {1, 2, 6, 6}).output("y");
  m.floats("p", {2}, {1, 2});
  m.node("BatchNormalization", {"x", "p", "p", "p", "p"}, {"a"});
  m.node("MaxPool", {"a"}, {"b"})
      .ints("kernel_shape", {3, 3})
      .ints("strides", {2, 2})
      .ints("pads", {1, 1, 1, 1});
  m.node("AveragePool", {"b"}, {"c"})
      .ints("kernel_shape", {2, 2})
      .ints("pads", {1, 0, 0, 0});
  m.node("GlobalAveragePool", {"c"}, {"y"});
  expectInOrder(import(m),
                {"math.rsqrt", "0xFF800000", "tensor.pad",
                 "linalg.pooling_nchw_max", "linalg.pooling_nchw_sum",
                 "arith.divf", "linalg.pooling_nchw_sum", "arith.divf",
                 "tensor<1x2x1x1xf32>"});
}

TEST(OnnxImport, ReductionsAndSoftmax) {
  TestModel m(11);
  m.input("x", {2, 3, 4}).output("y");
  m.node("ReduceMean", {"x"}, {"a"}).ints("axes", {-1});
  m.node("Softmax", {"a"}, {"y"}).attr("axis", 1);
  expectInOrder(
      import(m),
      {"iterator_types = [\"parallel\", \"parallel\", \"reduction\"]",
       "arith.addf", "arith.divf", "tensor.expand_shape",
       "iterator_types = [\"parallel\", \"reduction\", \"reduction\"]",
       "arith.maximumf", "arith.subf", "math.exp", "arith.addf", "arith.divf"});
}

TEST(OnnxImport, ShapeArithmeticLeavesNothing) {
  TestModel m(15);
  m.input("x", {2, 3, 4}).output("y");
  m.longs("one", {1}).longs("minus", {-1});
  m.node("Shape", {"x"}, {"shape"});
  m.node("Gather", {"shape", "one"}, {"g"});
  m.node("Mul", {"g", "g"}, {"nine"});
  m.node("Sub", {"nine", "one"}, {"eight"});
  m.node("Concat", {"eight", "minus"}, {"target"}).attr("axis", 0);
  m.node("Reshape", {"x", "target"}, {"y"});
  ImportResult result = import(m);
  expectInOrder(result, {"tensor.collapse_shape", "tensor<24xf32>",
                         "tensor.expand_shape", "tensor<8x3xf32>"});
  expectAbsent(result, "arith");
}

TEST(OnnxImport, MovesElements) {
  TestModel m;
  m.input("x", {1, 4, 8, 8}).output("y").output("s");
  m.longs("starts", {-6}).longs("ends", {INT64_MAX}).longs("axes", {2});
  m.longs("steps", {2}).longs("pads", {0, 1, 0, 0, 0, 1, 0, 0});
  m.node("Slice", {"x", "starts", "ends", "axes", "steps"}, {"a"});
  m.node("Pad", {"a", "pads"}, {"b"});
  m.node("Transpose", {"b"}, {"c"}).ints("perm", {0, 2, 3, 1});
  m.node("Concat", {"c", "c"}, {"y"}).attr("axis", 3);
  m.node("Split", {"x"}, {"q", "s"}).attr("axis", 1);
  expectInOrder(import(m),
                {"tensor.extract_slice %arg0[0, 0, 2, 0] [1, 4, 3, "
                 "8] [1, 1, 2, 1]",
                 "tensor.pad", "low[0, 1, 0, 0]", "linalg.transpose",
                 "permutation = [0, 2, 3, 1]", "tensor.concat dim(3)",
                 "tensor.extract_slice %arg0[0, 2, 0, 0]"});
}

TEST(OnnxImport, IgnoresWhatNoOutputNeeds) {
  TestModel m;
  m.input("x", {1, 2}).output("y");
  m.node("NoSuchOp", {"x"}, {"unused"});
  m.node("Dropout", {"x"}, {"y", "mask"});
  expectInOrder(import(m), {"return %arg0"});
}

//===----------------------------------------------------------------------===//
// Quantization
//===----------------------------------------------------------------------===//

TEST(OnnxImport, ActivationBecomesFakeQuant) {
  TestModel m;
  m.input("x", {1, 4}).output("y").scale(0.5f, 100, /*uint8*/ 2);
  m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
  m.node("DequantizeLinear", {"q", "s", "z"}, {"y"});
  ImportResult result = import(m);
  expectInOrder(result, {"!quant.uniform<i8:f32, 5.000000e-01:-28>",
                         "compress.fake_quant %arg0", "return"});
  expectAbsent(result, "quant.qcast");
}

TEST(OnnxImport, WithoutZeroPointIsUint8) {
  TestModel m;
  m.input("x", {1, 4}).output("y").floats("s", {1}, {0.5f});
  m.node("QuantizeLinear", {"x", "s"}, {"q"});
  m.node("DequantizeLinear", {"q", "s"}, {"y"});
  expectInOrder(import(m), {"!quant.uniform<i8:f32, 5.000000e-01:-128>"});
}

TEST(OnnxImport, CodesMoveAsNumbers) {
  TestModel m;
  m.input("x", {1, 2, 4, 4}).output("y").scale(0.5f, -3, /*int8*/ 3);
  m.codes("code", {}, 3, {-5}).longs("pads", {0, 0, 1, 0, 0, 0, 0, 0});
  m.node("QuantizeLinear", {"x", "s", "z"}, {"q"});
  m.node("Cast", {"q"}, {"wide"}).attr("to", 6);
  m.node("Cast", {"wide"}, {"narrow"}).attr("to", 3);
  m.node("MaxPool", {"narrow"}, {"p"}).ints("kernel_shape", {2, 2});
  m.node("Relu", {"p"}, {"r"});                // max(code, 0) is max(x, 1.5)
  m.node("Pad", {"r", "pads", "code"}, {"d"}); // code -5 is -1.0
  m.node("Flatten", {"d"}, {"f"});
  m.node("DequantizeLinear", {"f", "s", "z"}, {"y"});
  expectInOrder(import(m),
                {"compress.fake_quant", "linalg.pooling_nchw_max",
                 "1.500000e+00 : f32", "arith.maximumf", "-1.000000e+00 : f32",
                 "tensor.pad", "tensor.collapse_shape", "return"});
}

TEST(OnnxImport, DequantizedWeights) {
  TestModel m;
  m.input("x", {1, 2}).output("y");
  m.codes("w", {3, 2}, /*uint8*/ 2, {0, 255, 128, 1, 2, 3});
  m.floats("s", {3}, {0.5f, 0.25f, 2}).codes("z", {3}, 2, {128, 0, 255});
  m.codes("b", {3}, /*int32*/ 6, {100, -7, 3}).floats("t", {}, {0.125f});
  m.node("Identity", {"w"}, {"w2"});
  m.node("DequantizeLinear", {"w2", "s", "z"}, {"wd"}).attr("axis", 0);
  m.node("DequantizeLinear", {"b", "t"}, {"bd"});
  m.node("Gemm", {"x", "wd", "bd"}, {"y"}).attr("transB", 1);
  expectInOrder(import(m),
                {"!quant.uniform<i8:f32:1, "
                 "{5.000000e-01,2.500000e-01:-128,2.000000e+00:127}>",
                 "!quant.uniform<i32:f32, 1.250000e-01>",
                 "arith.constant dense<[[-128, 0, -126], [127, -127, -125]]>",
                 "quant.scast", "quant.dcast",
                 "dense<[100, -7, 3]> : tensor<3xi32>", "quant.scast",
                 "quant.dcast", "linalg.matmul"});
}

TEST(OnnxImport, ScaleOfZeroIsNumberZero) {
  TestModel m;
  m.input("x", {2, 2}).output("y");
  m.codes("w", {2, 2}, 3, {9, 8, 7, 6}).floats("s", {2}, {0.5f, 0});
  m.codes("z", {2}, 3, {1, 2});
  m.node("DequantizeLinear", {"w", "s", "z"}, {"wd"}).attr("axis", 1);
  m.node("MatMul", {"x", "wd"}, {"y"});
  expectInOrder(import(m),
                {"{5.000000e-01:1,1.000000e+00:2}", "dense<[[9, 2], [7, 2]]>"});
}

TEST(OnnxImport, QuantizesConstants) {
  // Ties to even, saturation, one channel is per tensor.
  TestModel m;
  m.input("x", {1, 5}).output("y");
  m.floats("w", {5, 1}, {0.5f, 1.5f, 2.5f, -1000, 1000});
  m.floats("s", {1}, {1}).codes("z", {1}, 3, {1});
  m.node("QuantizeLinear", {"w", "s", "z"}, {"q"}).attr("axis", 1);
  m.node("DequantizeLinear", {"q", "s", "z"}, {"wd"}).attr("axis", 1);
  m.node("MatMul", {"x", "wd"}, {"y"});
  expectInOrder(import(m), {"!quant.uniform<i8:f32, 1.000000e+00:1>",
                            "dense<[[1], [3], [3], [-128], [127]]>"});
}

TEST(OnnxImport, FourBitWeightsKeepTheirRange) {
  TestModel m(21);
  m.input("x", {1, 3}).output("y").floats("s", {}, {0.5f});
  // 1, -8, 7 packed from the low bits up; the proto writes them as raw bytes.
  m.tensor("w", {3, 1}, /*int4*/ 22)->set_raw_data(std::string("\x81\x07", 2));
  m.node("DequantizeLinear", {"w", "s"}, {"wd"});
  m.node("MatMul", {"x", "wd"}, {"y"});
  expectInOrder(import(m), {"!quant.uniform<i8<-8:7>:f32, 5.000000e-01>",
                            "dense<[[1], [-8], [7]]> : tensor<3x1xi8>"});
}

TEST(OnnxImport, LargeConstantsAreResources) {
  TestModel m;
  m.input("x", {1, 1, 32, 32}).output("y");
  m.floats("layer/w:0", {1, 1, 17, 17}, {1, 2, 3});
  m.node("Conv", {"x", "layer/w:0"}, {"y"});
  expectInOrder(import(m), {"dense_resource<layer_w_0>"});
}

TEST(OnnxImport, ShapesFromOptions) {
  TestModel m;
  m.input("x", {-1, 3, -1, 5}).output("y");
  m.node("Relu", {"x"}, {"y"});
  OnnxImportOptions options;
  options.inputShapes.push_back({"", {2, 3, 4, 7}});
  expectInOrder(import(m, options), {"%arg0: tensor<2x3x4x7xf32>"});
  options.inputShapes[0].first = "x";
  expectInOrder(import(m, options), {"%arg0: tensor<2x3x4x7xf32>"});
}

} // namespace

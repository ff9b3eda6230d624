//===- OnnxQuantizedExportTest.cpp - quantizations, channels, moves -------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ExportedModel.h"
#include "gtest/gtest.h"

using namespace mlir::compress::test;

namespace {

/// One op on f32 [1, 3, 2, 2].
std::string withOp(const std::string &op) {
  return R"(func.func @main(%x: tensor<1x3x2x2xf32>) -> tensor<1x3x2x2xf32> {
    %y = )" +
         op + R"( loc("q")
    return %y : tensor<1x3x2x2xf32>
  })";
}

TEST(OnnxQuantizedExport, FakeQuant) {
  ExportedModel m(withOp("compress.fake_quant %x {type = "
                         "!quant.uniform<i8:f32, 5.0e-01:-3>} : "
                         "tensor<1x3x2x2xf32>"));
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "q = QuantizeLinear(input, q.scale, q.zero_point)\n"
                       "output = DequantizeLinear(q, q.scale, q.zero_point)\n");
  EXPECT_EQ(m.elements<float>("q.scale"), (std::vector<float>{0.5}));
  EXPECT_EQ(m.elements<int8_t>("q.zero_point"), (std::vector<int8_t>{-3}));
}

TEST(OnnxQuantizedExport, NarrowRangeIsClipped) {
  ExportedModel m(withOp("compress.fake_quant %x {type = "
                         "!quant.uniform<i8<-127:100>:f32, 5.0e-01:3>} : "
                         "tensor<1x3x2x2xf32>"));
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.operators(), "Clip QuantizeLinear DequantizeLinear");
  EXPECT_EQ(m.elements<float>("q.clip.const"), (std::vector<float>{-65}));
  EXPECT_EQ(m.elements<float>("q.clip.const_1"), (std::vector<float>{48.5}));
}

TEST(OnnxQuantizedExport, PerChannelAndWide) {
  ExportedModel m(withOp("compress.fake_quant %x {type = !quant.uniform<i8:f32:"
                         "1, {1.0, 2.0:1, 3.0}>} : tensor<1x3x2x2xf32>"));
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(),
            "q = QuantizeLinear(input, q.scale, q.zero_point) axis=1\n"
            "output = DequantizeLinear(q, q.scale, q.zero_point) axis=1\n");
  EXPECT_EQ(m.elements<int8_t>("q.zero_point"), (std::vector<int8_t>{0, 1, 0}));
  // 16 bits have no operator in this opset.
  ExportedModel wide(withOp("compress.fake_quant %x {type = !quant.uniform<"
                            "i16:f32, 1.0:5>} : tensor<1x3x2x2xf32>"));
  ASSERT_TRUE(wide.isValid) << wide.errors;
  EXPECT_EQ(wide.operators(), "Div Round Clip Mul");
  EXPECT_EQ(wide.elements<float>("q.clip.const"), (std::vector<float>{-32773}));
}

TEST(OnnxQuantizedExport, WeightsStayCodes) {
  ExportedModel m(R"(
    !w = !quant.uniform<i8<-127:127>:f32:3, {1.0, 2.0}>
    !b = !quant.uniform<i32:f32:0, {5.0e-01, 2.5e-01}>
    func.func @main(%x: tensor<1x3x4x4xf32>) -> tensor<1x4x4x2xf32> {
      %t = tensor.empty() : tensor<1x4x4x3xf32>
      %n = linalg.transpose ins(%x : tensor<1x3x4x4xf32>)
          outs(%t : tensor<1x4x4x3xf32>) permutation = [0, 2, 3, 1]
      %wc = arith.constant dense<[[[[1, 2], [3, 4], [5, 6]]]]>
          : tensor<1x1x3x2xi8>
      %ws = quant.scast %wc : tensor<1x1x3x2xi8> to tensor<1x1x3x2x!w>
      %w = quant.dcast %ws : tensor<1x1x3x2x!w> to tensor<1x1x3x2xf32>
      %bc = arith.constant dense<[70000, -5]> : tensor<2xi32>
      %bs = quant.scast %bc : tensor<2xi32> to tensor<2x!b>
      %b = quant.dcast %bs : tensor<2x!b> to tensor<2xf32>
      %e = tensor.empty() : tensor<1x4x4x2xf32>
      %i = linalg.broadcast ins(%b : tensor<2xf32>)
          outs(%e : tensor<1x4x4x2xf32>) dimensions = [0, 1, 2]
      %y = linalg.conv_2d_nhwc_hwcf
          ins(%n, %w : tensor<1x4x4x3xf32>, tensor<1x1x3x2xf32>)
          outs(%i : tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> loc("c")
      return %y : tensor<1x4x4x2xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(),
            "c.bias = DequantizeLinear(c.bias.codes, c.bias.scale) axis=0\n"
            "c.weight = DequantizeLinear(c.weight.codes, c.weight.scale, "
            "c.weight.zero_point) axis=0\n"
            "c = Conv(input, c.weight, c.bias) dilations=[1,1] group=1 "
            "kernel_shape=[1,1] pads=[0,0,0,0] strides=[1,1]\n"
            "output = Transpose(c) perm=[0,2,3,1]\n");
  EXPECT_EQ(m.shape("c.weight.codes"), (std::vector<int64_t>{2, 3, 1, 1}));
  EXPECT_EQ(m.elements<int8_t>("c.weight.codes"),
            (std::vector<int8_t>{1, 3, 5, 2, 4, 6}));
  EXPECT_EQ(m.elements<int32_t>("c.bias.codes"),
            (std::vector<int32_t>{70000, -5}));
}

TEST(OnnxQuantizedExport, ChannelsOfPruning) {
  ExportedModel mask(withOp("compress.channel_mask %x {axis = 1, mask = "
                            "array<i1: true, false, true>} : "
                            "tensor<1x3x2x2xf32>"));
  ASSERT_TRUE(mask.isValid) << mask.errors;
  EXPECT_EQ(mask.nodes(), "output = Mul(input, q.const)\n");
  EXPECT_EQ(mask.elements<float>("q.const"), (std::vector<float>{1, 0, 1}));
  EXPECT_EQ(mask.shape("q.const"), (std::vector<int64_t>{3, 1, 1}));

  ExportedModel gate(withOp("compress.channel_gate %x {axis = 1, beta = "
                            "array<f32: 1.0, 1.0, 1.0>, gamma = array<f32: "
                            "1.0, 1.0, 1.0>} : tensor<1x3x2x2xf32>"));
  ASSERT_TRUE(gate.isValid) << gate.errors;
  EXPECT_EQ(gate.nodes(), "output = Identity(input)\n");

  ExportedModel scatter(R"(
    func.func @main(%x: tensor<1x3x2xf32>) -> tensor<1x7x2xf32> {
      %y = compress.scatter_channels %x {axis = 1,
          indices = array<i64: 1, 2, 5>}
          : tensor<1x3x2xf32> -> tensor<1x7x2xf32>
      return %y : tensor<1x7x2xf32>
    })");
  ASSERT_TRUE(scatter.isValid) << scatter.errors;
  EXPECT_EQ(scatter.operators(), "Slice Pad Slice Pad Concat");
  EXPECT_EQ(scatter.elements<int64_t>("pad.const"),
            (std::vector<int64_t>{0, 1, 0, 0, 0, 0}));
  EXPECT_EQ(scatter.elements<int64_t>("pad_1.const"),
            (std::vector<int64_t>{0, 2, 0, 0, 1, 0}));
}

TEST(OnnxQuantizedExport, InsertedSlicesAreConcatenated) {
  ExportedModel m(R"(
    func.func @main(%x: tensor<1x3xf32>, %y: tensor<1x2xf32>)
        -> (tensor<1x5xf32>, tensor<1x5xf32>) {
      %e = tensor.empty() : tensor<1x5xf32>
      %a = tensor.insert_slice %y into %e[0, 3] [1, 2] [1, 1]
          : tensor<1x2xf32> into tensor<1x5xf32>
      %b = tensor.insert_slice %x into %a[0, 0] [1, 3] [1, 1]
          : tensor<1x3xf32> into tensor<1x5xf32>
      %c = tensor.insert_slice %y into %b[0, 1] [1, 2] [1, 1]
          : tensor<1x2xf32> into tensor<1x5xf32>
      return %b, %c : tensor<1x5xf32>, tensor<1x5xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.operators(), "Concat Pad Expand Pad Cast Where");
  EXPECT_NE(m.nodes().find("= Concat(input0, input1) axis=1"),
            std::string::npos);
}

TEST(OnnxQuantizedExport, Gather) {
  ExportedModel m(R"(
    #i = affine_map<(d0, d1, d2) -> (d1)>
    #id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
    func.func @main(%x: tensor<2x9x4xf32>, %i: tensor<3xi64>)
        -> tensor<2x3x4xf32> {
      %e = tensor.empty() : tensor<2x3x4xf32>
      %y = linalg.generic {indexing_maps = [#i, #id],
          iterator_types = ["parallel", "parallel", "parallel"]}
          ins(%i : tensor<3xi64>) outs(%e : tensor<2x3x4xf32>) {
      ^bb0(%a: i64, %o: f32):
        %0 = linalg.index 0 : index
        %1 = arith.index_cast %a : i64 to index
        %2 = linalg.index 2 : index
        %v = tensor.extract %x[%0, %1, %2] : tensor<2x9x4xf32>
        linalg.yield %v : f32
      } -> tensor<2x3x4xf32>
      return %y : tensor<2x3x4xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "output = Gather(input0, input1) axis=1\n");
}

TEST(OnnxQuantizedExport, GatherByTwoIndices) {
  ExportedModel m(R"(
    #id = affine_map<(d0, d1) -> (d0, d1)>
    func.func @main(%x: tensor<4x5xf32>, %i: tensor<2x3xi64>)
        -> tensor<2x3xf32> {
      %e = tensor.empty() : tensor<2x3xf32>
      %y = linalg.generic {indexing_maps = [#id, #id],
          iterator_types = ["parallel", "parallel"]}
          ins(%i : tensor<2x3xi64>) outs(%e : tensor<2x3xf32>) {
      ^bb0(%a: i64, %o: f32):
        %0 = arith.index_cast %a : i64 to index
        %v = tensor.extract %x[%0, %0] : tensor<4x5xf32>
        linalg.yield %v : f32
      } -> tensor<2x3xf32>
      return %y : tensor<2x3xf32>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  EXPECT_EQ(m.nodes(), "mul = Mul(input1, mul.const)\n"
                       "add = Add(mul, input1)\n"
                       "reshape = Reshape(input0, reshape.const)\n"
                       "output = Gather(reshape, add) axis=0\n");
  EXPECT_EQ(m.elements<int64_t>("mul.const"), (std::vector<int64_t>{5}));
}

TEST(OnnxQuantizedExport, TypesOutside) {
  ExportedModel m(R"(
    #id = affine_map<(d0) -> (d0)>
    func.func @main(%x: tensor<2xi8> {compress.element_type = i1},
                    %y: tensor<2xi8> {compress.element_type = ui8})
        -> (tensor<2xf32>, tensor<2xi8> {compress.element_type = i1}) {
      %c0 = arith.constant 0.0 : f32
      %c9 = arith.constant 9 : i8
      %e = tensor.empty() : tensor<2xf32>
      %f = tensor.empty() : tensor<2xi8>
      %r = linalg.generic {indexing_maps = [#id, #id, #id],
          iterator_types = ["parallel"]}
          ins(%x, %y : tensor<2xi8>, tensor<2xi8>) outs(%e : tensor<2xf32>) {
      ^bb0(%a: i8, %b: i8, %o: f32):
        %0 = arith.trunci %a : i8 to i1
        %1 = arith.uitofp %b : i8 to f32
        %2 = arith.select %0, %1, %c0 : f32
        linalg.yield %2 : f32
      } -> tensor<2xf32>
      %s = linalg.generic {indexing_maps = [#id, #id],
          iterator_types = ["parallel"]}
          ins(%y : tensor<2xi8>) outs(%f : tensor<2xi8>) {
      ^bb0(%b: i8, %o: i8):
        %0 = arith.cmpi ult, %b, %c9 : i8
        %1 = arith.extui %0 : i1 to i8
        linalg.yield %1 : i8
      } -> tensor<2xi8>
      return %r, %s : tensor<2xf32>, tensor<2xi8>
    })");
  ASSERT_TRUE(m.isValid) << m.errors;
  auto type = [](const pb::ValueInfoProto &value) {
    return value.type().tensor_type().elem_type();
  };
  EXPECT_EQ(type(m.model.graph().input(0)), pb::TensorProto::BOOL);
  EXPECT_EQ(type(m.model.graph().input(1)), pb::TensorProto::UINT8);
  EXPECT_EQ(type(m.model.graph().output(1)), pb::TensorProto::BOOL);
  EXPECT_EQ(m.nodes(), "cast = Cast(input1) to=1\n"
                       "output0 = Where(input0, cast, where.const)\n"
                       "output1 = Less(input1, less.const)\n");
}

} // namespace

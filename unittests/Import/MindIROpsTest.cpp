//===- MindIROpsTest.cpp - operators beyond those of Golden Stick ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRTestModel.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

using Shape = MindIRTestModel::Shape;

void expectInOrder(const MindIRTestModel &model,
                   const std::vector<std::string> &texts) {
  MindIRResult result = import(model);
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  size_t at = 0;
  for (const std::string &text : texts) {
    size_t found = result.ir.find(text, at);
    ASSERT_NE(found, std::string::npos) << text << "\nin\n" << result.ir;
    at = found + text.size();
  }
}

void expectError(const MindIRTestModel &model, const std::string &text) {
  MindIRResult result = import(model);
  ASSERT_FALSE(result) << result.ir;
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_NE(result.errors[0].find(text), std::string::npos) << result.errors[0];
}

/// x[1:-1, ..., new, -1, ::2] of [4, 2, 3, 5, 6] as MindSpore writes it.
MindIRTestModel slice(int64_t last, int64_t stride) {
  MindIRTestModel m;
  std::string x = m.input("x", {4, 2, 3, 5, 6});
  m.output(m.node("StridedSlice",
                  {x, m.ints({1, 0, 0, last, 0}), m.ints({-1, 0, 0, 0, 0}),
                   m.ints({1, 1, 1, 1, stride}), m.scalar(16), m.scalar(16),
                   m.scalar(2), m.scalar(4), m.scalar(8)}));
  return m;
}

TEST(MindIRMoreOps, StridedSlice) {
  expectInOrder(slice(-1, 2), {"extract_slice",
                               "[1, 0, 0, 4, 0] [2, 2, 3, 1, 3] [1, 1, 1, 1, "
                               "2]",
                               "return", "tensor<2x2x3x1x3xf32>"});
  expectError(slice(-6, 2), "takes element -6 of 5");
  expectError(slice(0, 0), "requires strides other than 0");
}

TEST(MindIRMoreOps, StackTakesOneShape) {
  auto stack = [](const Shape &first, const Shape &second, int64_t axis) {
    MindIRTestModel m;
    std::string x = m.input("x", first), y = m.input("y", second);
    m.output(m.node("Stack", {m.node("MakeTuple", {x, y}), m.scalar(axis)}));
    return m;
  };
  expectInOrder(stack({2, 3}, {2, 3}, -1), {"tensor<2x3x2xf32>"});
  expectError(stack({2, 3}, {2}, 0), "of one shape, not [2, 3] and [2]");
  expectError(stack({2}, {1, 2}, 0), "of one shape, not [2] and [1, 2]");
  expectError(stack({2, 3}, {1, 3}, 1), "of one shape, not [2, 3] and [1, 3]");
}

/// None is an element of a tuple wherever it stands.
TEST(MindIRMoreOps, NoneInATuple) {
  MindIRTestModel m;
  std::string x = m.input("x", {2});
  std::string pair = m.node("MakeTuple", {m.nothing(), x, m.nothing()});
  m.output(m.node("ReLU", {m.node("TupleGetItem", {pair, m.scalar(-2)})}));
  m.output(pair);
  expectInOrder(m, {"-> (tensor<2xf32> {compress.name = \"output0\"}, "
                    "tensor<2xf32> {compress.name = \"output1\"})"});
}

TEST(MindIRMoreOps, SplitAndStack) {
  MindIRTestModel m;
  std::string parts =
      m.node("Split", {m.input("x", {2, 6}), m.scalar(1), m.scalar(3)});
  std::string list =
      m.node("make_list", {m.node("TupleGetItem", {parts, m.scalar(2)}),
                           m.node("TupleGetItem", {parts, m.scalar(0)})});
  std::string y = m.node("Stack", {list});
  m.attr("axis", 1);
  m.output(y);
  expectInOrder(m, {"extract_slice", "[0, 4] [2, 2]", "tensor.concat dim(1)",
                    "tensor<2x2x2xf32>"});
  MindIRTestModel uneven;
  uneven.output(uneven.node("Split", {uneven.input("x", {2, 6}),
                                      uneven.scalar(1), uneven.scalar(4)}));
  expectError(uneven, "cannot split 6 elements into 4 equal parts");
}

TEST(MindIRMoreOps, GatherBroadcastTile) {
  MindIRTestModel m;
  std::string x = m.node("Gather", {m.input("x", {1, 4}), m.longs({2}, {-1, 0}),
                                    m.scalar(1), m.scalar(0)});
  x = m.node("BroadcastTo", {x, m.ints({3, -1})});
  m.output(m.node("Tile", {x, m.ints({2, 1, 2})}));
  expectInOrder(m, {"tensor<1x2xf32>", "tensor<2x3x4xf32>"});
}

TEST(MindIRMoreOps, Pads) {
  MindIRTestModel m;
  std::string x = m.node("PadV3", {m.input("x", {1, 2, 3, 4}),
                                   m.ints({1, 2, 0, 3}), m.number(0.5f)});
  m.text("mode", "constant").attr("paddings_contiguous", 1, 9);
  m.output(x);
  expectInOrder(m, {"low[0, 0, 0, 1] high[0, 0, 3, 2]", "tensor<1x2x6x7xf32>"});
  MindIRTestModel pairs;
  pairs.output(pairs.node("Pad", {pairs.input("x", {3, 4})}));
  auto *attribute = pairs.primitive->add_attribute();
  attribute->set_name("paddings");
  attribute->set_type(20);
  for (int64_t before : {1, 0}) {
    auto *pair = attribute->add_values();
    pair->set_type(20);
    for (int64_t pad : {before, int64_t(2)}) {
      auto *element = pair->add_values();
      element->set_type(7);
      element->add_ints(pad);
    }
  }
  expectInOrder(pairs, {"low[1, 0] high[2, 2]", "tensor<6x6xf32>"});
}

TEST(MindIRMoreOps, PoolsThatPad) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2, 1, 5, 6});
  std::string y = m.node("MaxPool3DWithArgmax", {x});
  m.list("ksize", {1, 3, 3}).list("strides", {1, 2, 2}).list("pads", {0, 1, 1});
  m.list("dilation", {1, 1, 1}).attr("ceil_mode", 1, 9).text("format", "NCDHW");
  y = m.node("TupleGetItem", {y, m.scalar(0)});
  std::string z = m.node("AvgPool3D", {x});
  m.list("kernel_size", {1, 1, 1, 3, 3}).list("strides", {1, 1, 1, 2, 2});
  m.list("pad_list", {0, 0, 1, 1, 1, 1}).attr("count_include_pad", 0, 9);
  m.text("format", "NCDHW");
  m.output(y);
  m.output(z);
  expectInOrder(m, {"pooling_nchw_max", "tensor<1x2x3x4xf32>",
                    "pooling_nchw_sum", "tensor<1x2x3x3xf32>", "return",
                    "tensor<1x2x1x3x4xf32>, tensor<1x2x1x3x3xf32>"});
  MindIRTestModel deep;
  deep.output(deep.node("AvgPool3D", {deep.input("x", {1, 2, 4, 5, 6})}));
  deep.list("kernel_size", {1, 1, 2, 3, 3}).list("strides", {1, 1, 1, 2, 2});
  deep.list("pad_list", {0, 0, 1, 1, 1, 1}).text("format", "NCDHW");
  expectError(deep, "other pools of three dimensions are not supported");
}

TEST(MindIRMoreOps, AdaptiveAvgPool) {
  auto pool = [](const Shape &size) {
    MindIRTestModel m;
    m.output(m.node("AdaptiveAvgPool2D", {m.input("x", {1, 2, 6, 4})}));
    m.list("output_size", size);
    return m;
  };
  expectInOrder(pool({1, 1}), {"tensor<1x2x1x1xf32>"});
  expectInOrder(pool({3, 2}), {"pooling_nchw_sum", "tensor<1x2x3x2xf32>"});
  expectError(pool({4, 2}), "by windows of several sizes");
}

TEST(MindIRMoreOps, TransposedConvolution) {
  auto conv = [](int64_t rows) {
    MindIRTestModel m;
    std::string w = m.parameter("w", {2, 3, 3, 3}, {1, 2, 3});
    m.output(m.node("Conv2DTranspose",
                    {m.input("x", {1, 2, 4, 5}), w, m.ints({1, 3, rows, 10})}));
    m.text("format", "NCHW").attr("group", 1).list("pad_list", {0, 1, 0, 1});
    m.list("stride", {1, 1, 2, 2}).list("dilation", {1, 1, 1, 1});
    return m;
  };
  expectInOrder(conv(8), {"conv_2d_nchw_fchw", "tensor<1x3x8x10xf32>"});
  expectInOrder(conv(9), {"conv_2d_nchw_fchw", "tensor<1x3x9x10xf32>"});
  expectError(conv(10), "cannot give an output of 10 elements; of 8 to 9");
}

TEST(MindIRMoreOps, Normalizations) {
  MindIRTestModel m;
  std::string x = m.input("x", {2, 4, 3});
  std::string three = m.parameter("three", {3}, {1, 2});
  std::string four = m.parameter("four", {4}, {1, 2});
  x = m.node("LayerNorm",
             {x, three, three, m.scalar(-1), m.scalar(-1), m.number(1e-7f)});
  x = m.node("TupleGetItem", {x, m.scalar(0)});
  x = m.node("GroupNorm", {x, m.scalar(2), four, four, m.number(1e-5f)});
  m.output(m.node("TupleGetItem", {x, m.scalar(0)}));
  expectInOrder(m, {"rsqrt", "rsqrt", "tensor<2x4x3xf32>"});
  MindIRTestModel shapes;
  x = shapes.input("x", {2, 4, 3});
  four = shapes.parameter("four", {4}, {1});
  x = shapes.node("LayerNorm", {x, four, four, shapes.scalar(-1),
                                shapes.scalar(-1), shapes.number(1e-7f)});
  shapes.output(shapes.node("TupleGetItem", {x, shapes.scalar(0)}));
  expectError(shapes, "requires parameters of [3], not [4] and [4]");
}

TEST(MindIRMoreOps, Activations) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2, 3, 4});
  x = m.node("PReLU", {x, m.parameter("slope", {2}, {0.1f, 0.2f})});
  x = m.node("ClampScalar", {x, m.nothing(), m.scalar(6)});
  x = m.node("Elu", {x, m.number(0.5f)});
  x = m.node("Pow", {x, m.tensor({}, {2})});
  x = m.node("SumExt", {x, m.ints({1}), m.scalar(0, 9), m.nothing()});
  m.output(m.node("MatMulExt", {x, m.parameter("w", {4, 2}, {1})}));
  expectInOrder(m, {"arith.cmpf oge", "minimumf", "math.expm1", "arith.mulf",
                    "linalg.matmul", "tensor<1x3x2xf32>"});
}

TEST(MindIRMoreOps, AScalarThatIsNoIntegerMakesNumbers) {
  MindIRTestModel m;
  std::string x = m.input("x", {2}, /*type=*/6);
  m.output(m.node("Muls", {x, m.number(0.5f)}));
  expectInOrder(m, {"sitofp", "arith.mulf", "tensor<2xf32>"});
}

//===----------------------------------------------------------------------===//
// Declared types
//===----------------------------------------------------------------------===//

/// x / 2 in int32, which the file says to be of `type`.
MindIRTestModel divide(int type) {
  MindIRTestModel m;
  std::string x = m.input("x", {2}, 6);
  std::string two = m.scalar(2);
  m.output(m.node("Div", {x, two}));
  if (type)
    m.declare(type);
  return m;
}

TEST(MindIRTypes, IntegersAreDividedAsDeclared) {
  expectInOrder(divide(6), {"arith.divsi", "return", "tensor<2xi32>"});
  expectInOrder(divide(1),
                {"arith.sitofp", "arith.divf", "return", "tensor<2xf32>"});
  expectError(divide(7), "gives int32 where the file says int64");
  expectError(divide(0), "the file does not say the type of the result");
}

TEST(MindIRTypes, ResultsHaveTheDeclaredTypes) {
  MindIRTestModel m;
  std::string x = m.input("x", {2});
  m.output(m.node("Greater", {x, m.tensor({}, {0})}));
  m.declare(9);
  expectInOrder(m, {"compress.element_type = i1"});
  m.graph->mutable_node(m.graph->node_size() - 1)->clear_attribute();
  m.declare(1);
  expectError(m, "gives bool where the file says float32");
  MindIRTestModel tuple;
  x = tuple.input("x", {2});
  std::string y = tuple.input("y", {2}, 6);
  tuple.output(tuple.node("MakeTuple", {x, y}));
  auto *attribute = tuple.graph->mutable_node(0)->add_attribute();
  attribute->set_name("shape");
  attribute->set_type(20);
  for (int type : {1, 6}) {
    auto *part = attribute->add_values();
    part->set_type(19);
    part->add_tensors()->set_data_type(type);
  }
  expectInOrder(tuple, {"tensor<2xf32>", "tensor<2xi32>"});
  attribute->mutable_values(1)->mutable_tensors(0)->set_data_type(7);
  expectError(tuple, "gives int32 where the file says int64");
}

//===----------------------------------------------------------------------===//
// Pads
//===----------------------------------------------------------------------===//

/// Pads of [1, 1, 8, 8] with a stride of 2: 0 before, 1 behind.
MindIRTestModel same(const Shape &pads) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 1, 8, 8});
  m.output(m.node("Conv2D", {x, m.parameter("w", {1, 1, 3, 3}, {1})}));
  m.text("pad_mode", "same").list("pad_list", pads);
  m.list("stride", {1, 1, 2, 2}).list("dilation", {1, 1, 1, 1});
  return m;
}

TEST(MindIRPads, SameIsOfTheExtentsThatThereAre) {
  expectInOrder(same({0, 1, 0, 1}),
                {"tensor<1x1x9x9xf32>", "return", "tensor<1x1x4x4xf32>"});
  MindIRImportOptions options;
  options.inputShapes.push_back({"x", {1, 1, 9, 10}});
  MindIRResult result = import(same({0, 1, 0, 1}), options);
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  for (const char *text : {"low[0, 0, 1, 0] high[0, 0, 1, 1]",
                           "tensor<1x1x11x11xf32>", "tensor<1x1x5x5xf32>"})
    EXPECT_NE(result.ir.find(text), std::string::npos) << result.ir;
  MindIRTestModel number = same({0, 1, 0, 1});
  auto *mode = number.primitive->mutable_attribute(0);
  mode->set_type(7);
  mode->set_i(1);
  EXPECT_NE(import(number, options).ir.find("tensor<1x1x5x5xf32>"),
            std::string::npos);
}

TEST(MindIRPads, SameAndAnotherList) {
  expectError(same({1, 0, 1, 0}),
              "has the pad_list [1, 0, 1, 0], but the pad_mode \"same\" comes "
              "to [0, 1, 0, 1] for [1, 1, 8, 8]");
}

} // namespace

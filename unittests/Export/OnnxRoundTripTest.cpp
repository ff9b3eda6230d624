//===- OnnxRoundTripTest.cpp - operators that come back -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "../Import/OnnxTestModel.h"
#include "ExportedModel.h"
#include "gtest/gtest.h"

using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

/// The module that an import has printed, behind a mark that it was one.
std::string getText(const ImportResult &imported) {
  return llvm::StringRef(imported.ir).drop_front(strlen("module")).str();
}

/// The nodes of `model` after it has been imported and exported.
std::string exported(const TestModel &model) {
  ImportResult imported = import(model);
  if (!imported)
    return imported.errors.empty() ? "no module" : imported.errors[0];
  ExportedModel m(getText(imported));
  return m.isValid ? m.nodes() : m.errors;
}

/// One operator of x, f32 [2, 4, 6, 6], and of initializers that stand in it.
class OneOperator {
public:
  explicit OneOperator(int64_t opset = 17) : m(opset) {
    m.input("x", {2, 4, 6, 6}).output("y");
  }
  NodeBuilder node(const std::string &op, const Names &others = {}) {
    Names inputs{"x"};
    inputs.insert(inputs.end(), others.begin(), others.end());
    return m.node(op, inputs, {"y"});
  }
  TestModel m;
};

TEST(OnnxRoundTrip, FunctionsOfOneTensor) {
  for (const char *op :
       {"Abs", "Ceil", "Elu", "Erf", "Exp", "Floor", "GlobalAveragePool",
        "GlobalMaxPool", "HardSwish", "Log", "Neg", "Reciprocal", "Relu",
        "Round", "Sigmoid", "Softplus", "Sqrt", "Tanh"}) {
    OneOperator one;
    one.node(op);
    std::string nodes = exported(one.m);
    // Reciprocal is a quotient to the importer.
    std::string wanted = llvm::StringRef(op) == "Reciprocal"
                             ? "y = Div(div.const, x)\n"
                             : std::string("y = ") + op + "(x)";
    EXPECT_TRUE(llvm::StringRef(nodes).starts_with(wanted)) << nodes;
    EXPECT_EQ(llvm::StringRef(nodes).count('\n'), 1u) << nodes;
  }
}

TEST(OnnxRoundTrip, Attributes) {
  OneOperator leaky;
  leaky.node("LeakyRelu").real("alpha", 0.25f);
  EXPECT_EQ(exported(leaky.m), "y = LeakyRelu(x) alpha=2.500000e-01\n");
  OneOperator hard;
  hard.node("HardSigmoid").real("alpha", 0.25f).real("beta", 0.75f);
  EXPECT_EQ(exported(hard.m),
            "y = HardSigmoid(x) alpha=2.500000e-01 beta=7.500000e-01\n");
  OneOperator softmax;
  softmax.node("Softmax").attr("axis", 1);
  EXPECT_EQ(exported(softmax.m), "y = Softmax(x) axis=1\n");
  OneOperator logSoftmax;
  logSoftmax.node("LogSoftmax").attr("axis", -1);
  EXPECT_EQ(exported(logSoftmax.m), "y = LogSoftmax(x) axis=3\n");
  OneOperator transpose;
  transpose.node("Transpose").ints("perm", {0, 2, 3, 1});
  EXPECT_EQ(exported(transpose.m), "y = Transpose(x) perm=[0,2,3,1]\n");
  OneOperator mean;
  mean.node("ReduceMean").ints("axes", {1, 3}).attr("keepdims", 0);
  EXPECT_EQ(exported(mean.m), "y = ReduceMean(x) axes=[1,3] keepdims=0\n");
  OneOperator kept;
  kept.node("ReduceMax").ints("axes", {1}).attr("keepdims", 1);
  EXPECT_EQ(exported(kept.m), "y = ReduceMax(x) axes=[1] keepdims=1\n");
  OneOperator flatten;
  flatten.node("Flatten").attr("axis", 1);
  EXPECT_EQ(exported(flatten.m), "y = Flatten(x) axis=1\n");
}

TEST(OnnxRoundTrip, Windows) {
  OneOperator max;
  max.node("MaxPool")
      .ints("kernel_shape", {3, 2})
      .ints("pads", {1, 0, 1, 1})
      .ints("strides", {2, 1});
  EXPECT_EQ(exported(max.m),
            "y = MaxPool(x) kernel_shape=[3,2] pads=[1,0,1,1] strides=[2,1]\n");
  OneOperator dilated;
  dilated.node("MaxPool")
      .ints("kernel_shape", {2, 2})
      .ints("dilations", {2, 3});
  EXPECT_EQ(exported(dilated.m), "y = MaxPool(x) kernel_shape=[2,2] "
                                 "pads=[0,0,0,0] strides=[1,1] "
                                 "dilations=[2,3]\n");
  OneOperator average;
  average.node("AveragePool")
      .ints("kernel_shape", {3, 3})
      .ints("pads", {1, 1, 1, 1});
  EXPECT_EQ(exported(average.m),
            "y = AveragePool(x) kernel_shape=[3,3] pads=[1,1,1,1] "
            "strides=[1,1] count_include_pad=0\n");
  OneOperator counted;
  counted.node("AveragePool")
      .ints("kernel_shape", {3, 3})
      .ints("pads", {1, 1, 1, 1})
      .attr("count_include_pad", 1);
  EXPECT_EQ(exported(counted.m),
            "y = AveragePool(x) kernel_shape=[3,3] pads=[1,1,1,1] "
            "strides=[1,1] count_include_pad=1\n");
}

TEST(OnnxRoundTrip, ConvTranspose) {
  OneOperator plain;
  plain.m.floats("w", {4, 3, 3, 2}, {1, 2, 3, 4, 5}).floats("b", {6}, {1, 2});
  plain.node("ConvTranspose", {"w", "b"})
      .attr("group", 2)
      .ints("strides", {2, 3})
      .ints("pads", {1, 0, 1, 1})
      .ints("output_padding", {1, 2});
  EXPECT_EQ(exported(plain.m),
            "y = ConvTranspose(x, convtranspose.weight, convtranspose.bias) "
            "dilations=[1,1] group=2 kernel_shape=[3,2] pads=[1,0,0,0] "
            "strides=[2,3] output_padding=[0,1]\n");
  // An element less at the end, and one more, are none. The weights are those
  // that came in.
  OneOperator weights;
  weights.m.floats("w", {4, 3, 2, 2}, {1, 2, 3, 4, 5, 6, 7});
  weights.node("ConvTranspose", {"w"}).ints("strides", {2, 2});
  ExportedModel m(getText(import(weights.m)));
  ASSERT_TRUE(m.isValid) << m.errors;
  ASSERT_EQ(m.operators(), "ConvTranspose");
  std::string name = m.model.graph().node(0).input(1);
  EXPECT_EQ(m.shape(name), (std::vector<int64_t>{4, 3, 2, 2}));
  const auto &given = weights.m.model.graph().initializer(0).float_data();
  EXPECT_EQ(m.elements<float>(name),
            (std::vector<float>(given.begin(), given.end())));
}

TEST(OnnxRoundTrip, GroupedConv) {
  OneOperator one;
  one.m.floats("w", {6, 2, 1, 1}, {1, 2, 3}).floats("b", {6}, {1, 2, 3, 4});
  one.node("Conv", {"w", "b"}).attr("group", 2);
  EXPECT_EQ(exported(one.m),
            "y = Conv(x, conv.weight, conv.bias) dilations=[1,1] "
            "group=2 kernel_shape=[1,1] pads=[0,0,0,0] "
            "strides=[1,1]\n");
}

TEST(OnnxRoundTrip, Normalizations) {
  OneOperator batch;
  batch.m.floats("p", {4}, {1, 2, 3, 4});
  batch.node("BatchNormalization", {"p", "p", "p", "p"}).real("epsilon", 0.5f);
  EXPECT_EQ(exported(batch.m),
            "y = BatchNormalization(x, batchnormalization.scale, "
            "batchnormalization.scale, batchnormalization.scale, "
            "batchnormalization.scale) "
            "epsilon=5.000000e-01\n");
  OneOperator layer;
  layer.m.floats("g", {6, 6}, {1, 2, 3}).floats("b", {6, 6}, {4, 5});
  layer.node("LayerNormalization", {"g", "b"}).attr("axis", 2);
  std::string nodes = exported(layer.m);
  EXPECT_TRUE(llvm::StringRef(nodes).starts_with(
      "y = LayerNormalization(x, layernormalization.scale, "
      "layernormalization.bias) axis=2 "))
      << nodes;
}

TEST(OnnxRoundTrip, CodesThatComeIn) {
  TestModel m;
  m.input("x", {2, 3}, 3).output("y").scale(0.5f, -7, 3);
  m.node("DequantizeLinear", {"x", "s", "z"}, {"y"});
  EXPECT_EQ(exported(m), "y = DequantizeLinear(x, dequantizelinear.scale, "
                         "dequantizelinear.zero_point)\n");
}

TEST(OnnxRoundTrip, ChoosingElements) {
  OneOperator slice;
  slice.m.longs("starts", {1, 0}).longs("ends", {4, 6}).longs("axes", {1, 3});
  slice.m.longs("steps", {1, 2});
  slice.node("Slice", {"starts", "ends", "axes", "steps"});
  EXPECT_EQ(exported(slice.m), "y = Slice(x, slice.const, slice.const_1, "
                               "slice.const_2, slice.const_3)\n");
  OneOperator pad;
  pad.m.longs("pads", {0, 0, 1, 0, 0, 0, 0, 2}).floats("v", {}, {7});
  pad.node("Pad", {"pads", "v"});
  EXPECT_EQ(exported(pad.m), "y = Pad(x, pad.const, pad.const_1)\n");
  TestModel gather;
  gather.input("x", {3, 4}).input("i", {2}, 7).output("y");
  gather.node("Gather", {"x", "i"}, {"y"}).attr("axis", 1);
  EXPECT_EQ(exported(gather), "y = Gather(x, i) axis=1\n");
  TestModel elements;
  elements.input("x", {3, 4}).input("i", {3, 2}, 7).output("y");
  elements.node("GatherElements", {"x", "i"}, {"y"}).attr("axis", 1);
  EXPECT_EQ(exported(elements), "y = GatherElements(x, i) axis=1\n");
  TestModel argMax;
  argMax.input("x", {3, 4}).output("y");
  argMax.node("ArgMax", {"x"}, {"y"}).attr("axis", 1).attr("keepdims", 0);
  std::string nodes = exported(argMax);
  EXPECT_TRUE(llvm::StringRef(nodes).starts_with(
      "argmax = ArgMax(x) axis=1 keepdims=0 select_last_index=0\n"))
      << nodes;
}

TEST(OnnxRoundTrip, Products) {
  TestModel gemm;
  gemm.input("a", {2, 3}).output("y").floats("b", {3, 4}, {1, 2});
  gemm.floats("c", {4}, {1, 2, 3, 4});
  gemm.node("Gemm", {"a", "b", "c"}, {"y"});
  EXPECT_EQ(exported(gemm), "y = Gemm(a, gemm.weight, gemm.bias)\n");
  TestModel stack;
  stack.input("a", {5, 2, 3}).input("b", {5, 3, 4}).output("y");
  stack.node("MatMul", {"a", "b"}, {"y"});
  EXPECT_EQ(exported(stack), "y = MatMul(a, b)\n");
  TestModel integer;
  integer.input("a", {2, 3}, 3).input("b", {3, 4}, 3).output("y");
  integer.codes("z", {}, 3, {-5});
  integer.node("MatMulInteger", {"a", "b", "z"}, {"y"});
  EXPECT_EQ(exported(integer), "y = MatMulInteger(a, b, matmulinteger.const, "
                               "matmulinteger.const_1)\n");
}

} // namespace

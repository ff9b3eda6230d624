//===- MindIRImportTest.cpp - MindIR to the model form --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRTestModel.h"
#include "gtest/gtest.h"
#include <cmath>
#include <fstream>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

void expectInOrder(const MindIRResult &result,
                   const std::vector<std::string> &texts) {
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  size_t at = 0;
  for (const std::string &text : texts) {
    size_t found = result.ir.find(text, at);
    ASSERT_NE(found, std::string::npos) << text << "\nin\n" << result.ir;
    at = found + text.size();
  }
}

void expectAbsent(const MindIRResult &result, const std::string &text) {
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  EXPECT_EQ(result.ir.find(text), std::string::npos) << result.ir;
}

//===----------------------------------------------------------------------===//
// The graph
//===----------------------------------------------------------------------===//

TEST(MindIRGraph, PlumbingIsDropped) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 3});
  std::string w = m.parameter("fc.weight", {2, 3}, {1, 2, 3, 4, 5, 6});
  std::string y = m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)});
  std::string loads = m.node("MakeTuple", {w});
  std::string state = m.node("UpdateState", {m.nothing(), loads});
  m.output(m.node("Depend", {y, state}));
  MindIRResult result = import(m);
  // The weights, [outputs, inputs], are transposed at import.
  expectInOrder(result, {"@main(", "tensor<1x3xf32>", "compress.name = \"x\"",
                         "compress.name = \"output\"",
                         "dense<[[1.000000e+00, "
                         "4.000000e+00], [2.000000e+00, 5.000000e+00]",
                         "linalg.matmul", "\"Default/MatMul-op"});
  expectAbsent(result, "tuple");
}

TEST(MindIRGraph, AnOpenBatchIsThatOfTheOptions) {
  MindIRTestModel m;
  m.output(m.node("ReLU", {m.input("x", {-1, 3})}));
  MindIRImportOptions options;
  options.batch = 5;
  expectInOrder(import(m, options), {"tensor<5x3xf32>", "maximumf"});
  options.inputShapes.push_back({"x", {2, 3}});
  expectInOrder(import(m, options), {"tensor<2x3xf32>"});
}

TEST(MindIRGraph, SeveralResultsAreNumbered) {
  MindIRTestModel m;
  std::string x = m.input("x", {2});
  std::string pair =
      m.node("MakeTuple", {m.node("Neg", {x}), m.node("Exp", {x})});
  m.output(pair);
  expectInOrder(import(m), {"compress.name = \"output0\"",
                            "compress.name = \"output1\"", "negf", "math.exp"});
}

TEST(MindIRGraph, ScalarsTakeTheTypeOfTheTensor) {
  MindIRTestModel m;
  std::string x = m.input("x", {2});
  std::string tripled = m.node("Muls", {x, m.scalar(3)});
  m.output(m.node("Sub", {m.tensor({}, {1.5f}), tripled}));
  expectInOrder(import(m), {"3.000000e+00", "mulf", "1.500000e+00", "subf"});
}

TEST(MindIRGraph, OlderFilesKeepArgumentsAsAttributes) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 4, 4, 4});
  std::string mean = m.node("ReduceMean", {x, m.ints({2, 3})});
  m.attr("keep_dims", 1, 9);
  std::string y = m.node("Softmax", {mean});
  m.list("axis", {1});
  m.output(y);
  expectInOrder(import(m), {"tensor<1x4x1x1xf32>", "math.exp"});
}

TEST(MindIRGraph, NamesOfWeightsAreThoseOfTheNetwork) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 16, 4, 4});
  m.output(m.conv(
      x, m.parameter("layer1.0.weight", {16, 16, 3, 3}, {0.5f, -1.0f, 0.25f})));
  expectInOrder(import(m), {"dense_resource<layer1.0.weight>", "conv_2d"});
}

TEST(MindIRGraph, ExternalData) {
  std::string path = testing::TempDir() + "/mindir-weights.bin";
  float values[3] = {7, 8, 9};
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char *>(values), sizeof(values));
  MindIRTestModel m;
  std::string x = m.input("x", {2});
  std::string w = m.parameter("w", {2}, {0});
  auto *tensor = m.graph->mutable_parameter(0);
  tensor->clear_raw_data();
  tensor->mutable_external_data()->set_location("mindir-weights.bin");
  tensor->mutable_external_data()->set_offset(4);
  tensor->mutable_external_data()->set_length(8);
  m.output(m.node("Add", {x, w}));
  MindIRImportOptions options;
  options.folder = testing::TempDir();
  expectInOrder(import(m, options), {"dense<[8.000000e+00, 9.000000e+00]>"});
  MindIRResult without = import(m);
  ASSERT_EQ(without.errors.size(), 1u);
  EXPECT_NE(without.errors[0].find("is stored outside of the file"),
            std::string::npos);
  tensor->mutable_external_data()->set_offset(8);
  MindIRResult behind = import(m, options);
  ASSERT_EQ(behind.errors.size(), 1u);
  EXPECT_NE(behind.errors[0].find("ends before the tensor does"),
            std::string::npos);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

TEST(MindIRFunctions, CallsAreInlined) {
  MindIRTestModel m;
  m.function("twice", {"a"});
  m.output(m.node("Add", {"twice:a", "twice:a"}));
  m.main();
  std::string x = m.input("x", {2});
  m.output(m.call("twice", {m.call("twice", {x})}));
  MindIRResult result = import(m);
  expectInOrder(result, {"addf", "addf"});
  expectAbsent(result, "call");
}

/// A choice between two closures, as `if` on a tensor is written.
MindIRTestModel branch(const std::string &condition) {
  MindIRTestModel m;
  m.function("yes", {"a", "u"});
  m.output(m.node("Neg", {"yes:a"}));
  m.function("no", {"a", "u"});
  m.output(m.node("Exp", {"no:a"}));
  m.main();
  std::string x = m.input("x", {2});
  std::string chosen;
  if (condition.empty()) {
    std::string sum =
        m.node("ReduceSum", {x, m.ints({}), m.scalar(0, 9), m.scalar(0, 9)});
    chosen = m.node("Greater", {sum, m.tensor({}, {0})});
  } else {
    chosen = m.scalar(condition == "true", 9);
  }
  std::string yes = m.node("Partial", {"yes", x, m.nothing()});
  std::string no = m.node("Partial", {"no", x, m.nothing()});
  m.output(m.call(m.node("Switch", {chosen, yes, no}), {}));
  return m;
}

TEST(MindIRFunctions, BothSidesOfABranchAreComputed) {
  expectInOrder(import(branch("")), {"cmpf ogt", "negf", "math.exp", "select"});
}

TEST(MindIRFunctions, OfAKnownConditionOneSideIsTaken) {
  expectAbsent(import(branch("true")), "math.exp");
  expectAbsent(import(branch("false")), "negf");
}

TEST(MindIRFunctions, LoopsAreRefused) {
  MindIRTestModel m;
  m.function("loop", {"a"});
  m.output(m.call("loop", {"loop:a"}));
  m.main();
  m.output(m.call("loop", {m.input("x", {2})}));
  MindIRResult result = import(m);
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_NE(result.errors[0].find("a loop, which is not supported"),
            std::string::npos)
      << result.errors[0];
}

/// Functions that double the calls of the next one: 2^40 nodes.
TEST(MindIRFunctions, CallsAreBounded) {
  MindIRTestModel m;
  for (int i = 0; i < 40; ++i) {
    std::string name = "f" + std::to_string(i);
    m.function(name, {"a"});
    std::string a = name + ":a";
    if (i == 39) {
      m.output(m.node("Neg", {a}));
      continue;
    }
    std::string next = "f" + std::to_string(i + 1);
    m.output(m.node("Add", {m.call(next, {a}), m.call(next, {a})}));
  }
  m.main();
  m.output(m.call("f0", {m.input("x", {2})}));
  MindIRResult result = import(m);
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_NE(result.errors[0].find("out of all proportion"), std::string::npos);
}

//===----------------------------------------------------------------------===//
// Operators
//===----------------------------------------------------------------------===//

TEST(MindIROps, ConvolutionsTakeThePadsThatAreResolved) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2, 7, 7});
  // Top 0, bottom 1, left 2, right 1: 7 rows and 8 columns of 2 x 3 windows.
  m.output(m.conv(x, m.parameter("w", {2, 1, 2, 3}, {1, 2, 3}), {0, 1, 2, 1},
                  /*group=*/2));
  expectInOrder(import(m), {"tensor.pad", "low[0, 0, 0, 2] high[0, 0, 1, 1]",
                            "tensor<1x2x7x8xf32>"});
}

TEST(MindIROps, MaxPoolSameHasTheOddPixelBehind) {
  MindIRTestModel m;
  std::string y = m.node("MaxPool", {m.input("x", {1, 1, 4, 4})});
  m.list("kernel_size", {1, 1, 3, 3}).list("strides", {1, 1, 2, 2});
  m.text("pad_mode", "SAME").text("format", "NCHW");
  m.output(y);
  expectInOrder(import(m), {"low[0, 0, 0, 0] high[0, 0, 1, 1]",
                            "pooling_nchw_max", "tensor<1x1x2x2xf32>"});
}

TEST(MindIROps, AvgPoolValid) {
  MindIRTestModel m;
  m.output(m.node("AvgPool", {m.input("x", {1, 1, 5, 4}), m.ints({2, 2}),
                              m.ints({2, 2}), m.scalar(2), m.scalar(0)}));
  expectInOrder(import(m), {"pooling_nchw_sum", "tensor<1x1x2x2xf32>",
                            "4.000000e+00", "divf"});
}

TEST(MindIROps, CastByTypeId) {
  MindIRTestModel m;
  std::string half = m.node("Cast", {m.input("x", {2}), m.scalar(42)});
  m.output(m.node("Cast", {half, m.scalar(43)}));
  // To float16 rounds; back does not.
  MindIRResult result = import(m);
  expectInOrder(result, {"tensor<2xf32>", "arith.bitcast", "return"});
  expectAbsent(result, "f16");
}

TEST(MindIROps, ConstantsAreComputed) {
  // The mask of SCOP: zeros, into which ones are scattered.
  MindIRTestModel m;
  std::string x = m.input("x", {1, 3, 1, 2});
  std::string zeros = m.tensor({1, 3, 1, 2}, {0});
  auto coordinate = [&](const MindIRTestModel::Shape &values) {
    return m.node("ExpandDims", {m.longs({1, 2, 1, 2}, values), m.scalar(-1)});
  };
  std::string none = coordinate({0, 0, 0, 0});
  std::string parts = m.node("MakeTuple", {none, coordinate({2, 2, 0, 0}), none,
                                           coordinate({0, 1, 0, 1})});
  std::string indices = m.node("Concat", {parts, m.scalar(-1)});
  std::string mask = m.node("TensorScatterUpdate",
                            {zeros, indices, m.tensor({1, 2, 1, 2}, {1})});
  m.output(m.node("Mul", {x, mask}));
  MindIRResult result = import(m);
  expectInOrder(result, {"compress.channel_mask", "axis = 1",
                         "mask = array<i1: true, false, true>"});
  expectAbsent(result, "mulf");
}

TEST(MindIROps, OtherFactorsAreNoMasks) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2, 1, 2});
  // Half of a channel.
  m.output(m.node("Mul", {x, m.tensor({1, 2, 1, 2}, {1, 0, 1, 1})}));
  expectAbsent(import(m), "channel_mask");
  MindIRTestModel all;
  x = all.input("x", {1, 2, 1, 2});
  all.output(all.node("Mul", {x, all.tensor({2, 1, 1}, {1})}));
  MindIRResult result = import(all);
  expectAbsent(result, "mulf");
  expectAbsent(result, "channel_mask");
}

TEST(MindIROps, SoftmaxLeakyReluAndTheRest) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 4});
  std::string leaky =
      m.node("Maximum", {m.node("Mul", {m.tensor({}, {0.1f}), x}), x});
  std::string y = m.node("HSwish", {leaky});
  y = m.node("Sigmoid", {y});
  y = m.node("Reshape", {y, m.ints({2, -1})});
  y = m.node("Transpose", {y, m.ints({1, 0})});
  y = m.node("Squeeze", {m.node("ExpandDims", {y, m.scalar(0)}), m.ints({0})});
  m.output(m.node("Softmax", {y, m.ints({-1})}));
  expectInOrder(import(m), {"mulf", "maximumf", "0.166666672", "minimumf",
                            "math.exp", "tensor<2x2xf32>", "math.exp"});
}

} // namespace

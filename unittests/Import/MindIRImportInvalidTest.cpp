//===- MindIRImportInvalidTest.cpp - MindIR that is refused ---------------===//
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

void expectError(const MindIRResult &result, const std::string &text) {
  ASSERT_FALSE(result) << result.ir;
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_NE(result.errors[0].find(text), std::string::npos) << result.errors[0];
}

/// A model of one node on an input of `shape`.
MindIRTestModel one(const std::string &op, const MindIRTestModel::Shape &shape,
                    const std::vector<std::string> &more = {}) {
  MindIRTestModel m;
  std::vector<std::string> inputs{m.input("x", shape)};
  inputs.insert(inputs.end(), more.begin(), more.end());
  m.output(m.node(op, inputs));
  return m;
}

TEST(MindIRInvalid, BytesThatAreNoModel) {
  expectError(importBytes("\x0a\x03 1.1 and then no protobuf"),
              "is no MindIR model, or it is damaged");
  expectError(importBytes(""), "is no MindIR model, or it is damaged");
  // A tuple in a tuple in a tuple.
  MindIRTestModel m;
  auto *attribute = m.graph->add_node()->add_attribute();
  for (int i = 0; i < 200; ++i)
    attribute = attribute->add_values();
  expectError(importBytes(m.bytes()), "damaged");
}

TEST(MindIRInvalid, UnknownOperatorsAreNamed) {
  expectError(import(one("Custom\"Op", {2})), "'mindir.Custom\\22Op' (node "
                                              "\"Default/Custom\\22Op-op");
  expectError(import(one("LSTM", {2})),
              "is not supported; compressc --list-mindir-ops");
}

TEST(MindIRInvalid, Inputs) {
  expectError(import(one("Add", {2})), "requires 2 to 2 inputs, not 1");
  expectError(import(one("ReLU", {2, -1})), "leaves dimension 1 open");
  expectError(import(one("ReLU", {2, 0})), "leaves dimension 1 open");
  expectError(import(one("ReLU", {-2})), "has an extent of -2");
  MindIRTestModel text;
  text.output(text.node("ReLU", {text.input("x", {2}, 8)}));
  expectError(import(text), "has type string");
  MindIRTestModel half;
  half.output(half.node("ReLU", {half.input("x", {2}, 10)}));
  expectError(import(half), "has type float16");
  MindIRTestModel noOutput;
  noOutput.input("x", {2});
  expectError(import(noOutput), "the model has no outputs");
}

TEST(MindIRInvalid, Names) {
  MindIRTestModel missing;
  missing.output(missing.node("ReLU", {"somewhere"}));
  expectError(import(missing), "reads \"somewhere\", which nothing defines");
  MindIRTestModel late;
  std::string x = late.input("x", {2});
  late.output(late.node("ReLU", {"main:CNode_4"}));
  late.node("Neg", {x});
  expectError(import(late), "which its node does not give before");
  MindIRTestModel twice;
  x = twice.input("x", {2});
  twice.output(twice.node("ReLU", {x}));
  *twice.graph->add_node() = twice.graph->node(0);
  expectError(import(twice), "is defined twice");
}

TEST(MindIRInvalid, NamesOfInputsAndParameters) {
  MindIRTestModel inputs;
  std::string x = inputs.input("x", {2});
  inputs.input("x", {2});
  inputs.output(inputs.node("ReLU", {x}));
  expectError(import(inputs), "the name \"main:x\" is defined twice");
  MindIRTestModel node;
  x = node.input("x", {2});
  node.output(node.node("ReLU", {x}));
  node.graph->mutable_node(0)->set_output(0, x);
  expectError(import(node), "the name \"main:x\" is defined twice");
  MindIRTestModel parameter;
  x = parameter.input("x", {2});
  parameter.output(
      parameter.node("Add", {x, parameter.parameter("w", {2}, {1})}));
  parameter.graph->mutable_parameter(0)->set_name(x);
  expectError(import(parameter), "the name \"main:x\" is defined twice");
}

TEST(MindIRInvalid, ManyAttributes) {
  MindIRTestModel m;
  m.output(m.node("ReLU", {m.input("x", {2})}));
  m.attr("a", 1).attr("a", 2);
  expectError(import(m), "has two attributes \"a\"");
  m.primitive->clear_attribute();
  for (int i = 0; i < 257; ++i)
    m.attr("a" + std::to_string(i), 1);
  expectError(import(m), "has 257 attributes, more than the 256");
  m.primitive->mutable_attribute()->RemoveLast();
  EXPECT_TRUE(import(m));
}

//===----------------------------------------------------------------------===//
// Small files that are much work
//===----------------------------------------------------------------------===//

TEST(MindIRInvalid, EmptyTuplesInTuples) {
  MindIRTestModel m;
  m.input("x", {2});
  std::string tuple = m.node("MakeTuple", {});
  for (int i = 0; i < 15; ++i)
    tuple = m.node("MakeTuple", std::vector<std::string>(12, tuple));
  m.output(tuple);
  expectError(import(m), "the model has more than 1024 outputs");
}

TEST(MindIRInvalid, DeepTuples) {
  auto nest = [](int depth) {
    MindIRTestModel m;
    std::string x = m.input("x", {2});
    for (int i = 0; i < depth; ++i)
      x = m.node("MakeTuple", {x});
    m.output(x);
    return import(m);
  };
  EXPECT_TRUE(nest(64));
  expectError(nest(65), "nests tuples, functions or branches more than 64");
  expectError(nest(100000), "nests tuples, functions or branches more than 64");
}

TEST(MindIRInvalid, DeepClosures) {
  auto nest = [](int depth) {
    MindIRTestModel m;
    m.function("f", {"a"});
    m.output("f:a");
    m.main();
    std::string x = m.input("x", {2}), partial = "f";
    for (int i = 0; i < depth; ++i)
      partial = m.node("Partial", {"f", partial});
    m.output(m.call("f", {x}));
    m.output(partial);
    return import(m);
  };
  expectError(nest(2), "an output that is no tensor");
  expectError(nest(100000), "nests tuples, functions or branches more than 64");
}

/// Each choice between the last one and itself: 2^depth calls.
TEST(MindIRInvalid, ChoicesOfChoices) {
  auto nest = [](int depth, bool isDouble) {
    MindIRTestModel m;
    m.function("f", {"a"});
    m.output("f:a");
    m.main();
    std::string x = m.input("x", {2}), c = m.input("c", {}, 9), chosen = "f";
    for (int i = 0; i < depth; ++i)
      chosen = m.node("Switch", {c, chosen, isDouble ? chosen : "f"});
    m.output(m.call(chosen, {x}));
    return import(m);
  };
  EXPECT_TRUE(nest(64, false));
  expectError(nest(65, false), "nests tuples, functions or branches more than");
  EXPECT_TRUE(nest(4, true));
  expectError(nest(60, true), "constants");
}

/// Functions that each call the next one behind many branches.
TEST(MindIRInvalid, DeepCalls) {
  MindIRTestModel m;
  std::string last = "f0";
  m.function("f0", {"a", "c"});
  m.output("f0:a");
  for (int i = 1; i < 20; ++i) {
    std::string name = "f" + std::to_string(i), chosen = last;
    m.function(name, {"a", "c"});
    for (int k = 0; k < 30; ++k)
      chosen = m.node("Switch", {name + ":c", chosen, "f0"});
    m.output(m.call(chosen, {name + ":a", name + ":c"}));
    last = name;
  }
  m.main();
  std::string x = m.input("x", {2}), c = m.input("c", {}, 9);
  m.output(m.call(last, {x, c}));
  expectError(import(m), "nests calls and branches more than 256 deep");
}

TEST(MindIRInvalid, ManyParts) {
  auto split = [](int64_t parts) {
    MindIRTestModel m;
    std::string x = m.input("x", {1, 1 << 27});
    std::string all = m.node("Split", {x, m.scalar(1), m.scalar(parts)});
    m.output(m.node("TupleGetItem", {all, m.scalar(0)}));
    return import(m);
  };
  EXPECT_TRUE(split(1024));
  expectError(split(2048), "splits into 2048 parts, more than the 1024");
  expectError(split(1 << 27), "parts, more than the 1024");
}

TEST(MindIRInvalid, Tensors) {
  MindIRTestModel shortOf;
  std::string x = shortOf.input("x", {2});
  shortOf.output(shortOf.node("Add", {x, shortOf.parameter("w", {2}, {1})}));
  shortOf.graph->mutable_parameter(0)->add_dims(3);
  expectError(import(shortOf), "reads the tensor \"w\", which has 8 bytes of "
                               "data for [2, 3] elements of float32");
  shortOf.graph->mutable_parameter(0)->set_dims(0, int64_t(1) << 62);
  expectError(import(shortOf), "has impossible dimensions");
  shortOf.graph->mutable_parameter(0)->set_compression_type(4);
  expectError(import(shortOf), "is compressed");
  shortOf.graph->mutable_parameter(0)->clear_compression_type();
  shortOf.graph->mutable_parameter(0)->set_data_type(18);
  expectError(import(shortOf), "has elements of int4");
}

TEST(MindIRInvalid, Arguments) {
  MindIRTestModel m;
  std::string x = m.input("x", {2, 3});
  m.output(m.node("Reshape", {x, x}));
  expectError(import(m), "requires the argument \"shape\" as constant "
                         "integers");
  MindIRTestModel sizes;
  x = sizes.input("x", {2, 3});
  sizes.output(sizes.node("Reshape", {x, sizes.ints({4, -1})}));
  expectError(import(sizes), "cannot give [2, 3] the shape [4, 1]");
  MindIRTestModel order;
  x = order.input("x", {2, 3});
  order.output(order.node("Transpose", {x, order.ints({1, 1})}));
  expectError(import(order), "requires each of 2 dimensions once");
  MindIRTestModel training;
  x = training.input("x", {1, 1});
  std::string p = training.parameter("p", {1}, {1});
  training.output(
      training.node("BatchNorm", {x, p, p, p, p, training.scalar(1, 9)}));
  expectError(import(training), "requires inference");
  MindIRTestModel conv;
  x = conv.input("x", {1, 1, 2, 2});
  conv.output(conv.conv(x, conv.parameter("w", {1, 1, 3, 3}, {1})));
  expectError(import(conv), "requires a window of 2 or fewer elements");
}

TEST(MindIRInvalid, Quantization) {
  MindIRTestModel channels;
  channels.output(
      channels.fakeQuant(channels.input("x", {2}), {1, 2}, {0, 0}, true));
  expectError(import(channels), "quantizes an activation with 2 scales");
  MindIRTestModel zero;
  zero.output(zero.fakeQuant(zero.input("x", {2}), {0}, {0}, true));
  expectError(import(zero), "requires scales that are finite");
  MindIRTestModel count;
  std::string x = count.input("x", {1, 2});
  std::string w = count.fakeQuant(count.parameter("w", {2, 2}, {1}), {1, 2, 3},
                                  {0, 0, 0}, true);
  count.output(count.node("MatMul", {x, w}));
  expectError(import(count), "requires 2 scales and zero points, not 3 and 3");
  MindIRTestModel half;
  half.output(half.fakeQuant(half.input("x", {2}), {1}, {0.5f}, true));
  expectError(import(half), "requires zero points that are whole numbers");
  MindIRTestModel algorithm;
  algorithm.output(
      algorithm.fakeQuant(algorithm.input("x", {2}), {1}, {0}, true));
  algorithm.primitive->mutable_attribute(0)->set_s("other");
  expectError(import(algorithm), "has the quant_algo_name \"other\"");
}

TEST(MindIRInvalid, BranchesOfDifferentTypes) {
  MindIRTestModel m;
  m.function("yes", {"a"});
  m.output("yes:a");
  m.function("no", {"a"});
  m.output(m.node("ReduceSum", {"no:a"}));
  m.main();
  std::string x = m.input("x", {2}), c = m.input("c", {}, 9);
  std::string chosen = m.node("Switch", {c, m.node("Partial", {"yes", x}),
                                         m.node("Partial", {"no", x})});
  m.output(m.call(chosen, {}));
  expectError(import(m), "has sides of different types");
}

} // namespace

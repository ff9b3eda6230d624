//===- MindIRSamples.cpp - small MindIR models to damage ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Corpus.h"
#include "MindIRTestModel.h"

using namespace compress;
using namespace compress::fuzz;
using mlir::compress::test::MindIRTestModel;

/// A convolution and a dense layer, quantized as SimQAT does.
static MindIRTestModel quantized() {
  MindIRTestModel m;
  std::string x =
      m.fakeQuant(m.input("x", {1, 2, 8, 8}), {0.05f}, {128}, false);
  std::string w = m.fakeQuant(
      m.parameter("conv.weight", {4, 2, 3, 3}, {0.5f, -1.0f, 0.25f, 0.75f}),
      {0.01f, 0.02f, 0.0f, 0.01f}, {0, 0, 0, 0}, true);
  x = m.conv(x, w, {1, 1, 1, 1});
  x = m.node("BiasAdd",
             {x, m.parameter("conv.bias", {4}, {1, -1}), m.scalar(0)});
  x = m.fakeQuant(m.node("ReLU", {m.fakeQuant(x, {0.1f}, {100}, false)}),
                  {0.1f}, {0}, false);
  std::string pooled = m.node("MaxPool", {x});
  m.list("kernel_size", {1, 1, 2, 2}).list("strides", {1, 1, 2, 2});
  m.text("pad_mode", "VALID").text("format", "NCHW");
  x = m.node("Flatten", {m.fakeQuant(pooled, {0.1f}, {0}, false)});
  w = m.fakeQuant(m.parameter("fc.weight", {3, 64}, {0.5f, -0.25f, 1}), {0.01f},
                  {0}, true, true);
  x = m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)});
  m.output(m.fakeQuant(x, {0.5f}, {128}, false));
  return m;
}

/// Batch normalizations that are folded twice, in both forms.
static MindIRTestModel folded() {
  MindIRTestModel m;
  std::string gamma = m.parameter("gamma", {2}, {0.5f, -2});
  std::string beta = m.parameter("beta", {2}, {0.25f});
  std::string mean = m.parameter("mean", {2}, {1, -1});
  std::string variance = m.parameter("variance", {2}, {0.25f, 4});
  std::string x =
      m.fakeQuant(m.input("x", {1, 2, 4, 4}), {0.05f}, {128}, false);
  std::string w = m.fakeQuant(
      m.parameter("a.weight_bnfold", {2, 2, 1, 1}, {1, -0.5f, 0.25f, 0.75f}),
      {0.0078f, 0.0078f}, {0, 0}, true);
  x = m.node("BiasAdd",
             {m.conv(x, w), m.parameter("a.bias", {2}, {0.5f}), m.scalar(0)});
  x = m.fakeQuant(m.batchNorm(x, gamma, beta, mean, variance), {0.05f}, {128},
                  false);
  std::string factor = m.node(
      "Div",
      {gamma, m.node("Sqrt", {m.node("Add", {variance, m.tensor({}, {0})})})});
  std::string filter = m.node("Reshape", {factor, m.ints({-1, 1, 1, 1})});
  w = m.parameter("b.weight_bnfold", {2, 2, 1, 1}, {1, 0.5f, 1, 1});
  w = m.fakeQuant(m.node("Mul", {w, filter}), {0.0078f}, {0}, true);
  std::string channel = m.node("Reshape", {factor, m.ints({1, -1, 1, 1})});
  x = m.node("Div", {m.conv(x, w), channel});
  x = m.batchNorm(x, gamma, beta, mean, variance);
  m.output(m.fakeQuant(x, {0.1f}, {128}, false));
  return m;
}

/// A branch on data, with functions, closures and tuples.
static MindIRTestModel branch() {
  MindIRTestModel m;
  m.function("yes", {"a", "b", "u"});
  m.output(m.node("MakeTuple", {m.node("Add", {"yes:a", "yes:b"}), "yes:a"}));
  m.function("no", {"a", "b", "u"});
  m.output(m.node("MakeTuple", {m.node("Mul", {"no:a", "no:b"}), "no:b"}));
  m.function("twice", {"a"});
  m.output(m.node("Exp", {m.node("Neg", {"twice:a"})}));
  m.main();
  std::string x = m.call("twice", {m.input("x", {2, 3})});
  std::string w = m.parameter("w", {2, 3}, {1, 2, 3});
  std::string sum =
      m.node("ReduceSum", {x, m.ints({}), m.scalar(0, 9), m.scalar(0, 9)});
  std::string condition = m.node("Greater", {sum, m.tensor({}, {0})});
  std::string chosen =
      m.node("Switch", {condition, m.node("Partial", {"yes", x}),
                        m.node("Partial", {"no", x})});
  std::string pair = m.call(chosen, {w, m.nothing()});
  m.output(m.node("Sub", {m.node("TupleGetItem", {pair, m.scalar(0)}),
                          m.node("TupleGetItem", {pair, m.scalar(1)})}));
  return m;
}

/// SLB's weights, SCOP's mask, and operators of the other kinds.
static MindIRTestModel others() {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2, 3, 3});
  std::string w = m.node("FakeQuantParam",
                         {m.parameter("slb", {4, 1, 2, 2}, {1, -1, -1, 1})});
  m.text("quant_algo_name", "SLBQuant").attr("num_bits", 1);
  m.reals("linear_quant_scale", {1}).reals("linear_quant_zero_point", {0});
  x = m.conv(x, w, {1, 0, 0, 1}, /*group=*/2);
  auto coordinate = [&](const MindIRTestModel::Shape &values) {
    return m.node("ExpandDims", {m.longs({1, 2, 1, 1}, values), m.scalar(-1)});
  };
  std::string none = coordinate({0, 0});
  std::string indices = m.node(
      "Concat", {m.node("MakeTuple", {none, coordinate({1, 3}), none, none}),
                 m.scalar(-1)});
  std::string mask =
      m.node("TensorScatterUpdate", {m.tensor({1, 4, 1, 1}, {0}), indices,
                                     m.tensor({1, 2, 1, 1}, {1})});
  x = m.node("Mul", {x, mask});
  x = m.node("AvgPool",
             {x, m.ints({2, 2}), m.ints({1, 1}), m.scalar(1), m.scalar(0)});
  x = m.node("HSwish",
             {m.node("Maximum", {x, m.node("Muls", {x, m.number(.1f)})})});
  x = m.node("ReduceMean", {x, m.ints({2, 3}), m.scalar(1, 9)});
  x = m.node("Cast", {m.node("Cast", {x, m.scalar(42)}), m.scalar(43)});
  x = m.node("Transpose",
             {m.node("Squeeze", {x, m.ints({2, 3})}), m.ints({1, 0})});
  x = m.node("Reshape", {x, m.ints({2, -1})});
  m.output(m.node("Softmax", {x, m.ints({-1})}));
  return m;
}

std::vector<Sample> fuzz::mindirModels() {
  return {{"quantized", quantized().bytes()},
          {"folded", folded().bytes()},
          {"branch", branch().bytes()},
          {"others", others().bytes()}};
}

//===- MindIRBatchNormTest.cpp - normalizations that are folded twice -----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MindIRTestModel.h"
#include "gtest/gtest.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;
using namespace mlir::compress::test;

namespace {

void expectFound(const MindIRResult &result, const std::string &text) {
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  EXPECT_NE(result.ir.find(text), std::string::npos) << text << "\nin\n"
                                                     << result.ir;
}

void expectAbsent(const MindIRResult &result, const std::string &text) {
  ASSERT_TRUE(result) << (result.errors.empty() ? "" : result.errors[0]);
  EXPECT_EQ(result.ir.find(text), std::string::npos) << result.ir;
}

void expectError(const MindIRResult &result, const std::string &text) {
  ASSERT_FALSE(result) << result.ir;
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_NE(result.errors[0].find(text), std::string::npos) << result.errors[0];
}

constexpr float kGamma = -0.5f, kSigma = 0.125f, kBeta = 0.25f, kMean = 2.0f;

struct NormOptions {
  bool isFolded = true;
  bool isDense = false; // MatMul in place of Conv2D
  bool transposes = true;
  float gamma = kGamma;
  float rangeError = 1.0f;
  std::string name = "weight";
  float scale = 1.0f;        // of the weights that were quantized
  std::optional<float> bias; // of one conv
};

/// What no fold trains: BN(conv(x, FQ(w)) + b), with weights of 127 codes.
MindIRTestModel noFold(const NormOptions &options) {
  MindIRTestModel m;
  float factor = options.gamma / kSigma;
  float weight = 127 * options.scale * (options.isFolded ? factor : 1);
  float bias = options.isFolded ? kBeta - kMean * factor : 0.75f;
  MindIRTestModel::Shape shape{1, 2}, filter{1, 2};
  if (!options.isDense) {
    shape = {1, 2, 3, 3};
    filter = {1, 2, 1, 1};
  } else if (!options.transposes) {
    filter = {2, 1};
  }
  std::string x = m.fakeQuant(m.input("x", shape), {1}, {0}, false);
  std::string w =
      m.fakeQuant(m.parameter(options.name, filter, {weight, -weight / 127}),
                  {options.scale * options.rangeError}, {0}, true, true);
  std::string product =
      options.isDense ? m.node("MatMul", {x, w, m.scalar(0, 9),
                                          m.scalar(options.transposes, 9)})
                      : m.conv(x, w);
  std::string y =
      m.node("BiasAdd", {product, m.parameter("b", {1}, {bias}), m.scalar(0)});
  m.output(m.batchNorm(y, m.parameter("gamma", {1}, {options.gamma}),
                       m.parameter("beta", {1}, {kBeta}),
                       m.parameter("mean", {1}, {kMean}),
                       m.parameter("variance", {1}, {kSigma * kSigma})));
  return m;
}

TEST(MindIRBatchNorm, NoFoldIsRepaired) {
  MindIRResult result = import(noFold({}));
  expectAbsent(result, "rsqrt");
  // 1 * |gamma / sigma|, and the sign in the codes.
  expectFound(result, "!quant.uniform<i8<-127:127>:f32, 4.000000e+00>");
  expectFound(result, "[-127]");
  expectFound(result, "8.250000e+00"); // the bias, as it is
}

TEST(MindIRBatchNorm, NoFoldThatIsNotFoldedStays) {
  NormOptions options;
  options.isFolded = false;
  expectFound(import(noFold(options)), "rsqrt");
  // Whatever it is called.
  options.name = "weight_bnfold";
  expectFound(import(noFold(options)), "rsqrt");
}

TEST(MindIRBatchNorm, WhatNumbersTellNeedsNoName) {
  EXPECT_NE(import(noFold({}))
                .remarks.find(
                    "folded into the weights already, and not applied again"),
            std::string::npos);
  NormOptions options;
  options.isFolded = false;
  EXPECT_EQ(import(noFold(options)).remarks, "");
}

void expectLeft(const MindIRTestModel &model, const std::string &reason) {
  MindIRResult result = import(model);
  expectFound(result, "rsqrt");
  EXPECT_NE(result.remarks.find("cannot tell whether batch normalization is "
                                "folded into the weights already: " +
                                reason),
            std::string::npos)
      << result.remarks;
}

/// Where gamma / sigma is about 1 the ranges are of both.
TEST(MindIRBatchNorm, WhereNumbersFitBothTheNameTells) {
  NormOptions options;
  options.gamma = -1.1f * kSigma;
  options.rangeError = 1.2f;
  expectLeft(noFold(options), "their scales fit to both");
  options.name = "weight_bnfold";
  MindIRResult result = import(noFold(options));
  expectAbsent(result, "rsqrt");
  EXPECT_NE(result.remarks.find("by their name"), std::string::npos)
      << result.remarks;
}

TEST(MindIRBatchNorm, TheNameDoesNotTellAgainstNumbers) {
  NormOptions options;
  options.rangeError = 100;
  options.name = "weight_bnfold";
  expectLeft(noFold(options), "their scales do not fit");
}

TEST(MindIRBatchNorm, DenseLayersHaveOutputsFirst) {
  NormOptions options;
  options.isDense = true;
  expectAbsent(import(noFold(options)), "rsqrt");
  options.transposes = false;
  expectLeft(noFold(options), "they are not [outputs, inputs]");
}

/// The same refusal whether it would go or stay.
TEST(MindIRBatchNorm, TrainingAndOtherFormatsAreRefused) {
  for (bool isFolded : {true, false}) {
    NormOptions options;
    options.isFolded = isFolded;
    for (int which : {0, 3}) {
      MindIRTestModel m = noFold(options);
      std::string one = m.scalar(1, which ? 7 : 9); // stands where it will
      for (auto &node : *m.graph->mutable_node())
        if (StringRef(node.op_type()).starts_with("REF::BatchNorm"))
          node.set_input(5 + which, one);
      expectError(import(m), "requires inference, and the format 0 (NCHW)");
    }
    MindIRTestModel m = noFold(options);
    for (auto &node : *m.graph->mutable_node())
      if (StringRef(node.op_type()).starts_with("REF::BatchNorm"))
        node.mutable_input()->DeleteSubrange(5, node.input_size() - 5);
    for (auto &primitive : *m.model.mutable_primitives())
      if (primitive.op_type() == "BatchNorm")
        m.primitive = &primitive;
    m.text("format", "NCHW");
    expectFound(import(m), "@main");
    m.primitive->mutable_attribute(0)->set_s("NHWC");
    expectError(import(m), "requires inference, and the format 0 (NCHW)");
  }
}

/// A function whose inputs are the parameters, called once with folded weights
/// and once with others.
TEST(MindIRBatchNorm, InFunctionsEachCallCounts) {
  MindIRTestModel m;
  float factor = kGamma / kSigma;
  m.function("layer", {"x", "w", "b", "g", "s", "u", "v"});
  std::string w = m.fakeQuant("layer:w", {1}, {0}, true, true);
  std::string y =
      m.node("BiasAdd", {m.conv("layer:x", w), "layer:b", m.scalar(0)});
  m.output(m.batchNorm(y, "layer:g", "layer:s", "layer:u", "layer:v"));
  m.main();
  std::string x = m.fakeQuant(m.input("x", {1, 2, 3, 3}), {1}, {0}, false);
  std::string b = m.parameter("b", {1}, {8.25f});
  std::string gamma = m.parameter("gamma", {1}, {kGamma});
  std::string beta = m.parameter("beta", {1}, {kBeta});
  std::string mean = m.parameter("mean", {1}, {kMean});
  std::string variance = m.parameter("variance", {1}, {kSigma * kSigma});
  auto call = [&](const std::string &name, float weight) {
    std::string w = m.parameter(name, {1, 2, 1, 1}, {weight, 0});
    m.output(m.call("layer", {x, w, b, gamma, beta, mean, variance}));
  };
  call("folded", 127 * factor);
  call("plain", 127);
  call("again", 127 * factor);
  MindIRResult result = import(m);
  expectFound(result, "!quant.uniform<i8<-127:127>:f32, 4.000000e+00>");
  size_t count = 0;
  for (size_t at = result.ir.find("rsqrt"); at != std::string::npos;
       at = result.ir.find("rsqrt", at + 1))
    ++count;
  EXPECT_EQ(count, 1u) << result.ir;
}

TEST(MindIRBatchNorm, ComputedParametersAreTold) {
  MindIRTestModel computed;
  std::string x =
      computed.fakeQuant(computed.input("x", {1, 2, 3, 3}), {1}, {0}, false);
  std::string w = computed.fakeQuant(
      computed.parameter("w", {1, 2, 1, 1}, {127, 0}), {1}, {0}, true, true);
  std::string one = computed.parameter("one", {1}, {1});
  std::string gamma = computed.node("Exp", {one});
  std::string y =
      computed.node("BiasAdd", {computed.conv(x, w), one, computed.scalar(0)});
  computed.output(computed.batchNorm(y, gamma, one, one, one));
  expectLeft(computed, "they or its parameters are computed");
}

TEST(MindIRBatchNorm, AsWrittenNothingIsRepaired) {
  MindIRImportOptions options;
  options.asWritten = true;
  expectFound(import(noFold({}), options), "rsqrt");
}

/// What the one-conv fold trains:
/// BN(conv(x, FQ(w * gamma / sigma)) / (gamma / sigma)).
MindIRTestModel oneConv(const NormOptions &options) {
  MindIRTestModel m;
  float factor = kGamma / kSigma;
  float weight =
      127 * options.scale * (options.isFolded ? 1 : 1 / std::fabs(factor));
  std::string x = m.fakeQuant(m.input("x", {1, 2, 3, 3}), {1}, {0}, false);
  std::string w = m.parameter(options.name, {1, 2, 1, 1}, {weight, 0});
  std::string gamma = m.parameter("gamma", {1}, {kGamma});
  std::string variance = m.parameter("variance", {1}, {kSigma * kSigma});
  std::string sigma =
      m.node("Sqrt", {m.node("Add", {variance, m.tensor({}, {0})})});
  std::string scale = m.node("Div", {gamma, sigma});
  std::string filter = m.node("Reshape", {scale, m.ints({-1, 1, 1, 1})});
  std::string folded =
      m.fakeQuant(m.node("Mul", {w, filter}), {options.scale}, {0}, true, true);
  std::string channel = m.node("Reshape", {scale, m.ints({1, -1, 1, 1})});
  std::string y = m.node("Div", {m.conv(x, folded), channel});
  if (options.bias)
    y = m.node("BiasAdd",
               {y, m.parameter("b", {1}, {*options.bias}), m.scalar(0)});
  m.output(m.batchNorm(y, gamma, m.parameter("beta", {1}, {kBeta}),
                       m.parameter("mean", {1}, {kMean}), variance));
  return m;
}

TEST(MindIRBatchNorm, OneConvIsRepaired) {
  MindIRResult result = import(oneConv({}));
  expectAbsent(result, "rsqrt");
  expectAbsent(result, "divf");
  expectFound(result, "[127]");
  // beta - gamma * mean / sigma.
  expectFound(result, "8.250000e+00");
}

TEST(MindIRBatchNorm, OneConvWithABiasIsRepaired) {
  NormOptions options;
  options.bias = 1.0f;
  MindIRResult result = import(oneConv(options));
  expectAbsent(result, "rsqrt");
  expectAbsent(result, "divf");
  // beta + (b - mean) * gamma / sigma.
  expectFound(result, "4.250000e+00");
  options.isFolded = false;
  expectFound(import(oneConv(options)), "rsqrt");
}

TEST(MindIRBatchNorm, OneConvThatIsNotFoldedStays) {
  NormOptions options;
  options.isFolded = false;
  MindIRResult result = import(oneConv(options));
  expectFound(result, "rsqrt");
  expectFound(result, "divf");
  expectFound(result, "[-127]");
}

} // namespace

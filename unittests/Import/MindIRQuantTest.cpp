//===- MindIRQuantTest.cpp - what Golden Stick writes ---------------------===//
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

//===----------------------------------------------------------------------===//
// SimQAT, LSQ
//===----------------------------------------------------------------------===//

TEST(MindIRQuant, ActivationsCountFromZero) {
  MindIRTestModel m;
  m.output(m.fakeQuant(m.input("x", {4}), {0.5f}, {33}, /*isSigned=*/false));
  // [0, 255] as [-128, 127].
  expectFound(import(m), "!quant.uniform<i8:f32, 5.000000e-01:-95>");
}

TEST(MindIRQuant, WeightsHaveTheirScalesAlongDimension0) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2});
  std::string w = m.fakeQuant(m.parameter("w", {2, 2}, {1, -64, 1, 0.5f}),
                              {0.5f, 0.25f}, {0, 0}, /*isSigned=*/true);
  m.output(m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)}));
  MindIRResult result = import(m);
  // Transposed: [inputs, outputs].
  expectFound(result, "dense<[[2, 4], [-128, 2]]> : tensor<2x2xi8>");
  expectFound(result, "!quant.uniform<i8:f32:1, {5.000000e-01,2.500000e-01}>");
}

TEST(MindIRQuant, NarrowRange) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2});
  std::string w =
      m.fakeQuant(m.parameter("w", {2, 2}, {1, -64, 1, 0.5f}), {0.5f}, {0},
                  /*isSigned=*/true, /*isNarrow=*/true);
  m.output(m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)}));
  MindIRResult result = import(m);
  expectFound(result, "dense<[[2, 2], [-127, 1]]> : tensor<2x2xi8>");
  expectFound(result, "!quant.uniform<i8<-127:127>:f32, 5.000000e-01>");
}

TEST(MindIRQuant, ADeadChannelIsZero) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2});
  std::string w = m.fakeQuant(m.parameter("w", {2, 2}, {1, 1, 3, 3}), {0.5f, 0},
                              {0, 0}, /*isSigned=*/true);
  m.output(m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)}));
  MindIRResult result = import(m);
  expectFound(result, "dense<[[2, 0], [2, 0]]> : tensor<2x2xi8>");
  expectFound(result, "{5.000000e-01,1.000000e+00}");
}

/// LSQ: a range that is swapped, a scale that may be negative, and scales per
/// channel that say they are not.
TEST(MindIRQuant, TheListOfScalesIsTrusted) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2});
  std::string w = m.fakeQuant(m.parameter("w", {2, 2}, {1, 1, 1, 1}),
                              {0.5f, -0.25f}, {0, 0}, true, true);
  m.reals("min", {1, 1}).reals("max", {-1, -1});
  m.output(m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)}));
  expectFound(import(m), "dense<[[2, 4], [2, 4]]> : tensor<2x2xi8>");
}

TEST(MindIRQuant, AsWrittenItIsTheIdentity) {
  MindIRTestModel m;
  std::string x = m.fakeQuant(m.input("x", {1, 2}), {0.5f}, {33}, false);
  std::string w =
      m.fakeQuant(m.parameter("w", {2, 2}, {1.1f}), {0.5f}, {0}, true);
  m.output(m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)}));
  MindIRImportOptions options;
  options.asWritten = true;
  MindIRResult result = import(m, options);
  expectAbsent(result, "quant");
  expectFound(result, "dense<1.100000e+00>");
}

//===----------------------------------------------------------------------===//
// SLB
//===----------------------------------------------------------------------===//

MindIRTestModel levels(int64_t bits, const std::vector<float> &weights) {
  MindIRTestModel m;
  std::string x = m.input("x", {1, 2});
  std::string w = m.node("FakeQuantParam", {m.parameter("w", {2, 2}, weights)});
  m.text("quant_algo_name", "SLBQuant").attr("num_bits", bits);
  m.reals("linear_quant_scale", {float(1 << (bits - 1))});
  m.reals("linear_quant_zero_point", {0});
  m.output(m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(0, 9)}));
  return m;
}

TEST(MindIRSlb, LevelsAreOddIntegers) {
  MindIRResult one = import(levels(1, {1, -1, -1, 1}));
  expectFound(one, "dense<[[1, -1], [-1, 1]]> : tensor<2x2xi8>");
  expectFound(one, "!quant.uniform<i8<-1:1>:f32, 1.000000e+00>");
  MindIRResult two = import(levels(2, {1, -1, 1.0f / 3, -1.0f / 3}));
  expectFound(two, "dense<[[3, -3], [1, -1]]> : tensor<2x2xi8>");
  MindIRResult four =
      import(levels(4, {1, -13.0f / 15, 7.0f / 15, -1.0f / 15}));
  expectFound(four, "dense<[[15, -13], [7, -1]]> : tensor<2x2xi8>");
}

TEST(MindIRSlb, OtherWeightsStay) {
  expectAbsent(import(levels(2, {1, -1, 0.5f, -1.0f / 3})), "quant.");
}

//===----------------------------------------------------------------------===//
// Batch normalizations that are folded twice
//===----------------------------------------------------------------------===//

constexpr float kGamma = -0.5f, kSigma = 0.125f, kBeta = 0.25f, kMean = 2.0f;

struct NormOptions {
  bool isFolded = true;
  std::string name = "weight";
  float scale = 1.0f;        // of the weights that were quantized
  std::optional<float> bias; // of one conv
};

/// What no fold trains: BN(conv(x, FQ(w)) + b), with weights of 127 codes.
MindIRTestModel noFold(const NormOptions &options) {
  MindIRTestModel m;
  float factor = kGamma / kSigma;
  float weight = 127 * options.scale * (options.isFolded ? factor : 1);
  float bias = options.isFolded ? kBeta - kMean * factor : 0.75f;
  std::string x = m.fakeQuant(m.input("x", {1, 2, 3, 3}), {1}, {0}, false);
  std::string w = m.fakeQuant(
      m.parameter(options.name, {1, 2, 1, 1}, {weight, -weight / 127}),
      {options.scale}, {0}, true, true);
  std::string y = m.node(
      "BiasAdd", {m.conv(x, w), m.parameter("b", {1}, {bias}), m.scalar(0)});
  m.output(m.batchNorm(y, m.parameter("gamma", {1}, {kGamma}),
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

TEST(MindIRBatchNorm, WhereNumbersDoNotTellTheNameDoes) {
  NormOptions options;
  MindIRTestModel m = noFold(options);
  // A scale that is of neither.
  for (auto &primitive : *m.model.mutable_primitives())
    if (primitive.op_type() == "FakeQuantParam")
      for (auto &attribute : *primitive.mutable_attribute())
        if (attribute.name() == "linear_quant_scale")
          attribute.mutable_values(0)->set_floats(0, 100);
  expectFound(import(m), "rsqrt");
  m.graph->mutable_parameter(0)->set_ref_key("weight_bnfold");
  expectAbsent(import(m), "rsqrt");
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

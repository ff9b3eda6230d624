//===- MindIRQuantTest.cpp - what Golden Stick writes ---------------------===//
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

/// Codes that reach further below 0 than above are not the same the other way
/// round.
TEST(MindIRQuant, ANegativeScaleIsOfANarrowRange) {
  auto quantize = [](float zeroPoint, bool isSigned, bool isNarrow) {
    MindIRTestModel m;
    std::string x = m.input("x", {1, 2});
    std::string w = m.fakeQuant(m.parameter("w", {2, 2}, {1}), {-0.25f},
                                {zeroPoint}, isSigned, isNarrow);
    m.output(m.node("MatMul", {x, w, m.scalar(0, 9), m.scalar(1, 9)}));
    return import(m);
  };
  expectFound(quantize(0, true, true), "dense<4> : tensor<2x2xi8>");
  expectError(quantize(0, true, false), "has a negative scale");
  expectError(quantize(1, true, true), "has a negative scale");
  expectError(quantize(0, false, true), "has a negative scale");
}

/// The scales are of the outputs: dimension 0 of [outputs, inputs].
TEST(MindIRQuant, ScalesAlongTheSumAreRefused) {
  auto multiply = [](const std::string &op, bool transposes, bool isFirst,
                     const std::vector<float> &scales) {
    MindIRTestModel m;
    std::string x = m.input("x", {2, 2});
    std::string w =
        m.fakeQuant(m.parameter("w", {2, 2}, {1}), scales,
                    std::vector<float>(scales.size(), 0), /*isSigned=*/true);
    MindIRTestModel::Names inputs{isFirst ? w : x, isFirst ? x : w};
    if (op == "MatMul")
      inputs.insert(inputs.end(), {m.scalar(isFirst && transposes, 9),
                                   m.scalar(!isFirst && transposes, 9)});
    m.output(m.node(op, inputs));
    return import(m);
  };
  const char *error = "sums along the dimension of its weights that has "
                      "several scales";
  expectFound(multiply("MatMul", true, false, {0.5f, 0.25f}), "i8:f32:1");
  expectError(multiply("MatMul", false, false, {0.5f, 0.25f}), error);
  expectError(multiply("MatMulExt", false, false, {0.5f, 0.25f}), error);
  expectFound(multiply("MatMul", false, false, {0.5f}), "i8:f32, 5.0");
  expectFound(multiply("MatMul", false, true, {0.5f, 0.25f}), "i8:f32:0");
  expectError(multiply("MatMul", true, true, {0.5f, 0.25f}), error);
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

} // namespace

//===- NumericsTest.cpp - the library against the oracle ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Arithmetic.h"
#include "Random.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
namespace mc = mlir::compress;

namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// An f32 of any bits at all.
float anyFloat(oracle::Random &random) {
  auto bits = static_cast<uint32_t>(random.between(0, UINT32_MAX));
  float result;
  std::memcpy(&result, &bits, 4);
  return result;
}

/// Numbers where rounding decides: halves and what is next to them.
std::vector<float> nearTies() {
  std::vector<float> result;
  for (int i = -300; i <= 300; ++i) {
    float half = static_cast<float>(i) / 2;
    result.push_back(half);
    result.push_back(std::nextafter(half, infinity));
    result.push_back(std::nextafter(half, -infinity));
  }
  return result;
}

TEST(NumericsTest, RoundsAsTheOracle) {
  for (float v : nearTies())
    EXPECT_EQ(mc::roundHalfEven(v), oracle::roundHalfEven(v)) << v;
  oracle::Random random(1);
  for (int i = 0; i < 100000; ++i) {
    auto v = static_cast<float>((random.unit() - 0.5) * 8388600);
    ASSERT_EQ(mc::roundHalfEven(v), oracle::roundHalfEven(v)) << v;
  }
}

TEST(NumericsTest, QuantizesAsTheOracle) {
  for (int32_t zp : {-128, -3, 0, 5, 127, 300, -32768}) {
    for (float v : nearTies())
      EXPECT_EQ(mc::quantize(v, 1.0f, zp, -128, 127),
                oracle::quantize(v, {1.0f, zp}))
          << v << " zp " << zp;
    for (float v : {infinity, -infinity, std::nanf(""), -0.0f, 1e-45f, 3e38f})
      EXPECT_EQ(mc::quantize(v, 0.1f, zp, -100, 99),
                oracle::quantize(v, {0.1f, zp}, {-100, 99}))
          << v << " zp " << zp;
  }
  oracle::Random random(2);
  for (int i = 0; i < 200000; ++i) {
    float v = anyFloat(random);
    auto scale = static_cast<float>(std::pow(10.0, 8 * random.unit() - 6));
    auto zp = static_cast<int32_t>(random.between(-128, 127));
    ASSERT_EQ(mc::quantize(v, scale, zp, -128, 127),
              oracle::quantize(v, {scale, zp}))
        << v << " scale " << scale << " zp " << zp;
  }
}

TEST(NumericsTest, RequantizesAsTheOracle) {
  oracle::Random random(3);
  float least = std::numeric_limits<float>::min();
  for (float scale : {least, 1e-30f, 5.9604645e-8f, 0.5f, 1.0f, 3e38f})
    for (int32_t sum : {INT32_MIN, INT32_MIN + 1, -16777217, -3, -1, 0, 1, 3,
                        16777217, INT32_MAX - 64, INT32_MAX})
      EXPECT_EQ(mc::requantize(sum, scale, 7, -128, 127),
                oracle::requantize(sum, scale, 7))
          << sum << " scale " << scale;
  for (int i = 0; i < 200000; ++i) {
    auto sum = static_cast<int32_t>(random.between(INT32_MIN, INT32_MAX));
    sum >>= random.between(0, 31);
    auto scale = static_cast<float>(std::pow(10.0, 10 * random.unit() - 9));
    auto zp = static_cast<int32_t>(random.between(-128, 127));
    auto low = static_cast<int32_t>(random.between(-128, 127));
    auto high = static_cast<int32_t>(random.between(low, 127));
    ASSERT_EQ(mc::requantize(sum, scale, zp, low, high),
              oracle::requantize(sum, scale, zp, {low, high}))
        << sum << " scale " << scale << " zp " << zp;
  }
  for (int i = 0; i < 200000; ++i) {
    float sum = anyFloat(random), scale = anyFloat(random);
    ASSERT_EQ(mc::requantize(sum, scale, -9, -128, 127),
              oracle::requantize(sum, scale, -9))
        << sum << " scale " << scale;
  }
}

TEST(NumericsTest, DequantizesAsTheOracle) {
  for (int32_t q = -128; q < 128; ++q)
    for (int32_t zp : {-128, 0, 3, 127})
      for (float scale : {0.1f, 1e-30f, 1e30f})
        EXPECT_EQ(mc::dequantize(q, scale, zp),
                  oracle::dequantize(q, {scale, zp}));
}

TEST(NumericsTest, AcceptsNormalScalesOnly) {
  EXPECT_EQ(mc::toScale(0.1), 0.1f);
  EXPECT_EQ(mc::toScale(std::numeric_limits<float>::min()),
            std::numeric_limits<float>::min());
  for (double bad : {0.0, -0.0, -1.0, 1e-40, 1e39, HUGE_VAL, std::nan("")})
    EXPECT_FALSE(mc::toScale(bad)) << bad;
}

class QuantParamsTest : public testing::Test {
protected:
  QuantParamsTest() { context.loadDialect<quant::QuantDialect>(); }
  MLIRContext context;
  Builder b{&context};
};

TEST_F(QuantParamsTest, ReadsPerTensorTypes) {
  auto params = mc::getQuantParams(mc::getInt8Type(&context, 0.1, -7));
  ASSERT_TRUE(succeeded(params));
  EXPECT_FALSE(params->isPerAxis());
  EXPECT_EQ(params->scale(5), 0.1f);
  EXPECT_EQ(params->zeroPoint(5), -7);
  EXPECT_EQ(params->qmin, -128);
  EXPECT_EQ(params->qmax, 127);
  EXPECT_EQ(params->bits, 8u);
  EXPECT_TRUE(params->isSigned);
}

TEST_F(QuantParamsTest, ReadsPerChannelTypes) {
  auto type = quant::UniformQuantizedPerAxisType::get(
      /*flags=*/0, b.getIntegerType(8), b.getF32Type(), {0.5, 0.25}, {1, 2},
      /*quantizedDimension=*/1, 0, 200);
  auto params = mc::getQuantParams(type);
  ASSERT_TRUE(succeeded(params));
  EXPECT_EQ(params->axis, 1);
  EXPECT_EQ(params->scale(1), 0.25f);
  EXPECT_EQ(params->zeroPoint(1), 2);
  EXPECT_EQ(params->qmin, 0);
  EXPECT_EQ(params->qmax, 200);
  EXPECT_FALSE(params->isSigned);
}

TEST_F(QuantParamsTest, ReadsBiasTypes) {
  auto type = quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, b.getIntegerType(32), b.getF32Type(),
      0.5, 0, INT32_MIN, INT32_MAX);
  auto params = mc::getQuantParams(type);
  ASSERT_TRUE(succeeded(params));
  EXPECT_EQ(params->bits, 32u);
  EXPECT_EQ(params->qmin, INT32_MIN);
  EXPECT_EQ(params->qmax, INT32_MAX);
}

TEST_F(QuantParamsTest, RejectsWhatTheContractDoes) {
  EXPECT_TRUE(failed(mc::getQuantParams(b.getF32Type())));
  EXPECT_TRUE(failed(mc::getQuantParams(quant::AnyQuantizedType::get(
      quant::QuantizationFlags::Signed, b.getIntegerType(8), b.getF32Type(),
      -128, 127))));
  // 1e-40 is a normal double and no normal float.
  EXPECT_TRUE(failed(mc::getQuantParams(mc::getInt8Type(&context, 1e-40, 0))));
}

} // namespace

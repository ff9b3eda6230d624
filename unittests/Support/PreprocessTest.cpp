//===- PreprocessTest.cpp - tests from items to inputs --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Dataset.h"
#include "TestFiles.h"
#include <cmath>
#include <limits>
#include <numeric>

using namespace compress;
using namespace compress::test;

namespace {

using Dims = std::vector<int64_t>;

std::vector<float> apply(const InputPlan &plan) {
  std::vector<float> item(plan.itemElements()), result(plan.inputElements());
  std::iota(item.begin(), item.end(), 0.0f);
  plan.apply(item.data(), result.data());
  return result;
}

/// What the item 0, 1, 2, ... becomes.
std::vector<float> fitted(const Dims &item, Layout layout, const Dims &model,
                          const Preprocess &preprocess = {}) {
  return apply(valueOf(InputPlan::fit(item, layout, model, preprocess)));
}

std::string fitError(const Dims &item, Layout layout, const Dims &model,
                     const Preprocess &preprocess = {}) {
  return messageOf(InputPlan::fit(item, layout, model, preprocess));
}

std::vector<float> counting(size_t size) {
  std::vector<float> result(size);
  std::iota(result.begin(), result.end(), 0.0f);
  return result;
}

TEST(Preprocess, Layouts) {
  // Two pixels, three channels.
  std::vector<float> toPlanes = {0, 3, 1, 4, 2, 5};
  std::vector<float> toPixels = {0, 2, 4, 1, 3, 5};
  EXPECT_EQ(fitted({1, 2, 3}, Layout::HWC, {1, 3, 1, 2}), toPlanes);
  EXPECT_EQ(fitted({1, 2, 3}, Layout::HWC, {1, 1, 2, 3}), counting(6));
  EXPECT_EQ(fitted({3, 1, 2}, Layout::CHW, {1, 1, 2, 3}), toPixels);
  EXPECT_EQ(fitted({3, 1, 2}, Layout::CHW, {1, 3, 1, 2}), counting(6));
  EXPECT_EQ(fitted({1, 2, 3}, Layout::Unknown, {1, 3, 1, 2}), toPlanes);
  EXPECT_EQ(fitted({3, 1, 2}, Layout::Unknown, {1, 1, 2, 3}), toPixels);
  EXPECT_EQ(fitted({3, 3, 3}, Layout::Unknown, {1, 3, 3, 3}), counting(27));
}

TEST(Preprocess, MissingDimensions) {
  for (const Dims &item : {Dims{4, 5}, Dims{1, 4, 5}, Dims{4, 5, 1}})
    for (const Dims &model :
         {Dims{1, 1, 4, 5}, Dims{1, 4, 5, 1}, Dims{1, 4, 5}, Dims{1, 20}})
      EXPECT_EQ(fitted(item, Layout::Unknown, model), counting(20))
          << shapeString(item) << shapeString(model);
  EXPECT_EQ(fitted({4, 5, 1}, Layout::HWC, {1, 20}), counting(20));
  EXPECT_EQ(fitted({7}, Layout::Unknown, {1, 7}), counting(7));
  EXPECT_EQ(fitted({7}, Layout::Unknown, {1, 7, 1, 1}), counting(7));
  EXPECT_EQ(fitted({}, Layout::Unknown, {1, 1}), counting(1));
  EXPECT_EQ(fitted({}, Layout::Unknown, {1}), counting(1));
  EXPECT_EQ(fitted({2, 2, 2, 2}, Layout::Unknown, {1, 2, 2, 2, 2}),
            counting(16));
  EXPECT_EQ(fitted({3, 2, 2}, Layout::Unknown, {1, 12}), counting(12));
  // Nobody knows in which order the network wants these.
  EXPECT_NE(fitError({3, 2, 2}, Layout::CHW, {1, 12}), "");
}

TEST(Preprocess, Mismatch) {
  EXPECT_EQ(fitError({3, 32, 32}, Layout::CHW, {1, 3, 28, 28}),
            "the items of the data have the shape [3,32,32] (channels, height, "
            "width), but the input of the network has the shape [1,3,28,28]; "
            "set the padding, or resize or reshape the data and save it as "
            ".npy");
  Preprocess padded;
  padded.pad = 1;
  EXPECT_TRUE(has(fitError({28, 28}, Layout::Unknown, {1, 1, 32, 32}, padded),
                  "get 1 pixels on each side"));
  EXPECT_NE(fitError({7}, Layout::Unknown, {1, 9}, padded), "");
  EXPECT_TRUE(has(fitError({4, 4}, Layout::Unknown, {2, 4, 4}), "batch of 1"));
  EXPECT_NE(fitError({4, 4}, Layout::Unknown, {}), "");
  EXPECT_NE(fitError({INT64_MAX, 2}, Layout::Unknown, {1, INT64_MAX, 2}), "");
}

TEST(Preprocess, Numbers) {
  Preprocess wrong;
  wrong.stddev = {0.0f};
  EXPECT_TRUE(has(fitError({2, 2}, Layout::Unknown, {1, 2, 2}, wrong), "is 0"));
  wrong = {};
  wrong.mean = {1.0f, 2.0f};
  EXPECT_TRUE(has(fitError({2, 2, 3}, Layout::HWC, {1, 2, 2, 3}, wrong),
                  "2 numbers is given, but the number of channels is 3"));
  wrong = {};
  wrong.scale = std::numeric_limits<float>::infinity();
  EXPECT_NE(fitError({2, 2}, Layout::Unknown, {1, 2, 2}, wrong), "");
  wrong = {};
  wrong.pad = -1;
  EXPECT_NE(fitError({2, 2}, Layout::Unknown, {1, 2, 2}, wrong), "");

  // One rounding an operation, in this order.
  Preprocess right;
  right.scale = 1.0f / 255.0f;
  right.mean = {0.4914f, 0.4822f, 0.4465f};
  right.stddev = {0.2471f, 0.2435f, 0.2616f};
  std::vector<float> result =
      fitted({2, 2, 3}, Layout::HWC, {1, 3, 2, 2}, right);
  for (int c = 0; c < 3; ++c)
    for (int i = 0; i < 4; ++i) {
      volatile float value = static_cast<float>(3 * i + c);
      value = value * right.scale;
      value = value - right.mean[c];
      value = value / right.stddev[c];
      EXPECT_EQ(result[4 * c + i], value);
    }
  // The number of means tells which dimension is that of channels.
  right = {};
  right.mean = {0, 10, 20, 30};
  EXPECT_EQ(fitted({2, 2, 4}, Layout::Unknown, {1, 2, 2, 4}, right),
            (std::vector<float>{0, -9, -18, -27, 4, -5, -14, -23, //
                                8, -1, -10, -19, 12, 3, -6, -15}));
}

TEST(Preprocess, Padding) {
  Preprocess preprocess;
  preprocess.pad = 1;
  preprocess.padValue = 9;
  preprocess.mean = {1, 2};
  std::vector<float> after = {9, 9, 9, 9, 9, -1, 0, 9, 9, 9, 9, 9,
                              9, 9, 9, 9, 9, 0,  1, 9, 9, 9, 9, 9};
  EXPECT_EQ(fitted({2, 1, 2}, Layout::CHW, {1, 2, 3, 4}, preprocess), after);
  preprocess.padFirst = true;
  std::vector<float> before = {8, 7, 8,  7, 8, 7, 8, 7, //
                               8, 7, -1, 0, 0, 1, 8, 7, //
                               8, 7, 8,  7, 8, 7, 8, 7};
  EXPECT_EQ(fitted({2, 1, 2}, Layout::CHW, {1, 3, 4, 2}, preprocess), before);
  Preprocess one;
  one.pad = 1;
  EXPECT_EQ(fitted({1, 1}, Layout::Unknown, {1, 9}, one),
            std::vector<float>(9));
}

template <typename T>
std::vector<T> stored(DType dtype, const std::vector<float> &values) {
  std::vector<T> result(values.size());
  convertFromFloat(values, dtype, reinterpret_cast<uint8_t *>(result.data()));
  return result;
}

TEST(Preprocess, Integers) {
  float inf = std::numeric_limits<float>::infinity();
  std::vector<float> values = {0.5f,   1.5f, 2.5f, -0.5f, -1.5f,
                               127.5f, 300,  -300, -129,  254.5f,
                               inf,    -inf, NAN,  1e30f, -1e30f};
  EXPECT_EQ(stored<int8_t>(DType::I8, values),
            (std::vector<int8_t>{0, 2, 2, 0, -2, 127, 127, -128, -128, 127, 127,
                                 -128, 0, 127, -128}));
  EXPECT_EQ(stored<uint8_t>(DType::U8, values),
            (std::vector<uint8_t>{0, 2, 2, 0, 0, 128, 255, 0, 0, 254, 255, 0, 0,
                                  255, 0}));
  EXPECT_EQ(stored<int64_t>(DType::I64, {1e30f, -1e30f, 2.5f, 9.2e18f}),
            (std::vector<int64_t>{INT64_MAX, INT64_MIN, 2,
                                  static_cast<int64_t>(9.2e18f)}));
  EXPECT_EQ(stored<int32_t>(DType::I32, {2147483648.f, -2147483648.f, 3.5f}),
            (std::vector<int32_t>{INT32_MAX, INT32_MIN, 4}));
  EXPECT_EQ(stored<int16_t>(DType::I16, {40000, -40000}),
            (std::vector<int16_t>{32767, -32768}));
  EXPECT_EQ(stored<float>(DType::F32, {0.25f, -inf}),
            (std::vector<float>{0.25f, -inf}));
}

TEST(Preprocess, ParsesNumbers) {
  EXPECT_EQ(valueOf(parseNumber("1/255", "--scale")), 1.0f / 255.0f);
  EXPECT_EQ(valueOf(parseNumber("-1.5e-3", "--scale")), -1.5e-3f);
  EXPECT_EQ(valueOf(parseNumber(" 2 ", "--scale")), 2.0f);
  for (const char *text : {"", "a", "1/0", "1/", "/2", "1/2/3", "nan", "inf",
                           "1e999", "1,2", "1 2"})
    EXPECT_EQ(messageOf(parseNumber(text, "--scale")),
              "--scale: '" + std::string(text) +
                  "' is no number such as 0.5 or 1/255");
  EXPECT_EQ(valueOf(parseNumbers("1,-2.5,1/4", "--mean")),
            (llvm::SmallVector<float, 4>{1.0f, -2.5f, 0.25f}));
  EXPECT_NE(messageOf(parseNumbers("1,,2", "--mean")), "");
}

} // namespace

//===- ReferenceLayersTest.cpp - layers against sums by hand --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ReferenceLayers.h"
#include "gtest/gtest.h"

using namespace oracle;

namespace {

TEST(ReferenceLayersTest, CountsWindows) {
  EXPECT_EQ((Axis{3, 1, 1, 0, 0}.outputs(5)), 3);
  EXPECT_EQ((Axis{3, 2, 1, 1, 1}.outputs(5)), 3);
  EXPECT_EQ((Axis{3, 2, 1, 1, 0}.outputs(4)), 2);
  EXPECT_EQ((Axis{3, 1, 2, 0, 0}.outputs(5)), 1);
  EXPECT_EQ((Axis{3, 1, 2, 0, 0}.outputs(4)), 0);
  EXPECT_EQ((Axis{1, 3, 1, 0, 0}.outputs(7)), 3);
}

TEST(ReferenceLayersTest, ConvolvesWithPaddingAndZeroPoint) {
  ConvLayer layer;
  layer.input = {1, 1, 3, 1};
  layer.x = {3, 1, 1, 1, 1};
  layer.in = {1.0f, 10};
  layer.out = {1.0f, -1};
  layer.weights = {1, 2, 4};
  layer.weightGrid = {{1.0f, 0}};
  layer.bias = {5};
  // Values 1, 2, 3.
  EXPECT_EQ(convolveSums(layer, {11, 12, 13}),
            (std::vector<int32_t>{5 + 2 + 8, 5 + 1 + 4 + 12, 5 + 2 + 6}));
  EXPECT_EQ(convolve(layer, {11, 12, 13}), (Codes{14, 21, 12}));
  layer.weightGrid = {{1.0f, 1}}; // weights 0, 1, 3
  EXPECT_EQ(convolveSums(layer, {11, 12, 13}),
            (std::vector<int32_t>{5 + 1 + 6, 5 + 2 + 9, 5 + 3}));
}

TEST(ReferenceLayersTest, ConvolvesWithStrideAndDilation) {
  ConvLayer layer;
  layer.input = {1, 5, 1, 1};
  layer.y = {2, 2, 2, 0, 0};
  layer.weights = {1, 10};
  layer.weightGrid = {{1.0f, 0}};
  EXPECT_EQ(convolveSums(layer, {1, 2, 3, 4, 5}),
            (std::vector<int32_t>{31, 53}));
}

TEST(ReferenceLayersTest, ConvolvesInGroupsAndPerFilter) {
  ConvLayer layer;
  layer.input = {1, 1, 1, 4};
  layer.filters = 4;
  layer.groups = 2;
  layer.weights = {1, 2, 3, 4, 5, 6, 7, 8}; // [2][4]
  layer.weightGrid = {{1, 0}, {0.5f, 0}, {0.25f, 0}, {2, 0}};
  EXPECT_EQ(convolveSums(layer, {1, 2, 3, 4}),
            (std::vector<int32_t>{1 + 10, 2 + 12, 9 + 28, 12 + 32}));
  EXPECT_EQ(convolve(layer, {1, 2, 3, 4}), (Codes{11, 7, 9, 88}));
  layer.groups = 4; // depthwise
  layer.weights = {1, 2, 3, 4};
  EXPECT_EQ(convolveSums(layer, {1, 2, 3, 4}),
            (std::vector<int32_t>{1, 4, 9, 16}));
  layer.input.c = 2; // with a multiplier of 2
  layer.groups = 2;
  EXPECT_EQ(convolveSums(layer, {1, 2}), (std::vector<int32_t>{1, 2, 6, 8}));
}

TEST(ReferenceLayersTest, SumsWrap) {
  ConvLayer layer;
  layer.input = {1, 1, 1, 2};
  layer.weights = {127, -127};
  layer.weightGrid = {{1, 0}};
  layer.bias = {INT32_MAX};
  EXPECT_EQ(convolveSums(layer, {100, 100})[0], INT32_MAX);
}

TEST(ReferenceLayersTest, AveragesWithBorderCounts) {
  PoolLayer layer;
  layer.input = {1, 1, 3, 1};
  layer.x = {3, 1, 1, 1, 1};
  layer.in = {1.0f, 1};
  layer.out = {0.5f, 0};
  // Values 2, 4, 9: means 3, 5, 6.5; in halves 6, 10, 13.
  EXPECT_EQ(averagePool(layer, {3, 5, 10}), (Codes{6, 10, 13}));
  layer.countPadding = true; // 6/3, 15/3, 13/3
  EXPECT_EQ(averagePool(layer, {3, 5, 10}), (Codes{4, 10, 9}));
}

TEST(ReferenceLayersTest, MaximumIgnoresPadding) {
  PoolLayer layer;
  layer.input = {1, 2, 2, 1};
  layer.y = {2, 1, 1, 1, 0};
  layer.x = {2, 2, 1, 0, 0};
  EXPECT_EQ(maxPool(layer, {-100, -90, -128, 5}), (Codes{-90, 5}));
}

TEST(ReferenceLayersTest, AddsInUnitsOfTheResult) {
  BinaryLayer layer{{0.5f, 1}, {0.25f, 0}, {1.0f, 2}, {}};
  // 1.5 + 1 = 2.5 -> 2; 2 + 1.5 = 3.5 -> 4; -2 - 0.5.
  EXPECT_EQ(add(layer, {4, 5, -3}, {4, 6, -2}), (Codes{4, 6, 0}));
  EXPECT_EQ(subtract(layer, {4}, {8}), (Codes{2})); // 1.5 - 2 = -0.5 -> 0
  EXPECT_EQ(multiply(layer, {5, -3}, {10, 4}), (Codes{7, 0})); // 5, -2
}

TEST(ReferenceLayersTest, ConcatenatesRescaled) {
  ConcatLayer layer;
  layer.a = {1, 1, 2, 1};
  layer.b = {1, 1, 2, 2};
  layer.gridA = {0.5f, 0};
  layer.gridB = {1.0f, 3};
  layer.out = {1.0f, 3};
  EXPECT_EQ(concat(layer, {4, 6}, {1, 2, 3, 4}), (Codes{5, 1, 2, 6, 3, 4}));
}

} // namespace

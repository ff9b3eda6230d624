//===- ImportCommonTest.cpp - windows, constants, scanning ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ProtobufScan.h"
#include "Compress/Import/Common/Tensor.h"
#include "Compress/Import/Common/Window.h"
#include "gtest/gtest.h"
#include <cmath>
#include <cstring>
#include <limits>

using namespace mlir;
using namespace mlir::compress;

namespace {

WindowAxis makeAxis(int64_t input, int64_t kernel, int64_t stride,
                    int64_t dilation, int64_t before, int64_t after) {
  WindowAxis axis;
  axis.input = input;
  axis.kernel = kernel;
  axis.stride = stride;
  axis.dilation = dilation;
  axis.padBefore = before;
  axis.padAfter = after;
  return axis;
}

TEST(Window, FloorAndCeil) {
  std::string reason;
  WindowAxis axis = makeAxis(10, 3, 2, 1, 0, 0);
  ASSERT_TRUE(succeeded(resolveWindow(axis, AutoPad::None, false, reason)));
  EXPECT_EQ(axis.output, 4);
  EXPECT_EQ(axis.overhang, 0);
  ASSERT_TRUE(succeeded(resolveWindow(axis, AutoPad::None, true, reason)));
  EXPECT_EQ(axis.output, 5);
  EXPECT_EQ(axis.overhang, 1);
  // A last window that would start behind the input is dropped.
  axis = makeAxis(2, 1, 2, 1, 0, 0);
  ASSERT_TRUE(succeeded(resolveWindow(axis, AutoPad::None, true, reason)));
  EXPECT_EQ(axis.output, 1);
}

TEST(Window, Same) {
  std::string reason;
  WindowAxis axis = makeAxis(8, 3, 2, 1, 7, 7); // given pads do not count
  ASSERT_TRUE(
      succeeded(resolveWindow(axis, AutoPad::SameUpper, false, reason)));
  EXPECT_EQ(axis.output, 4);
  EXPECT_EQ(axis.padBefore, 0);
  EXPECT_EQ(axis.padAfter, 1);
  ASSERT_TRUE(
      succeeded(resolveWindow(axis, AutoPad::SameLower, false, reason)));
  EXPECT_EQ(axis.padBefore, 1);
  EXPECT_EQ(axis.padAfter, 0);
}

TEST(Window, TapsAgreeWithCounting) {
  for (int64_t kernel = 1; kernel < 5; ++kernel)
    for (int64_t dilation = 1; dilation < 4; ++dilation)
      for (int64_t stride = 1; stride < 4; ++stride)
        for (int64_t pad = 0; pad < 4; ++pad) {
          WindowAxis axis = makeAxis(7, kernel, stride, dilation, pad, pad);
          std::string reason;
          if (failed(resolveWindow(axis, AutoPad::None, true, reason)))
            continue;
          for (int64_t p = 0; p < axis.output; ++p) {
            int64_t count = 0;
            for (int64_t k = 0; k < kernel; ++k) {
              int64_t x = p * stride - pad + k * dilation;
              count += x >= 0 && x < 7;
            }
            EXPECT_EQ(axis.countTaps(p, 0, 7), count);
          }
        }
}

TEST(Window, Rejects) {
  std::string reason;
  for (WindowAxis axis :
       {makeAxis(0, 1, 1, 1, 0, 0), makeAxis(8, 0, 1, 1, 0, 0),
        makeAxis(8, 3, 0, 1, 0, 0), makeAxis(8, 3, 1, 0, 0, 0),
        makeAxis(8, 3, 1, 1, -1, 0), makeAxis(8, 9, 1, 1, 0, 0),
        makeAxis(8, 3, 1, 1, 0, int64_t(1) << 62),
        makeAxis(8, int64_t(1) << 40, 1, 1 << 20, 0, 0)}) {
    reason.clear();
    EXPECT_TRUE(failed(resolveWindow(axis, AutoPad::None, false, reason)));
    EXPECT_NE(reason.find("requires"), std::string::npos) << reason;
  }
}

TEST(ConstantTensor, CountsWithoutOverflow) {
  EXPECT_EQ(countElements({}), 1);
  EXPECT_EQ(countElements({2, 3}), 6);
  EXPECT_EQ(countElements({1 << 30, 0}), 0);
  EXPECT_EQ(countElements({1 << 30, 1 << 30, 1 << 30}), std::nullopt);
  EXPECT_EQ(countElements({-1}), std::nullopt);
  EXPECT_EQ(countElements(SmallVector<int64_t>(33, 1)), std::nullopt);
}

TEST(ConstantTensor, Moves) {
  ConstantTensorRef t =
      ConstantTensor::fromInts(ElementType::I16, {2, 3}, {0, 1, 2, 3, 4, -5});
  EXPECT_EQ(t->transpose({1, 0})->getInts(),
            (SmallVector<int64_t>{0, 3, 1, 4, 2, -5}));
  EXPECT_EQ(t->slice({1, 2}, {1, 2}, {1, -2})->getInts(),
            (SmallVector<int64_t>{-5, 3}));
  EXPECT_EQ(t->gather(1, {2, 0}, {2})->getInts(),
            (SmallVector<int64_t>{2, 0, -5, 3}));
  EXPECT_EQ(ConstantTensor::concat({t, t}, 1)->getInts(),
            (SmallVector<int64_t>{0, 1, 2, 0, 1, 2, 3, 4, -5, 3, 4, -5}));
  EXPECT_EQ(t->view({2, 2}, 0, {0, 1})->getInts(),
            (SmallVector<int64_t>{0, 1, 0, 1}));
  // Empty tensors end at once, however large their other extents are.
  ConstantTensorRef empty =
      ConstantTensor::fromInts(ElementType::I8, {int64_t(1) << 38, 0}, {});
  EXPECT_EQ(ConstantTensor::concat({empty, empty}, 1)->getNumElements(), 0);
  EXPECT_EQ(empty->gather(1, {}, {0})->getNumElements(), 0);
}

TEST(ConstantTensor, Casts) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  ConstantTensorRef f =
      ConstantTensor::fromFloats({5}, {-1.9f, 300.0f, NAN, infinity, 0.4f});
  EXPECT_EQ(f->cast(ElementType::I8)->getInts(),
            (SmallVector<int64_t>{-1, 127, 0, 127, 0}));
  EXPECT_EQ(f->cast(ElementType::Bool)->getInts(),
            (SmallVector<int64_t>{1, 1, 1, 1, 1}));
  ConstantTensorRef i =
      ConstantTensor::fromInts(ElementType::I32, {2}, {200, -1});
  EXPECT_EQ(i->cast(ElementType::I8)->getInts(),
            (SmallVector<int64_t>{-56, -1}));
  EXPECT_EQ(i->cast(ElementType::U8)->getInts(),
            (SmallVector<int64_t>{200, 255}));
  EXPECT_EQ(i->cast(ElementType::F16), nullptr);
  // 1.5, -2^-24, -inf as float16; 1.5 as bfloat16.
  uint16_t halves[] = {0x3E00, 0x8001, 0xFC00};
  ConstantTensorRef h = ConstantTensor::get(
      ElementType::F16, {3},
      std::string(reinterpret_cast<char *>(halves), sizeof(halves)));
  EXPECT_EQ(h->getDouble(0), 1.5);
  EXPECT_EQ(h->getDouble(1), -std::ldexp(1.0, -24));
  EXPECT_EQ(h->getDouble(2), -infinity);
}

TEST(ConstantTensor, ChecksLength) {
  EXPECT_EQ(ConstantTensor::get(ElementType::F32, {2}, "1234567"), nullptr);
}

TEST(Quantization, FollowsItsAxis) {
  Quantization q;
  q.scales = {1, 2, 3};
  q.zeroPoints = {4, 5, 6};
  q.axis = 1;
  EXPECT_EQ(q.transpose({1, 2, 0}).axis, 0);
  EXPECT_EQ(q.reshape({2, 3, 4}, {2, 3, 2, 2})->axis, 1);
  EXPECT_EQ(q.reshape({2, 3, 4}, {1, 2, 3, 4})->axis, 2);
  EXPECT_EQ(q.reshape({2, 3, 4}, {6, 4}), std::nullopt);
  Quantization sliced = q.slice({0, 0, 0}, {2, 2, 4}, {1, 2, 1});
  EXPECT_EQ(sliced.scales, (SmallVector<float>{1, 3}));
  EXPECT_EQ(sliced.zeroPoints, (SmallVector<int64_t>{4, 6}));
}

TEST(ProtobufScan, CountsAndRejects) {
  constexpr ProtobufField fields[] = {{0, 1, 1}, {1, 2, kPackedVarints}};
  auto scan = [&](std::string bytes, int64_t limit) {
    return succeeded(scanProtobuf(bytes, fields, limit));
  };
  EXPECT_TRUE(scan("", 0));
  EXPECT_TRUE(scan(std::string("\x0A\x00", 2), 1000));
  std::string many;
  for (int i = 0; i < 100; ++i)
    many += std::string("\x0A\x00", 2);
  EXPECT_FALSE(scan(many, 1000));
  EXPECT_TRUE(scan(many, 100000));
  EXPECT_FALSE(scan("\x0A\x05", 1000));                 // too short
  EXPECT_FALSE(scan("\x0A", 1000));                     // no length
  EXPECT_FALSE(scan("\x0B", 1000));                     // a group
  EXPECT_FALSE(scan(std::string("\x00\x00", 2), 1000)); // field 0
  EXPECT_FALSE(scan(std::string(20, '\xFF'), 1000));    // endless varint
  EXPECT_FALSE(scan("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", 1000));
}

} // namespace

//===- ScalarBodyTest.cpp - computing bodies ------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/ScalarBody.h"
#include "TestModules.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

namespace {

class ScalarBodyTest : public testing::Test, public oracle::TestModules {
protected:
  /// A body from `in`, %x, to `out`, which ends in the value %r.
  std::optional<ScalarBody> body(StringRef in, StringRef out, StringRef text) {
    std::string source =
        "#id = affine_map<(i) -> (i)>\n"
        "func.func @f(%a: tensor<1x" +
        in.str() + ">, %o: tensor<1x" + out.str() + ">) -> tensor<1x" +
        out.str() + R"(> {
        %s = arith.constant 0.5 : f32
        %big = arith.constant 3.0e9 : f32
        %d = arith.constant 0.1 : f64
        %c100 = arith.constant 100 : i8
        %z = arith.constant 10 : i32
        %lo = arith.constant -128 : i32
        %hi = arith.constant 127 : i32
        %flo = arith.constant -128.0 : f32
        %fhi = arith.constant 127.0 : f32
        %y = linalg.generic {indexing_maps = [#id, #id],
                             iterator_types = ["parallel"]}
            ins(%a : tensor<1x)" +
        in.str() + ">) outs(%o : tensor<1x" + out.str() +
        ">) {\n^bb0(%x: " + in.str() + ", %old: " + out.str() + "):\n" +
        text.str() + "\nlinalg.yield %r : " + out.str() + "\n} -> tensor<1x" +
        out.str() + ">\nreturn %y : tensor<1x" + out.str() + ">\n}";
    module = parse(source);
    if (!module)
      return std::nullopt;
    linalg::GenericOp found;
    module->walk([&](linalg::GenericOp op) { found = op; });
    return ScalarBody::get(found);
  }

  OwningOpRef<ModuleOp> module;
};

TEST_F(ScalarBodyTest, IntegersWrap) {
  auto add = body("i8", "i8", "%r = arith.addi %x, %c100 : i8");
  ASSERT_TRUE(add);
  EXPECT_EQ(add->evaluate({{0, 100}, {}}).integer, -56);
  EXPECT_TRUE(add->uses(0));
  EXPECT_FALSE(add->uses(1));
}

TEST_F(ScalarBodyTest, BitsAndShifts) {
  auto bits = body("f32", "i32", R"(
      %1 = arith.bitcast %x : f32 to i32
      %2 = arith.constant 23 : i32
      %r = arith.shrui %1, %2 : i32)");
  ASSERT_TRUE(bits);
  EXPECT_EQ(bits->evaluate({{-1, 0}, {}}).integer, 0x17f);
  auto real = body("i32", "f32", R"(
      %1 = arith.constant 23 : i32
      %2 = arith.shli %x, %1 : i32
      %3 = arith.bitcast %2 : i32 to f32
      %4 = arith.constant -2.0 : f32
      %r = math.copysign %3, %4 : f32)");
  ASSERT_TRUE(real);
  EXPECT_EQ(real->evaluate({{0, 128}, {}}).real, -2.0);
  auto half = body("i8", "i8", R"(
      %1 = arith.constant 1 : i8
      %r = arith.shrsi %x, %1 : i8)");
  ASSERT_TRUE(half);
  EXPECT_EQ(half->evaluate({{0, -5}, {}}).integer, -3);
}

TEST_F(ScalarBodyTest, ConversionsSaturate) {
  auto toSigned = body("f32", "i8", "%r = arith.fptosi %x : f32 to i8");
  ASSERT_TRUE(toSigned);
  EXPECT_EQ(toSigned->evaluate({{300, 0}, {}}).integer, 127);
  EXPECT_EQ(toSigned->evaluate({{-1e30, 0}, {}}).integer, -128);
  EXPECT_EQ(toSigned->evaluate({{-1.75, 0}, {}}).integer, -1);
  EXPECT_EQ(toSigned->evaluate({{NAN, 0}, {}}).integer, 0);
  // The bits of 255 as i8.
  auto toUnsigned = body("f32", "i8", "%r = arith.fptoui %x : f32 to i8");
  ASSERT_TRUE(toUnsigned);
  EXPECT_EQ(toUnsigned->evaluate({{1e9, 0}, {}}).integer, -1);
  EXPECT_EQ(toUnsigned->evaluate({{200.9, 0}, {}}).integer, -56);
  EXPECT_EQ(toUnsigned->evaluate({{-3, 0}, {}}).integer, 0);
}

TEST_F(ScalarBodyTest, EachOperationRoundsOnce) {
  auto product = body("f32", "f32", R"(
      %1 = arith.truncf %d : f64 to f32
      %r = arith.mulf %x, %1 : f32)");
  ASSERT_TRUE(product);
  for (float x : {3.0f, 16777215.0f, 1e-38f})
    EXPECT_EQ(product->evaluate({{x, 0}, {}}).real, x * 0.1f);
  // 2^24 + 1 has no f32.
  auto convert = body("i32", "f32", "%r = arith.sitofp %x : i32 to f32");
  ASSERT_TRUE(convert);
  EXPECT_EQ(convert->evaluate({{0, 16777217}, {}}).real, 16777216.0);
  auto ties = body("f32", "f32", "%r = math.roundeven %x : f32");
  ASSERT_TRUE(ties);
  EXPECT_EQ(ties->evaluate({{2.5, 0}, {}}).real, 2.0);
  EXPECT_EQ(ties->evaluate({{-1.5, 0}, {}}).real, -2.0);
}

TEST_F(ScalarBodyTest, NotANumber) {
  auto maximum = body("f32", "f32", "%r = arith.maximumf %x, %s : f32");
  auto maxnum = body("f32", "f32", "%r = arith.maxnumf %x, %s : f32");
  ASSERT_TRUE(maximum && maxnum);
  EXPECT_TRUE(std::isnan(maximum->evaluate({{NAN, 0}, {}}).real));
  EXPECT_EQ(maxnum->evaluate({{NAN, 0}, {}}).real, 0.5);
}

TEST_F(ScalarBodyTest, OthersAreNotFollowed) {
  EXPECT_FALSE(body("f32", "f32", "%r = math.exp %x : f32"));
  EXPECT_FALSE(body("bf16", "bf16", "%r = arith.addf %x, %x : bf16"));
}

/// The range of a body in its argument, if it never falls.
std::optional<std::pair<int64_t, int64_t>>
range(std::optional<ScalarBody> body) {
  if (!body)
    return std::nullopt;
  auto ends = body->getMonotoneRange(0, {{}, {}});
  if (!ends)
    return std::nullopt;
  return std::make_pair(ends->first.integer, ends->second.integer);
}

TEST_F(ScalarBodyTest, MonotoneRange) {
  using Pair = std::pair<int64_t, int64_t>;
  // The zero point and the bounds on integers.
  EXPECT_EQ(range(body("f32", "i8", R"(
      %1 = arith.divf %x, %s : f32
      %2 = arith.fptosi %1 : f32 to i32
      %3 = arith.addi %2, %z : i32
      %4 = arith.cmpi sgt, %3, %hi : i32
      %5 = arith.select %4, %hi, %3 : i32
      %6 = arith.maxsi %5, %lo : i32
      %r = arith.trunci %6 : i32 to i8)")),
            Pair(-128, 127));
  // What is added after the bounds leaves i8 and wraps.
  EXPECT_FALSE(range(body("f32", "i8", R"(
      %1 = arith.maximumf %x, %flo : f32
      %2 = arith.minimumf %1, %fhi : f32
      %3 = arith.fptosi %2 : f32 to i8
      %r = arith.addi %3, %c100 : i8)")));
  // Without bounds the truncation wraps.
  EXPECT_FALSE(range(body("f32", "i8", R"(
      %1 = arith.fptosi %x : f32 to i32
      %r = arith.trunci %1 : i32 to i8)")));
  // It falls.
  EXPECT_FALSE(range(body("f32", "i32", R"(
      %1 = arith.subf %s, %x : f32
      %2 = arith.maximumf %1, %flo : f32
      %3 = arith.minimumf %2, %fhi : f32
      %r = arith.fptosi %3 : f32 to i32)")));
  // It chooses by something else.
  EXPECT_FALSE(range(body("f32", "i32", R"(
      %1 = arith.cmpf ogt, %x, %s : f32
      %2 = arith.select %1, %flo, %x : f32
      %r = arith.fptosi %2 : f32 to i32)")));
}

} // namespace

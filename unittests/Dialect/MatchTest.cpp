//===- MatchTest.cpp - recognizing what ops compute -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "TestModules.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

namespace {

class MatchTest : public testing::Test, public oracle::TestModules {
protected:
  /// An elementwise op with `body`, that ends in the value %r; operands %x and
  /// %y of 4xf32, %s of a splat.
  std::optional<Elementwise> elementwise(StringRef body) {
    std::string text = R"(
      #id = affine_map<(i) -> (i)>
      func.func @f(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
        %c1 = arith.constant -1.0 : f32
        %c6 = arith.constant 6.0 : f32
        %nan = arith.constant 0x7FC00000 : f32
        %s = arith.constant dense<3.0> : tensor<4xf32>
        %e = tensor.empty() : tensor<4xf32>
        %r = linalg.generic {
            indexing_maps = [#id, #id, #id, #id], iterator_types = ["parallel"]}
            ins(%x, %y, %s : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)
            outs(%e : tensor<4xf32>) {
        ^bb0(%a: f32, %b: f32, %c: f32, %o: f32):
    )" + body.str() + R"(
          linalg.yield %r : f32
        } -> tensor<4xf32>
        return %r : tensor<4xf32>
      })";
    module = parse(text);
    return module ? matchElementwise(last<linalg::GenericOp>()) : std::nullopt;
  }

  template <typename OpTy>
  OpTy last() {
    OpTy found;
    module->walk([&](OpTy op) { found = op; });
    return found;
  }

  OwningOpRef<ModuleOp> module;
};

TEST_F(MatchTest, BinaryOps) {
  struct Case {
    const char *body;
    BodyKind kind;
  };
  for (auto [body, kind] :
       {Case{"%r = arith.addf %a, %b : f32", BodyKind::Add},
        Case{"%r = arith.subf %a, %b : f32", BodyKind::Sub},
        Case{"%r = arith.mulf %a, %b : f32", BodyKind::Mul},
        Case{"%r = arith.divf %a, %b : f32", BodyKind::Div},
        Case{"%r = arith.maximumf %a, %b : f32", BodyKind::Max},
        Case{"%r = arith.minnumf %a, %b : f32", BodyKind::Min}}) {
    auto match = elementwise(body);
    ASSERT_TRUE(match) << body;
    EXPECT_EQ(match->kind, kind) << body;
    ASSERT_EQ(match->operands.size(), 2u) << body;
    EXPECT_EQ(match->operands[0]->getOperandNumber(), 0u);
    EXPECT_EQ(match->operands[1]->getOperandNumber(), 1u);
    EXPECT_FALSE(match->scalar);
  }
}

TEST_F(MatchTest, KeepsTheOrderOfOperands) {
  auto match = elementwise("%r = arith.subf %b, %a : f32");
  ASSERT_TRUE(match);
  EXPECT_EQ(match->operands[0]->getOperandNumber(), 1u);
  EXPECT_EQ(match->operands[1]->getOperandNumber(), 0u);
}

TEST_F(MatchTest, ConstantOperands) {
  for (const char *body :
       {"%r = arith.mulf %a, %c6 : f32", "%r = arith.mulf %c6, %a : f32"}) {
    auto match = elementwise(body);
    ASSERT_TRUE(match) << body;
    EXPECT_EQ(match->kind, BodyKind::Mul);
    EXPECT_EQ(match->operands[0]->getOperandNumber(), 0u);
    EXPECT_EQ(match->scalar, 6.0);
  }
  auto splat = elementwise("%r = arith.addf %a, %c : f32");
  ASSERT_TRUE(splat);
  EXPECT_EQ(splat->scalar, 3.0);
  // 6 / a is no division by a constant.
  EXPECT_FALSE(elementwise("%r = arith.divf %c6, %a : f32"));
}

TEST_F(MatchTest, ClampsInAnySpelling) {
  struct Case {
    const char *body;
    double low, high;
  };
  constexpr double inf = HUGE_VAL;
  for (auto [body, low, high] : {
           Case{"%r = arith.maximumf %a, %c1 : f32", -1, inf},
           Case{"%r = arith.maxnumf %c1, %a : f32", -1, inf},
           Case{"%r = arith.minimumf %c6, %a : f32", -inf, 6},
           Case{"%m = arith.maximumf %a, %c1 : f32\n"
                "%r = arith.minimumf %m, %c6 : f32",
                -1, 6},
           Case{"%m = arith.minnumf %a, %c6 : f32\n"
                "%r = arith.maxnumf %m, %c1 : f32",
                -1, 6},
           // Bounds that cross: the outer one wins.
           Case{"%m = arith.maximumf %a, %c6 : f32\n"
                "%r = arith.minimumf %m, %c1 : f32",
                -1, -1},
           Case{"%p = arith.cmpf ugt, %a, %c1 : f32\n"
                "%r = arith.select %p, %a, %c1 : f32",
                -1, inf},
           Case{"%p = arith.cmpf olt, %a, %c1 : f32\n"
                "%r = arith.select %p, %c1, %a : f32",
                -1, inf},
           Case{"%p = arith.cmpf ogt, %a, %c6 : f32\n"
                "%r = arith.select %p, %c6, %a : f32",
                -inf, 6},
           Case{"%p = arith.cmpf ult, %a, %c6 : f32\n"
                "%r = arith.select %p, %a, %c6 : f32",
                -inf, 6},
           // The bound as a tensor.
           Case{"%r = arith.minimumf %a, %c : f32", -inf, 3},
       }) {
    auto match = elementwise(body);
    ASSERT_TRUE(match) << body;
    EXPECT_EQ(match->kind, BodyKind::Clamp) << body;
    EXPECT_EQ(match->lo, low) << body;
    EXPECT_EQ(match->hi, high) << body;
    EXPECT_EQ(match->operands[0]->getOperandNumber(), 0u) << body;
  }
}

TEST_F(MatchTest, RejectsOtherBodies) {
  for (const char *body :
       {"%m = arith.addf %a, %b : f32\n%r = arith.mulf %m, %b : f32",
        "%r = arith.negf %a : f32", "%r = arith.addf %a, %o : f32",
        // Not a clamp: the branches are others than what is compared.
        "%p = arith.cmpf ugt, %a, %c1 : f32\n"
        "%r = arith.select %p, %b, %c1 : f32"})
    EXPECT_FALSE(elementwise(body)) << body;
  // No bound at all.
  auto match = elementwise("%r = arith.maximumf %a, %nan : f32");
  EXPECT_TRUE(!match || match->kind != BodyKind::Clamp);
}

TEST_F(MatchTest, IdentityAndFill) {
  module = parse(R"(
    func.func @f(%x: tensor<3xf32>) -> (tensor<2x3xf32>, tensor<2x3xf32>) {
      %z = arith.constant 1.5 : f32
      %e = tensor.empty() : tensor<2x3xf32>
      %f = linalg.fill ins(%z : f32) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
      %b = linalg.broadcast ins(%x : tensor<3xf32>) outs(%e : tensor<2x3xf32>) dimensions = [0]
      return %f, %b : tensor<2x3xf32>, tensor<2x3xf32>
    })");
  ASSERT_TRUE(module);
  auto fill = last<linalg::FillOp>();
  EXPECT_FALSE(matchElementwise(fill));
  EXPECT_EQ(matchSplat(fill->getResult(0)), 1.5);
  auto broadcast = last<linalg::BroadcastOp>();
  auto match = matchElementwise(broadcast);
  ASSERT_TRUE(match);
  EXPECT_EQ(match->kind, BodyKind::Identity);
  auto repeats = matchBroadcast(broadcast->getResult(0));
  ASSERT_TRUE(repeats);
  EXPECT_EQ(repeats->source, broadcast.getInput());
  EXPECT_EQ(repeats->map, AffineMap::get(2, 0, getAffineDimExpr(1, &context)));
  EXPECT_FALSE(matchBroadcast(fill->getResult(0)));
  EXPECT_FALSE(matchSplat(broadcast->getResult(0)));
}

TEST_F(MatchTest, Splats) {
  module = parse(R"(
    func.func @f() -> (tensor<4xi8>, tensor<1xf32>, tensor<2xi8>, i32) {
      %a = arith.constant dense<-3> : tensor<4xi8>
      %b = arith.constant dense<0.5> : tensor<1xf32>
      %c = arith.constant dense<[1, 2]> : tensor<2xi8>
      %d = arith.constant -9 : i32
      return %a, %b, %c, %d : tensor<4xi8>, tensor<1xf32>, tensor<2xi8>, i32
    })");
  ASSERT_TRUE(module);
  Operation *end = last<func::ReturnOp>();
  EXPECT_EQ(matchSplat(end->getOperand(0)), -3.0);
  EXPECT_EQ(matchSplat(end->getOperand(1)), 0.5);
  EXPECT_EQ(matchSplat(end->getOperand(2)), std::nullopt);
  EXPECT_EQ(matchSplat(end->getOperand(3)), -9.0);
}

TEST_F(MatchTest, Combiners) {
  auto combiner = [&](StringRef body, StringRef in, StringRef out) {
    std::string text = R"(
      func.func @f(%x: tensor<2x3xIN>, %y: tensor<2x3xIN>, %i: tensor<2xOUT>) -> tensor<2xOUT> {
        %r = linalg.generic {
            indexing_maps = [affine_map<(i, j) -> (i, j)>,
                             affine_map<(i, j) -> (i, j)>,
                             affine_map<(i, j) -> (i)>],
            iterator_types = ["parallel", "reduction"]}
            ins(%x, %y : tensor<2x3xIN>, tensor<2x3xIN>) outs(%i : tensor<2xOUT>) {
        ^bb0(%a: IN, %b: IN, %o: OUT):
    )" + body.str() + R"(
          linalg.yield %r : OUT
        } -> tensor<2xOUT>
        return %r : tensor<2xOUT>
      })";
    for (auto [from, to] : {std::pair<StringRef, StringRef>{"IN", in},
                            std::pair<StringRef, StringRef>{"OUT", out}})
      for (size_t at; (at = text.find(from)) != std::string::npos;)
        text.replace(at, from.size(), to.str());
    module = parse(text);
    return module ? matchCombiner(last<linalg::GenericOp>())
                  : CombinerKind::Other;
  };
  EXPECT_EQ(combiner("%r = arith.addf %o, %a : f32", "f32", "f32"),
            CombinerKind::Add);
  EXPECT_EQ(combiner("%r = arith.addf %a, %o : f32", "f32", "f32"),
            CombinerKind::Add);
  EXPECT_EQ(combiner("%w = arith.extsi %a : i8 to i32\n"
                     "%r = arith.addi %o, %w : i32",
                     "i8", "i32"),
            CombinerKind::Add);
  EXPECT_EQ(combiner("%r = arith.maximumf %o, %a : f32", "f32", "f32"),
            CombinerKind::Max);
  EXPECT_EQ(combiner("%w = arith.extsi %a : i8 to i32\n"
                     "%v = arith.extsi %b : i8 to i32\n"
                     "%m = arith.muli %w, %v : i32\n"
                     "%r = arith.addi %o, %m : i32",
                     "i8", "i32"),
            CombinerKind::MulAdd);
  EXPECT_EQ(combiner("%m = arith.divf %a, %b : f32\n"
                     "%r = arith.addf %o, %m : f32",
                     "f32", "f32"),
            CombinerKind::Other);
  EXPECT_EQ(combiner("%r = arith.minimumf %o, %a : f32", "f32", "f32"),
            CombinerKind::Other);
  EXPECT_EQ(combiner("%r = arith.addf %a, %b : f32", "f32", "f32"),
            CombinerKind::Other);
}

} // namespace

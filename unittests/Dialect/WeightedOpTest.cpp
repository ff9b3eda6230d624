//===- WeightedOpTest.cpp - one view of convolutions and products ---------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "TestModules.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace mlir::compress;

namespace {

class WeightedOpTest : public testing::Test, public oracle::TestModules {
protected:
  /// The view of the op in `text` that is no fill, broadcast or constant.
  std::optional<WeightedOp> match(StringRef text) {
    module = parse(text);
    std::optional<WeightedOp> found;
    if (module)
      module->walk([&](linalg::LinalgOp op) {
        if (!isa<linalg::FillOp, linalg::BroadcastOp>(op.getOperation()))
          found = matchWeightedOp(op, &reason);
      });
    return found;
  }
  std::vector<int64_t> channels(const WeightedOp &op) {
    std::vector<int64_t> result;
    op.forEachFilterElement([&](int64_t element, int64_t channel) {
      EXPECT_EQ(element, static_cast<int64_t>(result.size()));
      result.push_back(channel);
    });
    return result;
  }

  OwningOpRef<ModuleOp> module;
  StringRef reason;
};

constexpr const char *nhwc = R"(
  func.func @f(%x: tensor<1x4x4x2xf32>, %w: tensor<1x2x2x3xf32>) -> tensor<1x4x3x3xf32> {
    %e = tensor.empty() : tensor<1x4x3x3xf32>
    %b = arith.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
    %i = linalg.broadcast ins(%b : tensor<3xf32>) outs(%e : tensor<1x4x3x3xf32>)
      dimensions = [0, 1, 2]
    %r = linalg.conv_2d_nhwc_hwcf {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x4x4x2xf32>, tensor<1x2x2x3xf32>)
      outs(%i : tensor<1x4x3x3xf32>) -> tensor<1x4x3x3xf32>
    return %r : tensor<1x4x3x3xf32>
  })";

TEST_F(WeightedOpTest, Convolution) {
  auto op = match(nhwc);
  ASSERT_TRUE(op);
  EXPECT_EQ(op->numChannels(), 3);
  EXPECT_EQ(op->channelDims, (SmallVector<unsigned>{3}));
  EXPECT_EQ(op->channelShape, (SmallVector<int64_t>{3}));
  EXPECT_EQ(channels(*op),
            (std::vector<int64_t>{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
  EXPECT_EQ(op->channelMap(),
            AffineMap::get(4, 0, getAffineDimExpr(3, &context)));
}

TEST_F(WeightedOpTest, ConvolutionWithFiltersFirst) {
  auto op = match(R"(
    func.func @f(%x: tensor<1x2x4x4xf32>, %w: tensor<3x2x1x2xf32>,
                 %i: tensor<1x3x4x3xf32>) -> tensor<1x3x4x3xf32> {
      %r = linalg.conv_2d_nchw_fchw {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
        ins(%x, %w : tensor<1x2x4x4xf32>, tensor<3x2x1x2xf32>)
        outs(%i : tensor<1x3x4x3xf32>) -> tensor<1x3x4x3xf32>
      return %r : tensor<1x3x4x3xf32>
    })");
  ASSERT_TRUE(op);
  EXPECT_EQ(op->channelDims, (SmallVector<unsigned>{1}));
  EXPECT_EQ(channels(*op),
            (std::vector<int64_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));
  EXPECT_FALSE(matchBias(*op)); // an argument
}

TEST_F(WeightedOpTest, DepthwiseWithMultiplier) {
  auto op = match(R"(
    func.func @f(%x: tensor<1x4x4x2xi8>, %w: tensor<1x2x2x3xi8>,
                 %i: tensor<1x4x3x2x3xi32>) -> tensor<1x4x3x2x3xi32> {
      %r = linalg.depthwise_conv_2d_nhwc_hwcm {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
        ins(%x, %w : tensor<1x4x4x2xi8>, tensor<1x2x2x3xi8>)
        outs(%i : tensor<1x4x3x2x3xi32>) -> tensor<1x4x3x2x3xi32>
      return %r : tensor<1x4x3x2x3xi32>
    })");
  ASSERT_TRUE(op);
  EXPECT_EQ(op->numChannels(), 6);
  EXPECT_EQ(op->channelDims, (SmallVector<unsigned>{3, 4}));
  EXPECT_EQ(op->channelShape, (SmallVector<int64_t>{2, 3}));
  EXPECT_EQ(channels(*op),
            (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5}));
}

TEST_F(WeightedOpTest, Groups) {
  auto op = match(R"(
    func.func @f(%x: tensor<1x4x4x2x2xf32>, %w: tensor<2x3x1x1x2xf32>,
                 %i: tensor<1x4x4x2x3xf32>) -> tensor<1x4x4x2x3xf32> {
      %r = linalg.conv_2d_nhwgc_gfhwc {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
        ins(%x, %w : tensor<1x4x4x2x2xf32>, tensor<2x3x1x1x2xf32>)
        outs(%i : tensor<1x4x4x2x3xf32>) -> tensor<1x4x4x2x3xf32>
      return %r : tensor<1x4x4x2x3xf32>
    })");
  ASSERT_TRUE(op);
  EXPECT_EQ(op->numChannels(), 6);
  EXPECT_EQ(channels(*op),
            (std::vector<int64_t>{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}));
}

TEST_F(WeightedOpTest, MatrixProductsNamedAndGeneric) {
  auto op = match(R"(
    func.func @f(%x: tensor<2x4xf32>, %w: tensor<4x3xf32>) -> tensor<2x3xf32> {
      %z = arith.constant 0.5 : f32
      %e = tensor.empty() : tensor<2x3xf32>
      %i = linalg.fill ins(%z : f32) outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
      %r = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>)
        outs(%i : tensor<2x3xf32>) -> tensor<2x3xf32>
      return %r : tensor<2x3xf32>
    })");
  ASSERT_TRUE(op);
  EXPECT_EQ(op->channelDims, (SmallVector<unsigned>{1}));
  auto bias = matchBias(*op);
  ASSERT_TRUE(bias);
  EXPECT_FALSE(bias->constant);
  EXPECT_EQ(bias->splat, 0.5);

  // x * w^T, with the sum's operands swapped.
  op = match(R"(
    func.func @f(%x: tensor<2x4xf32>, %w: tensor<3x4xf32>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %r = linalg.generic {
          indexing_maps = [affine_map<(m, n, k) -> (m, k)>,
                           affine_map<(m, n, k) -> (n, k)>,
                           affine_map<(m, n, k) -> (m, n)>],
          iterator_types = ["parallel", "parallel", "reduction"]}
          ins(%x, %w : tensor<2x4xf32>, tensor<3x4xf32>) outs(%i : tensor<2x3xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %p = arith.mulf %b, %a : f32
        %s = arith.addf %p, %o : f32
        linalg.yield %s : f32
      } -> tensor<2x3xf32>
      return %r : tensor<2x3xf32>
    })");
  ASSERT_TRUE(op);
  EXPECT_EQ(channels(*op),
            (std::vector<int64_t>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));
}

TEST_F(WeightedOpTest, SaysWhatIsMissing) {
  EXPECT_FALSE(match(R"(
    func.func @f(%x: tensor<2x4xf32>, %y: tensor<2x4xf32>) -> tensor<2x4xf32> {
      %r = linalg.add ins(%x, %y : tensor<2x4xf32>, tensor<2x4xf32>)
        outs(%x : tensor<2x4xf32>) -> tensor<2x4xf32>
      return %r : tensor<2x4xf32>
    })"));
  EXPECT_EQ(reason, "no reduction of two inputs");
  EXPECT_FALSE(match(R"(
    func.func @f(%x: tensor<?x4xf32>, %w: tensor<4x3xf32>, %i: tensor<?x3xf32>) -> tensor<?x3xf32> {
      %r = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x3xf32>)
        outs(%i : tensor<?x3xf32>) -> tensor<?x3xf32>
      return %r : tensor<?x3xf32>
    })"));
  EXPECT_TRUE(reason.contains("static")) << reason.str();
  EXPECT_FALSE(match(R"(
    func.func @f(%x: tensor<1x4x4x2xf32>, %i: tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32> {
      %w = tensor.empty() : tensor<2x2xf32>
      %r = linalg.pooling_nhwc_max {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
        ins(%x, %w : tensor<1x4x4x2xf32>, tensor<2x2xf32>)
        outs(%i : tensor<1x2x2x2xf32>) -> tensor<1x2x2x2xf32>
      return %r : tensor<1x2x2x2xf32>
    })"));
  EXPECT_EQ(reason, "does not sum products");
  // A square of differences is a sum of products too, but not of the inputs.
  EXPECT_FALSE(match(R"(
    func.func @f(%x: tensor<2x4xf32>, %w: tensor<4x3xf32>, %i: tensor<2x3xf32>) -> tensor<2x3xf32> {
      %r = linalg.generic {
        indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                         affine_map<(m, n, k) -> (m, n)>],
        iterator_types = ["parallel", "parallel", "reduction"]}
        ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>) outs(%i : tensor<2x3xf32>) {
      ^bb0(%a: f32, %b: f32, %o: f32):
        %d = arith.subf %a, %b : f32
        %p = arith.mulf %d, %d : f32
        %s = arith.addf %o, %p : f32
        linalg.yield %s : f32
      } -> tensor<2x3xf32>
      return %r : tensor<2x3xf32>
    })"));
  EXPECT_EQ(reason, "sums products of something else than its two inputs");
}

TEST_F(WeightedOpTest, ReadsBiasOfChannels) {
  auto op = match(nhwc);
  ASSERT_TRUE(op);
  auto bias = matchBias(*op);
  ASSERT_TRUE(bias);
  auto data = readConstant(bias->constant);
  ASSERT_TRUE(succeeded(data));
  EXPECT_EQ(data->getReal(2), 3.0);
}

TEST_F(WeightedOpTest, ClonesWithOtherTypes) {
  auto op = match(nhwc);
  ASSERT_TRUE(op);
  OpBuilder b(op->op);
  Location loc = op->op.getLoc();
  Value bias = buildChannelConstant(b, loc, *op, ArrayRef<int32_t>{4, 5, 6});
  Value init = buildBiasInit(b, loc, *op, bias);
  EXPECT_EQ(init.getType(),
            RankedTensorType::get({1, 4, 3, 3}, b.getI32Type()));
  auto empty = [&](ArrayRef<int64_t> shape) -> Value {
    return tensor::EmptyOp::create(b, loc, shape, b.getI8Type());
  };
  linalg::LinalgOp clone =
      cloneWithOperands(b, *op, empty({1, 4, 4, 2}), empty({1, 2, 2, 3}), init);
  EXPECT_TRUE(isa<linalg::Conv2DNhwcHwcfOp>(clone.getOperation()));
  EXPECT_TRUE(succeeded(mlir::verify(*module)));
  auto again = matchWeightedOp(clone);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->channelDims, op->channelDims);
  EXPECT_TRUE(matchBias(*again));
}

} // namespace

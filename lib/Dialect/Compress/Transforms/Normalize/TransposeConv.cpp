//===- TransposeConv.cpp - transposed convolutions as convolutions -------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "PrepareTosa.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// One of the two dimensions of the image. Position `f` of the output before
/// padding is `block * stride + phase`, and so is a position of the kernel; a
/// block of phases is what one output pixel of the convolution computes.
struct Axis {
  int64_t stride;
  /// Positions of the kernel, and blocks of them.
  int64_t kernel, kernelBlocks;
  /// The blocks of the output, from the first one that is wanted.
  int64_t numBlocks;
  /// Padding of the convolution that computes those blocks.
  int64_t padBefore, padAfter;
  /// Where the wanted output begins in them.
  int64_t offset;

  Axis(int64_t stride, int64_t kernel, int64_t input, int64_t output,
       int64_t outPadBefore)
      : stride(stride), kernel(kernel),
        kernelBlocks(llvm::divideCeil(kernel, stride)) {
    int64_t first = llvm::divideFloorSigned(-outPadBefore, stride);
    int64_t end = llvm::divideCeilSigned(output - outPadBefore, stride);
    numBlocks = end - first;
    padBefore = kernelBlocks - 1 - first;
    padAfter = end - input;
    offset = -outPadBefore - first * stride;
  }
};

struct TransposeConv : public OpRewritePattern<tosa::TransposeConv2DOp> {
  TransposeConv(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(tosa::TransposeConv2DOp op,
                                PatternRewriter &rewriter) const override;

private:
  Pass::Statistic &count;
};
} // namespace

static Value constShape(OpBuilder &b, Location loc, ArrayRef<int64_t> shape) {
  ImplicitLocOpBuilder builder(loc, b);
  return tosa::getTosaConstShape(builder, shape);
}

static Value buildReshape(OpBuilder &b, Location loc, Value value,
                          ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType()).clone(shape);
  return tosa::ReshapeOp::create(b, loc, type, value,
                                 constShape(b, loc, shape));
}

static Value buildTranspose(OpBuilder &b, Location loc, Value value,
                            ArrayRef<int32_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  SmallVector<int64_t> shape;
  for (int32_t dim : perm)
    shape.push_back(type.getDimSize(dim));
  return tosa::TransposeOp::create(b, loc, type.clone(shape), value, perm);
}

/// The weights [filter, h, w, channel] as those of the convolution: [phase h,
/// phase w, filter, block h, block w, channel], the blocks in reverse order.
/// Positions that no element has hold `zero`.
static ConstantData arrangeConstant(const ConstantData &from, const Axis &h,
                                    const Axis &w, int64_t zero) {
  int64_t filters = from.type.getDimSize(0), channels = from.type.getDimSize(3);
  ConstantData to{from.type.clone({h.stride * w.stride * filters,
                                   h.kernelBlocks, w.kernelBlocks, channels}),
                  {}};
  // Of a float, zero is all bits 0; of an i8 the zero point.
  to.bytes.assign(to.size() * to.elementBytes(), static_cast<char>(zero));
  int64_t row = channels * from.elementBytes();
  for (int64_t f = 0; f < filters; ++f)
    for (int64_t y = 0; y < h.kernel; ++y)
      for (int64_t x = 0; x < w.kernel; ++x) {
        int64_t filter =
            ((y % h.stride) * w.stride + x % w.stride) * filters + f;
        int64_t blockY = h.kernelBlocks - 1 - y / h.stride;
        int64_t blockX = w.kernelBlocks - 1 - x / w.stride;
        int64_t source = (f * h.kernel + y) * w.kernel + x;
        int64_t target =
            (filter * h.kernelBlocks + blockY) * w.kernelBlocks + blockX;
        llvm::copy(ArrayRef<char>(from.bytes).slice(source * row, row),
                   to.bytes.begin() + target * row);
      }
  return to;
}

/// The same on weights that are not known yet.
static Value arrange(OpBuilder &b, Location loc, Value weight, Value zero,
                     const Axis &h, const Axis &w) {
  auto type = cast<RankedTensorType>(weight.getType());
  int64_t filters = type.getDimSize(0), channels = type.getDimSize(3);
  int64_t height = h.kernelBlocks * h.stride, width = w.kernelBlocks * w.stride;
  Value amounts = constShape(
      b, loc, {0, 0, 0, height - h.kernel, 0, width - w.kernel, 0, 0});
  weight = tosa::PadOp::create(b, loc,
                               type.clone({filters, height, width, channels}),
                               weight, amounts, zero);
  weight = buildReshape(
      b, loc, weight,
      {filters, h.kernelBlocks, h.stride, w.kernelBlocks, w.stride, channels});
  weight = buildTranspose(b, loc, weight, {2, 4, 0, 1, 3, 5});
  weight = buildReshape(b, loc, weight,
                        {h.stride * w.stride * filters, h.kernelBlocks,
                         w.kernelBlocks, channels});
  for (int32_t axis : {1, 2})
    weight = tosa::ReverseOp::create(b, loc, weight.getType(), weight, axis);
  return weight;
}

/// `bias` for `phases` times `filters` filters.
static Value repeatBias(OpBuilder &b, Location loc, Value bias, int64_t phases,
                        int64_t filters) {
  auto type = cast<RankedTensorType>(bias.getType());
  // It may be one for all.
  int64_t times = phases * filters / type.getDimSize(0);
  if (times == 1)
    return bias;
  if (Value known = repeatConstant(b, loc, bias, times))
    return known;
  return tosa::TileOp::create(b, loc, type.clone({phases * filters}), bias,
                              constShape(b, loc, {times}));
}

LogicalResult TransposeConv::matchAndRewrite(tosa::TransposeConv2DOp op,
                                             PatternRewriter &rewriter) const {
  auto isStatic = [](Value value) {
    auto type = dyn_cast<RankedTensorType>(value.getType());
    return type && type.hasStaticShape();
  };
  if (!isStatic(op.getInput()) || !isStatic(op.getWeight()) ||
      !isStatic(op.getBias()) || !isStatic(op.getResult()))
    return rewriter.notifyMatchFailure(op, "requires static shapes");
  auto inType = cast<RankedTensorType>(op.getInput().getType());
  auto weightType = cast<RankedTensorType>(op.getWeight().getType());
  auto type = cast<RankedTensorType>(op.getType());
  ArrayRef<int64_t> stride = op.getStride(), outPad = op.getOutPad();
  auto makeAxis = [&](unsigned i) {
    int64_t input = inType.getDimSize(1 + i);
    // Of a single input, the stride would only make phases without elements.
    return Axis(input == 1 ? 1 : stride[i], weightType.getDimSize(1 + i), input,
                type.getDimSize(1 + i), outPad[2 * i]);
  };
  Axis h = makeAxis(0), w = makeAxis(1);
  if (std::min({h.padBefore, h.padAfter, w.padBefore, w.padAfter}) < 0)
    return rewriter.notifyMatchFailure(
        op, "requires padding that leaves every input an output");

  // A stride far beyond the kernel makes phases of nothing but zeros.
  constexpr int64_t most = 64, enough = int64_t(1) << 20;
  int64_t taps = h.stride * h.kernelBlocks;
  int64_t perFilter = w.stride * w.kernelBlocks;
  int64_t given = std::max<int64_t>(weightType.getNumElements(), 1);
  if (taps > enough || perFilter > enough ||
      taps * perFilter > most * h.kernel * w.kernel + enough / given)
    return rewriter.notifyMatchFailure(
        op, "requires strides in proportion to the kernel");

  Location loc = op.getLoc();
  Value weight = op.getWeight();
  FailureOr<int64_t> zeroPoint = op.getWeightZeroPoint();
  FailureOr<ConstantData> known = readConstant(weight);
  // Bytes are filled with the zero point, so it is 0 but for i8.
  if (succeeded(known) && succeeded(zeroPoint) &&
      (*zeroPoint == 0 || weightType.getElementType().isInteger(8))) {
    ConstantData arranged = arrangeConstant(*known, h, w, *zeroPoint);
    weight = tosa::ConstOp::create(
        rewriter, loc, arranged.type,
        makeConstant(arranged.type, ArrayRef<char>(arranged.bytes)));
  } else {
    weight = arrange(rewriter, loc, weight, op.getWeightZp(), h, w);
  }
  int64_t phases = h.stride * w.stride, filters = weightType.getDimSize(0);
  int64_t batch = inType.getDimSize(0);
  Value bias = repeatBias(rewriter, loc, op.getBias(), phases, filters);
  auto resultType =
      type.clone({batch, h.numBlocks, w.numBlocks, phases * filters});
  Value result = tosa::Conv2DOp::create(
      rewriter, loc, resultType, op.getInput(), weight, bias, op.getInputZp(),
      op.getWeightZp(),
      rewriter.getDenseI64ArrayAttr(
          {h.padBefore, h.padAfter, w.padBefore, w.padAfter}),
      rewriter.getDenseI64ArrayAttr({1, 1}),
      rewriter.getDenseI64ArrayAttr({1, 1}), op.getAccTypeAttr(),
      op.getLocalBoundAttr());
  if (phases > 1) {
    result = buildReshape(
        rewriter, loc, result,
        {batch, h.numBlocks, w.numBlocks, h.stride, w.stride, filters});
    result = buildTranspose(rewriter, loc, result, {0, 1, 3, 2, 4, 5});
    result = buildReshape(
        rewriter, loc, result,
        {batch, h.numBlocks * h.stride, w.numBlocks * w.stride, filters});
  }
  if (result.getType() != type)
    result = tosa::SliceOp::create(
        rewriter, loc, type, result,
        constShape(rewriter, loc, {0, h.offset, w.offset, 0}),
        constShape(rewriter, loc, type.getShape()));
  rewriter.replaceOp(op, result);
  ++count;
  remark::passed(loc,
                 remark::RemarkOpts::name("PrepareTosa").category("compress"))
      << "tosa.transpose_conv2d made a convolution of "
      << std::to_string(phases * filters) << " filters";
  return success();
}

void mlir::compress::populateTransposeConvPatterns(RewritePatternSet &patterns,
                                                   Pass::Statistic &count) {
  patterns.add<TransposeConv>(patterns.getContext(), count);
}

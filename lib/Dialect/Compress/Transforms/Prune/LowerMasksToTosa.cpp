//===- LowerMasksToTosa.cpp - masks and scattered channels to TOSA --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelRuns.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERMASKSTOTOSAPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Whether TOSA is what `func` is written in: quantizations and other dialects
/// go on with Compress, which knows masks and scattered channels.
static bool isTosa(func::FuncOp func) {
  bool hasTosa = false;
  bool isOther =
      func.walk([&](Operation *op) {
            hasTosa |= isa<tosa::TosaDialect>(op->getDialect());
            return isa<tosa::TosaDialect, func::FuncDialect>(
                       op->getDialect()) ||
                           isa<ChannelMaskOp, ScatterChannelsOp, ObserveOp>(op)
                       ? WalkResult::advance()
                       : WalkResult::interrupt();
          })
          .wasInterrupted();
  return hasTosa && !isOther;
}

/// `shape` with -1 for the extent that is open; none where several are.
static std::optional<SmallVector<int64_t>> inferable(ArrayRef<int64_t> shape) {
  if (llvm::count(shape, ShapedType::kDynamic) > 1)
    return std::nullopt;
  SmallVector<int64_t> sizes(shape);
  llvm::replace(sizes, ShapedType::kDynamic, int64_t(-1));
  return sizes;
}

namespace {
/// Builds ops on one tensor and dimension.
class TosaWriter {
public:
  TosaWriter(OpBuilder &b, Location loc, int64_t axis)
      : b(b), loc(loc), axis(axis) {}

  Value shape(ArrayRef<int64_t> values) {
    ImplicitLocOpBuilder builder(loc, b);
    return tosa::getTosaConstShape(builder, values);
  }
  template <typename T>
  Value constant(ArrayRef<int64_t> shape, Type element, ArrayRef<T> values) {
    auto type = RankedTensorType::get(shape, element);
    return tosa::ConstOp::create(b, loc, type, makeConstant(type, values));
  }
  RankedTensorType withExtent(Value x, int64_t extent) {
    auto type = cast<RankedTensorType>(x.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape[axis] = extent;
    return type.clone(shape);
  }
  int64_t extentOf(Value x) {
    return cast<RankedTensorType>(x.getType()).getDimSize(axis);
  }

  /// With zeros around the elements of the dimension.
  Value pad(Value x, int64_t low, int64_t high) {
    if (low == 0 && high == 0)
      return x;
    RankedTensorType type = withExtent(x, extentOf(x) + low + high);
    SmallVector<int64_t> padding(2 * type.getRank());
    padding[2 * axis] = low;
    padding[2 * axis + 1] = high;
    Value zero = constant<float>(1, b.getF32Type(), 0.0f);
    return tosa::PadOp::create(b, loc, type, x, shape(padding), zero);
  }

  Value slice(Value x, ChannelRun run) {
    RankedTensorType type = withExtent(x, run.count);
    SmallVector<int64_t> start(type.getRank());
    start[axis] = run.first;
    // -1: all of a dimension, however long.
    SmallVector<int64_t> size(type.getShape());
    llvm::replace(size, ShapedType::kDynamic, int64_t(-1));
    return tosa::SliceOp::create(b, loc, type, x, shape(start), shape(size));
  }

  Value join(ArrayRef<Value> parts, RankedTensorType type) {
    if (parts.size() == 1)
      return parts.front();
    return tosa::ConcatOp::create(b, loc, type, parts,
                                  static_cast<uint32_t>(axis));
  }

  /// Rows `indices` of the dimension, which is brought to the front for it.
  Value gather(Value x, ArrayRef<int32_t> indices) {
    auto type = cast<RankedTensorType>(x.getType());
    SmallVector<int32_t> there{static_cast<int32_t>(axis)}, back;
    for (int32_t dim = 0; dim < type.getRank(); ++dim)
      if (dim != axis)
        there.push_back(dim);
    for (int32_t dim = 0; dim < type.getRank(); ++dim)
      back.push_back(dim == axis ? 0 : dim + (dim < axis ? 1 : 0));
    auto count = static_cast<int64_t>(indices.size());
    SmallVector<int64_t> turned, joined{1, extentOf(x), 1};
    for (int32_t dim : there)
      turned.push_back(type.getDimSize(dim));
    for (int64_t extent : ArrayRef(turned).drop_front())
      joined[2] =
          ShapedType::isDynamic(extent) || ShapedType::isDynamic(joined[2])
              ? ShapedType::kDynamic
              : joined[2] * extent;
    Value rows = tosa::TransposeOp::create(b, loc, type.clone(turned), x,
                                           b.getDenseI32ArrayAttr(there));
    rows = reshape(rows, joined);
    joined[1] = turned[0] = count;
    rows = tosa::GatherOp::create(
        b, loc, type.clone(joined), rows,
        constant<int32_t>({1, count}, b.getI32Type(), indices));
    rows = reshape(rows, turned);
    return tosa::TransposeOp::create(b, loc, withExtent(x, count), rows,
                                     b.getDenseI32ArrayAttr(back));
  }

private:
  Value reshape(Value x, ArrayRef<int64_t> to) {
    auto type = cast<RankedTensorType>(x.getType());
    return tosa::ReshapeOp::create(b, loc, type.clone(to), x,
                                   shape(*inferable(to)));
  }

  OpBuilder &b;
  Location loc;
  int64_t axis;
};

/// x * mask[c]; of integers, whose product has another type, x or 0.
struct MaskToTosa : public OpRewritePattern<ChannelMaskOp> {
  MaskToTosa(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(ChannelMaskOp op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    TosaWriter writer(rewriter, loc, op.getAxis());
    auto type = cast<RankedTensorType>(op.getType());
    Type element = type.getElementType();
    SmallVector<int64_t> shape(type.getRank(), 1);
    SmallVector<int64_t> one(shape);
    shape[op.getAxis()] = type.getDimSize(op.getAxis());
    if (element.isF32()) {
      std::vector<float> factors(op.getMask().begin(), op.getMask().end());
      Value mask = writer.constant<float>(shape, element, factors);
      Value shift = writer.constant<int8_t>(1, rewriter.getI8Type(), int8_t(0));
      rewriter.replaceOpWithNewOp<tosa::MulOp>(op, type, op.getInput(), mask,
                                               shift);
    } else {
      auto bits = RankedTensorType::get(shape, rewriter.getI1Type());
      auto zero = RankedTensorType::get(one, element);
      Value mask = tosa::ConstOp::create(
          rewriter, loc, bits, DenseElementsAttr::get(bits, op.getMask()));
      Value other = tosa::ConstOp::create(
          rewriter, loc, zero,
          DenseElementsAttr::get(zero, rewriter.getIntegerAttr(element, 0)));
      rewriter.replaceOpWithNewOp<tosa::SelectOp>(op, type, mask, op.getInput(),
                                                  other);
    }
    ++count;
    return success();
  }

private:
  Pass::Statistic &count;
};

struct ScatterToTosa : public OpRewritePattern<ScatterChannelsOp> {
  ScatterToTosa(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(ScatterChannelsOp op,
                                PatternRewriter &rewriter) const override {
    Value x = op.getInput();
    RankedTensorType type = op.getOutput().getType();
    int64_t extent = type.getDimSize(op.getAxis());
    TosaWriter writer(rewriter, op.getLoc(), op.getAxis());
    SmallVector<ChannelRun> runs = findRuns(op);
    if (writer.extentOf(x) == 0)
      return rewriter.notifyMatchFailure(op, "TOSA has no empty tensors");
    bool hasOneOpen = inferable(type.getShape()).has_value();
    if (runs.size() > kMostRuns && hasOneOpen) {
      // What comes from nowhere is the zero behind the others.
      int64_t count = writer.extentOf(x);
      SmallVector<int32_t> table(extent, static_cast<int32_t>(count));
      for (auto [from, to] : llvm::enumerate(op.getIndices()))
        table[to] = static_cast<int32_t>(from);
      rewriter.replaceOp(op, writer.gather(writer.pad(x, 0, 1), table));
      ++this->count;
      return success();
    }
    SmallVector<Value> parts;
    for (const RunPart &part : placeRuns(runs, extent))
      parts.push_back(
          writer.pad(runs.size() == 1 ? x : writer.slice(x, part.run), part.low,
                     part.high));
    rewriter.replaceOp(op, writer.join(parts, type));
    ++count;
    return success();
  }

private:
  Pass::Statistic &count;
};

struct LowerMasksToTosa
    : public mlir::compress::impl::LowerMasksToTosaPassBase<LowerMasksToTosa> {
  LogicalResult initialize(MLIRContext *ctx) override {
    RewritePatternSet set(ctx);
    set.add<MaskToTosa>(ctx, numMasks);
    set.add<ScatterToTosa>(ctx, numScattered);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    if (isTosa(getOperation()))
      walkAndApplyPatterns(getOperation(), patterns);
  }

  FrozenRewritePatternSet patterns;
};
} // namespace

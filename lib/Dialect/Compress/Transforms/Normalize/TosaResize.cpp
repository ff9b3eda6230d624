//===- TosaResize.cpp - tosa.resize of integers ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "PrepareTosa.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// What every output position of one dimension reads: the two inputs that it
/// lies between, and how far it is from the first, in 1 / scale.
struct Samples {
  int64_t scale;
  std::vector<int32_t> first, second, distance;

  /// Output o lies at (o * step + offset) / scale, beyond the border too.
  Samples(int64_t scale, int64_t step, int64_t offset, int64_t input,
          int64_t output)
      : scale(scale) {
    for (int64_t o = 0; o < output; ++o) {
      int64_t at = o * step + offset;
      int64_t index = llvm::divideFloorSigned(at, scale);
      first.push_back(std::clamp<int64_t>(index, 0, input - 1));
      second.push_back(std::clamp<int64_t>(index + 1, 0, input - 1));
      distance.push_back(at - index * scale);
    }
  }

  /// The input that is nearer; the second one where both are.
  std::vector<int32_t> nearest() const {
    std::vector<int32_t> result;
    for (auto [a, b, d] : llvm::zip_equal(first, second, distance))
      result.push_back(2 * int64_t(d) >= scale ? b : a);
    return result;
  }
};

/// Upstream rounds positions before the border to zero, not down.
struct Resize : public OpRewritePattern<tosa::ResizeOp> {
  Resize(MLIRContext *ctx, Pass::Statistic &count)
      : OpRewritePattern(ctx), count(count) {}

  LogicalResult matchAndRewrite(tosa::ResizeOp op,
                                PatternRewriter &rewriter) const override;

private:
  Pass::Statistic &count;
};
} // namespace

LogicalResult Resize::matchAndRewrite(tosa::ResizeOp op,
                                      PatternRewriter &rewriter) const {
  auto inType = dyn_cast<RankedTensorType>(op.getInput().getType());
  auto type = dyn_cast<RankedTensorType>(op.getType());
  if (!inType || !type || !inType.hasStaticShape() || !type.hasStaticShape() ||
      !type.getElementType().isInteger())
    return rewriter.notifyMatchFailure(op, "is no static resize of integers");
  SmallVector<int64_t> scale, offset;
  if (!tosa::getConstShapeValues(op.getScale().getDefiningOp(), scale) ||
      !tosa::getConstShapeValues(op.getOffset().getDefiningOp(), offset) ||
      scale.size() != 4 || offset.size() != 2)
    return rewriter.notifyMatchFailure(op, "requires constant scales");
  // As TOSA demands; no position overflows then.
  auto isBelow = [](int64_t limit) {
    return [=](int64_t v) { return v >= -limit && v < limit; };
  };
  if (scale[0] <= 0 || scale[2] <= 0 ||
      !llvm::all_of(scale, isBelow(int64_t(1) << 20)) ||
      !llvm::all_of(offset, isBelow(int64_t(1) << 30)) ||
      !llvm::all_of(type.getShape(), isBelow(int64_t(1) << 24)))
    return rewriter.notifyMatchFailure(op,
                                       "is beyond the limits of its positions");
  Samples y(scale[0], scale[1], offset[0], inType.getDimSize(1),
            type.getDimSize(1));
  Samples x(scale[2], scale[3], offset[1], inType.getDimSize(2),
            type.getDimSize(2));

  Location loc = op.getLoc();
  MLIRContext *ctx = rewriter.getContext();
  Type element = type.getElementType();
  bool bilinear = op.getMode() == tosa::ResizeMode::BILINEAR;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  auto add = [&](ArrayRef<int32_t> values, unsigned dim) {
    inputs.push_back(buildVector(rewriter, loc, values));
    maps.push_back(AffineMap::get(4, 0, rewriter.getAffineDimExpr(dim), ctx));
  };
  if (bilinear) {
    for (auto [samples, dim] : {std::pair(&y, 1), std::pair(&x, 2)}) {
      add(samples->first, dim);
      add(samples->second, dim);
      add(samples->distance, dim);
    }
  } else {
    add(y.nearest(), 1);
    add(x.nearest(), 2);
  }
  maps.push_back(rewriter.getMultiDimIdentityMap(4));
  Value empty =
      tensor::EmptyOp::create(rewriter, loc, type.getShape(), element);

  auto buildBody = [&](OpBuilder &b, Location loc, ValueRange args) {
    Value n = linalg::IndexOp::create(b, loc, 0);
    Value c = linalg::IndexOp::create(b, loc, 3);
    auto read = [&](Value row, Value column) -> Value {
      auto index = [&](Value v) -> Value {
        return arith::IndexCastOp::create(b, loc, b.getIndexType(), v);
      };
      Value value = tensor::ExtractOp::create(
          b, loc, op.getInput(), ValueRange{n, index(row), index(column), c});
      if (value.getType() == element)
        return value;
      return arith::ExtSIOp::create(b, loc, element, value);
    };
    if (!bilinear) {
      linalg::YieldOp::create(b, loc, read(args[0], args[1]));
      return;
    }
    auto weigh = [&](Value first, Value second, Value distance, int64_t scale) {
      if (distance.getType() != element)
        distance = arith::ExtSIOp::create(b, loc, element, distance);
      Value all =
          arith::ConstantOp::create(b, loc, b.getIntegerAttr(element, scale));
      Value rest = arith::SubIOp::create(b, loc, all, distance);
      return arith::AddIOp::create(
                 b, loc, arith::MulIOp::create(b, loc, first, rest),
                 arith::MulIOp::create(b, loc, second, distance))
          .getResult();
    };
    Value top =
        weigh(read(args[0], args[3]), read(args[0], args[4]), args[5], x.scale);
    Value bottom =
        weigh(read(args[1], args[3]), read(args[1], args[4]), args[5], x.scale);
    linalg::YieldOp::create(b, loc, weigh(top, bottom, args[2], y.scale));
  };
  rewriter.replaceOpWithNewOp<linalg::GenericOp>(
      op, TypeRange{type}, inputs, ValueRange{empty}, maps,
      SmallVector<utils::IteratorType>(4, utils::IteratorType::parallel),
      buildBody);
  ++count;
  remark::passed(loc,
                 remark::RemarkOpts::name("PrepareTosa").category("compress"))
      << "tosa.resize made a lookup of what lies around a position";
  return success();
}

void mlir::compress::populateResizePatterns(RewritePatternSet &patterns,
                                            Pass::Statistic &count) {
  patterns.add<Resize>(patterns.getContext(), count);
}

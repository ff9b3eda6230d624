//===- Quantize.cpp - fake_quant as codes ---------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

CodeRange mlir::compress::clampRange(const QuantParams &params, CodeRange range,
                                     double lo, double hi) {
  float s = params.scales[0];
  int32_t zp = params.zeroPoints[0];
  auto code = [&](double bound) {
    return quantize(static_cast<float>(bound), s, zp, range.lo, range.hi);
  };
  return {code(lo), code(hi)};
}

Value mlir::compress::buildClampedCodes(OpBuilder &b, Location loc, Value codes,
                                        const QuantParams &params,
                                        CodeRange range) {
  bool cutsLow = range.lo > params.qmin, cutsHigh = range.hi < params.qmax;
  if (!cutsLow && !cutsHigh)
    return codes;
  auto type = cast<RankedTensorType>(codes.getType());
  Type element = type.getElementType();
  AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
  Value empty = tensor::EmptyOp::create(b, loc, type.getShape(), element);
  return linalg::GenericOp::create(
             b, loc, TypeRange{type}, codes, empty,
             ArrayRef<AffineMap>{identity, identity},
             SmallVector<utils::IteratorType>(type.getRank(),
                                              utils::IteratorType::parallel),
             [&](OpBuilder &b, Location loc, ValueRange args) {
               auto bound = [&](int32_t code) -> Value {
                 return arith::ConstantOp::create(
                     b, loc, b.getIntegerAttr(element, code));
               };
               Value q = args[0];
               if (cutsLow)
                 q = arith::MaxSIOp::create(b, loc, q, bound(range.lo));
               if (cutsHigh)
                 q = arith::MinSIOp::create(b, loc, q, bound(range.hi));
               linalg::YieldOp::create(b, loc, q);
             })
      ->getResult(0);
}

/// Whether the codes of both types are the same numbers for the same reals.
static bool sameGrid(const QuantParams &a, const QuantParams &b) {
  return !a.isPerAxis() && !b.isPerAxis() && a.bits == b.bits &&
         a.scales[0] == b.scales[0] && a.zeroPoints[0] == b.zeroPoints[0] &&
         a.qmin >= b.qmin && a.qmax <= b.qmax;
}

/// The codes that `value` has when it is quantized to `target` and clamped to
/// `range`; null with the reason where that takes f32 arithmetic.
static Value buildCodes(RewriterBase &rewriter, Value value,
                        const QuantParams &target, CodeRange range,
                        std::string &reason) {
  Location loc = value.getLoc();
  std::optional<Codes> codes = matchCodes(value);
  if (codes && sameGrid(codes->params, target))
    return buildClampedCodes(rewriter, loc, codes->codes, target, range);
  Operation *def = value.getDefiningOp();
  if (!codes && def) {
    // Quantization is elementwise and monotone: it commutes with movement and
    // maxima, and a clamp becomes a narrower range.
    if (std::optional<Movement> move = matchMovement(def)) {
      SmallVector<Value> moved;
      for (OpOperand *operand : move->data) {
        Value part =
            buildCodes(rewriter, operand->get(), target, range, reason);
        if (!part)
          return {};
        moved.push_back(part);
      }
      int64_t filler =
          move->filler
              ? quantize(static_cast<float>(*move->filler), target.scales[0],
                         target.zeroPoints[0], range.lo, range.hi)
              : 0;
      return buildMovement(rewriter, *move, moved, filler);
    }
    std::optional<Elementwise> clamp = matchElementwise(def);
    if (clamp && clamp->kind == BodyKind::Clamp &&
        cast<linalg::LinalgOp>(def)
            .getMatchingIndexingMap(clamp->operands[0])
            .isIdentity())
      return buildCodes(rewriter, clamp->operands[0]->get(), target,
                        clampRange(target, range, clamp->lo, clamp->hi),
                        reason);
  }
  std::optional<Accumulator> acc =
      buildAccumulator(rewriter, value, target.scales[0], reason);
  if (!acc)
    return {};
  Value result =
      buildRequantize(rewriter, loc, *acc, target, range.lo, range.hi);
  if (!result)
    reason = "a scale of its result leaves the range of normal f32 numbers";
  return result;
}

/// `type` with whole-byte storage: fewer bits become a narrower range.
static quant::QuantizedType toByteStorage(quant::QuantizedType type) {
  unsigned bits = type.getStorageTypeIntegralWidth();
  if (bits == 8 || bits == 16)
    return type;
  auto storage = IntegerType::get(type.getContext(), bits < 8 ? 8 : 16);
  if (auto tensor = dyn_cast<quant::UniformQuantizedType>(type))
    return quant::UniformQuantizedType::get(
        type.getFlags(), storage, type.getExpressedType(), tensor.getScale(),
        tensor.getZeroPoint(), type.getStorageTypeMin(),
        type.getStorageTypeMax());
  auto axis = cast<quant::UniformQuantizedPerAxisType>(type);
  return quant::UniformQuantizedPerAxisType::get(
      type.getFlags(), storage, type.getExpressedType(), axis.getScales(),
      axis.getZeroPoints(), axis.getQuantizedDimension(),
      type.getStorageTypeMin(), type.getStorageTypeMax());
}

/// The codes of a constant.
template <typename T>
static Value buildConstantCodes(OpBuilder &b, Location loc,
                                const ConstantData &data,
                                const QuantParams &params) {
  int64_t inner = 1, extent = 1;
  if (params.isPerAxis()) {
    extent = data.type.getDimSize(*params.axis);
    for (int64_t s : data.type.getShape().drop_front(*params.axis + 1))
      inner *= s;
  }
  std::vector<T> codes(data.size());
  for (int64_t i = 0; i < data.size(); ++i) {
    int64_t c = i / inner % extent;
    codes[i] = static_cast<T>(quantize(static_cast<float>(data.getReal(i)),
                                       params.scale(c), params.zeroPoint(c),
                                       params.qmin, params.qmax));
  }
  auto type = RankedTensorType::get(data.type.getShape(),
                                    b.getIntegerType(8 * sizeof(T)));
  return arith::ConstantOp::create(b, loc,
                                   makeConstant(type, ArrayRef<T>(codes)));
}

namespace {
/// fake_quant of a constant, of codes, or of a value with an integer form.
struct LowerFakeQuant : public OpRewritePattern<FakeQuantOp> {
  LowerFakeQuant(MLIRContext *ctx, LoweringLog &log)
      : OpRewritePattern(ctx, /*benefit=*/2), log(log) {}

  LogicalResult matchAndRewrite(FakeQuantOp op,
                                PatternRewriter &rewriter) const override {
    quant::QuantizedType type = toByteStorage(op.getQuantizedType());
    FailureOr<QuantParams> params = getQuantParams(type);
    if (failed(params))
      return rewriter.notifyMatchFailure(op, "scales break the contract");
    FailureOr<ConstantData> data = readConstant(op.getInput());
    if (succeeded(data)) {
      Value codes = params->bits == 8
                        ? buildConstantCodes<int8_t>(rewriter, op.getLoc(),
                                                     *data, *params)
                        : buildConstantCodes<int16_t>(rewriter, op.getLoc(),
                                                      *data, *params);
      rewriter.replaceOp(op,
                         buildDequantized(rewriter, op.getLoc(), codes, type));
      return success();
    }
    Operation *def = op.getInput().getDefiningOp();
    std::string reason;
    if (params->isPerAxis()) {
      reason = "its result is quantized per channel, which sums cannot use";
    } else if (!cast<RankedTensorType>(op.getInput().getType())
                    .hasStaticShape()) {
      reason = "its shape is not static; use --batch";
    } else {
      Value codes = buildCodes(rewriter, op.getInput(), *params,
                               {params->qmin, params->qmax}, reason);
      if (codes) {
        rewriter.replaceOp(
            op, buildDequantized(rewriter, op.getLoc(), codes, type));
        ++log.numInteger;
        return success();
      }
    }
    if (def)
      log.reasons.try_emplace(def, reason);
    return rewriter.notifyMatchFailure(op, reason);
  }

  LoweringLog &log;
};

/// fake_quant of what is computed in f32: quantize there.
struct QuantizeFloat : public OpRewritePattern<FakeQuantOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(FakeQuantOp op,
                                PatternRewriter &rewriter) const override {
    quant::QuantizedType type = toByteStorage(op.getQuantizedType());
    Value codes = buildQuantize(rewriter, op.getLoc(), op.getInput(), type);
    if (!codes)
      return rewriter.notifyMatchFailure(
          op, "more than 8 bits with a zero point a channel");
    rewriter.replaceOp(op,
                       buildDequantized(rewriter, op.getLoc(), codes, type));
    return success();
  }
};
} // namespace

void mlir::compress::populateQuantizePatterns(RewritePatternSet &patterns,
                                              LoweringLog &log) {
  patterns.add<LowerFakeQuant>(patterns.getContext(), log);
  patterns.add<QuantizeFloat>(patterns.getContext());
}

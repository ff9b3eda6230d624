//===- Move.cpp - data movement on codes ----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/Scatter.h"
#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

/// An empty tensor of the shape of `like`, whose extents are static.
static Value emptyLike(OpBuilder &b, Location loc, Value like, Type element) {
  auto type = cast<RankedTensorType>(like.getType());
  return tensor::EmptyOp::create(b, loc, type.getShape(), element);
}

/// The maximum `move` on codes, starting from the code `start`.
static Value buildMax(OpBuilder &b, linalg::LinalgOp op, OpOperand *data,
                      Value codes, int64_t start) {
  Location loc = op.getLoc();
  Type element = getElementTypeOrSelf(codes.getType());
  Value lowest =
      arith::ConstantOp::create(b, loc, b.getIntegerAttr(element, start));
  Value empty = emptyLike(b, loc, op->getResult(0), element);
  Value init = linalg::FillOp::create(b, loc, lowest, empty)->getResult(0);
  // The other operand is a window, which only has a shape.
  SmallVector<Value> inputs;
  for (OpOperand *operand : op.getDpsInputOperands())
    inputs.push_back(
        operand == data ? codes : emptyLike(b, loc, operand->get(), element));
  if (auto pool = dyn_cast<linalg::PoolingNhwcMaxOp>(op.getOperation()))
    return linalg::PoolingNhwcMaxOp::create(
               b, loc, TypeRange{init.getType()}, inputs, ValueRange{init},
               pool.getStrides(), pool.getDilations())
        ->getResult(0);
  unsigned position = data->getOperandNumber();
  return linalg::GenericOp::create(
             b, loc, TypeRange{init.getType()}, inputs, ValueRange{init},
             op.getIndexingMapsArray(), op.getIteratorTypesArray(),
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value max =
                   arith::MaxSIOp::create(b, loc, args.back(), args[position]);
               linalg::YieldOp::create(b, loc, max);
             })
      ->getResult(0);
}

Value mlir::compress::buildMovement(OpBuilder &b, const Movement &move,
                                    ValueRange codes, int64_t filler) {
  Operation *op = move.op;
  Location loc = op->getLoc();
  Type element = getElementTypeOrSelf(codes[0].getType());
  auto type = cast<RankedTensorType>(op->getResult(0).getType()).clone(element);
  if (move.isMax)
    return buildMax(b, cast<linalg::LinalgOp>(op), move.data[0], codes[0],
                    filler);
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    Value value =
        arith::ConstantOp::create(b, loc, b.getIntegerAttr(element, filler));
    return tensor::PadOp::create(b, loc, type, codes[0], pad.getMixedLowPad(),
                                 pad.getMixedHighPad(), value, pad.getNofold());
  }
  if (auto scatter = dyn_cast<ScatterChannelsOp>(op))
    return buildScatterLookup(b, scatter, codes[0],
                              b.getIntegerAttr(element, filler));
  if (auto transpose = dyn_cast<linalg::TransposeOp>(op))
    return linalg::TransposeOp::create(
               b, loc, codes[0], emptyLike(b, loc, op->getResult(0), element),
               transpose.getPermutation())
        ->getResult(0);
  if (auto broadcast = dyn_cast<linalg::BroadcastOp>(op))
    return linalg::BroadcastOp::create(
               b, loc, codes[0], emptyLike(b, loc, op->getResult(0), element),
               broadcast.getDimensions())
        ->getResult(0);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    // A copy: only the operand that is read stays.
    SmallVector<AffineMap> maps = {
        linalgOp.getMatchingIndexingMap(move.data[0]),
        linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0))};
    return linalg::GenericOp::create(
               b, loc, TypeRange{type}, codes[0],
               emptyLike(b, loc, op->getResult(0), element), maps,
               linalgOp.getIteratorTypesArray(),
               [](OpBuilder &b, Location loc, ValueRange args) {
                 linalg::YieldOp::create(b, loc, args[0]);
               })
        ->getResult(0);
  }
  // Ops of the tensor dialect carry no types but those of operand and result.
  IRMapping mapping;
  for (auto [operand, code] : llvm::zip_equal(move.data, codes))
    mapping.map(operand->get(), code);
  Operation *clone = b.clone(*op, mapping);
  clone->getResult(0).setType(type);
  return clone->getResult(0);
}

/// The code that stands for the constant of `move`, if the movement of codes
/// then gives exactly the codes of what it gave in f32.
static std::optional<int64_t> exactFiller(const Movement &move,
                                          const QuantParams &params) {
  if (!move.filler)
    return 0;
  float s = params.scales[0];
  int32_t zp = params.zeroPoints[0];
  auto value = static_cast<float>(*move.filler);
  int32_t code = quantize(value, s, zp, params.qmin, params.qmax);
  if (dequantize(code, s, zp) == value)
    return code;
  // Below every code: no maximum over real elements ever yields it.
  bool below = value < dequantize(params.qmin, s, zp);
  auto isMaximum = [](Operation *user) {
    std::optional<Movement> next = matchMovement(user);
    return next && next->isMax;
  };
  if (below && (move.isMax || llvm::all_of(move.op->getUsers(), isMaximum)))
    return params.qmin;
  return std::nullopt;
}

/// The code of the number that a linalg.fill repeats, if it is exactly one.
static std::optional<int32_t> fillCode(Value value, const QuantParams &p) {
  auto fill = value.getDefiningOp<linalg::FillOp>();
  std::optional<double> real = fill ? matchSplat(value) : std::nullopt;
  if (!real || p.isPerAxis() || p.bits > 16)
    return std::nullopt;
  int32_t code = quantize(static_cast<float>(*real), p.scales[0],
                          p.zeroPoints[0], p.qmin, p.qmax);
  if (dequantize(code, p.scales[0], p.zeroPoints[0]) != *real)
    return std::nullopt;
  return code;
}

namespace {
/// A movement of f32 values that are codes moves the codes.
struct MoveCodes : public RewritePattern {
  MoveCodes(MLIRContext *ctx, LoweringLog &log)
      : RewritePattern(MatchAnyOpTypeTag(), /*benefit=*/1, ctx), log(log) {}

  LogicalResult matchAndRewrite(Operation *op,
                                PatternRewriter &rewriter) const override {
    std::optional<Movement> move = matchMovement(op);
    if (!move)
      return rewriter.notifyMatchFailure(op, "moves nothing");
    std::optional<Codes> first;
    for (OpOperand *operand : move->data)
      if (!first)
        first = matchCodes(operand->get());
    if (!first)
      return rewriter.notifyMatchFailure(op, "operands are no codes");
    for (OpOperand *operand : move->data) {
      std::optional<Codes> value = matchCodes(operand->get());
      if (!value && fillCode(operand->get(), first->params))
        continue;
      if (!value || value->params.isPerAxis() || value->params.bits > 16 ||
          value->type != first->type)
        return rewriter.notifyMatchFailure(
            op, "operands are not codes of one quantized type");
      // The codes of constants are read as constants: let them be.
      if (succeeded(readConstant(value->codes)))
        return rewriter.notifyMatchFailure(op, "moves a constant");
    }
    std::optional<int64_t> filler = exactFiller(*move, first->params);
    if (!filler)
      return rewriter.notifyMatchFailure(op, "its constant is no code");
    SmallVector<Value> codes;
    for (OpOperand *operand : move->data) {
      Value value = operand->get();
      if (std::optional<Codes> moved = matchCodes(value)) {
        codes.push_back(moved->codes);
        continue;
      }
      Location loc = value.getLoc();
      Type element = getElementTypeOrSelf(first->codes.getType());
      Value code = arith::ConstantOp::create(
          rewriter, loc,
          rewriter.getIntegerAttr(element, *fillCode(value, first->params)));
      Value empty = emptyLike(rewriter, loc, value, element);
      codes.push_back(
          linalg::FillOp::create(rewriter, loc, code, empty)->getResult(0));
    }
    Value moved = buildMovement(rewriter, *move, codes, *filler);
    rewriter.replaceOp(
        op, buildDequantized(rewriter, op->getLoc(), moved, first->type));
    ++log.numMoved;
    return success();
  }
  LoweringLog &log;
};

/// A clamp with bounds that are codes, or beyond them, clamps codes.
struct ClampCodes : public OpInterfaceRewritePattern<linalg::LinalgOp> {
  ClampCodes(MLIRContext *ctx, LoweringLog &log)
      : OpInterfaceRewritePattern(ctx), log(log) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    std::optional<Elementwise> clamp = matchElementwise(op);
    if (!clamp || clamp->kind != BodyKind::Clamp ||
        !op.getMatchingIndexingMap(clamp->operands[0]).isIdentity())
      return rewriter.notifyMatchFailure(op, "is no clamp");
    std::optional<Codes> codes = matchCodes(clamp->operands[0]->get());
    if (!codes || codes->params.isPerAxis() || codes->params.bits > 16)
      return rewriter.notifyMatchFailure(op, "operand is no codes");
    const QuantParams &p = codes->params;
    CodeRange range = clampRange(p, {p.qmin, p.qmax}, clamp->lo, clamp->hi);
    auto exact = [&](double bound, int32_t code) {
      auto value = static_cast<float>(bound);
      return dequantize(code, p.scales[0], p.zeroPoints[0]) == value;
    };
    bool loExact =
        clamp->lo <= dequantize(p.qmin, p.scales[0], p.zeroPoints[0]) ||
        exact(clamp->lo, range.lo);
    bool hiExact =
        clamp->hi >= dequantize(p.qmax, p.scales[0], p.zeroPoints[0]) ||
        exact(clamp->hi, range.hi);
    if (!loExact || !hiExact)
      return rewriter.notifyMatchFailure(op, "a bound is no code");
    Value clamped =
        buildClampedCodes(rewriter, op.getLoc(), codes->codes, p, range);
    rewriter.replaceOp(
        op, buildDequantized(rewriter, op.getLoc(), clamped, codes->type));
    ++log.numMoved;
    return success();
  }
  LoweringLog &log;
};
} // namespace

void mlir::compress::populateMoveCodesPatterns(RewritePatternSet &patterns,
                                               LoweringLog &log) {
  patterns.add<MoveCodes, ClampCodes>(patterns.getContext(), log);
}

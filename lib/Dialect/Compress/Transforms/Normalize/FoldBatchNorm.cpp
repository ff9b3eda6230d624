//===- FoldBatchNorm.cpp - per-channel affine ops into weights -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include <cmath>

namespace mlir::compress {
#define GEN_PASS_DEF_FOLDBATCHNORMPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
/// scale * x + offset, in f64; `scale` is 0 for a value that is a constant.
struct Affine {
  double scale = 0, offset = 0;
};
} // namespace

/// Evaluates one body op on affine values; nullopt where the result is not
/// affine in x.
static std::optional<Affine> evaluate(Operation *op, ArrayRef<Affine> args) {
  auto constantOnly = [&](double value) -> std::optional<Affine> {
    for (const Affine &a : args)
      if (a.scale != 0)
        return std::nullopt;
    return Affine{0, value};
  };
  if (isa<arith::AddFOp>(op))
    return Affine{args[0].scale + args[1].scale,
                  args[0].offset + args[1].offset};
  if (isa<arith::SubFOp>(op))
    return Affine{args[0].scale - args[1].scale,
                  args[0].offset - args[1].offset};
  if (isa<arith::MulFOp>(op)) {
    Affine a = args[0], b = args[1];
    if (a.scale != 0 && b.scale != 0)
      return std::nullopt;
    if (b.scale != 0)
      std::swap(a, b);
    return Affine{a.scale * b.offset, a.offset * b.offset};
  }
  if (isa<arith::DivFOp>(op) && args[1].scale == 0)
    return Affine{args[0].scale / args[1].offset,
                  args[0].offset / args[1].offset};
  if (isa<arith::NegFOp>(op))
    return Affine{-args[0].scale, -args[0].offset};
  if (isa<math::SqrtOp>(op))
    return constantOnly(std::sqrt(args[0].offset));
  if (isa<math::RsqrtOp>(op))
    return constantOnly(1.0 / std::sqrt(args[0].offset));
  if (isa<arith::TruncFOp, arith::ExtFOp>(op))
    return args[0];
  return std::nullopt;
}

/// Whether `operand` has one value a channel of `view`: it is read along the
/// channel dimensions, and dimensions of extent 1 do not matter.
static bool isPerChannel(linalg::LinalgOp op, OpOperand *operand,
                         const WeightedOp &view) {
  auto type = dyn_cast<RankedTensorType>(operand->get().getType());
  if (!type || type.getNumElements() != view.numChannels())
    return false;
  AffineMap map = op.getMatchingIndexingMap(operand);
  SmallVector<AffineExpr> read, wanted;
  for (auto [expr, extent] : llvm::zip_equal(map.getResults(), type.getShape()))
    if (extent != 1)
      read.push_back(expr);
  for (auto [dim, extent] :
       llvm::zip_equal(view.channelDims, view.channelShape))
    if (extent != 1)
      wanted.push_back(getAffineDimExpr(dim, op.getContext()));
  return read == wanted;
}

/// The affine function a[c] * x + b[c] that `generic` computes of operand `x`.
static std::optional<std::vector<Affine>>
matchAffine(linalg::LinalgOp op, OpOperand *x, const WeightedOp &view) {
  int64_t channels = view.numChannels();
  // Constant operands: one value a channel, or one for all.
  DenseMap<Value, std::vector<double>> constants;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (operand == x)
      continue;
    FailureOr<ConstantData> data = readConstant(operand->get());
    if (failed(data))
      return std::nullopt;
    bool perChannel = isPerChannel(op, operand, view);
    if (!perChannel && data->size() != 1)
      return std::nullopt;
    std::vector<double> &values =
        constants[op.getMatchingBlockArgument(operand)];
    for (int64_t c = 0; c < channels; ++c)
      values.push_back(data->getReal(perChannel ? c : 0));
  }
  std::vector<Affine> result(channels);
  Block *body = op.getBlock();
  for (int64_t c = 0; c < channels; ++c) {
    DenseMap<Value, Affine> values;
    values[op.getMatchingBlockArgument(x)] = Affine{1, 0};
    for (auto &[arg, list] : constants)
      values[arg] = Affine{0, list[c]};
    for (Operation &inner : body->without_terminator()) {
      FloatAttr constant;
      if (matchPattern(&inner, m_Constant(&constant))) {
        values[inner.getResult(0)] = Affine{0, constant.getValueAsDouble()};
        continue;
      }
      SmallVector<Affine> args;
      for (Value operand : inner.getOperands()) {
        auto it = values.find(operand);
        FloatAttr outer;
        if (it != values.end())
          args.push_back(it->second);
        else if (matchPattern(operand, m_Constant(&outer)))
          args.push_back(Affine{0, outer.getValueAsDouble()});
        else
          return std::nullopt;
      }
      std::optional<Affine> value = evaluate(&inner, args);
      if (!value)
        return std::nullopt;
      values[inner.getResult(0)] = *value;
    }
    auto it = values.find(body->getTerminator()->getOperand(0));
    if (it == values.end() || !std::isfinite(it->second.scale) ||
        !std::isfinite(it->second.offset))
      return std::nullopt;
    result[c] = it->second;
  }
  return result;
}

static remark::RemarkOpts named() {
  return remark::RemarkOpts::name("FoldBatchNorm").category("compress");
}

namespace {
/// Finds the weighted op before an elementwise op and folds the one into the
/// other by `fold`.
template <typename Derived>
struct FoldIntoProducer : public OpInterfaceRewritePattern<linalg::LinalgOp> {
  FoldIntoProducer(MLIRContext *ctx, Pass::Statistic &count,
                   PatternBenefit benefit)
      : OpInterfaceRewritePattern(ctx, benefit), count(count) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumLoops() != op.getNumParallelLoops() ||
        op->getNumResults() != 1 || op.hasDynamicShape())
      return rewriter.notifyMatchFailure(op, "is not elementwise");
    AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
    for (OpOperand *x : op.getDpsInputOperands()) {
      Operation *producer = x->get().getDefiningOp();
      if (!producer || op.getMatchingIndexingMap(x) != resultMap ||
          !resultMap.isIdentity())
        continue;
      std::optional<WeightedOp> view = matchWeightedOp(producer);
      // An op with zero points would lose them.
      if (!view || view->op.getNumDpsInputs() != 2 || !producer->hasOneUse() ||
          op->getResultTypes() != producer->getResultTypes())
        continue;
      // Folding erases the op.
      Location loc = op.getLoc();
      OperationName name = op->getName(), into = producer->getName();
      if (failed(
              static_cast<const Derived *>(this)->fold(*view, op, x, rewriter)))
        continue;
      ++count;
      remark::passed(loc, named())
          << name.getStringRef() << " folded into " << into.getStringRef();
      return success();
    }
    return rewriter.notifyMatchFailure(op, "no weighted op to fold into");
  }

private:
  Pass::Statistic &count;
};

/// x + b[c] with any b, where the sum starts at zero: it starts at b[c]. The
/// weights may be quantized, and codes of the bias stay what they are. Integer
/// sums may start anywhere: additions modulo 2^32 commute.
struct FoldBias : public FoldIntoProducer<FoldBias> {
  using FoldIntoProducer::FoldIntoProducer;

  LogicalResult fold(const WeightedOp &view, linalg::LinalgOp op, OpOperand *x,
                     PatternRewriter &rewriter) const {
    std::optional<Elementwise> add = matchElementwise(op);
    if (!add || add->kind != BodyKind::Add || add->operands.size() != 2)
      return rewriter.notifyMatchFailure(op, "is no addition of two tensors");
    OpOperand *other = add->operands[add->operands[0] == x ? 1 : 0];
    if (other == x || !isPerChannel(op, other, view))
      return rewriter.notifyMatchFailure(op, "is no addition a channel");
    std::optional<BiasSource> bias = matchBias(view);
    if (!bias)
      return rewriter.notifyMatchFailure(op, "bias is no value a channel");
    bool startsAtZero = !bias->constant && bias->splat == 0;
    FailureOr<ConstantData> data = readConstant(other->get());
    // The bias is made before the elementwise op, not before the weighted one.
    rewriter.setInsertionPoint(op);
    Value sum = other->get();
    if (!startsAtZero) {
      FailureOr<Value> added = failure();
      if (succeeded(data))
        added = addCodes(view, *bias, *data, rewriter);
      if (failed(added))
        return rewriter.notifyMatchFailure(op, "the sum starts elsewhere");
      sum = *added;
    } else if (op.getMatchingIndexingMap(other) != view.channelMap()) {
      // Dimensions of extent 1 are no others.
      if (failed(data))
        return rewriter.notifyMatchFailure(op, "bias has another shape");
      sum = arith::ConstantOp::create(
          rewriter, sum.getLoc(),
          makeConstant(data->type.clone(view.channelShape), data->bytes));
    }
    Value init = buildBiasInit(rewriter, op.getLoc(), view, sum);
    rewriter.replaceOp(op, cloneWithOperands(rewriter, view, view.input->get(),
                                             view.filter->get(), init));
    return success();
  }

private:
  /// old + new of i32 constants, modulo 2^32.
  static FailureOr<Value> addCodes(const WeightedOp &view,
                                   const BiasSource &bias,
                                   const ConstantData &added, OpBuilder &b) {
    FailureOr<ConstantData> old = failure();
    if (bias.constant)
      old = readConstant(bias.constant);
    if (!added.type.getElementType().isInteger(32) ||
        (bias.constant && failed(old)))
      return failure();
    std::vector<int32_t> sums(view.numChannels());
    for (auto [c, sum] : llvm::enumerate(sums)) {
      int64_t start =
          bias.constant ? old->getInt(c) : static_cast<int64_t>(bias.splat);
      sum = static_cast<int32_t>(static_cast<uint32_t>(start) +
                                 static_cast<uint32_t>(added.getInt(c)));
    }
    return buildChannelConstant(b, view.op->getLoc(), view,
                                ArrayRef<int32_t>(sums));
  }
};

/// a[c] * x + b[c] with constants.
struct FoldAffine : public FoldIntoProducer<FoldAffine> {
  using FoldIntoProducer::FoldIntoProducer;

  LogicalResult fold(const WeightedOp &view, linalg::LinalgOp op, OpOperand *x,
                     PatternRewriter &rewriter) const {
    auto affine = matchAffine(op, x, view);
    if (!affine || !getElementTypeOrSelf(op->getResult(0)).isF32())
      return rewriter.notifyMatchFailure(op, "is not affine a channel");
    FailureOr<ConstantData> weights = readConstant(view.filter->get());
    if (failed(weights) || !weights->type.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "weights are no f32 constant");
    std::optional<BiasSource> bias = matchBias(view);
    FailureOr<ConstantData> biasData = failure();
    if (bias && bias->constant)
      biasData = readConstant(bias->constant);
    if (!bias || (bias->constant && failed(biasData)))
      return rewriter.notifyMatchFailure(op, "bias is no constant a channel");

    bool finite = true;
    std::vector<float> newWeights(weights->size());
    view.forEachFilterElement([&](int64_t i, int64_t c) {
      newWeights[i] =
          static_cast<float>(weights->getReal(i) * (*affine)[c].scale);
      finite &= std::isfinite(newWeights[i]);
    });
    std::vector<float> newBias(view.numChannels());
    for (int64_t c = 0; c < view.numChannels(); ++c) {
      double old = bias->constant ? biasData->getReal(c) : bias->splat;
      newBias[c] =
          static_cast<float>(old * (*affine)[c].scale + (*affine)[c].offset);
      finite &= std::isfinite(newBias[c]);
    }
    if (!finite)
      return rewriter.notifyMatchFailure(op, "folded constants leave f32");
    rewriter.setInsertionPoint(op);
    Value filter = arith::ConstantOp::create(
        rewriter, view.filter->get().getLoc(),
        makeConstant(weights->type, ArrayRef<float>(newWeights)));
    Value biasValue = buildChannelConstant(rewriter, op.getLoc(), view,
                                           ArrayRef<float>(newBias));
    Value init = buildBiasInit(rewriter, op.getLoc(), view, biasValue);
    rewriter.replaceOp(
        op, cloneWithOperands(rewriter, view, view.input->get(), filter, init));
    return success();
  }
};

/// Stored codes of a filter: quant.dcast(quant.scast(constant)).
struct FilterCodes {
  ConstantData codes;
  quant::QuantizedType type;
  QuantParams params;
};

static std::optional<FilterCodes> readCodes(Value value) {
  auto dcast = value.getDefiningOp<quant::DequantizeCastOp>();
  auto scast = dcast ? dcast.getInput().getDefiningOp<quant::StorageCastOp>()
                     : quant::StorageCastOp();
  if (!scast)
    return std::nullopt;
  FailureOr<ConstantData> codes = readConstant(scast.getInput());
  auto type =
      dyn_cast<quant::QuantizedType>(getElementTypeOrSelf(scast.getType()));
  FailureOr<QuantParams> params = failure();
  if (type)
    params = getQuantParams(type);
  if (failed(codes) || failed(params))
    return std::nullopt;
  return FilterCodes{std::move(*codes), type, std::move(*params)};
}

/// a[c] * x + b[c] behind quantized weights, as quantization-aware training
/// exports it: a goes into the scales of the weights, a minus sign into their
/// codes, and so does 0, of a masked channel.
struct FoldAffineIntoScales : public FoldIntoProducer<FoldAffineIntoScales> {
  using FoldIntoProducer::FoldIntoProducer;

  LogicalResult fold(const WeightedOp &view, linalg::LinalgOp op, OpOperand *x,
                     PatternRewriter &rewriter) const {
    auto affine = matchAffine(op, x, view);
    if (!affine || !getElementTypeOrSelf(op->getResult(0)).isF32())
      return rewriter.notifyMatchFailure(op, "is not affine a channel");
    std::optional<FilterCodes> filter = readCodes(view.filter->get());
    if (!filter)
      return rewriter.notifyMatchFailure(op, "weights are no stored codes");
    std::optional<int32_t> axis = findChannelAxis(view, *filter);
    if (!axis)
      return rewriter.notifyMatchFailure(
          op, "weights are not quantized along their channels");
    std::optional<std::vector<float>> bias = readBias(view);
    if (!bias)
      return rewriter.notifyMatchFailure(op, "bias is no constant a channel");

    const QuantParams &params = filter->params;
    SmallVector<double> scales;
    for (int64_t c = 0; c < view.numChannels(); ++c) {
      const Affine &function = (*affine)[c];
      double factor = function.scale == 0 ? 1 : std::fabs(function.scale);
      scales.push_back(static_cast<double>(params.scale(c)) * factor);
      (*bias)[c] =
          static_cast<float>((*bias)[c] * function.scale + function.offset);
      if (!toScale(scales.back()) || !std::isfinite((*bias)[c]))
        return rewriter.notifyMatchFailure(op, "folded constants leave f32");
    }
    std::optional<Value> codes = buildCodes(view, *filter, *affine, rewriter);
    if (!codes)
      return rewriter.notifyMatchFailure(op, "negated codes leave their type");

    rewriter.setInsertionPoint(op);
    SmallVector<int64_t> zeroPoints;
    for (int64_t c = 0; c < view.numChannels(); ++c)
      zeroPoints.push_back(params.zeroPoint(c));
    quant::QuantizedType old = filter->type;
    auto type = quant::UniformQuantizedPerAxisType::get(
        old.getFlags(), old.getStorageType(), old.getExpressedType(), scales,
        zeroPoints, *axis, old.getStorageTypeMin(), old.getStorageTypeMax());
    Location loc = view.filter->get().getLoc();
    RankedTensorType shape = filter->codes.type;
    Value cast =
        quant::StorageCastOp::create(rewriter, loc, shape.clone(type), *codes);
    Value weights = quant::DequantizeCastOp::create(
        rewriter, loc, shape.clone(old.getExpressedType()), cast);
    Value init = buildBiasInit(rewriter, op.getLoc(), view,
                               buildChannelConstant(rewriter, op.getLoc(), view,
                                                    ArrayRef<float>(*bias)));
    rewriter.replaceOp(op, cloneWithOperands(rewriter, view, view.input->get(),
                                             weights, init));
    return success();
  }

private:
  /// The only dimension of the filter along which its channels differ, if the
  /// codes have one scale or are quantized along it.
  static std::optional<int32_t> findChannelAxis(const WeightedOp &view,
                                                const FilterCodes &filter) {
    std::optional<int32_t> axis;
    for (auto [d, stride] : llvm::enumerate(view.filterChannelStride)) {
      if (stride == 0 || filter.codes.type.getDimSize(d) == 1)
        continue;
      if (axis)
        return std::nullopt;
      axis = static_cast<int32_t>(d);
    }
    if (axis && filter.params.isPerAxis() && *axis != *filter.params.axis)
      return std::nullopt;
    return axis;
  }

  /// The bias of every channel as a number.
  static std::optional<std::vector<float>> readBias(const WeightedOp &view) {
    std::optional<BiasSource> bias = matchBias(view);
    if (!bias)
      return std::nullopt;
    std::vector<float> values(view.numChannels(),
                              static_cast<float>(bias->splat));
    if (!bias->constant)
      return values;
    FailureOr<ConstantData> data = readConstant(bias->constant);
    std::optional<FilterCodes> codes;
    if (failed(data))
      codes = readCodes(bias->constant);
    if (failed(data) && !codes)
      return std::nullopt;
    for (auto [c, value] : llvm::enumerate(values))
      value =
          codes ? dequantize(static_cast<int32_t>(codes->codes.getInt(c)),
                             codes->params.scale(c), codes->params.zeroPoint(c))
                : static_cast<float>(data->getReal(c));
    return values;
  }

  /// The codes, of 0 for channels whose factor is 0 and negated where it is
  /// below: zero points must be 0 there, and -128 has no negative.
  static std::optional<Value> buildCodes(const WeightedOp &view,
                                         const FilterCodes &filter,
                                         ArrayRef<Affine> affine,
                                         OpBuilder &b) {
    auto scast = view.filter->get()
                     .getDefiningOp<quant::DequantizeCastOp>()
                     .getInput()
                     .getDefiningOp<quant::StorageCastOp>();
    if (llvm::all_of(affine, [](const Affine &a) { return a.scale > 0; }))
      return scast.getInput();
    if (!filter.codes.type.getElementType().isInteger(8))
      return std::nullopt;
    std::vector<int8_t> codes(filter.codes.size());
    bool fits = true;
    view.forEachFilterElement([&](int64_t i, int64_t c) {
      int64_t code = filter.codes.getInt(i), zero = filter.params.zeroPoint(c);
      if (affine[c].scale <= 0) {
        fits &= affine[c].scale == 0 || zero == 0;
        code = affine[c].scale == 0 ? zero : -code;
        fits &= code <= filter.params.qmax && code >= filter.params.qmin;
      }
      codes[i] = static_cast<int8_t>(code);
    });
    if (!fits)
      return std::nullopt;
    return arith::ConstantOp::create(
               b, scast.getLoc(),
               makeConstant(filter.codes.type, ArrayRef<int8_t>(codes)))
        .getResult();
  }
};

struct FoldBatchNorm
    : public mlir::compress::impl::FoldBatchNormPassBase<FoldBatchNorm> {
  LogicalResult initialize(MLIRContext *ctx) override {
    RewritePatternSet set(ctx);
    set.add<FoldBias>(ctx, numFolded, /*benefit=*/2);
    set.add<FoldAffine, FoldAffineIntoScales>(ctx, numFolded, /*benefit=*/1);
    patterns = std::move(set);
    return success();
  }

  void runOnOperation() override {
    if (succeeded(applyPatternsGreedily(getOperation(), patterns)))
      return;
    getOperation().emitError("batch norms did not settle; please report the "
                             "model");
    signalPassFailure();
  }

  FrozenRewritePatternSet patterns;
};
} // namespace

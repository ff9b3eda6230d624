//===- CodeLayer.cpp - biases of layers on codes --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeLayer.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Grids
//===----------------------------------------------------------------------===//

static bool isGrid(const FailureOr<QuantParams> &params) {
  return succeeded(params) && !params->isPerAxis() && params->bits <= 8 &&
         params->isSigned;
}

/// What `value` gets its elements from; none where it computes them.
static SmallVector<Value> findSources(Value value) {
  Operation *def = value.getDefiningOp();
  if (!def)
    return {};
  if (isa<ChannelMaskOp, ChannelGateOp, ObserveOp>(def))
    return {def->getOperand(0)};
  SmallVector<Value> sources;
  if (std::optional<Movement> move = matchMovement(def)) {
    // What a fill repeats has to be a code; lowering looks at that.
    for (OpOperand *operand : move->data)
      if (!operand->get().getDefiningOp<linalg::FillOp>())
        sources.push_back(operand->get());
    return sources;
  }
  std::optional<Elementwise> clamp = matchElementwise(def);
  if (clamp && clamp->kind == BodyKind::Clamp)
    sources.push_back(clamp->operands[0]->get());
  return sources;
}

std::optional<QuantParams> mlir::compress::findGrid(Value value) {
  SmallVector<Value> open{value};
  DenseSet<Value> seen{value};
  std::optional<QuantParams> found;
  while (!open.empty()) {
    Value next = open.pop_back_val();
    FailureOr<QuantParams> params = failure();
    if (auto fakeQuant = next.getDefiningOp<FakeQuantOp>())
      params = getQuantParams(fakeQuant.getQuantizedType());
    else if (std::optional<Codes> codes = matchCodes(next))
      params = codes->params;
    if (isGrid(params)) {
      if (found && (found->scales[0] != params->scales[0] ||
                    found->zeroPoints[0] != params->zeroPoints[0] ||
                    found->qmin != params->qmin || found->qmax != params->qmax))
        return std::nullopt;
      found = *params;
      continue;
    }
    SmallVector<Value> sources = findSources(next);
    if (sources.empty())
      return std::nullopt;
    for (Value source : sources)
      if (seen.insert(source).second)
        open.push_back(source);
  }
  return found;
}

std::optional<double> mlir::compress::findFilterScale(Value filter) {
  while (Operation *def = filter.getDefiningOp()) {
    if (!isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
             linalg::TransposeOp>(def))
      break;
    filter = def->getOperand(0);
  }
  std::optional<Codes> codes = matchCodes(filter);
  if (!codes)
    return std::nullopt;
  return *llvm::max_element(codes->params.scales);
}

//===----------------------------------------------------------------------===//
// What stands behind a layer
//===----------------------------------------------------------------------===//

/// Whether `value` is a constant, in f32 or as codes, maybe repeated.
static bool isConstantData(Value value) {
  while (Operation *def = value.getDefiningOp()) {
    if (def->hasTrait<OpTrait::ConstantLike>() || matchSplat(value))
      return true;
    std::optional<Movement> move = matchMovement(def);
    bool isCast = isa<quant::DequantizeCastOp, quant::StorageCastOp>(def);
    if (!isCast && (!move || move->data.size() != 1))
      return false;
    value = isCast ? def->getOperand(0) : move->data[0]->get();
  }
  return false;
}

/// Whether the body computes an affine function of its first operand, as far as
/// its ops go.
static bool mayBeAffine(linalg::LinalgOp op) {
  return llvm::all_of(op.getBlock()->without_terminator(), [](Operation &op) {
    return isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
               arith::NegFOp, arith::ConstantOp, arith::ExtFOp, arith::TruncFOp,
               math::SqrtOp, math::RsqrtOp>(op);
  });
}

/// Whether `op` multiplies by a constant of zeros and ones.
static bool isMask(Operation *op) {
  if (isa<ChannelMaskOp>(op))
    return true;
  std::optional<Elementwise> product = matchElementwise(op);
  if (!product || product->kind != BodyKind::Mul ||
      product->operands.size() != 2)
    return false;
  for (OpOperand *operand : product->operands)
    if (FailureOr<ConstantData> data = readConstant(operand->get());
        succeeded(data)) {
      for (int64_t i = 0; i < data->size(); ++i)
        if (double factor = data->getReal(i); factor != 0 && factor != 1)
          return false;
      return true;
    }
  return false;
}

/// The constant that `op` adds to `sums`, one number a channel.
static Value getAddend(Operation *op, Value sums, const WeightedOp &weighted) {
  std::optional<Elementwise> add = matchElementwise(op);
  if (!add || add->kind != BodyKind::Add || add->operands.size() != 2 ||
      op->getResult(0).getType() != sums.getType())
    return {};
  OpOperand *x = add->operands[0], *other = add->operands[1];
  if (x->get() != sums)
    std::swap(x, other);
  auto linalgOp = cast<linalg::LinalgOp>(op);
  auto type = cast<RankedTensorType>(other->get().getType());
  if (x->get() != sums || !linalgOp.getMatchingIndexingMap(x).isIdentity() ||
      linalgOp.getMatchingIndexingMap(other) != weighted.channelMap() ||
      type.getShape() != ArrayRef<int64_t>(weighted.channelShape))
    return {};
  return other->get();
}

/// Finds where the bias of the layer is, as normalizing leaves it: what is
/// affine behind a layer goes into its weights and its bias, in f32.
bool CodeLayer::findBias(Value &constant, std::string &reason, bool wasOne) {
  std::optional<BiasSource> source = matchBias(weighted);
  if (!source) {
    reason = "its bias is not one constant a channel";
    return false;
  }
  constant = source->constant;
  bool startsAtZero = !constant && source->splat == 0;
  Value value = weighted.op->getResult(0);
  bool isMoved = false;
  while (value.hasOneUse()) {
    Operation *user = *value.user_begin();
    std::optional<Movement> move = matchMovement(user);
    if (isMask(user)) {
      isBiasRead = true;
      startsAtZero = false;
    } else if (move && !move->isMax && move->data.size() == 1) {
      isMoved = true;
    } else if (!isa<ChannelGateOp, ObserveOp>(user)) {
      auto linalgOp = dyn_cast<linalg::LinalgOp>(user);
      bool computes = isa<tosa::AddOp, tosa::SubOp, tosa::MulOp, arith::AddFOp,
                          arith::SubFOp, arith::MulFOp, arith::DivFOp>(user);
      if (!computes && (!linalgOp || linalgOp.getNumReductionLoops() > 0 ||
                        !mayBeAffine(linalgOp)))
        return true;
      auto inputs = linalgOp ? SmallVector<Value>(linalgOp.getDpsInputs())
                             : SmallVector<Value>(user->getOperands());
      bool isConstant = llvm::all_of(inputs, [&](Value operand) {
        // A tensor of one number a channel may become the bias, too.
        auto type = dyn_cast<RankedTensorType>(operand.getType());
        return operand == value || isConstantData(operand) ||
               (type && type.hasStaticShape() &&
                type.getNumElements() == weighted.numChannels());
      });
      if (!isConstant)
        return true;
      Value addend = startsAtZero && !isMoved && !addition
                         ? getAddend(user, value, weighted)
                         : Value();
      if (!addend || !isConstantData(addend)) {
        if (wasOne)
          return true;
        reason = "what is computed behind it goes into its weights and bias";
        return false;
      }
      addition = user;
      constant = addend;
    }
    if (user->getNumResults() != 1)
      return true;
    value = user->getResult(0);
  }
  return true;
}

std::optional<CodeLayer> CodeLayer::match(Operation *op, std::string &reason,
                                          bool wasOne) {
  StringRef why;
  std::optional<WeightedOp> weighted = matchWeightedOp(op, &why);
  if (!weighted || weighted->op.getNumDpsInputs() != 2 ||
      !getElementTypeOrSelf(op->getResult(0).getType()).isF32()) {
    reason = weighted ? "it does not compute in f32" : why.str();
    return std::nullopt;
  }
  CodeLayer layer(*weighted);
  std::optional<QuantParams> input = findGrid(weighted->input->get());
  if (!input) {
    reason = "its input is not quantized to 8 bits with one scale";
    return std::nullopt;
  }
  layer.input = *input;
  std::optional<QuantizedWeights> weights =
      readQuantizedWeights(*weighted, reason);
  Value constant;
  if (!weights || !layer.findBias(constant, reason, wasOne))
    return std::nullopt;
  layer.weights = std::move(*weights);
  double scale = input->scales[0];
  std::optional<std::vector<double>> numbers =
      constant
          ? readBiasNumbers(constant, *weighted, layer.weights, scale, reason)
          : readBiasNumbers(*weighted, layer.weights, scale, reason);
  if (!numbers)
    return std::nullopt;
  layer.bias = std::move(*numbers);

  // The proof of lowering, that every sum fits, holds for what is left as well:
  // what moves into the bias was counted among the products.
  int64_t zero = input->zeroPoints[0];
  auto reach = static_cast<double>(
      std::max(std::abs(-128 - zero), std::abs(127 - zero)));
  std::vector<double> most(weighted->numChannels());
  weighted->forEachFilterElement([&](int64_t i, int64_t channel) {
    most[channel] += reach * std::abs(layer.weights.values[i]);
  });
  for (auto [channel, code] : llvm::enumerate(layer.bias)) {
    double unit = scale * layer.weights.scales[channel];
    if (!toScale(unit)) {
      reason = "the scale of its sums leaves the range of normal f32 numbers";
      return std::nullopt;
    }
    code = std::nearbyint(code / unit);
    if (!(most[channel] + std::abs(code) <= INT32_MAX)) {
      reason = "the sum of channel " + std::to_string(channel) +
               " may not fit in i32";
      return std::nullopt;
    }
  }
  return layer;
}

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

SmallVector<double> CodeLayer::sumCodes(unsigned dim, unsigned index,
                                        double number) {
  int64_t channels = weighted.numChannels();
  auto type = cast<RankedTensorType>(weighted.filter->get().getType());
  std::vector<int64_t> &table = sums[dim];
  if (table.empty()) {
    int64_t extent = type.getDimSize(dim), inner = 1;
    for (int64_t later : type.getShape().drop_front(dim + 1))
      inner *= later;
    table.resize(extent * channels);
    weighted.forEachFilterElement([&](int64_t i, int64_t channel) {
      table[i / inner % extent * channels + channel] += weights.values[i];
    });
  }
  int64_t code = quantize(static_cast<float>(number), input.scales[0],
                          input.zeroPoints[0], input.qmin, input.qmax) -
                 input.zeroPoints[0];
  SmallVector<double> terms;
  for (int64_t channel = 0; channel < channels; ++channel)
    terms.push_back(
        static_cast<double>(code * table[index * channels + channel]));
  return terms;
}

double CodeLayer::getBiasLimit() const {
  // f32 numbers that are products with a scale are the integer to the bit.
  constexpr double kExact = 1 << 22;
  double largest = 0;
  for (double code : bias)
    largest = std::max(largest, std::abs(code));
  return (isBiasRead ? kExact : INT32_MAX) - largest;
}

void CodeLayer::addToBias(ArrayRef<double> integers) {
  OpBuilder b(weighted.op);
  Location loc = weighted.op.getLoc();
  std::vector<int32_t> codes;
  SmallVector<double> scales;
  for (auto [code, integer, scale] :
       llvm::zip_equal(bias, integers, weights.scales)) {
    codes.push_back(static_cast<int32_t>(code + integer));
    scales.push_back(input.scales[0] * scale);
  }
  Type i32 = b.getI32Type(), f32 = b.getF32Type();
  unsigned flags = quant::QuantizationFlags::Signed;
  quant::QuantizedType type;
  if (llvm::all_equal(scales))
    type = quant::UniformQuantizedType::get(flags, i32, f32, scales[0], 0,
                                            INT32_MIN, INT32_MAX);
  else
    type = quant::UniformQuantizedPerAxisType::get(
        flags, i32, f32, scales, SmallVector<int64_t>(scales.size()), 0,
        INT32_MIN, INT32_MAX);
  Value constant =
      buildChannelConstant(b, loc, weighted, ArrayRef<int32_t>(codes));
  auto shape = cast<RankedTensorType>(constant.getType());
  Value cast =
      quant::StorageCastOp::create(b, loc, shape.clone(type), constant);
  Value numbers =
      quant::DequantizeCastOp::create(b, loc, shape.clone(f32), cast);
  weighted.init->set(buildBiasInit(b, loc, weighted, numbers));
  if (!addition)
    return;
  addition->getResult(0).replaceAllUsesWith(weighted.op->getResult(0));
  addition->erase();
}

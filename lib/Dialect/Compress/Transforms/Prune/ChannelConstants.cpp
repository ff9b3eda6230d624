//===- ChannelConstants.cpp - channels that hold one number --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelConstants.h"
#include "CodeLayer.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "PrunableLayer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

ChannelConstants::ChannelConstants(const ChannelGraph &graph, func::FuncOp func)
    : graph(graph), known(graph.getNumNodes()), numbers(graph.getNumNodes()),
      slacks(graph.getNumNodes()) {
  isQuantized =
      llvm::any_of(func.getBody().front(), llvm::IsaPred<FakeQuantOp>);
  for (Operation &op : func.getBody().front()) {
    if (double unit = isQuantized ? findUnit(&op) : 0)
      units[op.getResult(0)] = unit;
    visit(&op);
  }
}

void ChannelConstants::set(unsigned node, double number, double slack) {
  if (!std::isfinite(number))
    return;
  known[node] = 1;
  numbers[node] = number;
  slacks[node] = slack;
}

/// Affine ops become part of the layer before them, whose sums then have other
/// scales.
double ChannelConstants::findUnit(Operation *op) const {
  if (op->getNumResults() != 1 || isa<FakeQuantOp>(op))
    return 0;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
      linalgOp && matchReduction(op) == Reduction::Product) {
    std::optional<double> scale = findFilterScale(op->getOperand(1));
    std::optional<QuantParams> grid;
    if (scale)
      grid = findGrid(op->getOperand(0));
    return grid ? *scale * grid->scales[0] : 0;
  }
  double unit = 0;
  for (Value operand : op->getOperands())
    unit = std::max(unit, units.lookup(operand));
  if (unit == 0)
    return 0;
  // By how much a body may make its first operand larger.
  bool divides = false, takesRoots = false;
  op->walk([&](Operation *inner) {
    divides |= isa<arith::DivFOp, tosa::ReciprocalOp>(inner);
    takesRoots |= isa<math::RsqrtOp, math::SqrtOp, tosa::RsqrtOp>(inner);
  });
  for (Value operand : op->getOperands()) {
    FailureOr<ConstantData> data = compress::readConstant(operand);
    if (failed(data) || !data->type.getElementType().isF32())
      continue;
    double factor = 1;
    for (int64_t i = 0; i < data->size(); ++i) {
      double number = std::abs(data->getReal(i));
      factor = std::max(factor, number);
      if (number > 0 && (divides || takesRoots))
        factor = std::max(factor, 1 / (divides ? number : std::sqrt(number)));
    }
    unit *= factor;
  }
  return unit;
}

double ChannelConstants::spread(function_ref<Number(ArrayRef<Number>)> evaluate,
                                ArrayRef<Number> args, ArrayRef<double> slacks,
                                double number, double unit) const {
  if (!isQuantized)
    return 0;
  // A few roundings of f32.
  constexpr double kRounding = 1e-6;
  double size = std::abs(number), far = 0;
  SmallVector<unsigned> inexact;
  for (auto [place, arg, slack] : llvm::enumerate(args, slacks)) {
    size += std::abs(arg.value_or(0));
    if (arg && slack > 0)
      inexact.push_back(place);
  }
  constexpr size_t kMostInexact = 4;
  if (inexact.size() > kMostInexact)
    return std::numeric_limits<double>::infinity();
  for (unsigned corner = 0; corner < 1u << inexact.size(); ++corner) {
    SmallVector<Number> moved(args);
    for (auto [bit, place] : llvm::enumerate(inexact))
      *moved[place] += corner >> bit & 1 ? slacks[place] : -slacks[place];
    Number there = evaluate(moved);
    if (!there)
      return std::numeric_limits<double>::infinity();
    far = std::max(far, std::abs(*there - number));
  }
  // Twice, as bodies need not be monotone.
  return 2 * far + (number == 0 ? 0 : unit / 2 + kRounding * size);
}

void ChannelConstants::setAll(Value value, double number) {
  auto type = cast<RankedTensorType>(value.getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (unsigned axis = graph.getAxis(value, dim); axis != ChannelGraph::kNone)
      for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
        set(graph.getAxis(axis).first + i, number);
}

/// The elements with one number in one dimension, until they differ.
void ChannelConstants::readConstant(Value value) {
  if (std::optional<double> splat = matchSplat(value)) {
    setAll(value, *splat);
    return;
  }
  FailureOr<ConstantData> data = compress::readConstant(value);
  if (failed(data))
    return;
  ArrayRef<int64_t> shape = data->type.getShape();
  int64_t inner = 1;
  for (int64_t dim = data->type.getRank() - 1; dim >= 0; --dim) {
    int64_t extent = shape[dim], outer = data->size() / (inner * extent);
    for (int64_t index = 0; index < extent; ++index) {
      double first = data->getReal(index * inner);
      bool same = true;
      for (int64_t o = 0; o < outer && same; ++o)
        for (int64_t i = 0; i < inner && same; ++i)
          same = data->getReal((o * extent + index) * inner + i) == first;
      if (same)
        set(graph.getAxis(graph.getAxis(value, dim)).first + index, first);
    }
    inner *= extent;
  }
}

void ChannelConstants::visit(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<RankedTensorType>(op->getResult(0).getType()) ||
      isa<tensor::EmptyOp>(op))
    return;
  if (op->hasTrait<OpTrait::ConstantLike>())
    return readConstant(op->getResult(0));
  if (isa<ChannelGateOp, ChannelMaskOp, ObserveOp>(op))
    return visitIdentity(op);
  if (auto scatter = dyn_cast<ScatterChannelsOp>(op)) {
    unsigned from = graph.getAxis(scatter.getInput(), scatter.getAxis());
    unsigned to = graph.getAxis(scatter.getOutput(), scatter.getAxis());
    for (unsigned i = 0; i < graph.getAxis(to).extent; ++i)
      set(graph.getAxis(to).first + i, 0);
    for (auto [index, place] : llvm::enumerate(scatter.getIndices())) {
      std::optional<double> number = get(from, index);
      known[graph.getAxis(to).first + place] = number.has_value();
      if (number)
        set(graph.getAxis(to).first + place, *number, getSlack(from, index));
    }
    return;
  }
  if (isa<quant::DequantizeCastOp, FakeQuantOp>(op))
    return visitDequantize(op);
  if (auto pad = dyn_cast<tosa::PadOp>(op))
    return visitMovement(op, matchSplat(pad.getPadConst()));
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    Value value = pad.getConstantPaddingValue();
    return visitMovement(op, value ? matchSplat(value) : std::nullopt);
  }
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
    return visitLinalg(linalgOp);
  if (isa<tosa::TosaDialect>(op->getDialect()) && getDimensionMaps(op))
    return visitTosa(op);
  if (!graph.getRelations(op).empty())
    visitMovement(op, std::nullopt);
}

/// A mask sets elements of its dimension to zero; of the others a number other
/// than zero is then not the only one any more.
void ChannelConstants::visitIdentity(Operation *op) {
  auto mask = dyn_cast<ChannelMaskOp>(op);
  bool setsAny = mask && llvm::is_contained(mask.getMask(), false);
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    unsigned from = graph.getAxis(op->getOperand(0), dim);
    unsigned to = graph.getAxis(op->getResult(0), dim);
    if (from == ChannelGraph::kNone || to == ChannelGraph::kNone)
      continue;
    bool isMasked = mask && dim == static_cast<int64_t>(mask.getAxis());
    for (unsigned i = 0; i < graph.getAxis(to).extent; ++i) {
      std::optional<double> number = get(from, i);
      if (isMasked && !mask.getMask()[i])
        number = 0;
      else if (setsAny && !isMasked && number != 0.0)
        number = std::nullopt;
      if (number)
        set(graph.getAxis(to).first + i, *number,
            number == 0.0 ? 0 : getSlack(from, i));
    }
  }
}

/// An element of the result is known if all that are moved to it are, and are
/// alike; of a pad, if it is padded with the same number.
void ChannelConstants::visitMovement(Operation *op,
                                     std::optional<double> filler) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(result.getType());
  bool isPad = isa<tensor::PadOp, tosa::PadOp>(op);
  // Which dimensions get elements that no operand has.
  SmallVector<bool> grows(type.getRank());
  if (isPad)
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      grows[dim] =
          type.getDimSize(dim) !=
          cast<RankedTensorType>(op->getOperand(0).getType()).getDimSize(dim);
  DenseMap<unsigned, std::optional<double>> found;
  DenseMap<unsigned, double> slackOf;
  for (const AxisRelation &relation : graph.getRelations(op)) {
    const Axis &to = graph.getAxis(relation.to.axis);
    if (to.value != result)
      continue;
    const Axis &from = graph.getAxis(relation.from.axis);
    SmallVector<std::optional<double>> ofStep(relation.extent);
    SmallVector<double> slackOfStep(relation.extent);
    SmallVector<bool> seen(relation.extent);
    for (unsigned n = 0; n < relation.from.count; ++n) {
      unsigned step = n / relation.from.inner % relation.extent;
      std::optional<double> number = get(from.first + relation.from.offset + n);
      ofStep[step] =
          !seen[step] || ofStep[step] == number ? number : std::nullopt;
      slackOfStep[step] = std::max(
          slackOfStep[step], slacks[from.first + relation.from.offset + n]);
      seen[step] = true;
    }
    bool padsElsewhere = false;
    for (auto [dim, grown] : llvm::enumerate(grows))
      padsElsewhere |= grown && dim != to.dim;
    for (unsigned n = 0; n < relation.to.count; ++n) {
      unsigned node = to.first + relation.to.offset + n;
      unsigned step = n / relation.to.inner % relation.extent;
      std::optional<double> number = ofStep[step];
      double &slack = slackOf[node];
      slack = std::max(slack, slackOfStep[step]);
      if (padsElsewhere && number != filler)
        number = std::nullopt;
      auto [place, isNew] = found.try_emplace(node, number);
      if (!isNew && place->second != number)
        place->second = std::nullopt;
    }
  }
  for (auto [node, number] : found)
    if (number)
      set(node, *number, slackOf.lookup(node));
  if (!isPad || !filler)
    return;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    unsigned axis = graph.getAxis(result, dim);
    if (axis == ChannelGraph::kNone || !grows[dim])
      continue;
    for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
      if (unsigned node = graph.getAxis(axis).first + i; !found.contains(node))
        set(node, *filler);
  }
}

void ChannelConstants::visitDequantize(Operation *op) {
  auto fakeQuant = dyn_cast<FakeQuantOp>(op);
  Value input = op->getOperand(0);
  FailureOr<QuantParams> params = getQuantParams(
      fakeQuant
          ? fakeQuant.getQuantizedType()
          : cast<quant::QuantizedType>(getElementTypeOrSelf(input.getType())));
  if (failed(params))
    return;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  bool sameZeroPoint = llvm::all_equal(params->zeroPoints);
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    unsigned from = graph.getAxis(input, dim);
    unsigned to = graph.getAxis(op->getResult(0), dim);
    if (from == ChannelGraph::kNone || to == ChannelGraph::kNone)
      continue;
    bool hasParams = !params->axis || *params->axis == dim;
    for (unsigned i = 0; i < graph.getAxis(to).extent; ++i) {
      std::optional<double> number = get(from, i);
      if (!number)
        continue;
      unsigned channel = params->axis ? i : 0;
      unsigned node = graph.getAxis(to).first + i;
      float scale = params->scales[channel];
      int32_t zeroPoint = params->zeroPoints[channel];
      auto toCode = [&](double real) {
        return quantize(static_cast<float>(real), scale, zeroPoint,
                        params->qmin, params->qmax);
      };
      double slack = getSlack(from, i);
      if (fakeQuant && *number == 0 && slack < 0.25 * scale)
        set(node, 0);
      else if (!fakeQuant && sameZeroPoint && *number == params->zeroPoints[0])
        set(node, 0);
      else if (!hasParams)
        continue;
      else if (!fakeQuant)
        set(node, dequantize(static_cast<int32_t>(*number), scale, zeroPoint));
      else if (toCode(*number - slack) == toCode(*number + slack))
        set(node, dequantize(toCode(*number), scale, zeroPoint));
    }
  }
}

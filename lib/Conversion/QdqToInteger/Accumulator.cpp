//===- Accumulator.cpp - computations as integer sums --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// An all-parallel generic over values read through `maps`.
static Value
buildMap(OpBuilder &b, Location loc, RankedTensorType type, ValueRange inputs,
         ArrayRef<AffineMap> inputMaps,
         function_ref<Value(OpBuilder &, Location, ValueRange)> fn) {
  SmallVector<AffineMap> maps(inputMaps);
  maps.push_back(b.getMultiDimIdentityMap(type.getRank()));
  Value empty =
      tensor::EmptyOp::create(b, loc, type.getShape(), type.getElementType());
  return linalg::GenericOp::create(
             b, loc, TypeRange{type}, inputs, ValueRange{empty}, maps,
             SmallVector<utils::IteratorType>(type.getRank(),
                                              utils::IteratorType::parallel),
             [&](OpBuilder &b, Location loc, ValueRange args) {
               linalg::YieldOp::create(b, loc, fn(b, loc, args));
             })
      ->getResult(0);
}

/// i32(q) - zp of a code in a body.
static Value centred(OpBuilder &b, Location loc, Value q, int32_t zp) {
  Value wide = arith::ExtSIOp::create(b, loc, b.getI32Type(), q);
  if (zp == 0)
    return wide;
  Value z = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(zp));
  return arith::SubIOp::create(b, loc, wide, z);
}

/// `acc`, made by a generic that the requantization will take in.
static Accumulator onePart(Value acc, double scale) {
  auto type = cast<RankedTensorType>(acc.getType());
  acc.getDefiningOp()->setAttr(kPartAttr, UnitAttr::get(acc.getContext()));
  return {
      acc, {scale}, {}, AffineMap::get(type.getRank(), 0, acc.getContext())};
}

static Accumulator oneScale(Value acc, double scale) {
  auto type = cast<RankedTensorType>(acc.getType());
  return {
      acc, {scale}, {}, AffineMap::get(type.getRank(), 0, acc.getContext())};
}

/// codes - zero point.
static Accumulator buildCentred(RewriterBase &rewriter, Location loc,
                                const Codes &codes) {
  auto type = cast<RankedTensorType>(codes.codes.getType());
  Value acc =
      buildMap(rewriter, loc, type.clone(rewriter.getI32Type()), codes.codes,
               rewriter.getMultiDimIdentityMap(type.getRank()),
               [&](OpBuilder &b, Location loc, ValueRange args) {
                 return centred(b, loc, args[0], codes.params.zeroPoints[0]);
               });
  return onePart(acc, codes.params.scales[0]);
}

/// Sums of windows or whole dimensions: the first input holds the data.
static std::optional<Accumulator>
buildSum(RewriterBase &rewriter, linalg::LinalgOp op, std::string &reason) {
  OpOperand *data = op.getDpsInputOperand(0);
  std::optional<Codes> codes = matchActivation(data->get());
  if (!codes) {
    reason = "its input is not quantized to 8 bits with one scale";
    return std::nullopt;
  }
  auto init = matchSplat(op.getDpsInits()[0]);
  if (!init || *init != 0) {
    reason = "its sum does not start at zero";
    return std::nullopt;
  }
  if (op.hasDynamicShape()) {
    reason = "its shape is not static; use --batch";
    return std::nullopt;
  }
  int64_t count = 1;
  for (auto [extent, kind] :
       llvm::zip_equal(op.getStaticLoopRanges(), op.getIteratorTypesArray()))
    if (kind == utils::IteratorType::reduction)
      count *= extent;
  int64_t zp = codes->params.zeroPoints[0];
  int64_t reach = std::max(std::abs(codes->params.qmin - zp),
                           std::abs(codes->params.qmax - zp));
  if (count * std::max<int64_t>(reach, 128) > INT32_MAX) {
    reason =
        "the sum of " + std::to_string(count) + " codes may not fit in i32";
    return std::nullopt;
  }
  Location loc = op.getLoc();
  Type i32 = rewriter.getI32Type();
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  Value start = arith::ConstantOp::create(
      rewriter, loc,
      rewriter.getI32IntegerAttr(static_cast<int32_t>(-zp * count)));
  Value empty = tensor::EmptyOp::create(rewriter, loc, type.getShape(), i32);
  Value initial =
      linalg::FillOp::create(rewriter, loc, start, empty)->getResult(0);
  SmallVector<Value> inputs = {codes->codes};
  if (auto pool = dyn_cast<linalg::PoolingNhwcSumOp>(op.getOperation())) {
    auto window = cast<RankedTensorType>(pool.getInputs()[1].getType());
    inputs.push_back(
        tensor::EmptyOp::create(rewriter, loc, window.getShape(), i32));
    Value acc = linalg::PoolingNhwcSumOp::create(
                    rewriter, loc, TypeRange{initial.getType()}, inputs,
                    ValueRange{initial}, pool.getStrides(), pool.getDilations())
                    ->getResult(0);
    return oneScale(acc, codes->params.scales[0]);
  }
  // A window operand without data keeps its map, for the loop bounds.
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (OpOperand *other : op.getDpsInputOperands())
    if (other != data) {
      auto window = cast<RankedTensorType>(other->get().getType());
      inputs.push_back(
          tensor::EmptyOp::create(rewriter, loc, window.getShape(), i32));
    }
  Value acc =
      linalg::GenericOp::create(
          rewriter, loc, TypeRange{initial.getType()}, inputs,
          ValueRange{initial}, maps, op.getIteratorTypesArray(),
          [&](OpBuilder &b, Location loc, ValueRange args) {
            Value wide = arith::ExtSIOp::create(b, loc, i32, args[0]);
            linalg::YieldOp::create(
                b, loc,
                arith::AddIOp::create(b, loc, args.back(), wide).getResult());
          })
          ->getResult(0);
  return oneScale(acc, codes->params.scales[0]);
}

/// x * c or x / c with a constant of one value or one for some dimensions.
static std::optional<Accumulator>
scaleBy(RewriterBase &rewriter, const Elementwise &op,
        linalg::LinalgOp linalgOp, double targetScale, std::string &reason) {
  bool divide = op.kind == BodyKind::Div;
  if (!linalgOp.getMatchingIndexingMap(op.operands[0]).isIdentity()) {
    reason = "it broadcasts a quantized tensor";
    return std::nullopt;
  }
  SmallVector<double> factors;
  SmallVector<int64_t> shape;
  AffineMap map;
  if (op.scalar) {
    factors.push_back(*op.scalar);
  } else {
    FailureOr<ConstantData> data = readConstant(op.operands[1]->get());
    if (failed(data)) {
      reason = "an operand is neither quantized nor constant";
      return std::nullopt;
    }
    for (int64_t i = 0; i < data->size(); ++i)
      factors.push_back(data->getReal(i));
    shape.assign(data->type.getShape().begin(), data->type.getShape().end());
    map = linalgOp.getMatchingIndexingMap(op.operands[1]);
  }
  for (double &f : factors)
    if (divide)
      f = 1.0 / f;
  auto acc =
      buildAccumulator(rewriter, op.operands[0]->get(), targetScale, reason);
  if (!acc)
    return std::nullopt;
  if (acc->scale.size() == 1) {
    double scale = acc->scale[0];
    acc->scale = factors;
    for (double &f : acc->scale)
      f *= scale;
    if (!op.scalar) {
      acc->scaleShape = shape;
      acc->scaleMap = map;
    }
    return acc;
  }
  if (factors.size() != 1) {
    reason = "it scales along several dimensions at once";
    return std::nullopt;
  }
  for (double &s : acc->scale)
    s *= factors[0];
  return acc;
}

/// qa * qb, both quantized.
static std::optional<Accumulator> buildProduct(RewriterBase &rewriter,
                                               const Elementwise &op,
                                               linalg::LinalgOp linalgOp,
                                               std::string &reason) {
  std::optional<Codes> a = matchActivation(op.operands[0]->get());
  std::optional<Codes> b = matchActivation(op.operands[1]->get());
  if (!a || !b) {
    reason = "an operand is not quantized to 8 bits with one scale";
    return std::nullopt;
  }
  auto type = cast<RankedTensorType>(linalgOp->getResult(0).getType());
  Value acc = buildMap(
      rewriter, linalgOp.getLoc(), type.clone(rewriter.getI32Type()),
      {a->codes, b->codes},
      {linalgOp.getMatchingIndexingMap(op.operands[0]),
       linalgOp.getMatchingIndexingMap(op.operands[1])},
      [&](OpBuilder &builder, Location loc, ValueRange args) -> Value {
        Value x = centred(builder, loc, args[0], a->params.zeroPoints[0]);
        Value y = centred(builder, loc, args[1], b->params.zeroPoints[0]);
        return arith::MulIOp::create(builder, loc, x, y);
      });
  double scale = static_cast<double>(a->params.scales[0]) * b->params.scales[0];
  return onePart(acc, scale);
}

namespace {
/// One side of an addition in units of the target's scale.
struct Term {
  SmallVector<Value, 2> values; // the accumulator and its scales, or constants
  SmallVector<AffineMap, 2> maps;
  float scale = 1; // where there is one
  bool constant = false;
};
} // namespace

static std::optional<Term> buildTerm(RewriterBase &rewriter, OpOperand *operand,
                                     AffineMap map, double targetScale,
                                     std::string &reason) {
  Location loc = operand->getOwner()->getLoc();
  Term term;
  FailureOr<ConstantData> data = failure();
  if (!matchCodes(operand->get()))
    data = readConstant(operand->get());
  if (succeeded(data)) {
    std::vector<float> values;
    for (int64_t i = 0; i < data->size(); ++i)
      values.push_back(static_cast<float>(data->getReal(i) / targetScale));
    if (!llvm::all_of(values, [](float v) { return std::isfinite(v); })) {
      reason = "a constant addend leaves the range of f32";
      return std::nullopt;
    }
    term.constant = true;
    term.values.push_back(arith::ConstantOp::create(
        rewriter, loc, makeConstant(data->type, ArrayRef<float>(values))));
    term.maps.push_back(map);
    return term;
  }
  auto acc = buildAccumulator(rewriter, operand->get(), targetScale, reason);
  if (!acc)
    return std::nullopt;
  term.values.push_back(acc->acc);
  term.maps.push_back(map);
  for (double s : acc->scale)
    if (!toScale(std::abs(s / targetScale))) {
      reason = "a scale of its operands leaves the range of normal f32 numbers";
      return std::nullopt;
    }
  if (acc->scale.size() == 1) {
    term.scale = static_cast<float>(acc->scale[0] / targetScale);
    return term;
  }
  std::vector<float> scales;
  for (double s : acc->scale)
    scales.push_back(static_cast<float>(s / targetScale));
  auto type = RankedTensorType::get(acc->scaleShape, rewriter.getF32Type());
  term.values.push_back(arith::ConstantOp::create(
      rewriter, loc, makeConstant(type, ArrayRef<float>(scales))));
  term.maps.push_back(acc->scaleMap.compose(map));
  return term;
}

/// f32(a) * (sa / sy) + f32(b) * (sb / sy), in that order, each rounded.
static std::optional<Accumulator> buildAddition(RewriterBase &rewriter,
                                                const Elementwise &op,
                                                linalg::LinalgOp linalgOp,
                                                double targetScale,
                                                std::string &reason) {
  SmallVector<Term> terms;
  for (OpOperand *operand : op.operands) {
    auto term =
        buildTerm(rewriter, operand, linalgOp.getMatchingIndexingMap(operand),
                  targetScale, reason);
    if (!term)
      return std::nullopt;
    terms.push_back(*term);
  }
  float scalar = op.scalar && terms.size() == 1
                     ? static_cast<float>(*op.scalar / targetScale)
                     : 0;
  SmallVector<Value> inputs;
  SmallVector<AffineMap> maps;
  for (Term &term : terms) {
    inputs.append(term.values.begin(), term.values.end());
    maps.append(term.maps.begin(), term.maps.end());
  }
  auto type = cast<RankedTensorType>(linalgOp->getResult(0).getType());
  Value acc = buildMap(
      rewriter, linalgOp.getLoc(), type, inputs, maps,
      [&](OpBuilder &b, Location loc, ValueRange args) -> Value {
        SmallVector<Value> sides;
        for (Term &term : terms) {
          Value v = args[0];
          if (v.getType().isInteger(32))
            v = arith::SIToFPOp::create(b, loc, b.getF32Type(), v);
          if (term.values.size() == 2) {
            v = arith::MulFOp::create(b, loc, v, args[1]);
          } else if (!term.constant && term.scale != 1) {
            Value s = arith::ConstantOp::create(b, loc,
                                                b.getF32FloatAttr(term.scale));
            v = arith::MulFOp::create(b, loc, v, s);
          }
          sides.push_back(v);
          args = args.drop_front(term.values.size());
        }
        if (sides.size() == 1)
          sides.push_back(
              arith::ConstantOp::create(b, loc, b.getF32FloatAttr(scalar)));
        if (op.kind == BodyKind::Sub)
          return arith::SubFOp::create(b, loc, sides[0], sides[1]);
        return arith::AddFOp::create(b, loc, sides[0], sides[1]);
      });
  return onePart(acc, targetScale);
}

/// The sums that a reshape moves, as a mean has between sum and division.
static std::optional<Accumulator> buildReshaped(RewriterBase &rewriter,
                                                Operation *reshape,
                                                double targetScale,
                                                std::string &reason) {
  auto acc =
      buildAccumulator(rewriter, reshape->getOperand(0), targetScale, reason);
  if (!acc)
    return std::nullopt;
  if (acc->scale.size() != 1) {
    reason = "it reshapes sums with a scale a channel";
    return std::nullopt;
  }
  IRMapping mapping;
  mapping.map(reshape->getOperand(0), acc->acc);
  Operation *moved = rewriter.clone(*reshape, mapping);
  auto type = cast<RankedTensorType>(reshape->getResult(0).getType());
  moved->getResult(0).setType(
      type.clone(getElementTypeOrSelf(acc->acc.getType())));
  return oneScale(moved->getResult(0), acc->scale[0]);
}

std::optional<Accumulator>
mlir::compress::buildAccumulator(RewriterBase &rewriter, Value value,
                                 double targetScale, std::string &reason) {
  if (auto codes = matchActivation(value))
    return buildCentred(rewriter, value.getLoc(), *codes);
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def))
    return buildReshaped(rewriter, def, targetScale, reason);
  auto op = dyn_cast_or_null<linalg::LinalgOp>(def);
  if (!op || op->getNumResults() != 1) {
    reason = def ? "it has no integer form" : "it is an input of the function";
    return std::nullopt;
  }
  if (op.getNumReductionLoops() > 0) {
    if (matchCombiner(op) == CombinerKind::Add)
      return buildSum(rewriter, op, reason);
    return buildWeighted(rewriter, def, reason);
  }
  std::optional<Elementwise> elementwise = matchElementwise(def);
  if (!elementwise) {
    reason = "it has no integer form";
    return std::nullopt;
  }
  // Of a product the constant comes second.
  if (elementwise->kind == BodyKind::Mul && elementwise->operands.size() == 2 &&
      succeeded(readConstant(elementwise->operands[0]->get())))
    std::swap(elementwise->operands[0], elementwise->operands[1]);
  bool constant = elementwise->scalar || elementwise->operands.size() < 2 ||
                  succeeded(readConstant(elementwise->operands[1]->get()));
  switch (elementwise->kind) {
  case BodyKind::Add:
  case BodyKind::Sub:
    return buildAddition(rewriter, *elementwise, op, targetScale, reason);
  case BodyKind::Mul:
    if (!constant)
      return buildProduct(rewriter, *elementwise, op, reason);
    return scaleBy(rewriter, *elementwise, op, targetScale, reason);
  case BodyKind::Div:
    if (constant)
      return scaleBy(rewriter, *elementwise, op, targetScale, reason);
    [[fallthrough]];
  default:
    reason = "it has no integer form";
    return std::nullopt;
  }
}

/// The scales as a body value: an operand of the generic, or a constant.
static Value buildScaled(
    RewriterBase &rewriter, Location loc, const Accumulator &acc,
    ArrayRef<float> scales, Type element,
    function_ref<Value(OpBuilder &, Location, Value acc, Value scale)> fn) {
  auto type = cast<RankedTensorType>(acc.acc.getType());
  SmallVector<Value> inputs = {acc.acc};
  SmallVector<AffineMap> maps = {
      rewriter.getMultiDimIdentityMap(type.getRank())};
  Value scalar;
  if (llvm::all_equal(scales)) {
    scalar = arith::ConstantOp::create(rewriter, loc,
                                       rewriter.getF32FloatAttr(scales[0]));
  } else {
    auto scaleType =
        RankedTensorType::get(acc.scaleShape, rewriter.getF32Type());
    inputs.push_back(arith::ConstantOp::create(
        rewriter, loc, makeConstant(scaleType, scales)));
    maps.push_back(acc.scaleMap);
  }
  return buildMap(rewriter, loc, type.clone(element), inputs, maps,
                  [&](OpBuilder &b, Location loc, ValueRange args) {
                    return fn(b, loc, args[0], scalar ? scalar : args[1]);
                  });
}

Value mlir::compress::buildRequantize(RewriterBase &rewriter, Location loc,
                                      const Accumulator &acc,
                                      const QuantParams &target, int32_t qlo,
                                      int32_t qhi) {
  SmallVector<float> scales;
  for (double s : acc.scale) {
    // A negative factor is fine; zero, infinite or denormal ones are not.
    double scaled = s / target.scales[0];
    if (!toScale(std::abs(scaled)))
      return {};
    scales.push_back(static_cast<float>(scaled));
  }
  Type element = rewriter.getIntegerType(target.bits <= 8 ? 8 : 16);
  return buildScaled(
      rewriter, loc, acc, scales, element,
      [&](OpBuilder &b, Location loc, Value acc, Value scale) -> Value {
        return RequantizeOp::create(b, loc, element, acc, scale,
                                    target.zeroPoints[0], qlo, qhi);
      });
}

Value mlir::compress::buildFloat(RewriterBase &rewriter, Location loc,
                                 const Accumulator &acc) {
  SmallVector<float> scales;
  for (double s : acc.scale) {
    if (!toScale(std::abs(s)))
      return {};
    scales.push_back(static_cast<float>(s));
  }
  Type f32 = rewriter.getF32Type();
  Value result = buildScaled(
      rewriter, loc, acc, scales, f32,
      [&](OpBuilder &b, Location loc, Value acc, Value scale) -> Value {
        Value real = arith::SIToFPOp::create(b, loc, f32, acc);
        return arith::MulFOp::create(b, loc, real, scale);
      });
  result.getDefiningOp()->setAttr(kConvertAttr, rewriter.getUnitAttr());
  return result;
}

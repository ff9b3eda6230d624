//===- OpBuilderGather.cpp - elements chosen by index --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;

namespace {
/// Positions first, first + step, ...
struct Run {
  int64_t first, count, step;
};
} // namespace

/// Splits `positions` into runs of one step above 0, greedily.
static SmallVector<Run> findRuns(ArrayRef<int64_t> positions) {
  SmallVector<Run> runs;
  for (int64_t position : positions) {
    if (!runs.empty()) {
      Run &last = runs.back();
      int64_t step = position - last.first - (last.count - 1) * last.step;
      if (step > 0 && (last.count == 1 || step == last.step)) {
        last.step = step;
        ++last.count;
        continue;
      }
    }
    runs.push_back({position, 1, 1});
  }
  return runs;
}

/// `shape` with `inner` in place of dimension `axis`.
static SmallVector<int64_t> replaceDim(ArrayRef<int64_t> shape, int64_t axis,
                                       ArrayRef<int64_t> inner) {
  SmallVector<int64_t> result(shape.take_front(axis));
  result.append(inner.begin(), inner.end());
  llvm::append_range(result, shape.drop_front(axis + 1));
  return result;
}

Value ModelOpBuilder::extractByIndex(Value x, ArrayRef<int64_t> shape,
                                     int64_t axis, Value indices,
                                     AffineMap map) {
  auto type = cast<RankedTensorType>(x.getType());
  int64_t extent = type.getDimSize(axis);
  Value init = createEmpty(type.clone(shape));
  SmallVector<AffineMap> maps{map,
                              builder.getMultiDimIdentityMap(shape.size())};
  return generic(
      indices, init, maps, /*reducedDims=*/{},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        auto constant = [&](int64_t value) -> Value {
          return arith::ConstantOp::create(b, l, b.getIndexAttr(value));
        };
        // Negative ones count from the end. No index reaches out of the
        // tensor, whatever comes in.
        Value given = arith::IndexCastOp::create(b, l, b.getIndexType(), v[0]);
        Value isNegative = arith::CmpIOp::create(
            b, l, arith::CmpIPredicate::slt, given, constant(0));
        Value wrapped = arith::AddIOp::create(b, l, given, constant(extent));
        Value index = arith::SelectOp::create(b, l, isNegative, wrapped, given);
        index = arith::MaxSIOp::create(b, l, index, constant(0));
        index = arith::MinSIOp::create(b, l, index, constant(extent - 1));
        SmallVector<Value> coordinates;
        for (int64_t d = 0; d < type.getRank(); ++d)
          coordinates.push_back(
              d == axis ? index : linalg::IndexOp::create(b, l, d).getResult());
        return tensor::ExtractOp::create(b, l, x, coordinates);
      });
}

FailureOr<Tensor> ModelOpBuilder::gather(const Tensor &x, int64_t axis,
                                         ArrayRef<int64_t> positions,
                                         ArrayRef<int64_t> indexShape) {
  SmallVector<int64_t> flat =
      replaceDim(x.shape, axis, static_cast<int64_t>(positions.size()));
  SmallVector<int64_t> shape = replaceDim(x.shape, axis, indexShape);
  std::optional<int64_t> count = countElements(flat);
  if (!count || !countElements(shape))
    return fail("gathers a tensor too large to address");
  if (x.constant && (!x.quant || !x.quant->axis)) {
    if (failed(charge(*count * getStorageBytes(x.constant->getType()))))
      return failure();
    Tensor result =
        Tensor::fromConstant(x.constant->gather(axis, positions, indexShape));
    result.type = x.type;
    result.quant = x.quant;
    return result;
  }
  Tensor source = x;
  if (x.constant) {
    FailureOr<Value> value = materialize(x);
    if (failed(value))
      return failure();
    source = Tensor::fromValue(*value);
  }
  if (source.quant && source.quant->axis == axis)
    return fail("chooses among channels that are quantized each for itself; "
                "dequantize them first");

  // A few slices are cheaper than a table.
  constexpr size_t maxSlices = 8;
  SmallVector<Run> runs = findRuns(positions);
  if (runs.size() <= maxSlices) {
    SmallVector<Tensor> parts;
    SmallVector<int64_t> offsets(x.shape.size(), 0), sizes(x.shape);
    SmallVector<int64_t> steps(x.shape.size(), 1);
    for (Run run : runs) {
      offsets[axis] = run.first;
      sizes[axis] = run.count;
      steps[axis] = run.step;
      FailureOr<Tensor> part = slice(source, offsets, sizes, steps);
      if (failed(part))
        return failure();
      parts.push_back(*part);
    }
    if (parts.empty())
      return fail("gathers no elements");
    FailureOr<Tensor> joined = concat(parts, axis);
    return failed(joined) ? joined : reshape(*joined, shape);
  }

  if (failed(charge(positions.size() * 2 * sizeof(int64_t))))
    return failure();
  Tensor table = Tensor::fromConstant(ConstantTensor::fromInts(
      ElementType::I32, static_cast<int64_t>(positions.size()), positions));
  FailureOr<Value> indices = materializeAny(table);
  if (failed(indices) || failed(getType(flat)))
    return failure();
  AffineMap map = AffineMap::get(flat.size(), 0, builder.getAffineDimExpr(axis),
                                 getContext());
  Tensor result = source;
  result.value = extractByIndex(source.value, flat, axis, *indices, map);
  result.shape = flat;
  return reshape(result, shape);
}

FailureOr<Tensor> ModelOpBuilder::gather(const Tensor &x, int64_t axis,
                                         const Tensor &indices) {
  int64_t count = indices.getNumElements();
  SmallVector<int64_t> flat = replaceDim(x.shape, axis, count);
  SmallVector<int64_t> shape = replaceDim(x.shape, axis, indices.shape);
  FailureOr<Value> value =
      x.isCodes() ? FailureOr<Value>(x.value) : materializeAny(x);
  FailureOr<Tensor> list = reshape(indices, count);
  if (failed(value) || failed(list) || failed(getType(flat)))
    return failure();
  FailureOr<Value> chosen = materializeAny(*list);
  if (failed(chosen))
    return failure();
  if (x.isCodes() && x.quant->axis == axis)
    return fail("chooses among channels that are quantized each for itself; "
                "dequantize them first");
  AffineMap map = AffineMap::get(flat.size(), 0, builder.getAffineDimExpr(axis),
                                 getContext());
  Tensor result = Tensor::fromValue(
      extractByIndex(*value, flat, axis, *chosen, map), x.type);
  result.quant = x.isCodes() ? x.quant : nullptr;
  return reshape(result, shape);
}

FailureOr<Tensor> ModelOpBuilder::gatherElements(const Tensor &x, int64_t axis,
                                                 const Tensor &indices) {
  bool fits = x.shape.size() == indices.shape.size();
  for (size_t d = 0; fits && d < x.shape.size(); ++d)
    fits = static_cast<int64_t>(d) == axis || indices.shape[d] <= x.shape[d];
  if (!fits)
    return fail("requires indices that fit " + toString(x.shape) + ", not " +
                toString(indices.shape));
  FailureOr<Value> value =
      x.isCodes() ? FailureOr<Value>(x.value) : materializeAny(x);
  FailureOr<Value> chosen = materializeAny(indices);
  if (failed(value) || failed(chosen))
    return failure();
  if (x.isCodes() && x.quant->axis)
    return fail("chooses among codes quantized per channel; dequantize them "
                "first");
  Tensor result = Tensor::fromValue(
      extractByIndex(*value, indices.shape, axis, *chosen,
                     builder.getMultiDimIdentityMap(x.getRank())),
      x.type);
  result.quant = x.isCodes() ? x.quant : nullptr;
  return result;
}

FailureOr<Tensor> ModelOpBuilder::replaceRows(const Tensor &data,
                                              const Tensor &rows,
                                              ArrayRef<int64_t> sources) {
  FailureOr<Value> old = materializeAny(data), updates = materializeAny(rows);
  Tensor list = Tensor::fromConstant(ConstantTensor::fromInts(
      ElementType::I32, static_cast<int64_t>(sources.size()), sources));
  FailureOr<Value> table = materializeAny(list);
  if (failed(old) || failed(updates) || failed(table))
    return failure();
  auto type = cast<RankedTensorType>(old->getType());
  AffineMap identity = builder.getMultiDimIdentityMap(2);
  AffineMap row =
      AffineMap::get(2, 0, builder.getAffineDimExpr(0), getContext());
  Value result = generic(
      {*old, *table}, createEmpty(type), {identity, row, identity},
      /*reducedDims=*/{}, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value zero = arith::ConstantOp::create(b, l, b.getI32IntegerAttr(0));
        Value isReplaced =
            arith::CmpIOp::create(b, l, arith::CmpIPredicate::sge, v[1], zero);
        Value source = arith::MaxSIOp::create(b, l, v[1], zero);
        Value at = arith::IndexCastOp::create(b, l, b.getIndexType(), source);
        Value column = linalg::IndexOp::create(b, l, 1);
        Value update =
            tensor::ExtractOp::create(b, l, *updates, ValueRange{at, column});
        return arith::SelectOp::create(b, l, isReplaced, update, v[0]);
      });
  return Tensor::fromValue(result, data.type);
}

FailureOr<Tensor> ModelOpBuilder::expand(const Tensor &x,
                                         ArrayRef<int64_t> shape) {
  std::optional<SmallVector<int64_t>> joined = broadcastShapes(x.shape, shape);
  std::optional<int64_t> count = countElements(shape);
  if (!joined || ArrayRef<int64_t>(*joined) != shape || !count)
    return fail("cannot broadcast " + toString(x.shape) + " to " +
                toString(shape));
  if (x.isPlainConstant()) {
    if (failed(charge(*count * getStorageBytes(x.type))))
      return failure();
    SmallVector<int64_t> own = getRowMajorStrides(x.shape);
    SmallVector<int64_t> strides(shape.size(), 0);
    size_t missing = shape.size() - own.size();
    for (size_t i = 0; i < own.size(); ++i)
      strides[missing + i] = x.shape[i] == 1 ? 0 : own[i];
    return Tensor::fromConstant(x.constant->view(shape, 0, strides));
  }
  if (x.isCodes() && x.quant->axis)
    return fail("broadcasts codes quantized per channel; dequantize them "
                "first");
  FailureOr<Value> value =
      broadcast(x.isCodes() ? Tensor::fromValue(x.value) : x, shape);
  if (failed(value))
    return failure();
  Tensor result = Tensor::fromValue(*value, x.type);
  result.quant = x.isCodes() ? x.quant : nullptr;
  return result;
}

FailureOr<Tensor> ModelOpBuilder::argMax(Value x, int64_t axis, bool isMax,
                                         bool isLast, bool keepDims) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> kept = replaceDim(type.getShape(), axis, {});
  SmallVector<int64_t> full = replaceDim(type.getShape(), axis, {1});
  if (type.getDimSize(axis) > std::numeric_limits<int32_t>::max())
    return fail("has an axis too long to count in 32 bits");
  // The first pair of the best number and its index, as tosa.argmax has it.
  constexpr float infinity = std::numeric_limits<float>::infinity();
  Type i32 = builder.getI32Type();
  Value numbers = createFilled(type.clone(kept), isMax ? -infinity : infinity);
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getI32IntegerAttr(0));
  Value places =
      linalg::FillOp::create(builder, loc, zero,
                             createEmpty(RankedTensorType::get(kept, i32)))
          .getResult(0);
  SmallVector<AffineExpr> keptDims;
  SmallVector<utils::IteratorType> iterators;
  for (int64_t d = 0; d < type.getRank(); ++d) {
    iterators.push_back(d == axis ? utils::IteratorType::reduction
                                  : utils::IteratorType::parallel);
    if (d != axis)
      keptDims.push_back(builder.getAffineDimExpr(d));
  }
  AffineMap projection =
      AffineMap::get(type.getRank(), 0, keptDims, getContext());
  SmallVector<AffineMap> maps{builder.getMultiDimIdentityMap(type.getRank()),
                              projection, projection};
  auto predicate =
      isMax ? (isLast ? arith::CmpFPredicate::OGE : arith::CmpFPredicate::OGT)
            : (isLast ? arith::CmpFPredicate::OLE : arith::CmpFPredicate::OLT);
  auto op = linalg::GenericOp::create(
      builder, loc, TypeRange{numbers.getType(), places.getType()}, x,
      ValueRange{numbers, places}, maps, iterators,
      [&](OpBuilder &b, Location l, ValueRange v) {
        Value index = arith::IndexCastOp::create(
            b, l, i32, linalg::IndexOp::create(b, l, axis));
        Value isBetter = arith::CmpFOp::create(b, l, predicate, v[0], v[1]);
        Value best = arith::SelectOp::create(b, l, isBetter, v[0], v[1]);
        Value place = arith::SelectOp::create(b, l, isBetter, index, v[2]);
        linalg::YieldOp::create(b, l, ValueRange{best, place});
      });
  FailureOr<Value> wide = elementwise(
      Tensor::fromValue(op.getResult(1), ElementType::I32),
      [](OpBuilder &b, Location l, ValueRange v) -> Value {
        return arith::ExtSIOp::create(b, l, b.getI64Type(), v[0]);
      },
      ElementType::I64);
  if (failed(wide))
    return failure();
  Tensor result = Tensor::fromValue(*wide, ElementType::I64);
  return keepDims ? reshape(result, full) : result;
}

FailureOr<Tensor> ModelOpBuilder::tile(const Tensor &x,
                                       ArrayRef<int64_t> repeats) {
  if (repeats.size() != x.shape.size() ||
      llvm::any_of(repeats, [](int64_t repeat) { return repeat < 1; }))
    return fail("requires " + Twine(x.getRank()) +
                " repeats of 1 or more, not " + toString(repeats));
  // [a, b] becomes [1, a, 1, b], then [r, a, s, b], then [r * a, s * b].
  SmallVector<int64_t> apart, spread, shape;
  for (auto [extent, repeat] : llvm::zip_equal(x.shape, repeats)) {
    apart.append({1, extent});
    spread.append({repeat, extent});
    SmallVector<int64_t> both{repeat, extent};
    shape.push_back(countElements(both).value_or(-1));
  }
  if (!countElements(shape))
    return fail("gives a tensor too large to address");
  FailureOr<Tensor> split = reshape(x, apart);
  if (failed(split))
    return failure();
  FailureOr<Tensor> copied = expand(*split, spread);
  if (failed(copied))
    return failure();
  return reshape(*copied, shape);
}

//===- OpBuilderShape.cpp - ops that move elements -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/OpBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

/// `tensor` with another value or constant in place of its own.
static Tensor withValue(const Tensor &tensor, Value value) {
  Tensor result = Tensor::fromValue(value, tensor.type);
  result.quant = tensor.quant;
  return result;
}
static Tensor withConstant(const Tensor &tensor, ConstantTensorRef constant,
                           QuantizationRef quant) {
  Tensor result = Tensor::fromConstant(std::move(constant));
  result.type = tensor.type;
  result.quant = std::move(quant);
  return result;
}

static QuantizationRef share(Quantization quant) {
  return std::make_shared<const Quantization>(std::move(quant));
}

//===----------------------------------------------------------------------===//
// Reshape
//===----------------------------------------------------------------------===//

/// Splits both shapes into the most runs of dimensions of equal products:
/// [2, 3, 4] and [6, 2, 2] give {0, 1}, {2} and {0}, {1, 2}. Both shapes have
/// at least one dimension and the same number of elements.
static void matchDims(ArrayRef<int64_t> from, ArrayRef<int64_t> to,
                      SmallVectorImpl<ReassociationIndices> &fromRuns,
                      SmallVectorImpl<ReassociationIndices> &toRuns) {
  size_t i = 0, j = 0;
  while (i < from.size() && j < to.size()) {
    ReassociationIndices fromRun{static_cast<int64_t>(i)};
    ReassociationIndices toRun{static_cast<int64_t>(j)};
    int64_t left = from[i++], right = to[j++];
    while (left != right) {
      if (left < right) {
        fromRun.push_back(i);
        left *= from[i++];
      } else {
        toRun.push_back(j);
        right *= to[j++];
      }
    }
    fromRuns.push_back(fromRun);
    toRuns.push_back(toRun);
  }
  for (; i < from.size(); ++i) // what is left has extent 1
    fromRuns.back().push_back(i);
  for (; j < to.size(); ++j)
    toRuns.back().push_back(j);
}

Value ModelOpBuilder::reshapeValue(Value value, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  auto newType = RankedTensorType::get(shape, type.getElementType());
  SmallVector<ReassociationIndices> fromRuns, toRuns;
  if (shape.empty())
    return tensor::CollapseShapeOp::create(builder, loc, newType, value,
                                           fromRuns);
  if (type.getRank() == 0)
    return tensor::ExpandShapeOp::create(builder, loc, newType, value, toRuns);
  matchDims(type.getShape(), shape, fromRuns, toRuns);
  if (fromRuns.size() != type.getShape().size()) {
    SmallVector<int64_t> runShape;
    for (const ReassociationIndices &run : fromRuns) {
      int64_t extent = 1;
      for (int64_t dim : run)
        extent *= type.getDimSize(dim);
      runShape.push_back(extent);
    }
    value = tensor::CollapseShapeOp::create(
        builder, loc, RankedTensorType::get(runShape, type.getElementType()),
        value, fromRuns);
  }
  if (toRuns.size() != shape.size())
    value = tensor::ExpandShapeOp::create(builder, loc, newType, value, toRuns);
  return value;
}

FailureOr<Tensor> ModelOpBuilder::reshape(const Tensor &tensor,
                                          ArrayRef<int64_t> shape) {
  if (countElements(shape) != countElements(tensor.shape))
    return fail("cannot reshape " + toString(tensor.shape) + " to " +
                toString(shape));
  QuantizationRef quant = tensor.quant;
  if (quant && quant->axis) {
    std::optional<Quantization> reshaped = quant->reshape(tensor.shape, shape);
    if (failed(charge(quant->getCost())))
      return failure();
    quant = reshaped ? share(*reshaped) : nullptr;
  }
  if (tensor.quant && !quant && tensor.isCodes())
    return fail("splits or merges the channels of a tensor quantized per "
                "channel");
  if (tensor.constant && (quant || !tensor.quant))
    return withConstant(tensor, tensor.constant->reshape(shape), quant);
  // A dequantized constant whose channels do not survive is reshaped in f32.
  if (!tensor.value) {
    FailureOr<Value> value = materialize(tensor);
    if (failed(value) || failed(getType(shape)))
      return failure();
    return Tensor::fromValue(reshapeValue(*value, shape));
  }
  if (failed(getType(shape)))
    return failure();
  Tensor result = withValue(tensor, reshapeValue(tensor.value, shape));
  result.quant = quant;
  return result;
}

//===----------------------------------------------------------------------===//
// Transpose, slice
//===----------------------------------------------------------------------===//

FailureOr<Tensor> ModelOpBuilder::transpose(const Tensor &tensor,
                                            ArrayRef<int64_t> permutation) {
  SmallVector<bool> seen(tensor.shape.size(), false);
  for (int64_t dim : permutation) {
    if (dim < 0 || dim >= tensor.getRank() || seen[dim])
      return fail("requires a permutation of the " + Twine(tensor.getRank()) +
                  " dimensions, not " + toString(permutation));
    seen[dim] = true;
  }
  if (permutation.size() != tensor.shape.size())
    return fail("requires a permutation of the " + Twine(tensor.getRank()) +
                " dimensions, not " + toString(permutation));
  if (llvm::is_sorted(permutation))
    return tensor;
  QuantizationRef quant = tensor.quant;
  if (quant && quant->axis) {
    if (failed(charge(quant->getCost())))
      return failure();
    quant = share(quant->transpose(permutation));
  }
  if (tensor.constant) {
    if (failed(charge(tensor.constant->getBytes().size())))
      return failure();
    return withConstant(tensor, tensor.constant->transpose(permutation), quant);
  }
  SmallVector<int64_t> shape;
  for (int64_t dim : permutation)
    shape.push_back(tensor.shape[dim]);
  FailureOr<RankedTensorType> type = getTypeLike(tensor.value, shape);
  if (failed(type))
    return failure();
  Value value = linalg::TransposeOp::create(builder, loc, tensor.value,
                                            createEmpty(*type), permutation)
                    .getResult()[0];
  Tensor result = withValue(tensor, value);
  result.quant = quant;
  return result;
}

FailureOr<Tensor> ModelOpBuilder::slice(const Tensor &tensor,
                                        ArrayRef<int64_t> offsets,
                                        ArrayRef<int64_t> sizes,
                                        ArrayRef<int64_t> steps) {
  std::optional<int64_t> count = countElements(sizes);
  for (auto [extent, offset, size, step] :
       llvm::zip_equal(tensor.shape, offsets, sizes, steps)) {
    if (size == 0)
      continue;
    // |step| and size are at most the extent, or the slice has one element.
    int64_t last = size == 1 ? offset : offset + (size - 1) * step;
    if (!count || size < 0 || std::min(offset, last) < 0 ||
        std::max(offset, last) >= extent)
      return fail("takes a slice outside of " + toString(tensor.shape));
  }
  QuantizationRef quant = tensor.quant;
  if (quant && quant->axis) {
    if (failed(charge(quant->getCost())))
      return failure();
    quant = share(quant->slice(offsets, sizes, steps));
  }
  if (tensor.constant) {
    if (failed(charge(*count * getStorageBytes(tensor.constant->getType()))))
      return failure();
    return withConstant(tensor, tensor.constant->slice(offsets, sizes, steps),
                        quant);
  }
  if (ArrayRef<int64_t>(sizes) == ArrayRef<int64_t>(tensor.shape) &&
      llvm::none_of(llvm::zip_equal(steps, sizes), [](auto pair) {
        return std::get<0>(pair) < 0 && std::get<1>(pair) > 1;
      }))
    return tensor;
  if (llvm::any_of(steps, [](int64_t step) { return step < 1; }))
    return fail("requires steps of 1 or more, not " + toString(steps));
  FailureOr<RankedTensorType> type = getTypeLike(tensor.value, sizes);
  if (failed(type))
    return failure();
  Value value = tensor::ExtractSliceOp::create(
      builder, loc, *type, tensor.value,
      getAsIndexOpFoldResult(getContext(), offsets),
      getAsIndexOpFoldResult(getContext(), sizes),
      getAsIndexOpFoldResult(getContext(), steps));
  Tensor result = withValue(tensor, value);
  result.quant = quant;
  return result;
}

//===----------------------------------------------------------------------===//
// Concat, pad, broadcast
//===----------------------------------------------------------------------===//

FailureOr<Tensor> ModelOpBuilder::concat(ArrayRef<Tensor> tensors,
                                         int64_t axis) {
  const Tensor &first = tensors.front();
  SmallVector<int64_t> shape = first.shape;
  bool allPlain = true, allCodes = true, anyCodes = false;
  int64_t bytes = 0;
  shape[axis] = 0;
  for (const Tensor &tensor : tensors) {
    SmallVector<int64_t> other = tensor.shape;
    if (tensor.type != first.type)
      return fail("requires operands of one type, not " + toString(first.type) +
                  " and " + toString(tensor.type));
    if (other.size() == shape.size())
      other[axis] = first.shape[axis];
    if (other != first.shape)
      return fail("requires shapes that differ only in dimension " +
                  Twine(axis) + ", not " + toString(first.shape) + " and " +
                  toString(tensor.shape));
    shape[axis] += tensor.shape[axis];
    allPlain &= tensor.isPlainConstant();
    allCodes &= tensor.isCodes();
    anyCodes |= tensor.isCodes();
    if (tensor.constant)
      bytes += tensor.constant->getBytes().size();
  }
  if (allPlain) {
    if (failed(charge(bytes)))
      return failure();
    return Tensor::fromConstant(ConstantTensor::concat(
        llvm::map_to_vector(tensors,
                            [](const Tensor &t) { return t.constant; }),
        axis));
  }
  if (anyCodes) {
    bool isSame = allCodes && llvm::all_of(tensors, [&](const Tensor &t) {
                    return *t.quant == *first.quant;
                  });
    if (!isSame || first.quant->axis == axis)
      return fail("requires codes of one per-tensor quantization; dequantize "
                  "the operands first");
  }
  SmallVector<Value> values;
  for (const Tensor &tensor : tensors) {
    FailureOr<Value> value =
        anyCodes ? FailureOr<Value>(tensor.value) : materializeAny(tensor);
    if (failed(value))
      return failure();
    values.push_back(*value);
  }
  if (values.size() == 1)
    return first;
  FailureOr<RankedTensorType> type = getTypeLike(values.front(), shape);
  if (failed(type))
    return failure();
  Value joined =
      tensor::ConcatOp::create(builder, loc, *type, uint64_t(axis), values);
  return anyCodes ? withValue(first, joined)
                  : Tensor::fromValue(joined, first.type);
}

FailureOr<Tensor> ModelOpBuilder::pad(const Tensor &tensor,
                                      ArrayRef<int64_t> low,
                                      ArrayRef<int64_t> high, double fill) {
  constexpr int64_t limit = int64_t(1) << 40;
  SmallVector<int64_t> shape;
  for (auto [extent, before, after] :
       llvm::zip_equal(tensor.shape, low, high)) {
    if (before < 0 || after < 0 || before > limit || after > limit)
      return fail("requires padding from 0 to 2^40, not " + Twine(before) +
                  " and " + Twine(after));
    shape.push_back(extent + before + after);
  }
  if (shape == tensor.shape)
    return tensor;
  FailureOr<Value> value = tensor.isCodes() ? FailureOr<Value>(tensor.value)
                                            : materializeAny(tensor);
  if (failed(value))
    return failure();
  FailureOr<RankedTensorType> type = getTypeLike(*value, shape);
  if (failed(type))
    return failure();
  Value padded = tensor::PadOp::create(
      builder, loc, *type, *value, getAsIndexOpFoldResult(getContext(), low),
      getAsIndexOpFoldResult(getContext(), high),
      createScalar(fill, type->getElementType()));
  return tensor.isCodes() ? withValue(tensor, padded)
                          : Tensor::fromValue(padded, tensor.type);
}

FailureOr<Value> ModelOpBuilder::broadcast(const Tensor &tensor,
                                           ArrayRef<int64_t> shape) {
  std::optional<SmallVector<int64_t>> joined =
      broadcastShapes(tensor.shape, shape);
  if (!joined || ArrayRef<int64_t>(*joined) != shape)
    return fail("cannot broadcast " + toString(tensor.shape) + " to " +
                toString(shape));
  size_t missing = shape.size() - tensor.shape.size();
  SmallVector<int64_t> kept, added;
  for (size_t i = 0; i < shape.size(); ++i) {
    bool isAdded =
        i < missing || (tensor.shape[i - missing] == 1 && shape[i] != 1);
    (isAdded ? added : kept).push_back(i);
  }
  SmallVector<int64_t> keptShape;
  for (int64_t i : kept)
    keptShape.push_back(shape[i]);
  FailureOr<Tensor> source = reshape(tensor, keptShape);
  if (failed(source))
    return failure();
  return broadcast(*source, shape, added);
}

FailureOr<Value> ModelOpBuilder::broadcast(const Tensor &tensor,
                                           ArrayRef<int64_t> shape,
                                           ArrayRef<int64_t> added) {
  SmallVector<int64_t> kept;
  for (auto [i, extent] : llvm::enumerate(shape))
    if (!llvm::is_contained(added, static_cast<int64_t>(i)))
      kept.push_back(extent);
  if (kept != tensor.shape)
    return fail("cannot broadcast " + toString(tensor.shape) + " to " +
                toString(shape));
  FailureOr<Value> value = materializeAny(tensor);
  if (failed(value) || added.empty())
    return value;
  FailureOr<RankedTensorType> type = getTypeLike(*value, shape);
  if (failed(type))
    return failure();
  return linalg::BroadcastOp::create(builder, loc, *value, createEmpty(*type),
                                     added)
      .getResult()[0];
}

FailureOr<Tensor> ModelOpBuilder::reverse(const Tensor &tensor, int64_t axis) {
  int64_t extent = tensor.shape[axis];
  if (extent == 1)
    return tensor;
  if (tensor.constant && (!tensor.quant || tensor.quant->axis != axis)) {
    SmallVector<int64_t> offsets(tensor.shape.size(), 0);
    SmallVector<int64_t> steps(tensor.shape.size(), 1);
    offsets[axis] = extent - 1;
    steps[axis] = -1;
    return slice(tensor, offsets, tensor.shape, steps);
  }
  if (failed(charge(extent * 2 * static_cast<int64_t>(sizeof(int64_t)))))
    return failure();
  auto positions =
      llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, extent)));
  return gather(tensor, axis, positions, extent);
}

FailureOr<Tensor> ModelOpBuilder::insertZeros(const Tensor &tensor,
                                              ArrayRef<int64_t> steps) {
  if (steps[0] == 1 && steps[1] == 1)
    return tensor;
  ArrayRef<int64_t> shape = tensor.shape;
  SmallVector<int64_t> wide{shape[2], steps[0]}, high{shape[3], steps[1]};
  std::optional<int64_t> rows = countElements(wide);
  std::optional<int64_t> columns = countElements(high);
  if (!rows || !columns)
    return fail("has a step too large to address");
  FailureOr<Tensor> apart =
      reshape(tensor, {shape[0], shape[1], shape[2], 1, shape[3], 1});
  if (failed(apart))
    return failure();
  FailureOr<Tensor> padded = pad(*apart, {0, 0, 0, 0, 0, 0},
                                 {0, 0, 0, steps[0] - 1, 0, steps[1] - 1}, 0.0);
  if (failed(padded))
    return failure();
  FailureOr<Tensor> joined =
      reshape(*padded, {shape[0], shape[1], *rows, *columns});
  if (failed(joined))
    return failure();
  // None behind the last one.
  return slice(
      *joined, {0, 0, 0, 0},
      {shape[0], shape[1], *rows - steps[0] + 1, *columns - steps[1] + 1},
      {1, 1, 1, 1});
}

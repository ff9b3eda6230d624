//===- TensorOps.cpp - places of elements ---------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ScatterNd.h"
#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;

LogicalResult mlir::compress::importTensorScatterUpdate(MindIRNode &n) {
  return n.setResult(
      createScatterNd(n.b, n.getInput(0), n.getInput(1), n.getInput(2)));
}

/// x, indices, axis, batch_dims.
LogicalResult mlir::compress::importGather(MindIRNode &n) {
  const Tensor &x = n.getInput(0), &indices = n.getInput(1);
  int64_t given = n.getInt(2, "axis"), batch = n.getInt(3, "batch_dims", 0);
  if (n.hasFailed())
    return failure();
  FailureOr<int64_t> axis = n.b.getAxis(given, x.getRank());
  if (failed(axis))
    return failure();
  if (batch != 0 ||
      (indices.type != ElementType::I32 && indices.type != ElementType::I64))
    return n.fail("requires indices of int32 or int64 without batch "
                  "dimensions");
  if (!indices.isPlainConstant())
    return n.setResult(n.b.gather(x, *axis, indices));
  if (failed(n.b.charge(indices.getNumElements() *
                        static_cast<int64_t>(sizeof(int64_t)))))
    return failure();
  SmallVector<int64_t> positions = indices.constant->getInts();
  int64_t extent = x.shape[*axis];
  for (int64_t &position : positions) {
    if (position < -extent || position >= extent)
      return n.fail("gathers element " + Twine(position) + " of " +
                    Twine(extent));
    position += position < 0 ? extent : 0;
  }
  return n.setResult(n.b.gather(x, *axis, positions, indices.shape));
}

LogicalResult mlir::compress::importTile(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> repeats = n.getInts(1, "multiples");
  if (n.hasFailed())
    return failure();
  if (repeats.size() <= x.shape.size())
    return n.setResult(n.b.tile(x, repeats));
  SmallVector<int64_t> shape(repeats.size() - x.shape.size(), 1);
  shape.append(x.shape);
  FailureOr<Tensor> deep = n.b.reshape(x, shape);
  return n.setResult(failed(deep) ? deep : n.b.tile(*deep, repeats));
}

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// x, axis, how many parts: a tuple.
LogicalResult mlir::compress::importSplit(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  int64_t given = n.getInt(1, "axis", 0), parts = n.getInt(2, "output_num", 1);
  if (n.hasFailed())
    return failure();
  FailureOr<int64_t> axis = n.b.getAxis(given, x.getRank());
  if (failed(axis))
    return failure();
  if (parts < 1 || x.shape[*axis] % parts)
    return n.fail("cannot split " + Twine(x.shape[*axis]) + " elements into " +
                  Twine(parts) + " equal parts");
  constexpr int64_t maxParts = 1024, partCost = 1024;
  if (parts > maxParts)
    return n.fail("splits into " + Twine(parts) + " parts, more than the " +
                  Twine(maxParts) + " that are supported");
  if (failed(n.b.charge(parts * partCost)))
    return failure();
  SmallVector<int64_t> offsets(x.getRank(), 0), steps(x.getRank(), 1);
  SmallVector<int64_t> sizes = x.shape;
  sizes[*axis] /= parts;
  MindIRValue::Elements elements;
  for (int64_t i = 0; i < parts; ++i) {
    offsets[*axis] = i * sizes[*axis];
    FailureOr<Tensor> part = n.b.slice(x, offsets, sizes, steps);
    if (failed(part))
      return failure();
    elements.push_back(MindIRValue::fromTensor(*part));
  }
  n.setValue(MindIRValue::fromTuple(std::move(elements)));
  return success();
}

/// A tuple of tensors of one shape, along a new dimension.
LogicalResult mlir::compress::importStack(MindIRNode &n) {
  FailureOr<SmallVector<Tensor>> tensors = n.getTensors(0);
  int64_t place = n.getInt(1, "axis", 0);
  if (failed(tensors) || n.hasFailed())
    return failure();
  if (tensors->empty())
    return n.fail("requires at least one tensor");
  SmallVector<int64_t> given = tensors->front().shape;
  FailureOr<int64_t> axis = n.b.getAxis(place, tensors->front().getRank() + 1);
  if (failed(axis))
    return failure();
  SmallVector<int64_t> shape = given;
  shape.insert(shape.begin() + *axis, 1);
  for (Tensor &tensor : *tensors) {
    if (tensor.shape != given)
      return n.fail("requires tensors of one shape, not " + toString(given) +
                    " and " + toString(tensor.shape));
    FailureOr<Tensor> deep = n.b.reshape(tensor, shape);
    if (failed(deep))
      return failure();
    tensor = *deep;
  }
  return n.setResult(n.b.concat(*tensors, *axis));
}

namespace {
/// One dimension of the input of a StridedSlice.
struct SliceRange {
  int64_t offset = 0, size = 0, step = 1;
  bool isDropped = false;
};
} // namespace

/// The elements begin, begin + step, ... before end, of `extent`; bounds that
/// are left out are the ends.
static SliceRange getRange(int64_t extent, std::optional<int64_t> begin,
                           std::optional<int64_t> end, int64_t step) {
  auto bound = [&](std::optional<int64_t> given, int64_t byDefault) {
    if (!given)
      return byDefault;
    int64_t place = *given < 0 ? *given + extent : *given;
    return step > 0 ? std::clamp<int64_t>(place, 0, extent)
                    : std::clamp<int64_t>(place, -1, extent - 1);
  };
  int64_t first = bound(begin, step > 0 ? 0 : extent - 1);
  int64_t last = bound(end, step > 0 ? extent : -1);
  int64_t size =
      step > 0 ? llvm::divideCeil(std::max<int64_t>(last - first, 0), step)
               : llvm::divideCeil(std::max<int64_t>(first - last, 0), -step);
  return {first, size, step};
}

/// x, begin, end, strides, and masks with a bit for each of their elements:
/// begin left out, end left out, an ellipsis, a new dimension, one element
/// whose dimension goes.
LogicalResult mlir::compress::importStridedSlice(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> begin = n.getInts(1, "begin"), end = n.getInts(2, "end");
  SmallVector<int64_t> strides = n.getInts(3, "strides");
  constexpr const char *names[] = {"begin_mask", "end_mask", "ellipsis_mask",
                                   "new_axis_mask", "shrink_axis_mask"};
  int64_t masks[std::size(names)];
  for (auto [i, name] : llvm::enumerate(names))
    masks[i] = n.getInt(4 + i, name, 0);
  if (n.hasFailed())
    return failure();
  auto [beginMask, endMask, ellipsisMask, newMask, dropMask] = masks;
  size_t count = begin.size();
  constexpr size_t maxCount = 32;
  if (end.size() != count || strides.size() != count || count > maxCount ||
      llvm::popcount(uint64_t(ellipsisMask)) > 1)
    return n.fail(
        "requires as many beginnings, ends and strides, up to 32, and "
        "one ellipsis at most");
  int64_t rank = x.getRank(), used = 0;
  auto isSet = [](int64_t mask, size_t i) { return (mask >> i & 1) != 0; };
  for (size_t i = 0; i < count; ++i)
    used += !isSet(ellipsisMask, i) && !isSet(newMask, i);
  if (used > rank)
    return n.fail("slices " + Twine(used) + " dimensions of " +
                  toString(x.shape));
  SmallVector<SliceRange> ranges;
  SmallVector<int64_t> shape;
  auto takeAll = [&] {
    ranges.push_back(getRange(x.shape[ranges.size()], {}, {}, 1));
    shape.push_back(ranges.back().size);
  };
  for (size_t i = 0; i < count; ++i) {
    if (isSet(ellipsisMask, i)) {
      for (int64_t k = used; k < rank; ++k)
        takeAll();
      used = rank;
      continue;
    }
    if (isSet(newMask, i)) {
      shape.push_back(1);
      continue;
    }
    int64_t extent = x.shape[ranges.size()];
    if (isSet(dropMask, i)) {
      int64_t place = begin[i] < 0 ? begin[i] + extent : begin[i];
      if (place < 0 || place >= extent)
        return n.fail("takes element " + Twine(begin[i]) + " of " +
                      Twine(extent));
      ranges.push_back({place, 1, 1, true});
      continue;
    }
    constexpr int64_t limit = int64_t(1) << 40;
    if (strides[i] == 0 || strides[i] > limit || strides[i] < -limit ||
        begin[i] > limit || begin[i] < -limit)
      return n.fail("requires strides other than 0, and places within 2^40");
    ranges.push_back(getRange(
        extent,
        isSet(beginMask, i) ? std::nullopt : std::optional<int64_t>(begin[i]),
        isSet(endMask, i) ? std::nullopt : std::optional<int64_t>(end[i]),
        strides[i]));
    if (ranges.back().size < 1)
      return n.fail("takes nothing of " + Twine(extent) + " elements");
    shape.push_back(ranges.back().size);
  }
  while (static_cast<int64_t>(ranges.size()) < rank)
    takeAll();
  SmallVector<int64_t> offsets, sizes, steps;
  for (const SliceRange &range : ranges) {
    offsets.push_back(range.offset);
    sizes.push_back(range.size);
    steps.push_back(range.size == 1 ? 1 : range.step);
  }
  FailureOr<Tensor> part = n.b.slice(x, offsets, sizes, steps);
  return n.setResult(failed(part) ? part : n.b.reshape(*part, shape));
}

//===----------------------------------------------------------------------===//
// Padding
//===----------------------------------------------------------------------===//

/// Before and behind each dimension, with zeros.
LogicalResult mlir::compress::importPad(MindIRNode &n) {
  const Tensor &x = n.getInput(0);
  FailureOr<MindIRValue> pairs =
      n.getArgument(MindIRNode::kAttribute, "paddings");
  if (failed(pairs))
    return failure();
  SmallVector<int64_t> low, high;
  if (pairs->getKind() == MindIRValue::Kind::Tuple)
    for (const MindIRValue &pair : pairs->getElements()) {
      std::optional<SmallVector<int64_t>> pads = pair.getInts();
      if (!pads || pads->size() != 2 || low.size() > x.shape.size())
        return n.fail("requires pairs of integers in \"paddings\"");
      low.push_back((*pads)[0]);
      high.push_back((*pads)[1]);
    }
  if (low.size() != x.shape.size())
    return n.fail("requires paddings of " + Twine(x.getRank()) +
                  " dimensions, not of " + Twine(low.size()));
  return n.setResult(n.b.pad(x, low, high, 0.0));
}

/// x, before and behind each dimension from the last one on, a value.
LogicalResult mlir::compress::importPadV3(MindIRNode &n) {
  constexpr unsigned attribute = MindIRNode::kAttribute;
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> pads = n.getInts(1, "paddings");
  float value = n.isGiven(2, "value") ? n.getFloat(2, "value") : 0.0f;
  std::string mode = n.getText(attribute, "mode", "constant");
  bool isContiguous = n.getBool(attribute, "paddings_contiguous", true);
  if (n.hasFailed())
    return failure();
  size_t count = pads.size() / 2;
  if (mode != "constant" || !isContiguous || pads.size() % 2 ||
      count > x.shape.size())
    return n.fail(
        "requires the mode \"constant\", and pairs of paddings for up "
        "to " +
        Twine(x.getRank()) + " dimensions");
  SmallVector<int64_t> low(x.getRank(), 0), high(x.getRank(), 0);
  for (size_t i = 0; i < count; ++i) {
    low[x.shape.size() - 1 - i] = pads[2 * i];
    high[x.shape.size() - 1 - i] = pads[2 * i + 1];
  }
  return n.setResult(n.b.pad(x, low, high, value));
}

//===- ShapeOps.cpp - ops that move elements -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// All of these also work on constants, and on the codes of an activation.
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Reshapes
//===----------------------------------------------------------------------===//

/// 0 copies an extent (unless allowzero), -1 is what is left.
LogicalResult mlir::compress::importReshape(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool allowZero = n.getInt("allowzero", 0);
  FailureOr<SmallVector<int64_t>> given = n.getConstantInts(1, "the shape");
  if (failed(given) || n.hasFailed())
    return failure();
  SmallVector<int64_t> shape = *given;
  std::optional<size_t> open;
  for (auto [i, extent] : llvm::enumerate(shape)) {
    if (extent == 0 && !allowZero) {
      if (static_cast<int64_t>(i) >= x.getRank())
        return n.fail("copies dimension " + Twine(i) + ", which " +
                      toString(x.shape) + " does not have");
      extent = x.shape[i];
    } else if (extent == -1 && !open) {
      open = i;
      extent = 1;
    }
  }
  std::optional<int64_t> known = countElements(shape);
  if (open && known && *known > 0) {
    shape[*open] = x.getNumElements() / *known;
    known = countElements(shape);
  }
  if (!known || *known != x.getNumElements())
    return n.fail("cannot reshape " + toString(x.shape) + " to " +
                  toString(*given));
  return n.setResult(n.b.reshape(x, shape));
}

/// To two dimensions, split at `axis`.
LogicalResult mlir::compress::importFlatten(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  int64_t given = n.getInt("axis", 1);
  if (n.hasFailed())
    return failure();
  FailureOr<int64_t> axis =
      given == x.getRank() ? given : n.getAxis(given, x.getRank());
  if (failed(axis))
    return failure();
  ArrayRef<int64_t> shape = x.shape;
  return n.setResult(
      n.b.reshape(x, {countElements(shape.take_front(*axis)).value_or(0),
                      countElements(shape.drop_front(*axis)).value_or(0)}));
}

/// The list `axes`: an attribute before opset 13, then input 1.
static FailureOr<std::optional<SmallVector<int64_t>>>
getAxesList(NodeImporter &n) {
  std::optional<SmallVector<int64_t>> axes = n.getInts("axes");
  if (n.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = n.getConstantInts(1, "axes");
    if (failed(given))
      return failure();
    axes = *given;
  }
  if (n.hasFailed())
    return failure();
  return axes;
}

LogicalResult mlir::compress::importSqueeze(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  FailureOr<std::optional<SmallVector<int64_t>>> given = getAxesList(n);
  if (failed(given))
    return failure();
  FailureOr<SmallVector<int64_t>> axes =
      n.getAxes(given->value_or(SmallVector<int64_t>()), x.getRank());
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape;
  for (auto [i, extent] : llvm::enumerate(x.shape)) {
    bool isNamed = llvm::is_contained(*axes, static_cast<int64_t>(i));
    if (isNamed && extent != 1)
      return n.fail("requires an extent of 1 at axis " + Twine(i) + " of " +
                    toString(x.shape));
    if (!isNamed && (*given || extent != 1))
      shape.push_back(extent);
  }
  return n.setResult(n.b.reshape(x, shape));
}

LogicalResult mlir::compress::importUnsqueeze(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  FailureOr<std::optional<SmallVector<int64_t>>> given = getAxesList(n);
  if (failed(given))
    return failure();
  if (!*given)
    return n.fail("requires axes");
  int64_t rank = x.getRank() + (*given)->size();
  FailureOr<SmallVector<int64_t>> axes = n.getAxes(**given, rank);
  if (failed(axes))
    return failure();
  SmallVector<int64_t> shape(x.shape);
  for (int64_t axis : *axes)
    shape.insert(shape.begin() + axis, 1);
  return n.setResult(n.b.reshape(x, shape));
}

LogicalResult mlir::compress::importTranspose(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  auto reversed =
      llvm::to_vector(llvm::reverse(llvm::seq<int64_t>(0, x.getRank())));
  SmallVector<int64_t> permutation = n.getInts("perm").value_or(reversed);
  if (n.hasFailed())
    return failure();
  return n.setResult(n.b.transpose(x, permutation));
}

//===----------------------------------------------------------------------===//
// Joining and cutting
//===----------------------------------------------------------------------===//

LogicalResult mlir::compress::importConcat(NodeImporter &n) {
  FailureOr<SmallVector<Tensor>> tensors = n.getAllInputs();
  if (failed(tensors))
    return failure();
  if (!n.hasAttribute("axis"))
    return n.fail("requires the attribute \"axis\"");
  FailureOr<int64_t> axis =
      n.getAxis(n.getInt("axis", 0), tensors->front().getRank());
  if (failed(axis) || n.hasFailed())
    return failure();
  return n.setResult(n.b.concat(*tensors, *axis));
}

/// Parts of the given sizes, or num_outputs equal ones, the last one smaller.
LogicalResult mlir::compress::importSplit(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  int64_t count = n.getNumOutputs();
  std::optional<SmallVector<int64_t>> sizes = n.getInts("split");
  FailureOr<int64_t> axis = n.getAxis(n.getInt("axis", 0), x.getRank());
  int64_t parts = n.getInt("num_outputs", count);
  if (failed(axis) || n.hasFailed())
    return failure();
  if (n.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = n.getConstantInts(1, "split");
    if (failed(given))
      return failure();
    sizes = *given;
  }
  int64_t extent = x.shape[*axis];
  if (!sizes) {
    sizes.emplace();
    int64_t size = llvm::divideCeil(extent, std::max<int64_t>(count, 1));
    for (int64_t i = 0; i < count; ++i)
      sizes->push_back(std::min(size, extent - i * size));
    if (n.getOpset() < 18 && extent != size * count)
      return n.fail("cannot split " + Twine(extent) + " into " + Twine(count) +
                    " equal parts");
  }
  // Every size in range first: the sum then cannot overflow.
  for (int64_t size : *sizes)
    if (size < 0 || size > extent)
      return n.fail("cannot split " + Twine(extent) + " into " +
                    toString(*sizes));
  if (static_cast<int64_t>(sizes->size()) != count || parts != count ||
      std::accumulate(sizes->begin(), sizes->end(), int64_t(0)) != extent)
    return n.fail("cannot split " + Twine(extent) + " into " +
                  toString(*sizes) + " for " + Twine(count) + " outputs");
  SmallVector<int64_t> offsets(x.shape.size(), 0), steps(x.shape.size(), 1);
  SmallVector<int64_t> shape = x.shape;
  for (auto [i, size] : llvm::enumerate(*sizes)) {
    shape[*axis] = size;
    if (failed(n.setResult(n.b.slice(x, offsets, shape, steps), i)))
      return failure();
    offsets[*axis] += size;
  }
  return success();
}

/// starts, ends, axes and steps are attributes before opset 10, then inputs.
LogicalResult mlir::compress::importSlice(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  SmallVector<int64_t> starts, ends, axes, steps;
  bool hasAxes = n.hasAttribute("axes") || n.hasInput(3);
  if (n.getOpset() < 10) {
    starts = n.getInts("starts").value_or(SmallVector<int64_t>());
    ends = n.getInts("ends").value_or(SmallVector<int64_t>());
    axes = n.getInts("axes").value_or(SmallVector<int64_t>());
  } else {
    SmallVector<int64_t> *lists[] = {&starts, &ends, &axes, &steps};
    const char *names[] = {"starts", "ends", "axes", "steps"};
    for (unsigned i = 0; i < 4; ++i) {
      if (!n.hasInput(1 + i))
        continue;
      FailureOr<SmallVector<int64_t>> list = n.getConstantInts(1 + i, names[i]);
      if (failed(list))
        return failure();
      *lists[i] = *list;
    }
  }
  if (n.hasFailed())
    return failure();
  if (!hasAxes)
    axes = llvm::to_vector(llvm::seq<int64_t>(0, starts.size()));
  if (steps.empty())
    steps.assign(starts.size(), 1);
  if (ends.size() != starts.size() || axes.size() != starts.size() ||
      steps.size() != starts.size())
    return n.fail("requires starts, ends, axes and steps of one length");
  if (failed(n.getAxes(axes, x.getRank()))) // checks for repeated ones
    return failure();

  SmallVector<int64_t> offsets(x.shape.size(), 0), sizes = x.shape;
  SmallVector<int64_t> allSteps(x.shape.size(), 1);
  for (auto [start, end, axis, step] :
       llvm::zip_equal(starts, ends, axes, steps)) {
    int64_t dim = *n.getAxis(axis, x.getRank()), extent = x.shape[dim];
    if (step == 0)
      return n.fail("requires steps other than 0");
    // A longer step takes one element at most, as this one does.
    int64_t longest = std::max<int64_t>(extent, 1);
    step = std::clamp(step, -longest, longest);
    int64_t low = step > 0 ? 0 : -1, high = step > 0 ? extent : extent - 1;
    start = std::clamp(start < 0 ? start + extent : start,
                       std::min<int64_t>(0, high), high);
    end = std::clamp(end < 0 ? end + extent : end, low, high);
    int64_t span = step > 0 ? end - start : start - end;
    offsets[dim] = start;
    sizes[dim] =
        span <= 0 ? 0 : llvm::divideCeil(span, step > 0 ? step : -step);
    allSteps[dim] = step;
  }
  if (x.isConstant())
    return n.setResult(n.b.slice(x, offsets, sizes, allSteps));
  FailureOr<Tensor> result = x;
  for (auto [d, step] : llvm::enumerate(allSteps)) {
    if (step > 0 || sizes[d] < 2)
      continue;
    // Back to front, there is no such slice of a value.
    if (failed(
            n.b.charge(sizes[d] * 2 * static_cast<int64_t>(sizeof(int64_t)))))
      return failure();
    SmallVector<int64_t> positions;
    for (int64_t i = 0; i < sizes[d]; ++i)
      positions.push_back(offsets[d] + i * step);
    result = n.b.gather(*result, static_cast<int64_t>(d), positions, sizes[d]);
    if (failed(result))
      return failure();
    offsets[d] = 0;
    step = 1;
  }
  return n.setResult(n.b.slice(*result, offsets, sizes, allSteps));
}

/// Pads one axis with elements of the tensor itself: the outermost ones
/// (edge), those before in reverse (reflect), or those of the other end (wrap).
static FailureOr<Tensor> padByCopies(NodeImporter &n, const Tensor &x,
                                     int64_t axis, int64_t low, int64_t high,
                                     StringRef mode) {
  int64_t extent = x.shape[axis];
  if (low == 0 && high == 0)
    return x;
  if (extent == 0)
    return n.fail("pads with copies of no elements");
  constexpr int64_t limit = int64_t(1) << 24;
  if (low > limit || high > limit ||
      failed(n.b.charge((low + extent + high) * 2 * sizeof(int64_t))))
    return n.fail("pads too much");
  SmallVector<int64_t> positions;
  for (int64_t i = -low; i < extent + high; ++i) {
    int64_t position = std::clamp<int64_t>(i, 0, extent - 1);
    if (mode == "wrap")
      position = ((i % extent) + extent) % extent;
    if (mode == "reflect" && extent > 1) {
      int64_t period = 2 * (extent - 1);
      position = ((i % period) + period) % period;
      position = std::min(position, period - position);
    }
    positions.push_back(position);
  }
  return n.b.gather(x, axis, positions, static_cast<int64_t>(positions.size()));
}

/// Pads, value and axes are attributes before opset 11, then inputs; on codes
/// the value is a code.
LogicalResult mlir::compress::importPad(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  std::string mode = n.getString("mode", "constant");
  double fill = n.getFloat("value", 0.0f);
  SmallVector<int64_t> pads =
      n.getInts("pads").value_or(SmallVector<int64_t>());
  SmallVector<int64_t> axes =
      llvm::to_vector(llvm::seq<int64_t>(0, x.getRank()));
  if (n.hasFailed())
    return failure();
  if (mode != "constant" && mode != "edge" && mode != "reflect" &&
      mode != "wrap")
    return n.fail("has an unknown mode " + quoted(mode));
  auto read = [&](unsigned i, StringRef what, SmallVector<int64_t> &list) {
    FailureOr<SmallVector<int64_t>> given = n.getConstantInts(i, what);
    if (succeeded(given))
      list = *given;
  };
  if (n.hasInput(1))
    read(1, "pads", pads);
  if (n.hasInput(3))
    read(3, "axes", axes);
  if (n.hasInput(2)) {
    FailureOr<double> given = n.getConstantScalar(2, "the value");
    fill = succeeded(given) ? *given : 0;
  }
  if (n.hasFailed() || failed(n.getAxes(axes, x.getRank())))
    return failure();
  if (pads.size() != 2 * axes.size())
    return n.fail("requires " + Twine(2 * axes.size()) + " pads, not " +
                  Twine(pads.size()));
  if (x.isCodes()) {
    if (x.quant->axis)
      return n.fail("pads codes quantized per channel; dequantize them first");
    fill = static_cast<float>(fill - double(x.quant->zeroPoint(0))) *
           x.quant->scale(0);
  }
  SmallVector<int64_t> low(x.shape.size(), 0), high(x.shape.size(), 0);
  for (auto [i, axis] : llvm::enumerate(axes)) {
    int64_t dim = *n.getAxis(axis, x.getRank());
    low[dim] = pads[i];
    high[dim] = pads[i + axes.size()];
  }
  // Negative padding cuts.
  SmallVector<int64_t> offsets(x.shape.size(), 0), sizes = x.shape;
  SmallVector<int64_t> steps(x.shape.size(), 1);
  for (auto [d, extent] : llvm::enumerate(x.shape)) {
    int64_t before = std::max<int64_t>(-std::max(low[d], -extent), 0);
    int64_t after = std::max<int64_t>(-std::max(high[d], -extent), 0);
    offsets[d] = before;
    sizes[d] = std::max<int64_t>(extent - before - after, 0);
    low[d] = std::max<int64_t>(low[d], 0);
    high[d] = std::max<int64_t>(high[d], 0);
  }
  FailureOr<Tensor> cut = n.b.slice(x, offsets, sizes, steps);
  if (failed(cut))
    return failure();
  if (mode == "constant")
    return n.setResult(n.b.pad(*cut, low, high, fill));
  for (int64_t d = 0; d < x.getRank() && succeeded(cut); ++d)
    cut = padByCopies(n, *cut, d, low[d], high[d], mode);
  return n.setResult(cut);
}

/// To the numpy broadcast of its own shape and the given one.
LogicalResult mlir::compress::importExpand(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  FailureOr<SmallVector<int64_t>> given = n.getConstantInts(1, "the shape");
  if (failed(given))
    return failure();
  std::optional<SmallVector<int64_t>> shape = broadcastShapes(x.shape, *given);
  if (!shape || !countElements(*shape))
    return n.fail("cannot broadcast " + toString(x.shape) + " to " +
                  toString(*given));
  return n.setResult(n.b.expand(x, *shape));
}

//===- ResizeOps.cpp - Resize and Upsample -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Axis after axis, every element of the result is a weighted sum of elements at
// places that are known at import.
//
// Source: ONNX Resize-19 and its reference implementation.
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

namespace {
struct ResizeOptions {
  std::string mode, coordinates, nearest;
  double cubicA = -0.75;
  bool excludesOutside = false, antialias = false;
};

/// One axis; the scale need not be the quotient of the extents.
struct ResizedAxis {
  int64_t axis, input, output;
  double scale;
};

/// What element i of the result is made of.
struct Tap {
  int64_t position;
  double weight;
};
} // namespace

//===----------------------------------------------------------------------===//
// Places and weights
//===----------------------------------------------------------------------===//

/// Where element `i` of the result lies in the input.
static double getCoordinate(const ResizedAxis &axis,
                            const ResizeOptions &options, int64_t i) {
  auto at = static_cast<double>(i);
  auto input = static_cast<double>(axis.input);
  // Not always a whole number: the scale says how far the input is stretched.
  double output = axis.scale * input;
  StringRef mode = options.coordinates;
  if (mode == "asymmetric")
    return at / axis.scale;
  if (mode == "align_corners")
    return axis.output == 1 ? 0 : at * (input - 1) / (output - 1);
  if (mode == "pytorch_half_pixel" && axis.output == 1)
    return 0;
  double coordinate = (at + 0.5) / axis.scale - 0.5;
  if (mode == "half_pixel_symmetric")
    coordinate += input / 2 * (1 - static_cast<double>(axis.output) / output);
  return coordinate;
}

static int64_t getNearest(double coordinate, const ResizeOptions &options) {
  StringRef mode = options.nearest;
  if (mode == "floor")
    return static_cast<int64_t>(std::floor(coordinate));
  if (mode == "ceil")
    return static_cast<int64_t>(std::ceil(coordinate));
  if (mode == "round_prefer_ceil")
    return static_cast<int64_t>(std::floor(coordinate + 0.5));
  return static_cast<int64_t>(std::ceil(coordinate - 0.5));
}

/// The weight of an element at `distance`, linear or cubic (Keys, 1981).
static double getWeight(double distance, const ResizeOptions &options) {
  double x = std::fabs(distance), a = options.cubicA;
  if (options.mode == "linear")
    return std::max(0.0, 1 - x);
  if (x <= 1)
    return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2)
    return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return 0;
}

/// The taps of one element, which add up to 1; outside of the input stand the
/// elements at its ends, or none.
static SmallVector<Tap> getTaps(const ResizedAxis &axis,
                                const ResizeOptions &options, int64_t i) {
  double coordinate = getCoordinate(axis, options, i);
  if (options.mode == "nearest")
    return {{std::clamp<int64_t>(getNearest(coordinate, options), 0,
                                 axis.input - 1),
             1.0}};
  double shrink = options.antialias ? std::min(axis.scale, 1.0) : 1.0;
  double reach = (options.mode == "linear" ? 1 : 2) / shrink;
  SmallVector<Tap> taps;
  double sum = 0;
  auto first = static_cast<int64_t>(std::floor(coordinate - reach)) + 1;
  auto last = static_cast<int64_t>(std::ceil(coordinate + reach)) - 1;
  for (int64_t position = first; position <= last; ++position) {
    double weight = getWeight(
        (static_cast<double>(position) - coordinate) * shrink, options);
    bool isOutside = position < 0 || position >= axis.input;
    if (weight == 0 || (isOutside && options.excludesOutside))
      continue;
    sum += weight;
    taps.push_back({std::clamp<int64_t>(position, 0, axis.input - 1), weight});
  }
  for (Tap &tap : taps)
    tap.weight /= sum;
  return taps;
}

//===----------------------------------------------------------------------===//
// One axis
//===----------------------------------------------------------------------===//

/// Every element `factor` times.
static FailureOr<Tensor> repeat(NodeImporter &n, const Tensor &x, int64_t axis,
                                int64_t factor) {
  SmallVector<int64_t> apart(x.shape), spread, joined(x.shape);
  apart.insert(apart.begin() + axis + 1, 1);
  spread = apart;
  spread[axis + 1] = factor;
  joined[axis] *= factor;
  FailureOr<Tensor> split = n.b.reshape(x, apart);
  if (failed(split))
    return failure();
  FailureOr<Tensor> copies = n.b.expand(*split, spread);
  return failed(copies) ? copies : n.b.reshape(*copies, joined);
}

static FailureOr<Tensor> resizeAxis(NodeImporter &n, const Tensor &x,
                                    const ResizedAxis &axis,
                                    const ResizeOptions &options) {
  constexpr double widest = 64;
  double shrink = options.antialias ? std::min(axis.scale, 1.0) : 1.0;
  if (2 * (options.mode == "linear" ? 1 : 2) / shrink > widest)
    return n.fail("shrinks too much to be computed this way");
  constexpr int64_t bytesPerTap = 2 * (sizeof(Tap) + sizeof(int64_t));
  if (failed(n.b.charge(axis.output * 4 * bytesPerTap)))
    return failure();
  SmallVector<SmallVector<Tap>> taps;
  size_t most = 0;
  int64_t total = 0;
  for (int64_t i = 0; i < axis.output; ++i) {
    taps.push_back(getTaps(axis, options, i));
    most = std::max(most, taps.back().size());
    total += static_cast<int64_t>(taps.back().size());
    if (total > axis.output + (int64_t(1) << 20))
      return n.fail("shrinks too much to be computed this way");
  }
  if (most == 0)
    return n.fail("takes nothing but elements outside of its input");

  SmallVector<SmallVector<int64_t>> positions(most);
  SmallVector<SmallVector<float>> weights(most);
  for (size_t k = 0; k < most; ++k)
    for (const SmallVector<Tap> &of : taps) {
      Tap tap = k < of.size() ? of[k] : Tap{of.empty() ? 0 : of[0].position, 0};
      positions[k].push_back(tap.position);
      weights[k].push_back(static_cast<float>(tap.weight));
    }
  auto isIdentity = [&](ArrayRef<float> list) {
    return llvm::all_of(list, [](float weight) { return weight == 1; });
  };
  if (most == 1 && isIdentity(weights[0])) {
    int64_t factor = axis.output / axis.input;
    bool repeats = axis.output % axis.input == 0;
    for (int64_t i = 0; repeats && i < axis.output; ++i)
      repeats = positions[0][i] == i / factor;
    return repeats ? repeat(n, x, axis.axis, factor)
                   : n.b.gather(x, axis.axis, positions[0], axis.output);
  }

  SmallVector<int64_t> weightShape(x.shape.size(), 1);
  weightShape[axis.axis] = axis.output;
  SmallVector<Tensor> operands;
  for (size_t k = 0; k < most; ++k) {
    FailureOr<Tensor> part =
        n.b.gather(x, axis.axis, positions[k], axis.output);
    if (failed(part))
      return failure();
    operands.push_back(*part);
    operands.push_back(Tensor::fromConstant(
        ConstantTensor::fromFloats(weightShape, weights[k])));
  }
  FailureOr<Value> sum = n.b.elementwise(
      operands, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value result;
        for (size_t k = 0; k < v.size(); k += 2) {
          Value term = arith::MulFOp::create(b, l, v[k], v[k + 1]);
          result = result ? arith::AddFOp::create(b, l, result, term) : term;
        }
        return result;
      });
  if (failed(sum))
    return failure();
  return Tensor::fromValue(*sum);
}

//===----------------------------------------------------------------------===//
// Handler
//===----------------------------------------------------------------------===//

/// The constant numbers in input `i`.
static FailureOr<SmallVector<double>> getNumbers(NodeImporter &n, unsigned i,
                                                 StringRef what) {
  const Tensor &tensor = n.getInput(i);
  constexpr int64_t limit = 32;
  if (!tensor.isPlainConstant() || tensor.getNumElements() > limit)
    return n.fail("requires " + what + " (input " + n.getInputName(i) +
                  ") as a short constant list");
  SmallVector<double> numbers;
  for (int64_t k = 0; k < tensor.getNumElements(); ++k)
    numbers.push_back(tensor.getNumber(k));
  return numbers;
}

/// The axes that change, from the scales or the sizes.
static FailureOr<SmallVector<ResizedAxis>>
getResizedAxes(NodeImporter &n, ArrayRef<int64_t> axes, ArrayRef<double> scales,
               ArrayRef<double> sizes) {
  ArrayRef<int64_t> shape = n.getInput(0).shape;
  std::string policy = n.getString("keep_aspect_ratio_policy", "stretch");
  if (n.hasFailed())
    return failure();
  bool bySize = scales.empty();
  if ((bySize ? sizes : scales).size() != axes.size())
    return n.fail("requires " + Twine(axes.size()) + " scales or sizes, not " +
                  Twine((bySize ? sizes : scales).size()));
  double common = 0;
  if (bySize && policy != "stretch") {
    if (policy != "not_larger" && policy != "not_smaller")
      return n.fail("has an unknown keep_aspect_ratio_policy " +
                    quoted(policy));
    for (auto [axis, size] : llvm::zip_equal(axes, sizes)) {
      double scale = size / static_cast<double>(shape[axis]);
      bool isFirst = common == 0;
      common = isFirst                  ? scale
               : policy == "not_larger" ? std::min(common, scale)
                                        : std::max(common, scale);
    }
  }
  SmallVector<ResizedAxis> result;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    auto input = static_cast<double>(shape[axis]);
    double output = bySize ? sizes[i] : std::floor(input * scales[i]);
    double scale = bySize ? sizes[i] / input : scales[i];
    if (common != 0) {
      output = std::floor(input * common + 0.5);
      scale = common;
    }
    constexpr double limit = 1 << 24;
    if (!(output >= 1 && output <= limit) || !(scale > 0))
      return n.fail("requires sizes from 1 to " +
                    Twine(static_cast<int64_t>(limit)));
    if (output != input || scale != 1)
      result.push_back(
          {axis, shape[axis], static_cast<int64_t>(output), scale});
  }
  return result;
}

/// Resize: X, roi, scales, sizes; before opset 11 and as Upsample: X, scales.
LogicalResult mlir::compress::importResize(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool isOld = n.getOpType() == "Upsample" || n.getOpset() < 11;
  ResizeOptions options;
  options.mode = n.getString("mode", "nearest");
  options.coordinates = n.getString("coordinate_transformation_mode",
                                    isOld ? "asymmetric" : "half_pixel");
  options.nearest =
      n.getString("nearest_mode", isOld ? "floor" : "round_prefer_floor");
  options.cubicA = static_cast<double>(n.getFloat("cubic_coeff_a", -0.75f));
  options.excludesOutside = n.getInt("exclude_outside", 0);
  options.antialias = n.getInt("antialias", 0);
  SmallVector<int64_t> given = n.getInts("axes").value_or(
      llvm::to_vector(llvm::seq<int64_t>(0, x.getRank())));
  if (n.hasFailed())
    return failure();
  SmallVector<int64_t> axes;
  for (int64_t axis : given) {
    FailureOr<int64_t> known = n.getAxis(axis, x.getRank());
    if (failed(known))
      return failure();
    axes.push_back(*known);
  }
  if (failed(n.getAxes(axes, x.getRank())))
    return failure();
  if (options.mode == "bilinear" && isOld)
    options.mode = "linear";
  if (options.mode != "nearest" && options.mode != "linear" &&
      options.mode != "cubic")
    return n.fail("has an unknown mode " + quoted(options.mode));
  if (!llvm::is_contained({"half_pixel", "asymmetric", "align_corners",
                           "pytorch_half_pixel", "half_pixel_symmetric"},
                          StringRef(options.coordinates)))
    return n.fail("has the coordinate_transformation_mode " +
                  quoted(options.coordinates) + ", which is not supported");
  if (options.mode == "nearest")
    options.antialias = false;

  SmallVector<double> scales, sizes;
  unsigned scaleInput = isOld ? 1 : 2;
  if (n.hasInput(scaleInput)) {
    FailureOr<SmallVector<double>> list = getNumbers(n, scaleInput, "scales");
    if (failed(list))
      return failure();
    scales = *list;
  } else if (std::optional<SmallVector<float>> list = n.getFloats("scales")) {
    scales.assign(list->begin(), list->end());
  }
  if (n.hasInput(3)) {
    FailureOr<SmallVector<double>> list = getNumbers(n, 3, "sizes");
    if (failed(list))
      return failure();
    sizes = *list;
  }
  FailureOr<SmallVector<ResizedAxis>> resized =
      getResizedAxes(n, axes, scales, sizes);
  if (failed(resized))
    return failure();
  Tensor result = x;
  if (!x.isCodes() || options.mode != "nearest") {
    FailureOr<Value> value = n.getValue(0);
    if (failed(value))
      return failure();
    result = Tensor::fromValue(*value);
  }
  for (const ResizedAxis &axis : *resized) {
    FailureOr<Tensor> next = resizeAxis(n, result, axis, options);
    if (failed(next))
      return failure();
    result = *next;
  }
  return n.setResult(FailureOr<Tensor>(result));
}

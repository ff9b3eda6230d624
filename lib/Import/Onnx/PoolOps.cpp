//===- PoolOps.cpp - windows, pools --------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "WindowAttributes.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Windows
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<WindowAxis>>
mlir::compress::getWindow(NodeImporter &n, ArrayRef<int64_t> shape,
                          std::optional<ArrayRef<int64_t>> kernel) {
  size_t rank = shape.size() - 2;
  auto getList = [&](StringRef name, size_t size,
                     int64_t byDefault) -> SmallVector<int64_t> {
    std::optional<SmallVector<int64_t>> list = n.getInts(name);
    if (!list)
      return SmallVector<int64_t>(size, byDefault);
    if (list->size() != size) {
      (void)n.fail("requires " + Twine(size) + " elements in \"" + name +
                   "\", not " + Twine(list->size()));
      list->assign(size, byDefault);
    }
    return *list;
  };
  if (!kernel && !n.hasAttribute("kernel_shape"))
    return n.fail("requires the attribute \"kernel_shape\"");
  SmallVector<int64_t> kernelShape = getList("kernel_shape", rank, 0);
  if (kernel && !n.hasAttribute("kernel_shape"))
    kernelShape.assign(kernel->begin(), kernel->end());
  if (!n.hasFailed() && kernel && ArrayRef<int64_t>(kernelShape) != *kernel)
    return n.fail("has a kernel_shape of " + toString(kernelShape) +
                  ", its weights one of " + toString(*kernel));
  SmallVector<int64_t> strides = getList("strides", rank, 1);
  SmallVector<int64_t> dilations = getList("dilations", rank, 1);
  SmallVector<int64_t> pads = getList("pads", 2 * rank, 0);
  bool ceilMode = n.getInt("ceil_mode", 0);
  std::string autoPadName = n.getString("auto_pad", "NOTSET");
  auto autoPad = llvm::StringSwitch<std::optional<AutoPad>>(autoPadName)
                     .Case("NOTSET", AutoPad::None)
                     .Case("SAME_UPPER", AutoPad::SameUpper)
                     .Case("SAME_LOWER", AutoPad::SameLower)
                     .Case("VALID", AutoPad::Valid)
                     .Default(std::nullopt);
  if (n.hasFailed())
    return failure();
  if (!autoPad)
    return n.fail("has an unknown auto_pad of " + quoted(autoPadName));

  SmallVector<WindowAxis> result;
  if (rank == 1)
    result.emplace_back();
  for (size_t i = 0; i < rank; ++i)
    result.push_back({shape[2 + i], kernelShape[i], strides[i], dilations[i],
                      pads[i], pads[i + rank]});
  for (WindowAxis &axis : result) {
    std::string reason;
    if (failed(resolveWindow(axis, *autoPad, ceilMode, reason)))
      return n.fail(reason);
  }
  return result;
}

FailureOr<SmallVector<TransposedAxis>>
mlir::compress::getTransposedWindow(NodeImporter &n, ArrayRef<int64_t> shape,
                                    ArrayRef<int64_t> kernel) {
  size_t rank = shape.size() - 2;
  auto getList = [&](StringRef name, size_t size,
                     int64_t byDefault) -> SmallVector<int64_t> {
    std::optional<SmallVector<int64_t>> list = n.getInts(name);
    if (list && list->size() == size)
      return *list;
    if (list)
      (void)n.fail("requires " + Twine(size) + " elements in \"" + name +
                   "\", not " + Twine(list->size()));
    return SmallVector<int64_t>(size, byDefault);
  };
  SmallVector<int64_t> strides = getList("strides", rank, 1);
  SmallVector<int64_t> dilations = getList("dilations", rank, 1);
  SmallVector<int64_t> pads = getList("pads", 2 * rank, 0);
  SmallVector<int64_t> extra = getList("output_padding", rank, 0);
  std::optional<SmallVector<int64_t>> outputs = n.getInts("output_shape");
  std::optional<SmallVector<int64_t>> kernelShape = n.getInts("kernel_shape");
  std::string autoPad = n.getString("auto_pad", "NOTSET");
  if (n.hasFailed())
    return failure();
  if (kernelShape && ArrayRef<int64_t>(*kernelShape) != kernel)
    return n.fail("has a kernel_shape of " + toString(*kernelShape) +
                  ", its weights one of " + toString(kernel));
  if (outputs && outputs->size() == rank + 2) // with batch and channels
    outputs->erase(outputs->begin(), outputs->begin() + 2);
  if (outputs && outputs->size() != rank)
    return n.fail("requires " + Twine(rank) +
                  " elements in \"output_shape\", not " +
                  Twine(outputs->size()));
  bool isSame = autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER";
  if (!isSame && autoPad != "NOTSET" && autoPad != "VALID")
    return n.fail("has an unknown auto_pad of " + quoted(autoPad));

  constexpr int64_t limit = int64_t(1) << 30;
  SmallVector<TransposedAxis> result;
  if (rank == 1)
    result.emplace_back();
  for (size_t i = 0; i < rank; ++i) {
    for (int64_t value : {strides[i], dilations[i]})
      if (value < 1 || value > limit)
        return n.fail("requires strides and dilations from 1 to 2^30, not " +
                      Twine(value));
    for (int64_t value : {pads[i], pads[i + rank], extra[i]})
      if (value < 0 || value > limit)
        return n.fail("requires pads from 0 to 2^30, not " + Twine(value));
    int64_t input = shape[2 + i];
    if (input > limit || kernel[i] > limit)
      return n.fail("has a window too large to address");
    int64_t extent = dilations[i] * (kernel[i] - 1) + 1;
    int64_t full = strides[i] * (input - 1) + extra[i] + extent;
    int64_t begin = pads[i], end = pads[i + rank];
    if (outputs || isSame) {
      int64_t wanted = outputs ? (*outputs)[i] : input * strides[i];
      int64_t total = full - wanted;
      if (wanted < 1 || wanted > limit)
        return n.fail("cannot give an output of " + Twine(wanted));
      begin = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
      if (total < 0) // zeros behind the last element
        begin = 0;
      end = total - begin;
    } else if (autoPad == "VALID") {
      begin = end = 0;
    }
    result.push_back({strides[i], dilations[i], extent - 1 - begin,
                      extent - 1 - end + extra[i]});
  }
  return result;
}

FailureOr<Tensor> mlir::compress::to2d(NodeImporter &n, const Tensor &tensor) {
  if (tensor.getRank() != 3)
    return tensor;
  return n.b.reshape(tensor,
                     {tensor.shape[0], tensor.shape[1], 1, tensor.shape[2]});
}

FailureOr<Value> mlir::compress::from2d(NodeImporter &n, FailureOr<Value> value,
                                        int64_t rank) {
  if (failed(value) || rank != 3)
    return value;
  Tensor tensor = Tensor::fromValue(*value);
  FailureOr<Tensor> result =
      n.b.reshape(tensor, {tensor.shape[0], tensor.shape[1], tensor.shape[3]});
  if (failed(result))
    return failure();
  return result->value;
}

//===----------------------------------------------------------------------===//
// Pools
//===----------------------------------------------------------------------===//

/// Also on integer codes: the scale is above 0, so the largest code stands for
/// the largest number.
LogicalResult mlir::compress::importMaxPool(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  if (x.getRank() != 3 && x.getRank() != 4)
    return n.fail("requires an input of 3 or 4 dimensions, not " +
                  toString(x.shape));
  if (x.isCodes() && x.quant->axis.value_or(1) != 1)
    return n.fail("pools along the quantized dimension");
  Tensor numbers = x;
  if (!x.isCodes() && x.type != ElementType::F32) {
    // Integers of 16 bits are exact in f32, and so is the largest of them.
    if (!isInteger(x.type) || getBitWidth(x.type) > 16)
      return n.fail("of " + toString(x.type) + " is not supported");
    FailureOr<Tensor> wide = n.b.convert(x, ElementType::F32);
    if (failed(wide))
      return failure();
    FailureOr<Tensor> pooled = n.importAs("MaxPool", importMaxPool, &*wide);
    return n.setResult(failed(pooled) ? pooled : n.b.convert(*pooled, x.type));
  }
  if (!x.isCodes()) {
    FailureOr<Value> value = n.getValue(0);
    if (failed(value))
      return failure();
    numbers = Tensor::fromValue(*value);
  }
  FailureOr<SmallVector<WindowAxis>> window =
      getWindow(n, x.shape, std::nullopt);
  if (failed(window))
    return failure();
  FailureOr<Tensor> x4 = to2d(n, numbers);
  if (failed(x4))
    return failure();
  FailureOr<Value> y =
      from2d(n, n.b.maxPool2d(x4->value, *window), x.getRank());
  if (failed(y))
    return failure();
  Tensor result = Tensor::fromValue(*y);
  if (x.isCodes()) {
    result.type = x.type;
    result.quant = x.quant;
  }
  return n.setResult(FailureOr<Tensor>(result));
}

LogicalResult mlir::compress::importAveragePool(NodeImporter &n) {
  FailureOr<Value> value = n.getValue(0);
  if (failed(value))
    return failure();
  Tensor x = Tensor::fromValue(*value);
  if (x.getRank() != 3 && x.getRank() != 4)
    return n.fail("requires an input of 3 or 4 dimensions, not " +
                  toString(x.shape));
  bool countPadding = n.getInt("count_include_pad", 0);
  FailureOr<SmallVector<WindowAxis>> window =
      getWindow(n, x.shape, std::nullopt);
  if (failed(window))
    return failure();
  FailureOr<Tensor> x4 = to2d(n, x);
  if (failed(x4))
    return failure();
  return n.setResult(from2d(
      n, n.b.averagePool2d(x4->value, *window, countPadding), x.getRank()));
}

/// GlobalAveragePool, GlobalMaxPool: [N, C, ...] to [N, C, 1, ...].
LogicalResult mlir::compress::importGlobalPool(NodeImporter &n) {
  FailureOr<Value> value = n.getValue(0);
  if (failed(value))
    return failure();
  Tensor x = Tensor::fromValue(*value);
  bool isMax = n.getOpType() == "GlobalMaxPool";
  if (x.getRank() < 3)
    return n.fail("requires an input of 3 dimensions or more, not " +
                  toString(x.shape));
  if (x.getRank() != 4) {
    auto axes = llvm::to_vector(llvm::seq<int64_t>(2, x.getRank()));
    return n.setResult(n.b.reduce(isMax ? ReduceKind::Max : ReduceKind::Mean,
                                  x.value, axes, /*keepDims=*/true));
  }
  SmallVector<WindowAxis> window;
  for (int64_t extent : {x.shape[2], x.shape[3]}) {
    WindowAxis axis;
    axis.input = axis.kernel = extent;
    std::string reason;
    if (failed(resolveWindow(axis, AutoPad::None, false, reason)))
      return n.fail(reason);
    window.push_back(axis);
  }
  return n.setResult(isMax ? n.b.maxPool2d(x.value, window)
                           : n.b.averagePool2d(x.value, window, false));
}

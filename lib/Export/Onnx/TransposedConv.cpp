//===- TransposedConv.cpp - convolutions of spread images -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WindowOps.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::compress;

namespace {
/// An image with stride - 1 zeros between its elements along each dimension,
/// and what has been added to (below 0: cut off) its ends.
struct SpreadImage {
  ValueId source = kNoValue; // [N, C, H, W]
  SmallVector<int64_t> strides, before, after;
};
} // namespace

/// Slices of the reshaped [N, C, H, stride, W, stride] with zeros behind the
/// elements.
static std::optional<SpreadImage> matchSpread(OnnxGraph &graph, ValueId x,
                                              ArrayRef<int64_t> pads) {
  SmallVector<int64_t> offsets(2, 0), sizes(graph.getShape(x).drop_front(2));
  while (const OnnxNode *slice = graph.getNode(x, "Slice")) {
    SmallVector<int64_t> starts = graph.getIndices(slice->inputs[1]);
    SmallVector<int64_t> axes = graph.getIndices(slice->inputs[3]);
    for (auto [axis, start, step] :
         llvm::zip_equal(axes, starts, graph.getIndices(slice->inputs[4]))) {
      if (axis < 2 || step != 1)
        return std::nullopt;
      offsets[axis - 2] += start;
    }
    x = slice->inputs[0];
  }
  const OnnxNode *joined = graph.getNode(x, "Reshape");
  const OnnxNode *pad =
      joined ? graph.getNode(joined->inputs[0], "Pad") : nullptr;
  if (!pad || graph.getSplat(pad->inputs[2]) != 0.0)
    return std::nullopt;
  SmallVector<int64_t> amounts = graph.getIndices(pad->inputs[1]);
  SmallVector<int64_t> apart(graph.getShape(pad->inputs[0]));
  SmallVector<int64_t> whole(graph.getShape(x));
  if (apart.size() != 6 || whole.size() != 4 || apart[3] != 1 ||
      apart[5] != 1 || apart[0] != whole[0] || apart[1] != whole[1])
    return std::nullopt;
  for (auto [i, amount] : llvm::enumerate(amounts))
    if (amount < 0 || (amount != 0 && i != 9 && i != 11))
      return std::nullopt;
  SpreadImage image;
  for (size_t d = 0; d < 2; ++d) {
    int64_t stride = amounts[9 + 2 * d] + 1, input = apart[2 + 2 * d];
    if (whole[2 + d] != input * stride)
      return std::nullopt;
    int64_t last = (input - 1) * stride + 1;
    image.strides.push_back(stride);
    image.before.push_back(pads[d] - offsets[d]);
    image.after.push_back(pads[2 + d] + offsets[d] + sizes[d] - last);
  }
  image.source =
      graph.reshape(pad->inputs[0], {apart[0], apart[1], apart[2], apart[4]});
  return image;
}

/// [F, C / groups, KH, KW] as [C, F / groups, KH, KW], turned around; a
/// constant or nothing.
static ValueId turnFilter(OnnxGraph &graph, ValueId filter, int64_t groups) {
  SmallVector<int64_t> shape(graph.getShape(filter));
  int64_t filters = shape[0] / groups;
  ValueId turned =
      graph.reshape(filter, {groups, filters, shape[1], shape[2], shape[3]});
  turned = graph.transpose(turned, {0, 2, 1, 3, 4});
  turned =
      graph.reshape(turned, {groups * shape[1], filters, shape[2], shape[3]});
  if (!graph.get(turned).constant)
    return kNoValue;
  OnnxConstant constant = *graph.get(turned).constant;
  if (constant.quant && constant.quant->end - constant.quant->begin > 1)
    return kNoValue;
  std::vector<char> bytes = *constant.bytes;
  // Both dimensions of the image back to front are their elements so.
  int64_t width = getByteWidth(constant.storage);
  int64_t image = shape[2] * shape[3] * width;
  for (auto at = bytes.begin(); at != bytes.end(); at += image) {
    std::reverse(at, at + image);
    for (auto element = at; element != at + image; element += width)
      std::reverse(element, element + width);
  }
  SmallVector<int64_t> turnedShape(graph.getShape(turned));
  return graph.addConstant(constant.storage, turnedShape, std::move(bytes),
                           constant.name, constant.quant);
}

std::optional<ValueId>
mlir::compress::addConvTranspose(OnnxGraph &graph, ArrayRef<ValueId> operands,
                                 const WindowOp &window, ArrayRef<int64_t> pads,
                                 int64_t groups, ArrayRef<int64_t> shape) {
  bool isPlain = window.kernel.size() == 2 &&
                 llvm::all_of(window.strides, [](int64_t s) { return s == 1; });
  if (!isPlain || !graph.get(operands[1]).constant)
    return std::nullopt;
  std::optional<SpreadImage> image = matchSpread(graph, operands[0], pads);
  if (!image)
    return std::nullopt;
  SmallVector<int64_t> begins, ends, extra;
  for (size_t d = 0; d < 2; ++d) {
    int64_t reach = window.dilations[d] * (window.kernel[d] - 1);
    begins.push_back(reach - image->before[d]);
    ends.push_back(std::max<int64_t>(reach - image->after[d], 0));
    extra.push_back(std::max<int64_t>(image->after[d] - reach, 0));
    if (begins.back() < 0 || extra.back() >= image->strides[d])
      return std::nullopt;
  }
  ValueId filter = turnFilter(graph, operands[1], groups);
  if (filter == kNoValue)
    return std::nullopt;
  SmallVector<ValueId> inputs(operands);
  inputs[0] = image->source;
  inputs[1] = filter;
  begins.append(ends);
  OnnxAttributes attributes{{"dilations", window.dilations},
                            {"group", groups},
                            {"kernel_shape", window.kernel},
                            {"pads", begins},
                            {"strides", image->strides}};
  if (llvm::any_of(extra, [](int64_t amount) { return amount != 0; }))
    attributes.push_back({"output_padding", extra});
  return graph.addNode("ConvTranspose", inputs, OnnxType::Float, shape,
                       attributes);
}

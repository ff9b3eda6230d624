//===- TransposedConv.cpp - transposed convolutions -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/TransposedConv.h"

using namespace mlir;
using namespace mlir::compress;

FailureOr<Value> mlir::compress::createTransposedConv2d(
    ModelOpBuilder &b, const Tensor &x, const Tensor &weight,
    const Tensor *bias, int64_t group, ArrayRef<TransposedAxis> axes) {
  // [C, F / g, KH, KW] to [F, C / g, KH, KW], and back to front.
  int64_t channels = weight.shape[0] / group, filters = weight.shape[1];
  SmallVector<int64_t> kernel{weight.shape[2], weight.shape[3]};
  FailureOr<Tensor> grouped =
      b.reshape(weight, {group, channels, filters, kernel[0], kernel[1]});
  if (failed(grouped))
    return failure();
  FailureOr<Tensor> swapped = b.transpose(*grouped, {0, 2, 1, 3, 4});
  if (failed(swapped))
    return failure();
  FailureOr<Tensor> filter =
      b.reshape(*swapped, {group * filters, channels, kernel[0], kernel[1]});
  for (int64_t d = 0; d < 2 && succeeded(filter); ++d)
    filter = b.reverse(*filter, 2 + d);
  if (failed(filter))
    return failure();

  FailureOr<Tensor> spread = b.insertZeros(x, {axes[0].stride, axes[1].stride});
  if (failed(spread))
    return failure();
  // Negative padding cuts.
  SmallVector<int64_t> offsets(4, 0), sizes(spread->shape), steps(4, 1);
  SmallVector<WindowAxis> window;
  for (size_t d = 0; d < 2; ++d) {
    const TransposedAxis &axis = axes[d];
    offsets[2 + d] = std::max<int64_t>(-axis.before, 0);
    sizes[2 + d] -= offsets[2 + d] + std::max<int64_t>(-axis.after, 0);
    if (sizes[2 + d] < 1)
      return b.fail("has pads that leave nothing of its input");
    window.push_back({sizes[2 + d], kernel[d], 1, axis.dilation,
                      std::max<int64_t>(axis.before, 0),
                      std::max<int64_t>(axis.after, 0)});
  }
  FailureOr<Tensor> cut = b.slice(*spread, offsets, sizes, steps);
  if (failed(cut))
    return failure();
  for (WindowAxis &axis : window) {
    std::string reason;
    if (failed(resolveWindow(axis, AutoPad::None, false, reason)))
      return b.fail(reason);
  }
  return b.conv2d(cut->value, *filter, bias, group, window);
}

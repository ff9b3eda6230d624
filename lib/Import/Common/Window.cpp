//===- Window.cpp - sliding windows --------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Window.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::compress;

int64_t WindowAxis::countTaps(int64_t position, int64_t low,
                              int64_t high) const {
  int64_t start = position * stride - padBefore;
  // Taps k with low <= start + k * dilation < high.
  int64_t first = start >= low ? 0 : llvm::divideCeil(low - start, dilation);
  int64_t end = start >= high ? 0 : llvm::divideCeil(high - start, dilation);
  return std::max<int64_t>(0, std::min(end, kernel) - first);
}

LogicalResult mlir::compress::resolveWindow(WindowAxis &axis, AutoPad autoPad,
                                            bool ceilMode,
                                            std::string &reason) {
  constexpr int64_t limit = int64_t(1) << 30; // no product or sum overflows
  auto fail = [&](const llvm::Twine &text) {
    reason = text.str();
    return failure();
  };
  auto check = [&](const char *what, int64_t value, int64_t least) {
    if (value >= least && value <= limit)
      return success();
    return fail(llvm::Twine("requires ") + what + " of " + llvm::Twine(least) +
                " or more, not " + llvm::Twine(value));
  };
  if (failed(check("an input extent", axis.input, 1)) ||
      failed(check("a kernel", axis.kernel, 1)) ||
      failed(check("a stride", axis.stride, 1)) ||
      failed(check("a dilation", axis.dilation, 1)))
    return failure();

  int64_t extent = axis.getExtent();
  axis.overhang = 0;
  if (autoPad == AutoPad::SameUpper || autoPad == AutoPad::SameLower) {
    axis.output = llvm::divideCeil(axis.input, axis.stride);
    int64_t total = std::max<int64_t>(0, (axis.output - 1) * axis.stride +
                                             extent - axis.input);
    axis.padBefore =
        autoPad == AutoPad::SameUpper ? total / 2 : total - total / 2;
    axis.padAfter = total - axis.padBefore;
    return success();
  }
  if (autoPad == AutoPad::Valid)
    axis.padBefore = axis.padAfter = 0;
  if (failed(check("padding", axis.padBefore, 0)) ||
      failed(check("padding", axis.padAfter, 0)))
    return failure();

  int64_t padded = axis.input + axis.padBefore + axis.padAfter;
  if (extent > padded)
    return fail("requires a window of " + llvm::Twine(padded) +
                " or fewer elements (the padded input), not " +
                llvm::Twine(extent));
  int64_t steps = (padded - extent) / axis.stride;
  if (ceilMode && (padded - extent) % axis.stride != 0 &&
      (steps + 1) * axis.stride < axis.input + axis.padBefore)
    ++steps;
  axis.output = steps + 1;
  axis.overhang = std::max<int64_t>(0, steps * axis.stride + extent - padded);
  return success();
}

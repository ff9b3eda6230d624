//===- Window.h - sliding windows -------------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The arithmetic of convolution and pooling windows along one axis: implied
// padding, output size, and how many taps of a window meet real elements.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_WINDOW_H
#define COMPRESS_IMPORT_COMMON_WINDOW_H

#include "mlir/Support/LLVM.h"
#include <cstdint>
#include <string>

namespace mlir::compress {

enum class AutoPad : uint8_t { None, SameUpper, SameLower, Valid };

/// Window `p` taps the input at p * stride - padBefore + k * dilation for
/// k < kernel. The first six fields are given (pads only for AutoPad::None),
/// the last two are computed by resolveWindow.
struct WindowAxis {
  int64_t input = 1, kernel = 1, stride = 1, dilation = 1;
  int64_t padBefore = 0, padAfter = 0;
  int64_t output = 0;
  /// How far the last window reaches beyond the padding (ceil mode only).
  int64_t overhang = 0;

  /// From the first tap to the last, inclusive.
  int64_t getExtent() const { return dilation * (kernel - 1) + 1; }
  bool isPadded() const { return padBefore || padAfter || overhang; }
  /// Taps of window `position` at input coordinates in [low, high).
  int64_t countTaps(int64_t position, int64_t low, int64_t high) const;
};

/// Checks the given fields and computes the others; the output is
///   floor((input + pads - extent) / stride) + 1, or ceil in ceil mode, where
/// a last window that starts behind the input and its leading padding is
/// dropped; SAME: ceil(input / stride). Fails with a reason that reads after
/// the name of an op ("requires a stride of 1 or more, not 0").
/// Source: ONNX Conv-11, MaxPool-12, AveragePool-19.
LogicalResult resolveWindow(WindowAxis &axis, AutoPad autoPad, bool ceilMode,
                            std::string &reason);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_WINDOW_H

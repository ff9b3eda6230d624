//===- PeakRate.h - what the CPU could compute ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// How many multiply-accumulates one thread can do, measured here and now with
// loops that do nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_PEAKRATE_H
#define COMPRESS_SUPPORT_PEAKRATE_H

namespace compress {

/// Multiply-accumulates in a second, 0 where no loop is known for this CPU:
/// of bytes by vpdpbusd, of matrices of bytes by tdpbusd, of f32 by fused
/// multiply-add.
struct PeakRates {
  double bytes = 0, matrices = 0, floats = 0;
};

/// Takes about 50 ms.
PeakRates measurePeakRates();

} // namespace compress

#endif // COMPRESS_SUPPORT_PEAKRATE_H

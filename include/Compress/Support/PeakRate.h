//===- PeakRate.h - what the CPU could compute ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// How many multiply-accumulates some threads can do, measured here and now with
// loops that do nothing else.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_PEAKRATE_H
#define COMPRESS_SUPPORT_PEAKRATE_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace compress {

/// Multiply-accumulates in a second, by which extension of the instruction set;
/// 0 where no loop is known.
struct PeakRate {
  double macs = 0;
  llvm::StringRef by;
};

struct PeakRates {
  PeakRate bytes, floats, bfloats; ///< of i8, of f32, of bf16
};

/// What `threads` threads reach at once with those instructions of this CPU
/// that code for `target` takes; that is as in compress_model_info. Takes about
/// 30 ms.
PeakRates measurePeakRates(llvm::StringRef target, int32_t threads);

} // namespace compress

#endif // COMPRESS_SUPPORT_PEAKRATE_H

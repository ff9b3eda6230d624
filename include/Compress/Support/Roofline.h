//===- Roofline.h - the least time of a kernel ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_ROOFLINE_H
#define COMPRESS_SUPPORT_ROOFLINE_H

#include "Compress/Runtime/Abi.h"
#include "Compress/Support/PeakRate.h"
#include "Compress/Support/ReadRates.h"
#include <optional>

namespace compress {

/// What keeps a kernel from being faster.
enum class Bound : uint8_t { Compute, Memory };

/// The types of what kernels multiply, whose peaks are known.
inline constexpr llvm::StringLiteral kMultipliedTypes[] = {"i8", "f32", "bf16"};

struct LeastTime {
  double seconds;
  Bound bound;
};

/// What some threads can do at most on this CPU.
struct Roofline {
  PeakRates peak;
  ReadRates reads;

  /// Of multiply-accumulates of `element`, as compress_profile_op has it.
  PeakRate peakOf(llvm::StringRef element) const;

  /// The time that the multiply-accumulates of `op` take at the peak, or that
  /// all its bytes take at the rate at which so many bytes are read: whichever
  /// is longer. Nothing where that is not known.
  std::optional<LeastTime> leastTime(const compress_profile_op &op) const;
};

} // namespace compress

#endif // COMPRESS_SUPPORT_ROOFLINE_H

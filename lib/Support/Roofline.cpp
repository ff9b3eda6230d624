//===- Roofline.cpp - the least time of a kernel --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Roofline.h"

using namespace llvm;
using namespace compress;

PeakRate Roofline::peakOf(StringRef element) const {
  if (element == "i8")
    return peak.bytes;
  if (element == "f32")
    return peak.floats;
  if (element == "bf16")
    return peak.bfloats;
  return {};
}

std::optional<LeastTime>
Roofline::leastTime(const compress_profile_op &op) const {
  double compute = 0, memory = 0;
  if (op.macs > 0) {
    double most = peakOf(op.element).macs;
    if (most <= 0)
      return std::nullopt;
    compute = static_cast<double>(op.macs) / most;
  }
  if (op.bytes > 0) {
    double most = reads.at(op.bytes);
    if (most <= 0)
      return std::nullopt;
    memory = static_cast<double>(op.bytes) / most;
  }
  if (compute <= 0 && memory <= 0)
    return std::nullopt;
  if (compute >= memory)
    return LeastTime{compute, Bound::Compute};
  return LeastTime{memory, Bound::Memory};
}

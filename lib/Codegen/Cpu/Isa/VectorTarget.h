//===- VectorTarget.h - vector registers of a target ------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What the kernels need to know of a target, read from a list of LLVM target
// features; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_ISA_VECTORTARGET_H
#define LIB_CODEGEN_CPU_ISA_VECTORTARGET_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/StringSet.h"
#include <cstdint>

namespace mlir::compress {

/// Names of features that are switched on: "+avx2,-avx512f" has "avx2". Of a
/// name that stands twice the last counts.
llvm::StringSet<> parseFeatures(llvm::StringRef features);

struct VectorTarget {
  int64_t lanes;     // 32-bit elements in a register
  int64_t registers; // vector registers
  bool hasFusedMultiplyAdd;
};

/// Without any known feature: four lanes and sixteen registers, which every
/// 64-bit target has.
VectorTarget getVectorTarget(const llvm::StringSet<> &features);

/// Halves the lanes as long as `used` of them fit: no slower anywhere, and
/// faster on cores that compute wide vectors in parts. Whether it did.
bool fitLanes(VectorTarget &target, int64_t used);

/// Whether there are registers for the inputs of a tile of Winograd's
/// algorithm, or most of them.
bool hasWinograd(const VectorTarget &target);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_ISA_VECTORTARGET_H

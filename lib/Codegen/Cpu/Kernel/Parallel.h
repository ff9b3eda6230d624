//===- Parallel.h - work for threads ----------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// When and how a loop of a kernel is spread over threads; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_PARALLEL_H
#define LIB_CODEGEN_CPU_KERNEL_PARALLEL_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::compress {

/// Instructions below which handing work to threads costs more than it saves:
/// a few microseconds, as data is in the caches of another core.
inline constexpr int64_t kMinParallelInstructions = 12 * 1024;

inline bool isWorthThreads(int64_t instructions) {
  return instructions >= kMinParallelInstructions;
}

/// Ops in the body of `op`, as a measure of what an element costs.
int64_t countBodyOps(linalg::LinalgOp op);

/// Turns a loop from 0 in steps of 1, without carried values, into scf.forall.
FailureOr<scf::ForallOp> makeParallel(RewriterBase &rewriter, scf::ForOp loop);

/// An empty scf.forall over [0, extent).
scf::ForallOp buildForall(OpBuilder &b, Location loc, int64_t extent);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_PARALLEL_H

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

#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::compress {

/// Scalar steps below which handing work to threads costs more than it saves:
/// waking a thread takes microseconds.
inline constexpr int64_t kMinParallelWork = 64 * 1024;

inline bool isWorthThreads(int64_t work) { return work >= kMinParallelWork; }

/// Turns a loop from 0 in steps of 1, without carried values, into scf.forall.
FailureOr<scf::ForallOp> makeParallel(RewriterBase &rewriter, scf::ForOp loop);

/// An empty scf.forall over [0, extent).
scf::ForallOp buildForall(OpBuilder &b, Location loc, int64_t extent);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_PARALLEL_H

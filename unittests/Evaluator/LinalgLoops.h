//===- LinalgLoops.h - linalg ops as loops ----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Runs any linalg op from its indexing maps and its body: a loop for every
// dimension, the last one innermost, one element at a time.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_LINALGLOOPS_H
#define COMPRESS_UNITTESTS_EVALUATOR_LINALGLOOPS_H

#include "ScalarProgram.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace oracle {

struct LinalgOptions {
  /// Sums of products run in a plain loop instead of step by step. The same
  /// operations in the same order, only sooner done.
  bool fastSums = true;
};

/// Computes `op` on the values of its operands (scalars as tensors without
/// dimensions). `results` holds the inits before and the results after.
/// `inexact` is set where the C library took part.
llvm::Error runLinalg(mlir::linalg::LinalgOp op,
                      llvm::ArrayRef<const HostTensor *> inputs,
                      llvm::MutableArrayRef<HostTensor> results,
                      const Surroundings &around, const LinalgOptions &options,
                      bool &inexact);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_LINALGLOOPS_H

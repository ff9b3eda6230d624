//===- FoldConstants.h - parts of the folding of constants ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_NORMALIZE_FOLDCONSTANTS_H
#define COMPRESS_LIB_TRANSFORMS_NORMALIZE_FOLDCONSTANTS_H

#include "Compress/Dialect/Compress/Utils/ConstantEvaluator.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::compress {

/// Numbers that the body of `op` computes from the indices of its loops alone,
/// as the counts of an average, become elements of a constant that it reads.
/// Returns whether there are any; `op` has no users then.
bool hoistIndices(linalg::GenericOp op, ConstantEvaluator &evaluator);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_NORMALIZE_FOLDCONSTANTS_H

//===- ReduceOps.cpp - reductions and softmax ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::compress;

/// Axes come as an attribute, later as an input; none mean all, or with
/// noop_with_empty_axes none.
LogicalResult mlir::compress::importReduce(NodeImporter &n) {
  auto kind = llvm::StringSwitch<ReduceKind>(n.getOpType())
                  .Case("ReduceMax", ReduceKind::Max)
                  .Case("ReduceMean", ReduceKind::Mean)
                  .Case("ReduceMin", ReduceKind::Min)
                  .Default(ReduceKind::Sum);
  bool keepDims = n.getInt("keepdims", 1);
  bool isNoop = n.getInt("noop_with_empty_axes", 0);
  SmallVector<int64_t> axes =
      n.getInts("axes").value_or(SmallVector<int64_t>());
  if (n.hasFailed())
    return failure();
  if (n.hasInput(1)) {
    FailureOr<SmallVector<int64_t>> given = n.getConstantInts(1, "axes");
    if (failed(given))
      return failure();
    axes = *given;
  }
  FailureOr<Value> x = n.getValue(0);
  int64_t rank = n.getInput(0).getRank();
  FailureOr<SmallVector<int64_t>> known = n.getAxes(axes, rank);
  if (failed(x) || failed(known))
    return failure();
  if (known->empty() && !isNoop)
    known = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return n.setResult(n.b.reduce(kind, *x, *known, keepDims));
}

/// Before opset 13 over all dimensions from `axis` on, then over `axis` alone.
LogicalResult mlir::compress::importSoftmax(NodeImporter &n) {
  bool isFlattened = n.getOpset() < 13;
  int64_t rank = n.getInput(0).getRank();
  int64_t byDefault = isFlattened ? 1 : -1;
  int64_t given = n.getInt("axis", byDefault);
  FailureOr<Value> x = n.getValue(0);
  if (n.hasFailed() || failed(x))
    return failure();
  if (isFlattened && given == rank) // one element a row
    return n.setResult(n.b.softmax(*x, {}));
  FailureOr<int64_t> axis = n.getAxis(given, rank);
  if (failed(axis))
    return failure();
  return n.setResult(
      n.b.softmax(*x, llvm::to_vector(llvm::seq<int64_t>(
                          *axis, isFlattened ? rank : *axis + 1))));
}

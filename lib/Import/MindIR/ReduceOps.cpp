//===- ReduceOps.cpp - reductions -----------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace mlir::compress;

/// x, axes, keep_dims; no axes mean all. A type behind these would be another
/// than that of x.
LogicalResult mlir::compress::importReduce(MindIRNode &n) {
  auto kind = llvm::StringSwitch<ReduceKind>(n.getOpType())
                  .Case("ReduceMax", ReduceKind::Max)
                  .Cases({"ReduceMean", "MeanExt"}, ReduceKind::Mean)
                  .Case("ReduceMin", ReduceKind::Min)
                  .Case("ReduceProd", ReduceKind::Product)
                  .Default(ReduceKind::Sum);
  SmallVector<int64_t> given;
  if (n.isGiven(1, "axis"))
    given = n.getInts(1, "axis");
  bool keepDims = n.getBool(2, "keep_dims", false);
  bool isExtended = n.getOpType().ends_with("Ext");
  if (isExtended && n.isGiven(3, "dtype"))
    return n.fail("with a dtype is not supported");
  bool skips = !isExtended && n.getBool(3, "skip_mode", false);
  FailureOr<Value> x = n.materialize(0);
  if (failed(x) || n.hasFailed())
    return failure();
  int64_t rank = n.getInput(0).getRank();
  FailureOr<SmallVector<int64_t>> axes = n.b.getAxes(given, rank);
  if (failed(axes))
    return failure();
  if (axes->empty() && !skips)
    axes = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  return n.setResult(n.b.reduce(kind, *x, *axes, keepDims));
}

/// x, axes.
LogicalResult mlir::compress::importSoftmax(MindIRNode &n) {
  SmallVector<int64_t> given(1, -1);
  if (n.hasArgument(1, "axis"))
    given = n.getInts(1, "axis");
  FailureOr<Value> x = n.materialize(0);
  if (failed(x) || n.hasFailed())
    return failure();
  FailureOr<SmallVector<int64_t>> axes =
      n.b.getAxes(given, n.getInput(0).getRank());
  if (failed(axes))
    return failure();
  return n.setResult(n.b.softmax(*x, *axes, n.getOpType() == "LogSoftmax"));
}

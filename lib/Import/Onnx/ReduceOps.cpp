//===- ReduceOps.cpp - reductions and softmax ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
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
                  .Case("ReduceProd", ReduceKind::Product)
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
  // What is summed, and what becomes of the sum.
  StringRef op = n.getOpType();
  bool takesMagnitude = op == "ReduceL1";
  if (takesMagnitude || op == "ReduceL2" || op == "ReduceSumSquare")
    x = n.b.elementwise(Tensor::fromValue(*x),
                        [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                          if (takesMagnitude)
                            return math::AbsFOp::create(b, l, v[0]);
                          return arith::MulFOp::create(b, l, v[0], v[0]);
                        });
  if (failed(x))
    return failure();
  FailureOr<Value> sum = n.b.reduce(kind, *x, *known, keepDims);
  if (failed(sum) || op != "ReduceL2")
    return n.setResult(sum);
  return n.setElementwise(Tensor::fromValue(*sum),
                          [](OpBuilder &b, Location l, ValueRange v) -> Value {
                            return math::SqrtOp::create(b, l, v[0]);
                          });
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
  bool isLog = n.getOpType() == "LogSoftmax";
  if (isFlattened && given == rank) // one element a row
    return n.setResult(n.b.softmax(*x, {}, isLog));
  FailureOr<int64_t> axis = n.getAxis(given, rank);
  if (failed(axis))
    return failure();
  auto axes = llvm::to_vector(
      llvm::seq<int64_t>(*axis, isFlattened ? rank : *axis + 1));
  return n.setResult(n.b.softmax(*x, axes, isLog));
}

//===- NormalizationOps.cpp - normalizations -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Normalization.h"
#include "OpTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::compress;

/// The dimensions from `first` up to `rank`.
static SmallVector<int64_t> dimsFrom(int64_t first, int64_t rank) {
  return llvm::to_vector(llvm::seq<int64_t>(first, rank));
}

/// Inference only: X, scale, B, mean, var.
LogicalResult mlir::compress::importBatchNorm(NodeImporter &n) {
  float epsilon = n.getFloat("epsilon", 1e-5f);
  bool isTraining = n.getInt("training_mode", 0);
  bool isSpatial = n.getInt("spatial", 1);
  if (n.hasFailed())
    return failure();
  if (isTraining || !isSpatial)
    return n.fail("requires inference with one mean and variance a channel; "
                  "export the model in evaluation mode");
  FailureOr<Value> x = n.getValue(0);
  if (failed(x))
    return failure();
  return n.setResult(n.b.batchNorm(*x, n.getInput(1), n.getInput(2),
                                   n.getInput(3), n.getInput(4), epsilon));
}

/// X, Scale, optional B; results Y, and where they are named Mean and
/// InvStdDev. RMSNormalization does not subtract the mean.
LogicalResult mlir::compress::importLayerNorm(NodeImporter &n) {
  int64_t rank = n.getInput(0).getRank();
  bool isRms = n.getOpType() != "LayerNormalization";
  float epsilon = n.getFloat("epsilon", 1e-5f);
  FailureOr<int64_t> axis = n.getAxis(n.getInt("axis", -1), rank);
  FailureOr<Value> x = n.getValue(0);
  if (failed(axis) || failed(x) || n.hasFailed())
    return failure();
  FailureOr<Normalized> parts =
      normalize(n.b, *x, dimsFrom(*axis, rank), epsilon, isRms);
  if (failed(parts))
    return failure();
  const Tensor *bias = n.hasInput(2) ? &n.getInput(2) : nullptr;
  if (n.hasOutput(1) && parts->mean &&
      failed(n.setResult(FailureOr<Value>(parts->mean), 1)))
    return failure();
  if (n.hasOutput(2) && failed(n.setResult(FailureOr<Value>(parts->factor), 2)))
    return failure();
  return n.setResult(scaleAndShift(n.b, parts->result, n.getInput(1), bias));
}

/// InstanceNormalization: each channel of each sample for itself.
/// GroupNormalization: num_groups runs of channels; scale and bias are [groups]
/// before opset 21, then [C].
LogicalResult mlir::compress::importGroupNorm(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  bool isInstance = n.getOpType() == "InstanceNormalization";
  float epsilon = n.getFloat("epsilon", 1e-5f);
  int64_t groups = isInstance ? (x.getRank() > 1 ? x.shape[1] : 1)
                              : n.getInt("num_groups", 0);
  if (n.hasFailed())
    return failure();
  return n.setResult(
      createGroupNorm(n.b, x, groups, n.getInput(1), n.getInput(2), epsilon));
}

/// x / (bias + alpha / size * sum of squares over `size` channels)^beta.
LogicalResult mlir::compress::importLrn(NodeImporter &n) {
  const Tensor &x = n.getInput(0);
  float alpha = n.getFloat("alpha", 1e-4f), beta = n.getFloat("beta", 0.75f);
  float bias = n.getFloat("bias", 1.0f);
  int64_t size = n.getInt("size", 0);
  FailureOr<Value> value = n.getValue(0);
  if (failed(value) || n.hasFailed())
    return failure();
  constexpr int64_t widest = 64;
  if (x.getRank() < 2 || size < 1 || size > widest)
    return n.fail("requires an input of 2 dimensions or more and a size from "
                  "1 to " +
                  Twine(widest));
  FailureOr<Value> squares = n.b.elementwise(
      Tensor::fromValue(*value), [](OpBuilder &b, Location l, ValueRange v) {
        return arith::MulFOp::create(b, l, v[0], v[0]).getResult();
      });
  if (failed(squares))
    return failure();
  SmallVector<int64_t> low(x.getRank(), 0), high(x.getRank(), 0);
  low[1] = (size - 1) / 2;
  high[1] = size - 1 - low[1];
  FailureOr<Tensor> padded =
      n.b.pad(Tensor::fromValue(*squares), low, high, 0.0f);
  if (failed(padded))
    return failure();
  SmallVector<Tensor> operands{Tensor::fromValue(*value), number(alpha / size),
                               number(bias), number(beta)};
  SmallVector<int64_t> offsets(x.getRank(), 0), steps(x.getRank(), 1);
  for (int64_t i = 0; i < size; ++i) {
    offsets[1] = i;
    FailureOr<Tensor> window = n.b.slice(*padded, offsets, x.shape, steps);
    if (failed(window))
      return failure();
    operands.push_back(*window);
  }
  return n.setResult(n.b.elementwise(
      operands, [](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value sum = v[4];
        for (Value other : v.drop_front(5))
          sum = arith::AddFOp::create(b, l, sum, other);
        Value scaled = arith::MulFOp::create(b, l, sum, v[1]);
        Value shifted = arith::AddFOp::create(b, l, scaled, v[2]);
        Value power = math::PowFOp::create(b, l, shifted, v[3]);
        return arith::DivFOp::create(b, l, v[0], power);
      }));
}

/// x / its norm along one axis; p = 1: sum of magnitudes, p = 2: root of the
/// sum of squares. 0 where the norm is 0.
LogicalResult mlir::compress::importLpNormalization(NodeImporter &n) {
  FailureOr<int64_t> axis =
      n.getAxis(n.getInt("axis", -1), n.getInput(0).getRank());
  int64_t p = n.getInt("p", 2);
  FailureOr<Value> x = n.getValue(0);
  if (failed(axis) || failed(x) || n.hasFailed())
    return failure();
  if (p != 1 && p != 2)
    return n.fail("has a norm of order " + Twine(p) +
                  ", which is not supported; 1 and 2 are");
  FailureOr<Value> terms =
      n.b.elementwise(Tensor::fromValue(*x),
                      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                        if (p == 2)
                          return arith::MulFOp::create(b, l, v[0], v[0]);
                        return math::AbsFOp::create(b, l, v[0]);
                      });
  if (failed(terms))
    return failure();
  FailureOr<Value> sum = n.b.reduce(ReduceKind::Sum, *terms, *axis, true);
  if (failed(sum))
    return failure();
  return n.setResult(n.b.elementwise(
      {Tensor::fromValue(*x), Tensor::fromValue(*sum), number(0.0f)},
      [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value norm =
            p == 2 ? math::SqrtOp::create(b, l, v[1]).getResult() : Value(v[1]);
        Value quotient = arith::DivFOp::create(b, l, v[0], norm);
        Value isZero =
            arith::CmpFOp::create(b, l, arith::CmpFPredicate::OEQ, norm, v[2]);
        return arith::SelectOp::create(b, l, isZero, v[2], quotient);
      }));
}

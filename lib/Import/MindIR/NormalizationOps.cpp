//===- NormalizationOps.cpp - normalizations ------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/Normalization.h"
#include "OpTable.h"

using namespace mlir;
using namespace mlir::compress;

/// The result of a normalization is a tuple, of which inference uses the first
/// element.
static LogicalResult setFirst(MindIRNode &n, FailureOr<Tensor> first) {
  if (failed(first) || n.hasFailed())
    return failure();
  n.setValue(MindIRValue::fromTuple({MindIRValue::fromTensor(*first)}));
  return success();
}

/// Inputs number the formats, attributes name them.
static bool isNchw(MindIRNode &n, unsigned position) {
  if (!n.hasArgument(position, "format"))
    return true;
  FailureOr<MindIRValue> format = n.getArgument(position, "format");
  if (failed(format))
    return false;
  if (format->getKind() == MindIRValue::Kind::Text)
    return format->getText() == "NCHW";
  std::optional<SmallVector<int64_t>> number = format->getInts();
  return number && ArrayRef<int64_t>(*number) == ArrayRef<int64_t>(0);
}

FailureOr<float> mlir::compress::readBatchNormEpsilon(MindIRNode &n,
                                                      unsigned first) {
  bool isTraining = n.getBool(first, "is_training", false);
  float epsilon = n.getFloat(first + 1, "epsilon", 1e-5f);
  bool isSupported = isNchw(n, first + 3) && !isTraining;
  if (n.hasFailed())
    return failure();
  if (!isSupported)
    return n.fail("requires inference, and the format 0 (NCHW); export the "
                  "network after set_train(False)");
  return epsilon;
}

/// x, gamma, beta, mean, variance, is_training, epsilon, momentum, format.
LogicalResult mlir::compress::importBatchNorm(MindIRNode &n) {
  FailureOr<float> epsilon = readBatchNormEpsilon(n, 5);
  FailureOr<Value> x = n.materialize(0);
  if (failed(epsilon) || failed(x))
    return failure();
  FailureOr<Value> y = n.b.batchNorm(*x, n.getInput(1), n.getInput(2),
                                     n.getInput(3), n.getInput(4), *epsilon);
  if (failed(y))
    return failure();
  n.setValue(
      MindIRValue::fromTuple({MindIRValue::fromTensor(Tensor::fromValue(*y))}));
  return success();
}

/// x, gamma, beta, begin_norm_axis, begin_params_axis, epsilon.
LogicalResult mlir::compress::importLayerNorm(MindIRNode &n) {
  int64_t rank = n.getInput(0).getRank();
  int64_t given[2] = {n.getInt(3, "begin_norm_axis", 1),
                      n.getInt(4, "begin_params_axis", 1)};
  float epsilon = n.getFloat(5, "epsilon", 1e-7f);
  FailureOr<Value> x = n.materialize(0);
  if (failed(x) || n.hasFailed())
    return failure();
  FailureOr<int64_t> axis = n.b.getAxis(given[0], rank);
  FailureOr<int64_t> first = failed(axis) ? axis : n.b.getAxis(given[1], rank);
  if (failed(first))
    return failure();
  ArrayRef<int64_t> shape =
      ArrayRef<int64_t>(n.getInput(0).shape).drop_front(*first);
  if (n.getInput(1).shape != shape || n.getInput(2).shape != shape)
    return n.fail("requires parameters of " + toString(shape) + ", not " +
                  toString(n.getInput(1).shape) + " and " +
                  toString(n.getInput(2).shape));
  FailureOr<Normalized> parts = normalize(
      n.b, *x, llvm::to_vector(llvm::seq<int64_t>(*axis, rank)), epsilon);
  if (failed(parts))
    return failure();
  FailureOr<Value> y =
      scaleAndShift(n.b, parts->result, n.getInput(1), &n.getInput(2));
  if (failed(y))
    return failure();
  return setFirst(n, Tensor::fromValue(*y));
}

/// x, num_groups, gamma, beta, epsilon.
LogicalResult mlir::compress::importGroupNorm(MindIRNode &n) {
  int64_t groups = n.getInt(1, "num_groups");
  float epsilon = n.getFloat(4, "eps", 1e-5f);
  if (n.hasFailed())
    return failure();
  if (!n.getValue(2).isTensor() || !n.getValue(3).isTensor())
    return n.fail("requires gamma and beta as tensors");
  return setFirst(n, createGroupNorm(n.b, n.getInput(0), groups, n.getInput(2),
                                     n.getInput(3), epsilon));
}

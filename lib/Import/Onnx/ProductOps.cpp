//===- ProductOps.cpp - Conv, Gemm, MatMul -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OpTable.h"
#include "WindowAttributes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Conv
//===----------------------------------------------------------------------===//

/// X [N, C, H, W] or [N, C, L], W [F, C / group, ...], optional B [F].
LogicalResult mlir::compress::importConv(NodeImporter &n) {
  FailureOr<Value> value = n.getValue(0);
  if (failed(value))
    return failure();
  Tensor x = Tensor::fromValue(*value), weight = n.getInput(1);
  if (x.getRank() < 3 || x.getRank() > 4 || weight.getRank() != x.getRank())
    return n.fail("requires an input and weights of 3 or 4 dimensions (1-D and "
                  "2-D convolutions), not " +
                  toString(x.shape) + " and " + toString(weight.shape));
  int64_t group = n.getInt("group", 1);
  FailureOr<SmallVector<WindowAxis>> window =
      getWindow(n, x.shape, ArrayRef<int64_t>(weight.shape).drop_front(2));
  if (failed(window))
    return failure();
  FailureOr<Tensor> x4 = to2d(n, x), weight4 = to2d(n, weight);
  if (failed(x4) || failed(weight4))
    return failure();
  FailureOr<Value> y =
      n.b.conv2d(x4->value, *weight4, n.hasInput(2) ? &n.getInput(2) : nullptr,
                 group, *window);
  return n.setResult(from2d(n, y, x.getRank()));
}

//===----------------------------------------------------------------------===//
// Gemm
//===----------------------------------------------------------------------===//

/// Y = alpha * A' * B' + beta * C.
LogicalResult mlir::compress::importGemm(NodeImporter &n) {
  float alpha = n.getFloat("alpha", 1.0f), beta = n.getFloat("beta", 1.0f);
  bool transA = n.getInt("transA", 0), transB = n.getInt("transB", 0);
  if (n.hasFailed())
    return failure();
  if (n.getInput(0).getRank() != 2 || n.getInput(1).getRank() != 2)
    return n.fail("requires matrices, not " + toString(n.getInput(0).shape) +
                  " and " + toString(n.getInput(1).shape));
  FailureOr<Value> aValue = n.getValue(0);
  if (failed(aValue))
    return failure();
  FailureOr<Tensor> a = Tensor::fromValue(*aValue), b = n.getInput(1);
  if (transA)
    a = n.b.transpose(*a, {1, 0});
  if (transB)
    b = n.b.transpose(*b, {1, 0});
  if (failed(a) || failed(b))
    return failure();

  bool hasBias = n.hasInput(2) && beta != 0;
  if (alpha == 1 && (!hasBias || beta == 1))
    return n.setResult(
        n.b.matmul(a->value, *b, hasBias ? &n.getInput(2) : nullptr));
  FailureOr<Value> product = n.b.matmul(a->value, *b, nullptr);
  if (failed(product))
    return failure();
  auto number = [](float value) {
    return Tensor::fromConstant(ConstantTensor::fromFloats({}, {value}));
  };
  SmallVector<Tensor> operands{Tensor::fromValue(*product), number(alpha)};
  if (hasBias) {
    std::optional<SmallVector<int64_t>> joined =
        broadcastShapes(operands[0].shape, n.getInput(2).shape);
    if (!joined || *joined != operands[0].shape)
      return n.fail("cannot broadcast C " + toString(n.getInput(2).shape) +
                    " to " + toString(operands[0].shape));
    operands.push_back(n.getInput(2));
    operands.push_back(number(beta));
  }
  return n.setResult(n.b.elementwise(
      operands, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
        Value result = v[0];
        if (alpha != 1)
          result = arith::MulFOp::create(b, l, result, v[1]);
        if (!hasBias)
          return result;
        Value bias = v[2];
        if (beta != 1)
          bias = arith::MulFOp::create(b, l, bias, v[3]);
        return arith::AddFOp::create(b, l, result, bias);
      }));
}

//===----------------------------------------------------------------------===//
// MatMul
//===----------------------------------------------------------------------===//

/// numpy.matmul. A vector becomes a matrix, a stack of matrices on one matrix
/// one tall matrix, other stacks are broadcast to each other.
LogicalResult mlir::compress::importMatMul(NodeImporter &n) {
  FailureOr<Value> aValue = n.getValue(0);
  if (failed(aValue))
    return failure();
  FailureOr<Tensor> a = Tensor::fromValue(*aValue), b = n.getInput(1);
  if (a->getRank() == 0 || b->getRank() == 0)
    return n.fail("requires matrices or vectors, not " + toString(a->shape) +
                  " and " + toString(b->shape));
  bool isVectorA = a->getRank() == 1, isVectorB = b->getRank() == 1;
  if (isVectorA)
    a = n.b.reshape(*a, {1, a->shape[0]});
  if (isVectorB)
    b = n.b.reshape(*b, {b->shape[0], 1});
  if (failed(a) || failed(b))
    return failure();
  int64_t rows = a->shape[a->getRank() - 2], columns = b->shape.back();
  ArrayRef<int64_t> batchA = ArrayRef<int64_t>(a->shape).drop_back(2);
  ArrayRef<int64_t> batchB = ArrayRef<int64_t>(b->shape).drop_back(2);
  std::optional<SmallVector<int64_t>> batch = broadcastShapes(batchA, batchB);
  if (!batch)
    return n.fail("cannot broadcast " + toString(a->shape) + " and " +
                  toString(b->shape));
  std::optional<int64_t> batchSize = countElements(*batch);
  if (!batchSize)
    return n.fail("has a stack of matrices too large to address");
  SmallVector<int64_t> shape = *batch;
  if (!isVectorA)
    shape.push_back(rows);
  if (!isVectorB)
    shape.push_back(columns);

  if (batchB.empty()) {
    // One tall matrix; a no-op for plain matrices.
    a = n.b.reshape(*a, {*batchSize * rows, a->shape.back()});
  } else {
    auto stack = [&](const Tensor &tensor) -> FailureOr<Tensor> {
      ArrayRef<int64_t> matrix = ArrayRef<int64_t>(tensor.shape).take_back(2);
      SmallVector<int64_t> full = *batch;
      full.append(matrix.begin(), matrix.end());
      FailureOr<Value> value = n.b.broadcast(tensor, full);
      if (failed(value))
        return failure();
      return n.b.reshape(Tensor::fromValue(*value),
                         {*batchSize, matrix[0], matrix[1]});
    };
    a = stack(*a);
    b = stack(*b);
  }
  if (failed(a) || failed(b))
    return failure();
  FailureOr<Value> product = n.b.matmul(a->value, *b, nullptr);
  if (failed(product))
    return failure();
  return n.setResult(n.b.reshape(Tensor::fromValue(*product), shape));
}

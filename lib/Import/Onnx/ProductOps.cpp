//===- ProductOps.cpp - Conv, Gemm, MatMul -------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/MatrixProduct.h"
#include "Compress/Import/Common/TransposedConv.h"
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

LogicalResult mlir::compress::importMatMul(NodeImporter &n) {
  return n.setResult(
      createMatMul(n.b, n.getInput(0), n.getInput(1), ElementType::F32,
                   [&](const Tensor &a, const Tensor &b) -> FailureOr<Value> {
                     FailureOr<Value> left = n.b.materialize(a);
                     if (failed(left))
                       return failure();
                     return n.b.matmul(*left, b, nullptr);
                   }));
}

//===----------------------------------------------------------------------===//
// ConvTranspose
//===----------------------------------------------------------------------===//

/// X [N, C, ...], W [C, F / group, ...], optional B [F]: a convolution of the
/// input with stride - 1 zeros between its elements, with the weights turned
/// around.
LogicalResult mlir::compress::importConvTranspose(NodeImporter &n) {
  FailureOr<Value> value = n.getValue(0);
  if (failed(value))
    return failure();
  Tensor x = Tensor::fromValue(*value), weight = n.getInput(1);
  int64_t rank = x.getRank(), group = n.getInt("group", 1);
  if (rank < 3 || rank > 4 || weight.getRank() != rank)
    return n.fail("requires an input and weights of 3 or 4 dimensions (1-D and "
                  "2-D convolutions), not " +
                  toString(x.shape) + " and " + toString(weight.shape));
  if (group < 1 || weight.shape[0] % group || weight.shape[0] != x.shape[1])
    return n.fail(
        "requires weights of [channels, filters / groups, ...], not " +
        toString(weight.shape) + " for an input of " + toString(x.shape) +
        " in " + Twine(group) + " groups");
  FailureOr<SmallVector<TransposedAxis>> axes = getTransposedWindow(
      n, x.shape, ArrayRef<int64_t>(weight.shape).drop_front(2));
  FailureOr<Tensor> x4 = to2d(n, x), w4 = to2d(n, weight);
  if (failed(axes) || failed(x4) || failed(w4) || n.hasFailed())
    return failure();

  return n.setResult(
      from2d(n,
             createTransposedConv2d(n.b, *x4, *w4,
                                    n.hasInput(2) ? &n.getInput(2) : nullptr,
                                    group, *axes),
             rank));
}

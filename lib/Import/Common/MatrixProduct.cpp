//===- MatrixProduct.cpp - numpy.matmul -----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/MatrixProduct.h"

using namespace mlir;
using namespace mlir::compress;

FailureOr<Tensor> mlir::compress::createMatMul(ModelOpBuilder &builder,
                                               const Tensor &left,
                                               const Tensor &right,
                                               ElementType type,
                                               MatrixProduct createProduct) {
  FailureOr<Tensor> a = left, b = right;
  if (a->getRank() == 0 || b->getRank() == 0)
    return builder.fail("requires matrices or vectors, not " +
                        toString(a->shape) + " and " + toString(b->shape));
  bool isVectorA = a->getRank() == 1, isVectorB = b->getRank() == 1;
  if (isVectorA)
    a = builder.reshape(*a, {1, a->shape[0]});
  if (isVectorB)
    b = builder.reshape(*b, {b->shape[0], 1});
  if (failed(a) || failed(b))
    return failure();
  int64_t rows = a->shape[a->getRank() - 2], columns = b->shape.back();
  ArrayRef<int64_t> batchA = ArrayRef<int64_t>(a->shape).drop_back(2);
  ArrayRef<int64_t> batchB = ArrayRef<int64_t>(b->shape).drop_back(2);
  std::optional<SmallVector<int64_t>> batch = broadcastShapes(batchA, batchB);
  if (!batch)
    return builder.fail("cannot broadcast " + toString(a->shape) + " and " +
                        toString(b->shape));
  std::optional<int64_t> batchSize = countElements(*batch);
  if (!batchSize)
    return builder.fail("has a stack of matrices too large to address");
  SmallVector<int64_t> shape = *batch;
  if (!isVectorA)
    shape.push_back(rows);
  if (!isVectorB)
    shape.push_back(columns);

  if (batchB.empty()) {
    // One tall matrix; a no-op for plain matrices.
    a = builder.reshape(*a, {*batchSize * rows, a->shape.back()});
  } else {
    auto stack = [&](const Tensor &tensor) -> FailureOr<Tensor> {
      ArrayRef<int64_t> matrix = ArrayRef<int64_t>(tensor.shape).take_back(2);
      SmallVector<int64_t> full = *batch;
      full.append(matrix.begin(), matrix.end());
      FailureOr<Tensor> spread = tensor;
      if (full != tensor.shape)
        spread = builder.expand(tensor, full);
      if (failed(spread))
        return failure();
      return builder.reshape(*spread, {*batchSize, matrix[0], matrix[1]});
    };
    a = stack(*a);
    b = stack(*b);
  }
  if (failed(a) || failed(b))
    return failure();
  FailureOr<Value> product = createProduct(*a, *b);
  if (failed(product))
    return failure();
  return builder.reshape(Tensor::fromValue(*product, type), shape);
}

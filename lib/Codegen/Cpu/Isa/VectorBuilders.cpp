//===- VectorBuilders.cpp - what code of vectors is made of --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorBuilders.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

Value mlir::compress::buildIntrinsic(OpBuilder &b, Location loc, Type type,
                                     StringRef name, ValueRange args) {
  return LLVM::CallIntrinsicOp::create(b, loc, type, b.getStringAttr(name),
                                       args)
      .getResult(0);
}

Value mlir::compress::buildConcatenated(OpBuilder &b, Location loc,
                                        ValueRange vectors) {
  if (vectors.size() == 1)
    return vectors[0];
  size_t half = vectors.size() / 2;
  Value low = buildConcatenated(b, loc, vectors.take_front(half));
  Value high = buildConcatenated(b, loc, vectors.drop_front(half));
  int64_t width = cast<VectorType>(low.getType()).getDimSize(0);
  return vector::ShuffleOp::create(
      b, loc, low, high, llvm::to_vector(llvm::seq(int64_t(0), 2 * width)));
}

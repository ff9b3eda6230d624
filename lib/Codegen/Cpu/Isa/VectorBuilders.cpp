//===- VectorBuilders.cpp - what code of vectors is made of --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

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

Value mlir::compress::buildFlipped(OpBuilder &b, Location loc, Value value) {
  Type type = value.getType();
  APInt sign =
      APInt::getSignMask(getElementTypeOrSelf(type).getIntOrFloatBitWidth());
  TypedAttr attr = b.getIntegerAttr(getElementTypeOrSelf(type), sign);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, Attribute(attr));
  return arith::XOrIOp::create(b, loc, value,
                               arith::ConstantOp::create(b, loc, attr));
}

Value mlir::compress::matchFlipped(Value value) {
  APInt sign;
  auto flip = value.getDefiningOp<arith::XOrIOp>();
  if (flip && matchPattern(flip.getRhs(), m_ConstantInt(&sign)) &&
      sign.isSignMask())
    return flip.getLhs();
  return {};
}

//===- DotIsa.cpp - sums of products of a target -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotIsa.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

DotIsa::~DotIsa() = default;

Value DotIsa::prepareInput(OpBuilder &b, Location loc, Value inputs,
                           bool storedUnsigned) const {
  bool takesUnsigned = shift != 0;
  return storedUnsigned == takesUnsigned ? inputs
                                         : buildFlipped(b, loc, inputs);
}

Value DotIsa::buildInput(OpBuilder &b, Location loc, Value inputs,
                         bool storedUnsigned) const {
  if (pixels == 1)
    inputs = buildRepeated(b, loc, inputs, lanes * group);
  return prepareInput(b, loc, inputs, storedUnsigned);
}

SmallVector<Value> DotIsa::buildDots(OpBuilder &b, Location loc,
                                     ValueRange accumulators, Value inputs,
                                     Value weights) const {
  return {buildDot(b, loc, accumulators[0], inputs, weights)};
}

SmallVector<Value> DotIsa::packSums(OpBuilder &b, Location loc,
                                    ValueRange sums) const {
  return llvm::to_vector(sums);
}

SmallVector<Value> DotIsa::unpackSums(OpBuilder &b, Location loc,
                                      ValueRange accumulators) const {
  return llvm::to_vector(accumulators);
}

SmallVector<std::unique_ptr<DotIsa>>
mlir::compress::getDotIsas(const llvm::StringSet<> &features,
                           unsigned inputBits, unsigned weightBits) {
  SmallVector<std::unique_ptr<DotIsa>> result;
  if (inputBits > 16 || weightBits > 16)
    return result;
  bool bytes = inputBits == 8 && weightBits == 8;
  if (bytes && features.contains("avx512vnni")) {
    result.push_back(createVnniIsa(/*lanes=*/16, /*registers=*/32));
    return result;
  }
  if (bytes && features.contains("avxvnni")) {
    result.push_back(createVnniIsa(/*lanes=*/8, /*registers=*/16));
    return result;
  }
  if (bytes && features.contains("dotprod")) {
    if (features.contains("i8mm"))
      result.push_back(createSmmlaIsa());
    result.push_back(createSdotIsa());
    return result;
  }
  int64_t lanes = features.contains("avx512bw") ? 16
                  : features.contains("avx2")   ? 8
                  : features.contains("sse2")   ? 4
                                                : 0;
  if (lanes == 0)
    return result;
  int64_t registers = lanes == 16 ? 32 : 16;
  if (bytes && (lanes > 4 || features.contains("ssse3")))
    result.push_back(createPmaddubswIsa(lanes, registers));
  result.push_back(createPmaddwdIsa(lanes, registers));
  return result;
}

Value mlir::compress::buildRepeated(OpBuilder &b, Location loc, Value vector,
                                    int64_t count) {
  auto type = cast<VectorType>(vector.getType());
  auto result = VectorType::get({count}, type.getElementType());
  int64_t bits = type.getNumElements() * type.getElementTypeBitWidth();
  int64_t times = count / type.getNumElements();
  // Both are one load that repeats: of an integer, or of a part of a vector.
  if (bits <= 64) {
    Type element = b.getIntegerType(bits);
    Value whole = vector::BitCastOp::create(
        b, loc, VectorType::get({1}, element), vector);
    Value scalar =
        vector::ExtractOp::create(b, loc, whole, ArrayRef<int64_t>{0});
    Value repeated = vector::BroadcastOp::create(
        b, loc, VectorType::get({times}, element), scalar);
    return vector::BitCastOp::create(b, loc, result, repeated);
  }
  int64_t words = bits / 32;
  Value part = vector::BitCastOp::create(
      b, loc, VectorType::get({words}, b.getI32Type()), vector);
  SmallVector<int64_t> order;
  for (int64_t i = 0; i < times * words; ++i)
    order.push_back(i % words);
  Value repeated = vector::ShuffleOp::create(b, loc, part, part, order);
  return vector::BitCastOp::create(b, loc, result, repeated);
}

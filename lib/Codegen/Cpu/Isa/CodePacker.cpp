//===- CodePacker.cpp - reals to bytes with saturating packs -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodePacker.h"
#include "VectorBuilders.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<CodePacker> CodePacker::get(const llvm::StringSet<> &features) {
  if (features.contains("avx512bw"))
    return CodePacker(16);
  // Kernels have vectors of 16 with avx512f.
  if (features.contains("avx512f"))
    return std::nullopt;
  if (features.contains("avx2"))
    return CodePacker(8);
  if (features.contains("sse2"))
    return CodePacker(4);
  if (features.contains("neon"))
    return CodePacker(4, /*isNeon=*/true);
  return std::nullopt;
}

bool CodePacker::takes(Type type) const {
  auto vector = dyn_cast<VectorType>(type);
  return vector && vector.getRank() == 1 && !vector.isScalable() &&
         (vector.getDimSize(0) == 2 * lanes ||
          vector.getDimSize(0) == 4 * lanes);
}

/// cvtps2dq: to the nearest, ties to even; INT_MIN where that overflows. fcvtns
/// saturates.
Value CodePacker::buildRounded(OpBuilder &b, Location loc, Value reals) const {
  auto type = VectorType::get({lanes}, b.getI32Type());
  if (isNeon)
    return buildIntrinsic(b, loc, type, "llvm.aarch64.neon.fcvtns.v4i32.v4f32",
                          reals);
  if (lanes == 4)
    return buildIntrinsic(b, loc, type, "llvm.x86.sse2.cvtps2dq", reals);
  if (lanes == 8)
    return buildIntrinsic(b, loc, type, "llvm.x86.avx.cvt.ps2dq.256", reals);
  Value none = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  Value all = arith::ConstantOp::create(b, loc, b.getI16IntegerAttr(-1));
  Value mode = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(4));
  return buildIntrinsic(b, loc, type, "llvm.x86.avx512.mask.cvtps2dq.512",
                        {reals, none, all, mode});
}

/// sqxtn and sqxtun: half as wide, saturated.
Value CodePacker::buildNeonBytes(OpBuilder &b, Location loc,
                                 ArrayRef<Value> integers,
                                 bool isUnsigned) const {
  auto i16 = VectorType::get({4}, b.getI16Type());
  auto i8 = VectorType::get({8}, b.getI8Type());
  StringRef toBytes = isUnsigned ? "llvm.aarch64.neon.sqxtun.v8i8"
                                 : "llvm.aarch64.neon.sqxtn.v8i8";
  SmallVector<Value> bytes;
  for (size_t i = 0; i < integers.size(); i += 2) {
    auto narrow = [&](Value value) {
      return buildIntrinsic(b, loc, i16, "llvm.aarch64.neon.sqxtn.v4i16",
                            value);
    };
    Value words = buildConcatenated(
        b, loc, {narrow(integers[i]), narrow(integers[i + 1])});
    bytes.push_back(buildIntrinsic(b, loc, i8, toBytes, words));
  }
  return buildConcatenated(b, loc, bytes);
}

Value CodePacker::build(OpBuilder &b, Location loc, Value reals,
                        int32_t zeroPoint, bool isUnsigned) const {
  int64_t count = cast<VectorType>(reals.getType()).getDimSize(0) / lanes;
  auto i32 = VectorType::get({lanes}, b.getI32Type());
  SmallVector<Value> rounded;
  for (int64_t i = 0; i < count; ++i) {
    Value part = vector::ExtractStridedSliceOp::create(
        b, loc, reals, ArrayRef<int64_t>{i * lanes}, ArrayRef<int64_t>{lanes},
        ArrayRef<int64_t>{1});
    Value integer = buildRounded(b, loc, part);
    if (zeroPoint != 0)
      integer = arith::AddIOp::create(
          b, loc, integer,
          arith::ConstantOp::create(
              b, loc,
              DenseElementsAttr::get(
                  i32, Attribute(b.getI32IntegerAttr(zeroPoint)))));
    rounded.push_back(integer);
  }
  if (isNeon)
    return buildNeonBytes(b, loc, rounded, isUnsigned);
  StringRef suffix = lanes == 16 ? ".512" : lanes == 4 ? ".128" : "";
  StringRef family = lanes == 16  ? "llvm.x86.avx512."
                     : lanes == 8 ? "llvm.x86.avx2."
                                  : "llvm.x86.sse2.";
  std::string narrowName = (family + "packssdw" + suffix).str();
  std::string byteName =
      (family + (isUnsigned ? "packuswb" : "packsswb") + suffix).str();
  auto i16 = VectorType::get({lanes * 2}, b.getI16Type());
  auto i8 = VectorType::get({lanes * 4}, b.getI8Type());
  Value low = buildIntrinsic(b, loc, i16, narrowName, {rounded[0], rounded[1]});
  Value high = count == 2 ? low
                          : buildIntrinsic(b, loc, i16, narrowName,
                                           {rounded[2], rounded[3]});
  Value bytes = buildIntrinsic(b, loc, i8, byteName, {low, high});
  // Packs work within 128 bits: block i of the result has the i-th four codes
  // of every operand.
  Value blocks = vector::BitCastOp::create(b, loc, i32, bytes);
  int64_t numBlocks = lanes / 4;
  SmallVector<int64_t> order;
  for (int64_t operand = 0; operand < count; ++operand)
    for (int64_t block = 0; block < numBlocks; ++block)
      order.push_back(block * 4 + operand);
  if (lanes > 4 || count < 4)
    blocks = vector::ShuffleOp::create(b, loc, blocks, blocks, order);
  return vector::BitCastOp::create(
      b, loc, VectorType::get({count * lanes}, b.getI8Type()), blocks);
}

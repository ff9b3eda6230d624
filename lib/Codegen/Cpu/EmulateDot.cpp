//===- EmulateDot.cpp - dot product instructions in plain arithmetic -----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EMULATEDOTPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;

/// `value` with 32-bit elements.
static Value widen(OpBuilder &b, Location loc, Value value, bool isSigned) {
  Type type = cast<VectorType>(value.getType()).clone(b.getI32Type());
  if (isSigned)
    return arith::ExtSIOp::create(b, loc, type, value);
  return arith::ExtUIOp::create(b, loc, type, value);
}

/// Sums of neighbours, `count` of them (a power of 2) at a time.
static Value sumNeighbours(OpBuilder &b, Location loc, Value value,
                           int64_t count) {
  for (; count > 1; count /= 2) {
    auto halves = vector::DeinterleaveOp::create(b, loc, value);
    value = arith::AddIOp::create(b, loc, halves.getRes1(), halves.getRes2());
  }
  return value;
}

static Value buildSplat(OpBuilder &b, Location loc, Value like,
                        TypedAttr value) {
  auto type = cast<VectorType>(like.getType()).clone(value.getType());
  return arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(cast<ShapedType>(type), Attribute(value)));
}

/// cvtps2dq or fcvtns where the result is not far from 0. What is far keeps its
/// sign, which is all that the packs see of it.
static Value emulateRound(OpBuilder &b, Location loc, Value value) {
  auto real = [&](float x) {
    return buildSplat(b, loc, value, b.getF32FloatAttr(x));
  };
  Value high = arith::MinimumFOp::create(b, loc, value, real(0x1p21f));
  Value near = arith::MaximumFOp::create(b, loc, high, real(-0x1p21f));
  Value sum = arith::AddFOp::create(b, loc, near, real(0x1.8p23f));
  Value rounded = arith::SubFOp::create(b, loc, sum, real(0x1.8p23f));
  Type type = cast<VectorType>(value.getType()).clone(b.getI32Type());
  return arith::FPToSIOp::create(b, loc, type, rounded);
}

/// Elements saturated to half their width.
static Value saturate(OpBuilder &b, Location loc, Value value,
                      bool isUnsigned) {
  auto type = cast<VectorType>(value.getType());
  Type wide = type.getElementType();
  unsigned half = type.getElementTypeBitWidth() / 2;
  int64_t least = isUnsigned ? 0 : -(int64_t(1) << (half - 1));
  int64_t most = least + (int64_t(1) << half) - 1;
  Value low = arith::MaxSIOp::create(
      b, loc, value, buildSplat(b, loc, value, b.getIntegerAttr(wide, least)));
  Value clamped = arith::MinSIOp::create(
      b, loc, low, buildSplat(b, loc, value, b.getIntegerAttr(wide, most)));
  return arith::TruncIOp::create(b, loc, type.clone(b.getIntegerType(half)),
                                 clamped);
}

/// Elements of both operands saturated to half their width, alternating in
/// blocks of 128 bits.
static Value emulatePack(OpBuilder &b, Location loc, Value lhs, Value rhs,
                         bool isUnsigned) {
  auto type = cast<VectorType>(lhs.getType());
  unsigned bits = type.getElementTypeBitWidth();
  int64_t count = type.getDimSize(0), block = 128 / bits;
  SmallVector<int64_t> order;
  for (int64_t first = 0; first < count; first += block)
    for (int64_t base : {int64_t(0), count})
      for (int64_t i = 0; i < block; ++i)
        order.push_back(base + first + i);
  Value both = vector::ShuffleOp::create(b, loc, lhs, rhs, order);
  return saturate(b, loc, both, isUnsigned);
}

/// Two products of each lane, summed in f32.
static Value emulateBfloat16(OpBuilder &b, Location loc, ValueRange args) {
  auto widen = [&](Value value) -> Value {
    Type type = cast<VectorType>(value.getType()).clone(b.getF32Type());
    return arith::ExtFOp::create(b, loc, type, value);
  };
  Value products =
      arith::MulFOp::create(b, loc, widen(args[1]), widen(args[2]));
  auto halves = vector::DeinterleaveOp::create(b, loc, products);
  Value sums =
      arith::AddFOp::create(b, loc, halves.getRes1(), halves.getRes2());
  return arith::AddFOp::create(b, loc, args[0], sums);
}

/// Two rows of eight of the first times two of the second.
static Value emulateMatrix(OpBuilder &b, Location loc, ValueRange args) {
  auto repeat = [&](Value value, ArrayRef<int64_t> rows) -> Value {
    SmallVector<int64_t> order;
    for (int64_t row : rows)
      for (int64_t i = 0; i < 8; ++i)
        order.push_back(8 * row + i);
    Value repeated = vector::ShuffleOp::create(b, loc, value, value, order);
    return widen(b, loc, repeated, /*isSigned=*/true);
  };
  Value products = arith::MulIOp::create(b, loc, repeat(args[1], {0, 0, 1, 1}),
                                         repeat(args[2], {0, 1, 0, 1}));
  return arith::AddIOp::create(b, loc, args[0],
                               sumNeighbours(b, loc, products, 8));
}

namespace {
struct EmulateDot
    : public mlir::compress::impl::EmulateDotPassBase<EmulateDot> {
  void runOnOperation() override {
    SmallVector<LLVM::CallIntrinsicOp> calls;
    getOperation()->walk(
        [&](LLVM::CallIntrinsicOp call) { calls.push_back(call); });
    IRRewriter rewriter(&getContext());
    for (LLVM::CallIntrinsicOp call : calls) {
      rewriter.setInsertionPoint(call);
      Location loc = call.getLoc();
      StringRef name = call.getIntrin();
      if (!name.starts_with("llvm.x86.") && !name.starts_with("llvm.aarch64."))
        continue;
      ValueRange args = call.getArgs();
      bool isSdot = name.starts_with("llvm.aarch64.neon.sdot.");
      if (isSdot || name.starts_with("llvm.x86.avx512.vpdpbusd.")) {
        Value products = arith::MulIOp::create(
            rewriter, loc, widen(rewriter, loc, args[1], isSdot),
            widen(rewriter, loc, args[2], /*isSigned=*/true));
        rewriter.replaceOpWithNewOp<arith::AddIOp>(
            call, args[0], sumNeighbours(rewriter, loc, products, 4));
      } else if (name.starts_with("llvm.aarch64.neon.smmla.")) {
        rewriter.replaceOp(call, emulateMatrix(rewriter, loc, args));
      } else if (name.contains(".dpbf16ps.") || name.contains(".bfdot.")) {
        rewriter.replaceOp(call, emulateBfloat16(rewriter, loc, args));
      } else if (name.contains(".pmadd.ub.sw") ||
                 name.contains(".pmaddubs.w.")) {
        Value products = arith::MulIOp::create(
            rewriter, loc, widen(rewriter, loc, args[0], /*isSigned=*/false),
            widen(rewriter, loc, args[1], /*isSigned=*/true));
        Value sums = sumNeighbours(rewriter, loc, products, 2);
        rewriter.replaceOp(call, saturate(rewriter, loc, sums,
                                          /*isUnsigned=*/false));
      } else if (name.contains(".pmadd.wd") || name.contains(".pmaddw.d.")) {
        Value products = arith::MulIOp::create(
            rewriter, loc, widen(rewriter, loc, args[0], /*isSigned=*/true),
            widen(rewriter, loc, args[1], /*isSigned=*/true));
        rewriter.replaceOp(call, sumNeighbours(rewriter, loc, products, 2));
      } else if (name.contains(".cvtps2dq") || name.contains(".cvt.ps2dq")) {
        rewriter.replaceOp(call, emulateRound(rewriter, loc, args[0]));
      } else if (name.contains(".neon.fcvtns.")) {
        rewriter.replaceOp(call, emulateRound(rewriter, loc, args[0]));
      } else if (name.contains(".neon.sqxt")) {
        rewriter.replaceOp(
            call, saturate(rewriter, loc, args[0], name.contains(".sqxtun.")));
      } else if (name.contains(".packss") || name.contains(".packus")) {
        rewriter.replaceOp(call, emulatePack(rewriter, loc, args[0], args[1],
                                             name.contains(".packus")));
      } else {
        call.emitError(
            "requires vpdpbusd, vdpbf16ps, pmaddubsw, pmaddwd, cvtps2dq or a "
            "pack, or sdot, smmla, bfdot, fcvtns or sqxtn; no other "
            "instruction is "
            "emulated");
        return signalPassFailure();
      }
      ++numEmulated;
    }
  }
};
} // namespace

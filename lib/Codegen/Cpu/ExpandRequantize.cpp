//===- ExpandRequantize.cpp - compress.requantize in arith ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EXPANDREQUANTIZEPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// 1.5 * 2^23: one unit in the last place of a sum with it is 1.
static constexpr float kRoundingMagic = 12582912.0f;
static constexpr int32_t kRoundingMagicBits = 0x4B400000;

/// The type of `like` with another element type.
static Type withElement(Type like, Type element) {
  if (auto vector = dyn_cast<VectorType>(like))
    return vector.clone(element);
  return element;
}

static Value buildConstant(OpBuilder &b, Location loc, Type type,
                           TypedAttr value) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(vector, Attribute(value)));
  return arith::ConstantOp::create(b, loc, value);
}

/// As the description of compress.requantize says, but for the rounding: the
/// integer is read from the bits of v + 1.5*2^23 instead of subtracting and
/// converting. |v| < 2^22 after the clamp, so both give the same.
static void expand(RewriterBase &rewriter, RequantizeOp op) {
  Location loc = op.getLoc();
  Type codeType = op.getCode().getType();
  Type f32 = withElement(codeType, rewriter.getF32Type());
  Type i32 = withElement(codeType, rewriter.getI32Type());
  auto floatConstant = [&](float value) {
    return buildConstant(rewriter, loc, f32, rewriter.getF32FloatAttr(value));
  };
  bool isInteger = getElementTypeOrSelf(op.getAcc().getType()).isInteger(32);
  Value v = op.getAcc();
  if (isInteger)
    v = arith::SIToFPOp::create(rewriter, loc, f32, v);
  v = arith::MulFOp::create(rewriter, loc, v, op.getScale());
  if (!isInteger) {
    Value isNan =
        arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::UNO, v, v);
    v = arith::SelectOp::create(rewriter, loc, isNan, floatConstant(0), v);
  }
  int32_t zp = op.getZeroPoint();
  auto lo = static_cast<float>(static_cast<int32_t>(op.getQmin()) - zp);
  auto hi = static_cast<float>(static_cast<int32_t>(op.getQmax()) - zp);
  // Compare and select is what one min or max instruction computes.
  Value low = floatConstant(lo), high = floatConstant(hi);
  Value above =
      arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OGT, v, low);
  v = arith::SelectOp::create(rewriter, loc, above, v, low);
  Value below =
      arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OLT, v, high);
  v = arith::SelectOp::create(rewriter, loc, below, v, high);
  Value sum =
      arith::AddFOp::create(rewriter, loc, v, floatConstant(kRoundingMagic));
  Value bits = arith::BitcastOp::create(rewriter, loc, i32, sum);
  Value shift = buildConstant(
      rewriter, loc, i32, rewriter.getI32IntegerAttr(zp - kRoundingMagicBits));
  Value code = arith::AddIOp::create(rewriter, loc, bits, shift);
  rewriter.replaceOpWithNewOp<arith::TruncIOp>(op, codeType, code);
}

namespace {
struct ExpandRequantize
    : public mlir::compress::impl::ExpandRequantizePassBase<ExpandRequantize> {
  void runOnOperation() override {
    SmallVector<RequantizeOp> ops;
    getOperation()->walk([&](RequantizeOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (RequantizeOp op : ops) {
      if (isa<TensorType>(op.getCode().getType())) {
        op.emitError("requires scalars or vectors; write the op in the body of "
                     "a linalg.generic");
        return signalPassFailure();
      }
      rewriter.setInsertionPoint(op);
      expand(rewriter, op);
      ++numExpanded;
    }
  }
};
} // namespace

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
#include "mlir/IR/Matchers.h"
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

/// The one user of `op`, where it flips the highest bit of 8-bit codes.
static Operation *findFlip(RequantizeOp op) {
  APInt sign;
  if (!op.getCode().hasOneUse() ||
      !getElementTypeOrSelf(op.getCode()).isInteger(8))
    return nullptr;
  auto flip = dyn_cast<arith::XOrIOp>(*op.getCode().user_begin());
  return flip && matchPattern(flip.getRhs(), m_ConstantInt(&sign)) &&
                 sign.isSignMask()
             ? flip
             : nullptr;
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
  // A code that is only stored as q + 128 is one with another zero point.
  Operation *replaced = op;
  if (Operation *flip = findFlip(op)) {
    zp += 128;
    replaced = flip;
  }
  // The magic number is 0 in the bits that are kept. An even zero point can be
  // added before the rounding: ties go to the same code.
  bool even = zp % 2 == 0;
  Value sum = arith::AddFOp::create(
      rewriter, loc, v,
      floatConstant(kRoundingMagic + static_cast<float>(even ? zp : 0)));
  Value code = arith::BitcastOp::create(rewriter, loc, i32, sum);
  if (!even)
    code = arith::AddIOp::create(
        rewriter, loc, code,
        buildConstant(rewriter, loc, i32, rewriter.getI32IntegerAttr(zp)));
  Value result = arith::TruncIOp::create(rewriter, loc, codeType, code);
  rewriter.replaceOp(replaced, result);
  if (replaced != op)
    rewriter.eraseOp(op);
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

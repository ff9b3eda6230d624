//===- FoldConstants.cpp - linalg ops on constants ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "FoldConstants.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace mlir::compress {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Whether the result of `op` has more elements than each of its inputs: fills
/// and broadcasts say more as ops than as constants.
static bool repeatsElements(linalg::LinalgOp op) {
  if (isa<linalg::FillOp, linalg::BroadcastOp>(op.getOperation()))
    return true;
  auto result = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!result || !result.hasStaticShape())
    return true;
  return llvm::none_of(op.getDpsInputs(), [&](Value input) {
    auto type = dyn_cast<RankedTensorType>(input.getType());
    return type && type.hasStaticShape() &&
           type.getNumElements() >= result.getNumElements();
  });
}

/// The scalar that a generic repeats, if it is a fill in this form.
static Value filledScalar(linalg::GenericOp op) {
  if (op->getNumResults() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumLoops() != op.getNumParallelLoops() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return {};
  Value yielded = op.getBody()->getTerminator()->getOperand(0);
  if (auto argument = dyn_cast<BlockArgument>(yielded);
      argument && argument.getOwner() == op.getBody())
    yielded = op.getMatchingOpOperand(argument)->get();
  // From outside, and no tensor.
  bool isOutside = yielded.getParentBlock() != op.getBody();
  return isOutside && !isa<ShapedType>(yielded.getType()) ? yielded : Value();
}

/// `scalar` as a constant in place of `op`.
static Value buildScalar(tensor::ExtractOp op, Scalar scalar) {
  OpBuilder b(op);
  Type type = op.getType();
  TypedAttr attr = isa<FloatType>(type)
                       ? TypedAttr(b.getFloatAttr(type, scalar.real))
                       : TypedAttr(b.getIntegerAttr(type, scalar.integer));
  return arith::ConstantOp::create(b, op.getLoc(), attr);
}

static remark::RemarkOpts named() {
  return remark::RemarkOpts::name("FoldConstants").category("compress");
}

namespace {
struct FoldConstants
    : public mlir::compress::impl::FoldConstantsPassBase<FoldConstants> {
  using Base::Base;

  void runOnOperation() override {
    ConstantEvaluator evaluator(maxCost);
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.hasIndexSemantics())
        generics.push_back(op);
      if (Value scalar = filledScalar(op)) {
        OpBuilder b(op);
        op.getResult(0).replaceAllUsesWith(
            linalg::FillOp::create(b, op.getLoc(), scalar, op.getDpsInits()[0])
                ->getResult(0));
      }
    });
    getOperation().walk([&](tensor::ExtractOp op) {
      // In a body it depends on the place.
      if (op->getParentOp() == getOperation())
        if (std::optional<Scalar> scalar = evaluator.evaluateScalar(op))
          op.replaceAllUsesWith(buildScalar(op, *scalar));
    });
    for (linalg::GenericOp op : generics) {
      if (integersOnly || !hoistIndices(op, evaluator))
        continue;
      ++numHoisted;
      remark::passed(op.getLoc(), named())
          << "what linalg.generic computes from its indices made a constant";
    }
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op->getNumResults() != 1 || repeatsElements(op))
        return;
      Type element = getElementTypeOrSelf(op->getResult(0));
      if (integersOnly && !element.isInteger())
        return;
      const ConstantData *data = evaluator.evaluate(op->getResult(0));
      if (!data)
        return;
      OpBuilder b(op);
      Value constant = arith::ConstantOp::create(
          b, op.getLoc(), makeConstant(data->type, data->bytes));
      op->getResult(0).replaceAllUsesWith(constant);
      ++numFolded;
      remark::passed(
          op.getLoc(),
          remark::RemarkOpts::name("FoldConstants").category("compress"))
          << op->getName().getStringRef() << " of constants folded";
    });
    // At the end: the evaluator knows values by their ops.
    getOperation().walk<WalkOrder::PostOrder, mlir::ReverseIterator>(
        [](Operation *op) {
          if (isOpTriviallyDead(op))
            op->erase();
        });
  }
};
} // namespace

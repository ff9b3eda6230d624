//===- QdqToInteger.cpp - the qdq form in integers ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Conversion/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Lowering.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Iterators.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_QDQTOINTEGERPASS
#include "Compress/Conversion/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Whether `op` computes in f32 and is no conversion.
static bool computesInFloat(Operation *op) {
  return computesOnF32(op) && !op->hasAttr(kConvertAttr);
}

/// Why `op` stays f32, where no pattern said so.
static StringRef guessReason(Operation *op) {
  auto isInteger = [](Value value) {
    return isa<IntegerType>(getElementTypeOrSelf(value));
  };
  if (llvm::any_of(op->getResults(), isInteger) ||
      llvm::any_of(op->getOperands(), isInteger))
    return "it converts between f32 and integers in a way of its own";
  for (Value operand : op->getOperands())
    if (Operation *def = operand.getDefiningOp())
      if (computesInFloat(def))
        return "an operand is computed in f32";
  return "its result is not quantized";
}

namespace {
struct QdqToInteger
    : public mlir::compress::impl::QdqToIntegerPassBase<QdqToInteger> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    // In program order, each stage once: when an op is reached, its operands
    // are lowered already.
    LoweringLog log;
    apply([&](RewritePatternSet &patterns) {
      populateQuantizePatterns(patterns, log);
      populateMoveCodesPatterns(patterns, log);
    });
    eraseDead(log);
    apply([&](RewritePatternSet &patterns) {
      populateDequantizeSumsPatterns(patterns, log);
    });
    eraseDead(log);
    apply([&](RewritePatternSet &patterns) {
      populateDequantizeCodesPatterns(patterns);
    });
    eraseDead(log);
    if (failed(fuseParts()))
      return signalPassFailure();
    report(func, log);
  }

private:
  void apply(function_ref<void(RewritePatternSet &)> populate) {
    RewritePatternSet patterns(&getContext());
    populate(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }

  /// An addition, say, and its requantization become one generic.
  LogicalResult fuseParts() {
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, [](OpOperand *use) {
      Operation *producer = use->get().getDefiningOp();
      return producer && producer->hasAttr(kPartAttr) && producer->hasOneUse();
    });
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  /// Erases what lost its users, last first, and forgets its reasons.
  void eraseDead(LoweringLog &log) {
    getOperation().walk<WalkOrder::PostOrder, mlir::ReverseIterator>(
        [&](Operation *op) {
          if (!isOpTriviallyDead(op))
            return;
          log.reasons.erase(op);
          op->erase();
        });
  }

  void report(func::FuncOp func, const LoweringLog &log) {
    unsigned floats = 0;
    func.walk([&](Operation *op) {
      if (!computesInFloat(op))
        return;
      ++floats;
      auto it = log.reasons.find(op);
      std::string reason =
          it != log.reasons.end() ? it->second : guessReason(op).str();
      // Somebody wanted it so.
      if (auto wish = op->getAttrOfType<StringAttr>(kFloatAttr))
        reason = wish.str();
      op->setAttr(kFloatAttr, StringAttr::get(op->getContext(), reason));
      remark::missed(op->getLoc(),
                     remark::RemarkOpts::name("Float").category("compress"))
          << (op->getName().getStringRef() + " stays f32: " + reason).str();
    });
    numInteger += log.numInteger;
    numMoved += log.numMoved;
    numFloat += floats;
    remark::analysis(func.getLoc(),
                     remark::RemarkOpts::name("Summary").category("compress"))
        << ("computed in integers: " + Twine(log.numInteger) +
            ", moved as codes: " + Twine(log.numMoved) +
            ", in f32: " + Twine(floats))
               .str();
  }
};
} // namespace

//===- LayoutNhwc.cpp - convolutions and pools in NHWC -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Layout.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LAYOUTNHWCPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

void mlir::compress::copyDiscardableAttrs(Operation *from, Operation *to) {
  for (NamedAttribute attr : from->getDiscardableAttrs())
    if (attr.getNameDialect() != from->getDialect() ||
        !isa<linalg::LinalgDialect>(from->getDialect()))
      to->setDiscardableAttr(attr.getName(), attr.getValue());
}

linalg::LinalgOp mlir::compress::createNhwcOp(OpBuilder &b, linalg::LinalgOp op,
                                              ValueRange operands) {
  auto make = [&](auto source, auto *target) -> linalg::LinalgOp {
    using Target = std::remove_pointer_t<decltype(target)>;
    Value init = operands.back();
    auto created = Target::create(b, op.getLoc(), TypeRange{init.getType()},
                                  operands.drop_back(), ValueRange{init},
                                  source.getStrides(), source.getDilations());
    copyDiscardableAttrs(op, created);
    return cast<linalg::LinalgOp>(created.getOperation());
  };
  using namespace linalg;
  Operation *raw = op;
  if (auto conv = dyn_cast<Conv2DNchwFchwOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNhwcFhwcOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNchwFchwQOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfQOp *>(nullptr));
  if (auto conv = dyn_cast<Conv2DNhwcFhwcQOp>(raw))
    return make(conv, static_cast<Conv2DNhwcHwcfQOp *>(nullptr));
  if (auto conv = dyn_cast<DepthwiseConv2DNchwChwOp>(raw))
    return make(conv, static_cast<DepthwiseConv2DNhwcHwcOp *>(nullptr));
  if (auto pool = dyn_cast<PoolingNchwMaxOp>(raw))
    return make(pool, static_cast<PoolingNhwcMaxOp *>(nullptr));
  if (auto pool = dyn_cast<PoolingNchwSumOp>(raw))
    return make(pool, static_cast<PoolingNhwcSumOp *>(nullptr));
  return {};
}

linalg::LinalgOp
mlir::compress::rebuildLinalg(RewriterBase &rewriter, linalg::LinalgOp op,
                              ValueRange operands, ArrayRef<AffineMap> maps,
                              ArrayRef<utils::IteratorType> iterators) {
  Value init = operands.back();
  if (!isa<linalg::GenericOp>(op) &&
      maps == ArrayRef<AffineMap>(op.getIndexingMapsArray()))
    return cast<linalg::LinalgOp>(clone(rewriter, op.getOperation(),
                                        TypeRange{init.getType()}, operands));
  auto generic = linalg::GenericOp::create(
      rewriter, op.getLoc(), TypeRange{init.getType()}, operands.drop_back(),
      ValueRange{init}, maps, iterators);
  rewriter.cloneRegionBefore(op->getRegion(0), generic.getRegion(),
                             generic.getRegion().end());
  copyDiscardableAttrs(op, generic);
  return generic;
}

namespace {
struct LayoutNhwc
    : public mlir::compress::impl::LayoutNhwcPassBase<LayoutNhwc> {
  LogicalResult initialize(MLIRContext *ctx) override {
    RewritePatternSet first(ctx), second(ctx);
    populateMultiplierPatterns(first);
    populateReshapePatterns(second);
    phases = {FrozenRewritePatternSet(std::move(first)),
              FrozenRewritePatternSet(std::move(second))};
    return success();
  }

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal())
      return;
    if (!func.getBody().hasOneBlock()) {
      remark::missed(
          func.getLoc(),
          remark::RemarkOpts::name("LayoutNhwc").category("compress"))
          << "layouts stay: the function has branches";
      return;
    }
    GreedyRewriteConfig config;
    config.enableFolding(false);
    for (const FrozenRewritePatternSet &patterns : phases) {
      if (succeeded(applyPatternsGreedily(func, patterns, config)))
        continue;
      func.emitError("reshapes did not settle; please report the model");
      return signalPassFailure();
    }
    Block &block = func.getBody().front();
    IRRewriter rewriter(&getContext());
    Relayout relayout(rewriter, block);
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      ops.push_back(&op);
    for (Operation *op : ops) {
      if (!relayout.rewrite(op))
        continue;
      ++numConverted;
      remark::passed(
          op->getLoc(),
          remark::RemarkOpts::name("LayoutNhwc").category("compress"))
          << op->getName().getStringRef() << " brought to NHWC";
    }
    for (Operation *op : llvm::reverse(ops))
      if (isOpTriviallyDead(op))
        rewriter.eraseOp(op);
    func.walk([&](linalg::TransposeOp) { ++numTransposes; });
  }

  /// One after the other: a collapse that will vanish shall not move before.
  SmallVector<FrozenRewritePatternSet, 2> phases;
};
} // namespace

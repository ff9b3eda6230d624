//===- FoldZeroPoints.cpp - zero points of *_q ops into bias and weights -===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

namespace mlir::compress {
#define GEN_PASS_DEF_FOLDZEROPOINTSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// `init + correction[c]` for an init that is no constant a channel.
static Value addToInit(OpBuilder &b, const WeightedOp &op, Value correction) {
  Value init = op.init->get();
  auto type = cast<RankedTensorType>(init.getType());
  AffineMap identity = b.getMultiDimIdentityMap(type.getRank());
  Value empty = tensor::EmptyOp::create(b, op.op->getLoc(), type.getShape(),
                                        type.getElementType());
  return linalg::GenericOp::create(
             b, op.op->getLoc(), TypeRange{type}, ValueRange{init, correction},
             ValueRange{empty},
             ArrayRef<AffineMap>{identity, op.channelMap(), identity},
             SmallVector<utils::IteratorType>(type.getRank(),
                                              utils::IteratorType::parallel),
             [](OpBuilder &b, Location loc, ValueRange args) {
               linalg::YieldOp::create(
                   b, loc,
                   arith::AddIOp::create(b, loc, args[0], args[1]).getResult());
             })
      ->getResult(0);
}

/// Replaces a `*_q` op by the plain one; the reason where it cannot.
static StringRef foldZeroPoints(IRRewriter &rewriter, linalg::LinalgOp op) {
  StringRef reason;
  std::optional<WeightedOp> view = matchWeightedOp(op, &reason);
  if (!view)
    return reason;
  if (!getElementTypeOrSelf(op->getOperand(0)).isInteger(8))
    return "the input is not i8";
  auto zx = matchSplat(op->getOperand(2)), zw = matchSplat(op->getOperand(3));
  if (!zx || !zw)
    return "a zero point is no constant";
  FailureOr<ConstantData> weights = readConstant(view->filter->get());
  if (failed(weights) || !weights->type.getElementType().isInteger(8))
    return "the weights are no i8 constant";
  int64_t inputZero = static_cast<int64_t>(*zx);
  int64_t weightZero = static_cast<int64_t>(*zw);

  std::vector<int64_t> sums(view->numChannels(), 0);
  bool fits = true;
  view->forEachFilterElement([&](int64_t i, int64_t c) {
    int64_t w = weights->getInt(i) - weightZero;
    fits &= w >= -128 && w <= 127;
    weights->bytes[i] = static_cast<char>(w);
    sums[c] += w;
  });
  if (!fits)
    return "weights less their zero point do not fit in i8";

  rewriter.setInsertionPoint(op);
  Value filter = view->filter->get();
  if (weightZero != 0)
    filter = arith::ConstantOp::create(
        rewriter, filter.getLoc(), makeConstant(weights->type, weights->bytes));
  // Modulo 2^32: only the final sum has to fit.
  std::vector<int32_t> bias(sums.size());
  for (auto [b, sum] : llvm::zip(bias, sums))
    b = static_cast<int32_t>(static_cast<uint32_t>(-inputZero * sum));
  std::optional<BiasSource> source = matchBias(*view);
  FailureOr<ConstantData> data = failure();
  if (source && source->constant)
    data = readConstant(source->constant);
  bool constant = source && (!source->constant || succeeded(data));
  if (constant)
    for (auto [c, b] : llvm::enumerate(bias)) {
      int64_t old = source->constant ? data->getInt(c)
                                     : static_cast<int64_t>(source->splat);
      b = static_cast<int32_t>(static_cast<uint32_t>(b) +
                               static_cast<uint32_t>(old));
    }
  Value biasValue = buildChannelConstant(rewriter, op.getLoc(), *view, bias);
  Value init = constant ? buildBiasInit(rewriter, op.getLoc(), *view, biasValue)
                        : addToInit(rewriter, *view, biasValue);
  rewriter.replaceOp(
      op, cloneWithOperands(rewriter, *view, view->input->get(), filter, init));
  return {};
}

namespace {
struct FoldZeroPoints
    : public mlir::compress::impl::FoldZeroPointsPassBase<FoldZeroPoints> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.getNumReductionLoops() > 0 && isCentredProduct(op))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    auto named =
        remark::RemarkOpts::name("FoldZeroPoints").category("compress");
    for (linalg::LinalgOp op : ops) {
      Location loc = op.getLoc();
      StringRef name = op->getName().getStringRef();
      StringRef reason = foldZeroPoints(rewriter, op);
      if (reason.empty()) {
        ++numFolded;
        remark::passed(loc, named) << "zero points of " << name << " folded";
        continue;
      }
      remark::missed(loc, named)
          << "zero points stay in " << name << ": " << reason;
    }
  }
};
} // namespace

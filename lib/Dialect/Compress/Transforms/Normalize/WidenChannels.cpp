//===- WidenChannels.cpp - channels in fours ------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "WideLayer.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::compress {
#define GEN_PASS_DEF_WIDENCHANNELSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// The bytes that dot product instructions take at a time.
static constexpr int64_t kMultiple = 4;

/// Whether `op` computes each element of its result from that of its first
/// operand, or moves them beside the channels: a channel more is one that
/// nothing else sees.
static bool keepsChannelsApart(Operation *op) {
  if (auto pad = dyn_cast<tensor::PadOp>(op))
    return pad.getNofold() == false && pad->getNumOperands() == 1 &&
           pad.getConstantPaddingValue() && pad.getStaticLow().back() == 0 &&
           pad.getStaticHigh().back() == 0;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  std::optional<Elementwise> elementwise = matchElementwise(op);
  return linalgOp && elementwise && elementwise->kind == BodyKind::Clamp &&
         elementwise->operands.size() == 1 && linalgOp.getNumDpsInputs() == 1 &&
         op->getNumOperands() == 2 &&
         elementwise->operands[0] == linalgOp.getDpsInputOperand(0) &&
         llvm::all_of(linalgOp.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isIdentity(); });
}

/// The dimension of the filter that goes over the channels (the last dimension)
/// of the input, if one does.
static std::optional<int64_t> findInputDim(WeightedOp &op) {
  AffineExpr last = op.op.getMatchingIndexingMap(op.input).getResults().back();
  AffineMap filter = op.op.getMatchingIndexingMap(op.filter);
  std::optional<unsigned> place =
      isa<AffineDimExpr>(last) ? filter.getResultPosition(last) : std::nullopt;
  if (!place || op.filterChannelStride[*place] != 0)
    return std::nullopt;
  return *place;
}

namespace {
struct WidenChannels
    : public mlir::compress::impl::WidenChannelsPassBase<WidenChannels> {
  using Base::Base;

  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    SmallVector<Operation *> layers;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (matchWeightedOp(op))
        layers.push_back(op);
    });
    for (Operation *op : layers)
      widenInput(*matchWeightedOp(op));
  }

private:
  void widenInput(WeightedOp layer) {
    auto type = dyn_cast<RankedTensorType>(layer.input->get().getType());
    if (!type || type.getRank() < 2 || !type.getElementType().isF32() ||
        layer.op.getNumDpsInputs() != 2)
      return;
    int64_t count = type.getShape().back();
    if (ShapedType::isDynamic(count) || count < kMultiple ||
        count % kMultiple == 0)
      return;
    std::optional<int64_t> dim = findInputDim(layer);
    // From the layer back to the one that makes the channels.
    SmallVector<Operation *> between;
    Value value = layer.input->get();
    while (value.hasOneUse() && value.getDefiningOp() &&
           keepsChannelsApart(value.getDefiningOp())) {
      between.push_back(value.getDefiningOp());
      value = value.getDefiningOp()->getOperand(0);
    }
    std::optional<WeightedOp> producer = matchMixingLayer(value);
    if (!dim || !value.hasOneUse() || !producer ||
        producer->op->getBlock() != layer.op->getBlock())
      return;

    int64_t wide = llvm::alignTo(count, kMultiple);
    auto channels = llvm::to_vector(llvm::seq<int64_t>(0, count));
    channels.append(wide - count, kZeroChannel);
    OpBuilder b(layer.op);
    Value filter = buildGathered(b, layer.filter->get(), *dim, channels);
    Value made = filter ? buildWideLayer(b, *producer, channels) : Value();
    if (!made)
      return;
    for (Operation *op : llvm::reverse(between))
      made = buildWide(b, op, made, wide);
    layer.input->set(made);
    layer.filter->set(filter);
    // The fills and constants of the old ones are left to others.
    for (Operation *op : between)
      op->erase();
    producer->op->erase();
    ++numWidened;
  }

  /// `op`, of `value`, with `wide` channels.
  static Value buildWide(OpBuilder &b, Operation *op, Value value,
                         int64_t wide) {
    auto old = cast<RankedTensorType>(op->getResult(0).getType());
    SmallVector<int64_t> shape(old.getShape());
    shape.back() = wide;
    auto type = RankedTensorType::get(shape, old.getElementType());
    SmallVector<Value> operands{value};
    if (isa<linalg::LinalgOp>(op)) {
      SmallVector<OpFoldResult> sizes =
          tensor::getMixedSizes(b, op->getLoc(), value);
      operands.push_back(tensor::EmptyOp::create(b, op->getLoc(), sizes,
                                                 old.getElementType()));
    }
    return mlir::clone(b, op, TypeRange{type}, operands)->getResult(0);
  }
};
} // namespace

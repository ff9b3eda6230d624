//===- Movement.cpp - ops that move elements -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace mlir::compress;

/// Whether `op` is a maximum over windows or whole dimensions of one operand.
static bool isMaxReduction(linalg::LinalgOp op) {
  return op.getNumReductionLoops() > 0 && op.getNumDpsInits() == 1 &&
         matchCombiner(op) == CombinerKind::Max;
}

std::optional<Movement> mlir::compress::matchMovement(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<RankedTensorType>(op->getResult(0).getType()))
    return std::nullopt;
  Movement move{op, {}, std::nullopt, false};
  if (auto pad = dyn_cast<tensor::PadOp>(op)) {
    Value value = pad.getConstantPaddingValue();
    std::optional<double> filler = value ? matchSplat(value) : std::nullopt;
    if (!filler || std::isnan(*filler))
      return std::nullopt;
    move.filler = filler;
    move.data.push_back(&pad.getSourceMutable());
    return move;
  }
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
          tensor::ExtractSliceOp, linalg::TransposeOp, linalg::BroadcastOp>(
          op)) {
    move.data.push_back(&op->getOpOperand(0));
    return move;
  }
  if (isa<tensor::ConcatOp>(op)) {
    for (OpOperand &operand : op->getOpOperands())
      move.data.push_back(&operand);
    return move;
  }
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op)) {
    move.data.push_back(&insert.getSourceMutable());
    move.data.push_back(&insert.getDestMutable());
    return move;
  }
  if (auto scatter = dyn_cast<ScatterChannelsOp>(op)) {
    move.filler = 0;
    move.data.push_back(&scatter.getInputMutable());
    return move;
  }
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp)
    return std::nullopt;
  if (isMaxReduction(linalgOp)) {
    std::optional<double> init = matchSplat(linalgOp.getDpsInits()[0]);
    if (!init || std::isnan(*init))
      return std::nullopt;
    move.filler = init;
    move.isMax = true;
    move.data.push_back(linalgOp.getDpsInputOperand(0));
    return move;
  }
  std::optional<Elementwise> elementwise = matchElementwise(op);
  if (!elementwise || elementwise->kind != BodyKind::Identity)
    return std::nullopt;
  move.data.push_back(elementwise->operands[0]);
  return move;
}

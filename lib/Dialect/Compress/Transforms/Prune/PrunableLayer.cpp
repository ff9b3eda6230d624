//===- PrunableLayer.cpp - layers with weights, in any dialect -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "PrunableLayer.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::compress;

std::string PrunableLayer::name() const {
  std::string name = placeOf(op->getLoc());
  return name.empty() ? op->getName().getStringRef().str() : name;
}

Reduction mlir::compress::matchReduction(Operation *op) {
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    if (linalgOp.getNumReductionLoops() == 0)
      return Reduction::None;
    switch (matchCombiner(linalgOp)) {
    case CombinerKind::Add:
      return Reduction::Sum;
    case CombinerKind::MulAdd:
      return matchWeightedOp(op, nullptr, true) ? Reduction::Product
                                                : Reduction::Other;
    case CombinerKind::Max:
      return Reduction::Maximum;
    case CombinerKind::Other:
      return Reduction::Other;
    }
  }
  return llvm::TypeSwitch<Operation *, Reduction>(op)
      .Case<tosa::Conv2DOp, tosa::DepthwiseConv2DOp, tosa::TransposeConv2DOp,
            tosa::MatMulOp>([](auto) { return Reduction::Product; })
      .Case<tosa::ReduceSumOp>([](auto) { return Reduction::Sum; })
      .Case<tosa::ReduceMaxOp, tosa::MaxPool2dOp>(
          [](auto) { return Reduction::Maximum; })
      .Case<tosa::ReduceMinOp, tosa::ReduceProductOp, tosa::ReduceAllOp,
            tosa::ReduceAnyOp, tosa::AvgPool2dOp, tosa::ResizeOp>(
          [](auto) { return Reduction::Other; })
      .Default([](Operation *) { return Reduction::None; });
}

std::optional<std::pair<double, double>>
mlir::compress::getZeroPoints(Operation *op) {
  unsigned first = isa<tosa::MatMulOp>(op) ? 2 : 3;
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    if (linalgOp.getNumDpsInputs() == 2)
      return std::make_pair(0.0, 0.0);
    first = 2;
  }
  std::optional<double> input = matchSplat(op->getOperand(first));
  std::optional<double> filter = matchSplat(op->getOperand(first + 1));
  if (!input || !filter)
    return std::nullopt;
  return std::make_pair(*input, *filter);
}

LogicalResult mlir::compress::checkPrunable(func::FuncOp func) {
  Operation *found = nullptr;
  func.walk([&](RequantizeOp op) {
    found = op;
    return WalkResult::interrupt();
  });
  if (!found)
    return success();
  return found->emitError("the network is in its integer form, in which scores "
                          "and gates are gone; prune before --int8-lower");
}

bool mlir::compress::isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

std::optional<unsigned> mlir::compress::dimOfLoop(AffineMap map,
                                                  unsigned loop) {
  for (auto [dim, expr] : llvm::enumerate(map.getResults()))
    if (expr == getAffineDimExpr(loop, map.getContext()))
      return dim;
  return std::nullopt;
}

/// Weights may be stored as codes.
static bool isConstantFilter(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<quant::DequantizeCastOp, quant::StorageCastOp>(op))
      break;
    value = op->getOperand(0);
  }
  return isConstant(value);
}

std::optional<PrunableLayer> mlir::compress::matchPrunableLayer(Operation *op) {
  if (std::optional<WeightedOp> weighted = matchWeightedOp(op, nullptr, true)) {
    if (!isConstantFilter(weighted->filter->get()))
      return std::nullopt;
    linalg::LinalgOp linalgOp = weighted->op;
    return PrunableLayer{op,
                         weighted->input->get(),
                         weighted->filter->get(),
                         linalgOp.getMatchingIndexingMap(weighted->input),
                         linalgOp.getMatchingIndexingMap(weighted->filter),
                         linalgOp.getMatchingIndexingMap(weighted->init)};
  }
  if (!isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp, tosa::TransposeConv2DOp,
           tosa::MatMulOp>(op) ||
      !isConstantFilter(op->getOperand(1)))
    return std::nullopt;
  std::optional<SmallVector<AffineMap>> maps = getDimensionMaps(op);
  if (!maps)
    return std::nullopt;
  return PrunableLayer{op,         op->getOperand(0), op->getOperand(1),
                       (*maps)[0], (*maps)[1],        maps->back()};
}

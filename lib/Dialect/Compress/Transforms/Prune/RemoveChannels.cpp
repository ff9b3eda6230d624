//===- RemoveChannels.cpp - pruning for real ------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelGroups.h"
#include "ChannelRemoval.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "PrunableLayer.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Remarks.h"

namespace mlir::compress {
#define GEN_PASS_DEF_REMOVECHANNELSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Whether `op` multiplies its operand `operand` by ones.
static bool multipliesByOnes(Operation *op, OpOperand *&operand) {
  std::optional<Elementwise> elementwise = matchElementwise(op);
  if (!elementwise || elementwise->kind != BodyKind::Mul)
    return false;
  operand = elementwise->operands[0];
  if (operand->get().getType() != op->getResult(0).getType())
    return false;
  if (elementwise->scalar)
    return *elementwise->scalar == 1;
  OpOperand *factor = elementwise->operands[1];
  if (isConstant(operand->get()))
    std::swap(operand, factor);
  if (operand->get().getType() != op->getResult(0).getType())
    return false;
  FailureOr<ConstantData> data = readConstant(factor->get());
  if (failed(data))
    return false;
  for (int64_t i = 0; i < data->size(); ++i)
    if (data->getReal(i) != 1)
      return false;
  return true;
}

/// Whether some elements are zero that stay, but not all.
static bool canShrink(const ChannelGraph &graph,
                      const ChannelConstants &constants,
                      const ChannelRemoval &removal, unsigned axis) {
  if (axis == ChannelGraph::kNone)
    return false;
  unsigned zeros = 0;
  bool stays = false;
  for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
    if (constants.isZero(axis, i)) {
      ++zeros;
      stays |= !removal.isRemoved(graph.getAxis(axis).first + i);
    }
  return stays && zeros < graph.getAxis(axis).extent;
}

/// Cuts the tie between a sum and an addend of which channels are zero that
/// the sum has to keep.
static bool placeScatters(func::FuncOp func) {
  ChannelGraph graph(func);
  ChannelConstants constants(graph, func);
  ChannelRemoval removal(graph, constants, func);
  SmallVector<std::pair<OpOperand *, unsigned>> places;
  for (Operation &op : func.getBody().front())
    for (OpOperand *addend : getAddends(&op)) {
      auto type = cast<RankedTensorType>(addend->get().getType());
      if (!type.getElementType().isF32())
        continue;
      for (int64_t dim = 0; dim < type.getRank(); ++dim)
        if (canShrink(graph, constants, removal,
                      graph.getAxis(addend->get(), dim)))
          places.push_back({addend, dim});
    }
  for (auto [addend, dim] : places) {
    Value value = addend->get();
    OpBuilder builder(addend->getOwner());
    auto all = llvm::to_vector(llvm::seq<int64_t>(
        cast<RankedTensorType>(value.getType()).getDimSize(dim)));
    addend->set(ScatterChannelsOp::create(
        builder, addend->getOwner()->getLoc(), value.getType(), value,
        builder.getI64IntegerAttr(dim), builder.getDenseI64ArrayAttr(all)));
  }
  return !places.empty();
}

/// One remark for each mask of which channels stay; returns how many.
static size_t remarkWhatStays(func::FuncOp func, const ChannelGraph &graph,
                              const ChannelRemoval &removal) {
  size_t total = 0;
  func.walk([&](ChannelMaskOp op) {
    unsigned axis = graph.getAxis(op.getOutput(), op.getAxis());
    // By reason, in the order of the channels.
    llvm::MapVector<StringRef, SmallVector<int64_t>> stay;
    for (auto [index, keep] : llvm::enumerate(op.getMask())) {
      unsigned unit = graph.getUnit(axis, index);
      if (keep || removal.isRemoved(unit))
        continue;
      StringRef reason = "no sum goes over it";
      if (const ChannelGraph::Pin *pin = graph.getPin(unit))
        reason = pin->reason;
      else if (const auto *obstacle = removal.getObstacle(unit))
        reason = obstacle->reason;
      stay[reason].push_back(index);
    }
    for (auto &[reason, channels] : stay) {
      total += channels.size();
      std::string text;
      llvm::raw_string_ostream os(text);
      os << channels.size() << " masked channels stay: " << reason;
      remark::missed(
          op.getLoc(),
          remark::RemarkOpts::name("RemoveChannels").category("compress"))
          << text;
    }
  });
  return total;
}

/// Takes out masks and multiplications that change nothing any more.
static void dropNeutralOps(func::FuncOp func) {
  for (Operation &op : llvm::make_early_inc_range(func.getBody().front())) {
    OpOperand *operand = nullptr;
    if (auto mask = dyn_cast<ChannelMaskOp>(op)) {
      if (llvm::is_contained(mask.getMask(), false))
        continue;
      operand = &mask.getInputMutable();
    } else if (!multipliesByOnes(&op, operand)) {
      continue;
    }
    op.getResult(0).replaceAllUsesWith(operand->get());
    op.erase();
  }
}

RemovalCounts mlir::compress::removeChannels(
    func::FuncOp func,
    function_ref<void(const ChannelGraph &, const ChannelRemoval &)>
        beforeDropping) {
  RemovalCounts counts;
  separateConstants(func);
  bool scatters = placeScatters(func);
  {
    ChannelGraph graph(func);
    ChannelConstants constants(graph, func);
    ChannelRemoval removal(graph, constants, func);
    for (unsigned node = 0; node < graph.getNumNodes(); ++node)
      counts.removed += graph.getUnit(node) == node && removal.isRemoved(node);
    counts.kept = remarkWhatStays(func, graph, removal);
    if (beforeDropping)
      beforeDropping(graph, removal);
    if (removal.removesAny())
      dropChannels(func, graph, removal);
  }
  if (scatters)
    func.walk([&](ScatterChannelsOp op) {
      if (op.getInput().getType() != op.getOutput().getType()) {
        ++counts.scattered;
        return;
      }
      op.getOutput().replaceAllUsesWith(op.getInput());
      op.erase();
    });
  dropNeutralOps(func);
  return counts;
}

namespace {
struct RemoveChannels
    : public mlir::compress::impl::RemoveChannelsPassBase<RemoveChannels> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration() || !func.getBody().hasOneBlock())
      return;
    if (failed(checkPrunable(func)))
      return signalPassFailure();
    RemovalCounts counts = removeChannels(func);
    numRemoved += counts.removed;
    numKept += counts.kept;
    numScattered += counts.scattered;
  }
};
} // namespace

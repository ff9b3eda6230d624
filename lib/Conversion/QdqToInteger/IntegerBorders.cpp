//===- IntegerBorders.cpp - integer inputs and outputs --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Conversion/Passes.h"
#include "Lowering.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Remarks.h"

namespace mlir::compress {
#define GEN_PASS_DEF_INTEGERBORDERSPASS
#include "Compress/Conversion/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// The quantized type between `f32` and codes of a marked conversion of the
/// given direction, per tensor; null for any other op.
static quant::UniformQuantizedType conversion(Operation *op, bool toCodes) {
  if (!op || !isa<linalg::GenericOp>(op))
    return {};
  auto attr = op->getAttrOfType<TypeAttr>(kConvertAttr);
  bool makesCodes =
      getElementTypeOrSelf(op->getResult(0).getType()).isInteger();
  if (!attr || makesCodes != toCodes)
    return {};
  return dyn_cast<quant::UniformQuantizedType>(attr.getValue());
}

namespace {
struct IntegerBorders
    : public mlir::compress::impl::IntegerBordersPassBase<IntegerBorders> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal() || !func.getBody().hasOneBlock())
      return;
    for (BlockArgument arg : func.getArguments())
      makeInput(func, arg);
    auto terminator =
        cast<func::ReturnOp>(func.getBody().front().getTerminator());
    for (OpOperand &result : terminator->getOpOperands())
      makeOutput(func, result);
    func.setType(FunctionType::get(&getContext(),
                                   func.getBody().front().getArgumentTypes(),
                                   terminator.getOperandTypes()));
  }

private:
  void stays(Location loc, const Twine &what, StringRef reason) {
    remark::missed(loc, remark::RemarkOpts::name("Border").category("compress"))
        << (what + " stays f32: " + reason).str();
  }

  void makeInput(func::FuncOp func, BlockArgument arg) {
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    if (!type || !type.getElementType().isF32())
      return;
    quant::UniformQuantizedType quantized;
    for (Operation *user : arg.getUsers()) {
      auto next = conversion(user, /*toCodes=*/true);
      if (!next || (quantized && next != quantized))
        return stays(func.getLoc(), "input " + Twine(arg.getArgNumber()),
                     "it is used otherwise than quantized with one scale");
      quantized = next;
    }
    if (!quantized)
      return stays(func.getLoc(), "input " + Twine(arg.getArgNumber()),
                   "it is not used");
    for (Operation *user : llvm::make_early_inc_range(arg.getUsers())) {
      user->getResult(0).replaceAllUsesWith(arg);
      user->erase();
    }
    arg.setType(type.clone(quantized.getStorageType()));
    func.setArgAttr(arg.getArgNumber(), kTypeAttr,
                    TypeAttr::get(quantized));
    ++numBorders;
  }

  void makeOutput(func::FuncOp func, OpOperand &result) {
    auto type = dyn_cast<RankedTensorType>(result.get().getType());
    if (!type || !type.getElementType().isF32())
      return;
    unsigned index = result.getOperandNumber();
    Operation *def = result.get().getDefiningOp();
    quant::UniformQuantizedType quantized = conversion(def, /*toCodes=*/false);
    if (!quantized)
      return stays(func.getLoc(), "output " + Twine(index),
                   "it is not the value of codes with one scale");
    result.set(def->getOperand(0));
    if (def->use_empty())
      def->erase();
    func.setResultAttr(index, kTypeAttr, TypeAttr::get(quantized));
    ++numBorders;
  }
};
} // namespace

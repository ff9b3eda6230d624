//===- IntegerBorders.cpp - integer inputs and outputs --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Conversion/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Lowering.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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

/// Whether `op` only gives the elements of its first operand, `value`, other
/// places.
static bool movesElements(Operation *op, Value value) {
  if (op->getNumResults() != 1 || op->getOperand(0) != value)
    return false;
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp,
          tensor::ExtractSliceOp>(op))
    return true;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumDpsInputs() != 1 ||
      linalgOp.getNumDpsInits() != 1 || linalgOp.getDpsInits()[0] == value ||
      linalgOp.getNumReductionLoops() != 0)
    return false;
  if (isa<linalg::TransposeOp>(op))
    return true;
  std::optional<Elementwise> elementwise = matchElementwise(op);
  return elementwise && elementwise->kind == BodyKind::Identity;
}

/// `op` on codes in place of the numbers.
static Value moveCodes(Operation *op, Value codes) {
  OpBuilder b(op);
  Type element = getElementTypeOrSelf(codes.getType());
  auto type = cast<RankedTensorType>(op->getResult(0).getType()).clone(element);
  if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op)) {
    Value init =
        tensor::EmptyOp::create(b, op->getLoc(), type.getShape(), element);
    AffineMap map =
        linalgOp.getMatchingIndexingMap(linalgOp.getDpsInputOperand(0));
    AffineMap result =
        linalgOp.getMatchingIndexingMap(linalgOp.getDpsInitOperand(0));
    return linalg::GenericOp::create(
               b, op->getLoc(), TypeRange(type), codes, init,
               ArrayRef<AffineMap>{map, result},
               linalgOp.getIteratorTypesArray(),
               [](OpBuilder &nested, Location loc, ValueRange v) {
                 linalg::YieldOp::create(nested, loc, v[0]);
               })
        .getResult(0);
  }
  Operation *moved = b.clone(*op);
  moved->setOperand(0, codes);
  moved->getResult(0).setType(type);
  return moved->getResult(0);
}

namespace {
struct IntegerBorders
    : public mlir::compress::impl::IntegerBordersPassBase<IntegerBorders> {
  using Base::Base;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isExternal() || !func.getBody().hasOneBlock())
      return;
    for (unsigned i = 0; i < func.getNumArguments(); ++i)
      makeInput(func, func.getArgument(i));
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

  /// The type to which all uses of `value` quantize it, at once or behind ops
  /// that only move elements; null where there is another use.
  quant::UniformQuantizedType findQuantization(Value value) {
    quant::UniformQuantizedType found;
    for (Operation *user : value.getUsers()) {
      quant::UniformQuantizedType next = conversion(user, /*toCodes=*/true);
      if (!next && movesElements(user, value))
        next = findQuantization(user->getResult(0));
      if (!next || (found && next != found))
        return {};
      found = next;
    }
    return found;
  }

  /// Puts `codes` in place of the conversions of `value`.
  void useCodes(Value value, Value codes) {
    for (Operation *user : llvm::make_early_inc_range(value.getUsers())) {
      if (movesElements(user, value))
        useCodes(user->getResult(0), moveCodes(user, codes));
      else
        user->getResult(0).replaceAllUsesWith(codes);
      user->erase();
    }
  }

  void makeInput(func::FuncOp func, BlockArgument arg) {
    auto type = dyn_cast<RankedTensorType>(arg.getType());
    if (!type || !type.getElementType().isF32())
      return;
    if (arg.use_empty())
      return stays(func.getLoc(), "input " + Twine(arg.getArgNumber()),
                   "it is not used");
    quant::UniformQuantizedType quantized = findQuantization(arg);
    if (!quantized)
      return stays(func.getLoc(), "input " + Twine(arg.getArgNumber()),
                   "it is used otherwise than quantized with one scale");
    // The codes stand in for the argument until all its uses are theirs.
    BlockArgument codes = arg.getOwner()->insertArgument(
        arg.getArgNumber(), type.clone(quantized.getStorageType()),
        arg.getLoc());
    useCodes(arg, codes);
    arg.getOwner()->eraseArgument(arg.getArgNumber());
    func.setArgAttr(codes.getArgNumber(), kTypeAttr, TypeAttr::get(quantized));
    ++numBorders;
  }

  void makeOutput(func::FuncOp func, OpOperand &result) {
    auto type = dyn_cast<RankedTensorType>(result.get().getType());
    if (!type || !type.getElementType().isF32())
      return;
    unsigned index = result.getOperandNumber();
    // Back to where the codes became numbers.
    SmallVector<Operation *> moves;
    Value value = result.get();
    while (Operation *def = value.getDefiningOp()) {
      if (def->getNumOperands() == 0 || !movesElements(def, def->getOperand(0)))
        break;
      moves.push_back(def);
      value = def->getOperand(0);
    }
    Operation *def = value.getDefiningOp();
    quant::UniformQuantizedType quantized = conversion(def, /*toCodes=*/false);
    if (!quantized)
      return stays(func.getLoc(), "output " + Twine(index),
                   "it is not the value of codes with one scale");
    Value codes = def->getOperand(0);
    for (Operation *move : llvm::reverse(moves))
      codes = moveCodes(move, codes);
    result.set(codes);
    moves.push_back(def);
    for (Operation *move : moves)
      if (move->use_empty())
        move->erase();
    func.setResultAttr(index, kTypeAttr, TypeAttr::get(quantized));
    ++numBorders;
  }
};
} // namespace

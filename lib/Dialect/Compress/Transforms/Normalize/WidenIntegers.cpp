//===- WidenIntegers.cpp - integers of no machine's width -----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

namespace mlir::compress {
#define GEN_PASS_DEF_WIDENINTEGERSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

static bool isI48(Type type) {
  return getElementTypeOrSelf(type).isSignlessInteger(48);
}

/// `type` with i64 in place of i48.
static Type widen(Type type) {
  if (!isI48(type))
    return type;
  Type i64 = IntegerType::get(type.getContext(), 64);
  if (auto tensor = dyn_cast<TensorType>(type))
    return tensor.clone(i64);
  return isa<IntegerType>(type) ? i64 : type;
}

static FailureOr<TypedAttr> widenConstant(TypedAttr attr) {
  if (auto scalar = dyn_cast<IntegerAttr>(attr))
    return TypedAttr(
        IntegerAttr::get(widen(scalar.getType()), scalar.getValue().sext(64)));
  FailureOr<ConstantData> data = readConstant(attr);
  if (failed(data))
    return failure();
  std::vector<int64_t> values(data->size());
  for (auto [i, value] : llvm::enumerate(values))
    value = data->getInt(i);
  return TypedAttr(makeConstant(cast<RankedTensorType>(widen(data->type)),
                                ArrayRef<int64_t>(values)));
}

/// Whether `op` takes an i48 for a number without a sign, which is another one
/// in 64 bits.
static bool isUnsigned(Operation *op) {
  if (isa<arith::ExtUIOp>(op)) // What it gives is the same number.
    return isI48(op->getOperand(0).getType());
  if (auto compare = dyn_cast<arith::CmpIOp>(op))
    return compare.getPredicate() >= arith::CmpIPredicate::ult;
  return isa<arith::UIToFPOp, arith::ShRUIOp, arith::DivUIOp, arith::RemUIOp,
             arith::CeilDivUIOp, arith::MaxUIOp, arith::MinUIOp,
             arith::IndexCastUIOp, arith::BitcastOp>(op);
}

static LogicalResult widenOp(Operation *op) {
  bool reads = llvm::any_of(op->getOperandTypes(), isI48);
  if ((reads || llvm::any_of(op->getResultTypes(), isI48)) && isUnsigned(op))
    return op->emitOpError(
        "takes an i48 as unsigned; convert it to i64 before");
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    if (!isI48(constant.getType()))
      return success();
    FailureOr<TypedAttr> value = widenConstant(constant.getValue());
    if (failed(value))
      return op->emitOpError("requires a dense constant of i48");
    constant.setValueAttr(*value);
  }
  return success();
}

/// What converted between i64 and i48, and now to its own type.
static void replaceConversion(Operation *op) {
  OpBuilder b(op);
  Location loc = op->getLoc();
  Value value = op->getOperand(0);
  if (isa<arith::TruncIOp>(op)) {
    Type type = value.getType();
    TypedAttr shift = b.getI64IntegerAttr(64 - 48);
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      shift = DenseElementsAttr::get(tensor, Attribute(shift));
    Value by = arith::ConstantOp::create(b, loc, shift);
    value = arith::ShLIOp::create(b, loc, value, by);
    value = arith::ShRSIOp::create(b, loc, value, by);
  }
  op->getResult(0).replaceAllUsesWith(value);
  op->erase();
}

namespace {
struct WidenIntegers
    : public mlir::compress::impl::WidenIntegersPassBase<WidenIntegers> {
  void runOnOperation() override {
    // Unsigned readers are looked for before any type changes.
    WalkResult walk = getOperation().walk([](Operation *op) {
      return failed(widenOp(op)) ? WalkResult::interrupt()
                                 : WalkResult::advance();
    });
    if (walk.wasInterrupted())
      return signalPassFailure();
    auto set = [&](Value value) {
      Type type = widen(value.getType());
      numValues += type != value.getType();
      value.setType(type);
    };
    getOperation().walk([&](Operation *op) {
      llvm::for_each(op->getResults(), set);
      for (Region &region : op->getRegions())
        for (Block &block : region)
          llvm::for_each(block.getArguments(), set);
      if (auto func = dyn_cast<func::FuncOp>(op)) {
        auto widened = [](TypeRange types) {
          return llvm::to_vector(llvm::map_range(types, widen));
        };
        func.setFunctionType(FunctionType::get(&getContext(),
                                               widened(func.getArgumentTypes()),
                                               widened(func.getResultTypes())));
      }
    });
    getOperation().walk([](Operation *op) {
      if (isa<arith::ExtSIOp, arith::TruncIOp>(op) &&
          op->getOperand(0).getType() == op->getResult(0).getType())
        replaceConversion(op);
    });
  }
};
} // namespace

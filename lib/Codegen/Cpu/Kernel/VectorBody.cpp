//===- VectorBody.cpp - bodies of linalg ops on vectors ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

static bool isScalar(Type type) { return type.isIntOrFloat(); }

bool mlir::compress::hasVectorBody(linalg::LinalgOp op) {
  for (Operation &nested : op.getBlock()->without_terminator()) {
    if (nested.getNumResults() != 1 || nested.getNumRegions() != 0 ||
        !isScalar(nested.getResult(0).getType()))
      return false;
    if (!nested.hasTrait<OpTrait::ConstantLike>() &&
        !OpTrait::hasElementwiseMappableTraits(&nested))
      return false;
    if (!llvm::all_of(nested.getOperandTypes(), isScalar))
      return false;
  }
  return true;
}

Value mlir::compress::toVector(OpBuilder &b, Location loc, Value value,
                               int64_t width) {
  if (isa<VectorType>(value.getType()))
    return value;
  auto type = VectorType::get({width}, value.getType());
  TypedAttr attr;
  if (matchPattern(value, m_Constant(&attr)) &&
      isa<IntegerAttr, FloatAttr>(attr))
    return arith::ConstantOp::create(
        b, loc, DenseElementsAttr::get(type, Attribute(attr)));
  return vector::BroadcastOp::create(b, loc, type, value);
}

arith::AddFOp mlir::compress::matchProductSum(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  auto sum =
      body->getTerminator()->getOperand(0).getDefiningOp<arith::AddFOp>();
  if (!sum || !sum.getType().isF32())
    return {};
  Value accumulator = body->getArguments().back();
  Value term = sum.getLhs() == accumulator   ? sum.getRhs()
               : sum.getRhs() == accumulator ? sum.getLhs()
                                             : Value();
  auto product = term ? term.getDefiningOp<arith::MulFOp>() : nullptr;
  return product && product->hasOneUse() ? sum : nullptr;
}

/// Evaluates the body but for `sum`, a matched sum of products that may be
/// null, whose product is added to it in one operation.
static Value evaluate(OpBuilder &b, linalg::LinalgOp op, ValueRange args,
                      int64_t width, arith::AddFOp sum) {
  Value accumulator = op.getBlock()->getArguments().back();
  Value term;
  if (sum)
    term = sum.getLhs() == accumulator ? sum.getRhs() : sum.getLhs();
  IRMapping map;
  map.map(op.getBlock()->getArguments(), args);
  for (Operation &nested : op.getBlock()->without_terminator()) {
    if (term && &nested == term.getDefiningOp())
      continue;
    if (&nested == sum) {
      auto operand = [&](Value value) {
        return toVector(b, nested.getLoc(), map.lookupOrDefault(value), width);
      };
      auto product = term.getDefiningOp<arith::MulFOp>();
      Value lhs = operand(product.getLhs()), rhs = operand(product.getRhs());
      map.map(sum.getResult(), LLVM::FMAOp::create(b, nested.getLoc(), lhs, rhs,
                                                   operand(accumulator)));
      continue;
    }
    bool wide = llvm::any_of(nested.getOperands(), [&](Value operand) {
      return isa<VectorType>(map.lookupOrDefault(operand).getType());
    });
    if (!wide) {
      b.clone(nested, map);
      continue;
    }
    SmallVector<Value> operands;
    for (Value operand : nested.getOperands())
      operands.push_back(
          toVector(b, nested.getLoc(), map.lookupOrDefault(operand), width));
    Operation *clone = b.clone(nested, map);
    clone->setOperands(operands);
    Value result = clone->getResult(0);
    result.setType(VectorType::get({width}, result.getType()));
    map.map(nested.getResult(0), result);
  }
  return map.lookupOrDefault(op.getBlock()->getTerminator()->getOperand(0));
}

Value mlir::compress::evaluateBody(OpBuilder &b, linalg::LinalgOp op,
                                   ValueRange args, int64_t width) {
  return evaluate(b, op, args, width, nullptr);
}

Value mlir::compress::evaluateFusedBody(OpBuilder &b, linalg::LinalgOp op,
                                        ValueRange args, int64_t width) {
  return evaluate(b, op, args, width, matchProductSum(op));
}

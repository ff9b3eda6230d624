//===- SplitBodies.cpp - fused bodies as quantizations and the rest -------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where ops were fused, one body dequantizes, computes and quantizes. It is cut
// where f32 begins and ends, so that each generic does one of the three.
//
//===----------------------------------------------------------------------===//

#include "RaiseInteger.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::compress;

/// Whether `value` is a constant, or one rounded to another float type.
static bool isConstant(Value value) {
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<arith::TruncFOp, arith::ExtFOp>(def))
    return isConstant(def->getOperand(0));
  return matchPattern(value, m_Constant());
}

/// The one operand of `op` that is no constant; null where there are several.
/// Of a selection the condition, which compares the same, does not count.
static Value variableOperand(Operation *op) {
  Value found;
  for (Value operand : op->getOperands()) {
    if (isConstant(operand) ||
        (isa<arith::SelectOp>(op) && operand == op->getOperand(0)))
      continue;
    if (found && found != operand)
      return {};
    found = operand;
  }
  return found;
}

/// The only user of `value`, besides comparisons for a selection by it.
static Operation *onlyUser(Value value) {
  Operation *found = nullptr;
  for (Operation *user : value.getUsers()) {
    if (isa<arith::CmpFOp, arith::CmpIOp>(user))
      continue;
    if (found && found != user)
      return nullptr;
    found = user;
  }
  return found;
}

/// Where the dequantization of an integer argument ends, the f32 value after
/// its conversion and factor, and where that of clamped sums begins.
static std::pair<Value, Value> dequantizationOf(Value argument) {
  Value value = argument, start, end;
  bool converted = false;
  while (Operation *user = onlyUser(value)) {
    bool isConversion = isa<arith::SIToFPOp, arith::UIToFPOp>(user);
    bool goesOn = isConversion ||
                  (!converted &&
                   isa<arith::ExtSIOp, arith::ExtUIOp, arith::SubIOp,
                       arith::AddIOp, arith::MaxSIOp, arith::MinSIOp>(user)) ||
                  (converted && isa<arith::SubFOp, arith::AddFOp, arith::ExtFOp,
                                    arith::TruncFOp, arith::MulFOp>(user));
    if (!goesOn || variableOperand(user) != value)
      break;
    converted |= isConversion;
    value = user->getResult(0);
    if (isa<arith::MaxSIOp, arith::MinSIOp>(user))
      start = value;
    if (isa<arith::MulFOp>(user) && !value.getType().isF64()) {
      end = value;
      break;
    }
    // A factor in f64 is rounded afterwards.
    if (isa<arith::TruncFOp>(user) && value.getType().isF32())
      end = value;
  }
  return {end ? start : Value(), end};
}

/// Where the quantization that `conversion` belongs to begins: the value that
/// is divided by the scale.
static Value startOfQuantization(Operation *conversion) {
  Value value = conversion->getOperand(0);
  while (Operation *def = value.getDefiningOp()) {
    Value next = variableOperand(def);
    if (!next || !isa<FloatType>(next.getType()))
      return {};
    value = next;
    if (isa<arith::DivFOp, arith::MulFOp>(def))
      return value;
  }
  return {};
}

/// The codes that a conversion to integers leads to, where the same body
/// converts them back.
static Value codesBetween(Operation *conversion) {
  Value value = conversion->getResult(0);
  while (Operation *user = onlyUser(value)) {
    if (isa<arith::SIToFPOp, arith::UIToFPOp>(user))
      return value;
    if (user->getNumResults() != 1 || variableOperand(user) != value)
      break;
    value = user->getResult(0);
  }
  return {};
}

/// A generic that computes `yielded` of the body of `op`; the values of `known`
/// are read from tensors.
static Value buildPart(OpBuilder &b, linalg::GenericOp op, Value yielded,
                       const llvm::MapVector<Value, Value> &known) {
  // What is needed, from the last op to the first.
  Block *body = op.getBody();
  DenseSet<Value> needed = {yielded};
  SmallVector<Operation *> slice;
  for (Operation &inner : llvm::reverse(body->without_terminator())) {
    Value result = inner.getResult(0);
    if (!needed.contains(result) || (known.contains(result)))
      continue;
    slice.push_back(&inner);
    needed.insert(inner.operand_begin(), inner.operand_end());
  }
  SmallVector<Value> inputs, sources;
  SmallVector<AffineMap> maps;
  for (OpOperand *operand : op.getDpsInputOperands()) {
    Value argument = op.getMatchingBlockArgument(operand);
    if (!needed.contains(argument))
      continue;
    inputs.push_back(operand->get());
    maps.push_back(op.getMatchingIndexingMap(operand));
    sources.push_back(argument);
  }
  AffineMap identity = b.getMultiDimIdentityMap(op.getNumLoops());
  for (auto [value, tensor] : known) {
    if (!needed.contains(value))
      continue;
    inputs.push_back(tensor);
    maps.push_back(identity);
    sources.push_back(value);
  }
  maps.push_back(identity);
  Location loc = op.getLoc();
  Value init = op.getDpsInits()[0];
  Type element = yielded.getType();
  Value empty = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, init), element);
  auto type = cast<RankedTensorType>(init.getType()).clone(element);
  return linalg::GenericOp::create(
             b, loc, TypeRange{type}, inputs, ValueRange{empty}, maps,
             op.getIteratorTypesArray(),
             [&](OpBuilder &b, Location loc, ValueRange arguments) {
               IRMapping mapping;
               mapping.map(sources, arguments.drop_back());
               for (Operation *inner : llvm::reverse(slice))
                 b.clone(*inner, mapping);
               linalg::YieldOp::create(b, loc,
                                       mapping.lookupOrDefault(yielded));
             })
      ->getResult(0);
}

void mlir::compress::splitBody(linalg::GenericOp op) {
  Block *body = op.getBody();
  if (op->getNumResults() != 1 || op.getNumDpsInits() != 1 ||
      op.getNumLoops() != op.getNumParallelLoops() || op.hasIndexSemantics() ||
      !op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity() ||
      !body->getArguments().back().use_empty() ||
      body->getOperations().size() > 256)
    return;
  Value yielded = body->getTerminator()->getOperand(0);
  SetVector<Value> cuts;
  bool supported = true;
  auto add = [&](Value cut) {
    if (cut && cut != yielded && !isa<BlockArgument>(cut))
      cuts.insert(cut);
  };
  for (OpOperand *operand : op.getDpsInputOperands()) {
    Value argument = op.getMatchingBlockArgument(operand);
    if (argument.getType().isInteger() &&
        op.getMatchingIndexingMap(operand).isIdentity()) {
      auto [start, end] = dequantizationOf(argument);
      add(start);
      add(end);
    }
  }
  for (Operation &inner : body->without_terminator()) {
    supported &= inner.getNumResults() == 1 && inner.getNumRegions() == 0;
    if (isa<arith::FPToSIOp, arith::FPToUIOp>(inner)) {
      add(startOfQuantization(&inner));
      add(codesBetween(&inner));
    }
  }
  if (cuts.empty() || !supported)
    return;
  SmallVector<Value> ordered(cuts.begin(), cuts.end());
  llvm::sort(ordered, [](Value a, Value b) {
    return a.getDefiningOp()->isBeforeInBlock(b.getDefiningOp());
  });
  OpBuilder b(op);
  llvm::MapVector<Value, Value> known;
  for (Value cut : ordered)
    known[cut] = buildPart(b, op, cut, known);
  Value result = buildPart(b, op, yielded, known);
  op.getResult(0).replaceAllUsesWith(result);
  // What is cut has cuts of its own: codes in the middle are dequantized.
  for (auto [cut, part] : known)
    splitBody(part.getDefiningOp<linalg::GenericOp>());
  splitBody(result.getDefiningOp<linalg::GenericOp>());
}

//===- Match.cpp - recognizing ops by what they compute ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/Match.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::compress;

static std::optional<double> scalarConstant(Value value) {
  Attribute attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  if (auto f = dyn_cast<FloatAttr>(attr))
    return f.getValueAsDouble();
  if (auto i = dyn_cast<IntegerAttr>(attr))
    return static_cast<double>(i.getValue().getSExtValue());
  return std::nullopt;
}

/// The linalg operand whose scalar `value` is, or null. Looks through operands
/// that are never read because they are outs of an elementwise op.
static OpOperand *operandOf(linalg::LinalgOp op, Value value) {
  auto arg = dyn_cast<BlockArgument>(value);
  if (!arg || arg.getOwner() != op.getBlock())
    return nullptr;
  return op.getMatchingOpOperand(arg);
}

std::optional<double> mlir::compress::matchSplat(Value value) {
  if (auto scalar = scalarConstant(value))
    return scalar;
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return matchSplat(fill.getInputs()[0]);
  // A fill that is written as a generic.
  auto op = value.getDefiningOp<linalg::GenericOp>();
  if (op && op->getNumResults() == 1 &&
      op.getNumLoops() == op.getNumParallelLoops()) {
    Value yielded = op.getBody()->getTerminator()->getOperand(0);
    OpOperand *operand = operandOf(op, yielded);
    return scalarConstant(operand ? operand->get() : yielded);
  }
  Attribute attr;
  if (!matchPattern(value, m_Constant(&attr)))
    return std::nullopt;
  auto dense = dyn_cast<DenseElementsAttr>(attr);
  if (dense && dense.isSplat()) {
    if (isa<FloatType>(dense.getElementType()))
      return dense.getSplatValue<APFloat>().convertToDouble();
    if (dense.getElementType().isInteger())
      return static_cast<double>(dense.getSplatValue<APInt>().getSExtValue());
  }
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.hasStaticShape() || type.getNumElements() != 1)
    return std::nullopt;
  FailureOr<ConstantData> data = readConstant(attr);
  if (failed(data))
    return std::nullopt;
  return data->getReal(0);
}

namespace {
/// A body value as clamp(operand, lo, hi).
struct Clamped {
  OpOperand *operand;
  double lo, hi;
};
} // namespace

/// The constant that a body value has: a scalar constant, or the argument of
/// an operand that is a splat.
static std::optional<double> bodyConstant(linalg::LinalgOp op, Value value) {
  if (auto scalar = scalarConstant(value))
    return scalar;
  if (OpOperand *operand = operandOf(op, value))
    if (op.isDpsInput(operand))
      return matchSplat(operand->get());
  return std::nullopt;
}

/// Matches nested max, min and compare-and-select against constants.
static std::optional<Clamped> matchClamped(linalg::LinalgOp op, Value value,
                                           unsigned depth = 0) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  if (depth > 4)
    return std::nullopt;
  if (OpOperand *operand = operandOf(op, value))
    return Clamped{operand, -inf, inf};
  Operation *def = value.getDefiningOp();
  if (!def)
    return std::nullopt;
  auto combine = [&](Value x, Value bound,
                     bool isMax) -> std::optional<Clamped> {
    auto c = bodyConstant(op, bound);
    if (!c || std::isnan(*c))
      std::swap(x, bound), c = bodyConstant(op, bound);
    if (!c || std::isnan(*c))
      return std::nullopt;
    auto inner = matchClamped(op, x, depth + 1);
    if (!inner)
      return std::nullopt;
    // min(max(x, lo), hi): an outer bound also moves the inner one past it.
    if (isMax) {
      inner->lo = std::max(inner->lo, *c);
      inner->hi = std::max(inner->hi, *c);
    } else {
      inner->lo = std::min(inner->lo, *c);
      inner->hi = std::min(inner->hi, *c);
    }
    return inner;
  };
  if (isa<arith::MaximumFOp, arith::MaxNumFOp>(def))
    return combine(def->getOperand(0), def->getOperand(1), /*isMax=*/true);
  if (isa<arith::MinimumFOp, arith::MinNumFOp>(def))
    return combine(def->getOperand(0), def->getOperand(1), /*isMax=*/false);
  if (auto select = dyn_cast<arith::SelectOp>(def)) {
    auto cmp = select.getCondition().getDefiningOp<arith::CmpFOp>();
    if (!cmp)
      return std::nullopt;
    Value a = cmp.getLhs(), b = cmp.getRhs();
    bool straight = select.getTrueValue() == a && select.getFalseValue() == b;
    bool crossed = select.getTrueValue() == b && select.getFalseValue() == a;
    if (!straight && !crossed)
      return std::nullopt;
    switch (cmp.getPredicate()) {
    case arith::CmpFPredicate::OGT:
    case arith::CmpFPredicate::UGT:
    case arith::CmpFPredicate::OGE:
    case arith::CmpFPredicate::UGE:
      return combine(a, b, /*isMax=*/straight);
    case arith::CmpFPredicate::OLT:
    case arith::CmpFPredicate::ULT:
    case arith::CmpFPredicate::OLE:
    case arith::CmpFPredicate::ULE:
      return combine(a, b, /*isMax=*/crossed);
    default:
      return std::nullopt;
    }
  }
  return std::nullopt;
}

static BodyKind binaryKind(Operation *op) {
  if (isa<arith::AddFOp, arith::AddIOp>(op))
    return BodyKind::Add;
  if (isa<arith::SubFOp, arith::SubIOp>(op))
    return BodyKind::Sub;
  if (isa<arith::MulFOp, arith::MulIOp>(op))
    return BodyKind::Mul;
  if (isa<arith::DivFOp>(op))
    return BodyKind::Div;
  if (isa<arith::MaximumFOp, arith::MaxNumFOp, arith::MaxSIOp>(op))
    return BodyKind::Max;
  if (isa<arith::MinimumFOp, arith::MinNumFOp, arith::MinSIOp>(op))
    return BodyKind::Min;
  return BodyKind::Other;
}

std::optional<Elementwise>
mlir::compress::matchElementwise(Operation *operation) {
  auto op = dyn_cast<linalg::LinalgOp>(operation);
  if (!op || op.getNumLoops() != op.getNumParallelLoops() ||
      op->getNumResults() != 1 || isa<linalg::FillOp>(operation))
    return std::nullopt;
  if (!op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity())
    return std::nullopt;
  Value yielded = op.getBlock()->getTerminator()->getOperand(0);
  Elementwise result;
  if (OpOperand *operand = operandOf(op, yielded)) {
    if (!op.isDpsInput(operand))
      return std::nullopt;
    result.kind = BodyKind::Identity;
    result.operands.push_back(operand);
    return result;
  }
  if (auto clamped = matchClamped(op, yielded)) {
    if (op.isDpsInput(clamped->operand)) {
      result.kind = BodyKind::Clamp;
      result.operands.push_back(clamped->operand);
      result.lo = clamped->lo;
      result.hi = clamped->hi;
      return result;
    }
  }
  Operation *def = yielded.getDefiningOp();
  if (!def || def->getNumOperands() != 2)
    return std::nullopt;
  result.kind = binaryKind(def);
  if (result.kind == BodyKind::Other)
    return std::nullopt;
  bool commutes = result.kind != BodyKind::Sub && result.kind != BodyKind::Div;
  Value lhs = def->getOperand(0), rhs = def->getOperand(1);
  if (commutes && bodyConstant(op, lhs) && !bodyConstant(op, rhs))
    std::swap(lhs, rhs);
  OpOperand *first = operandOf(op, lhs);
  if (!first || !op.isDpsInput(first))
    return std::nullopt;
  result.operands.push_back(first);
  result.scalar = bodyConstant(op, rhs);
  if (OpOperand *second = operandOf(op, rhs)) {
    if (!op.isDpsInput(second))
      return std::nullopt;
    result.operands.push_back(second);
  } else if (!result.scalar) {
    return std::nullopt;
  }
  return result;
}

CombinerKind mlir::compress::matchCombiner(linalg::LinalgOp op) {
  if (op.getNumDpsInits() != 1)
    return CombinerKind::Other;
  BlockArgument acc = op.getMatchingBlockArgument(op.getDpsInitOperand(0));
  Operation *def =
      op.getBlock()->getTerminator()->getOperand(0).getDefiningOp();
  if (!def || def->getNumOperands() != 2 ||
      (def->getOperand(0) != acc && def->getOperand(1) != acc))
    return CombinerKind::Other;
  Value term = def->getOperand(def->getOperand(0) == acc ? 1 : 0);
  // A term may be cast, but not otherwise computed, unless it is a product.
  Operation *termOp = term.getDefiningOp();
  while (termOp &&
         isa<arith::ExtSIOp, arith::ExtFOp, arith::SIToFPOp>(termOp)) {
    term = termOp->getOperand(0);
    termOp = term.getDefiningOp();
  }
  BodyKind kind = binaryKind(def);
  bool isFirstInput =
      op.getNumDpsInputs() > 0 &&
      term == op.getMatchingBlockArgument(op.getDpsInputOperand(0));
  if (kind == BodyKind::Max && isFirstInput)
    return CombinerKind::Max;
  if (kind != BodyKind::Add)
    return CombinerKind::Other;
  if (isFirstInput)
    return CombinerKind::Add;
  if (termOp && isa<arith::MulFOp, arith::MulIOp>(termOp))
    return CombinerKind::MulAdd;
  return CombinerKind::Other;
}

std::optional<Broadcast> mlir::compress::matchBroadcast(Value value) {
  Operation *op = value.getDefiningOp();
  if (!op)
    return std::nullopt;
  auto elementwise = matchElementwise(op);
  if (!elementwise || elementwise->kind != BodyKind::Identity ||
      isa<linalg::TransposeOp>(op))
    return std::nullopt;
  auto linalgOp = cast<linalg::LinalgOp>(op);
  OpOperand *operand = elementwise->operands[0];
  return Broadcast{operand->get(), linalgOp.getMatchingIndexingMap(operand)};
}

static bool isF32Tensor(Type type) {
  return isa<TensorType>(type) && getElementTypeOrSelf(type).isF32();
}

bool mlir::compress::onlyMovesData(Operation *op) {
  std::optional<Elementwise> elementwise = matchElementwise(op);
  if (elementwise && elementwise->kind == BodyKind::Identity)
    return true;
  return op->hasTrait<OpTrait::ConstantLike>() ||
         op->hasTrait<OpTrait::IsTerminator>() ||
         isa<FunctionOpInterface, ModuleOp, linalg::FillOp, linalg::TransposeOp,
             linalg::BroadcastOp, linalg::CopyOp, ScatterChannelsOp>(op) ||
         isa_and_nonnull<tensor::TensorDialect>(op->getDialect());
}

bool mlir::compress::computesOnF32(Operation *op) {
  auto isVariable = [](Value value) {
    return isF32Tensor(value.getType()) && !matchPattern(value, m_Constant());
  };
  return !onlyMovesData(op) &&
         (llvm::any_of(op->getResultTypes(), isF32Tensor) ||
          llvm::any_of(op->getOperands(), isVariable));
}

//===- ConstantEvaluator.cpp - ops on constants ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/ConstantEvaluator.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

/// Chains of ops on constants are short; a damaged file may have any.
static constexpr unsigned kMaxDepth = 64;

static bool isWholeBytes(Type type) {
  return type.isF32() || type.isF64() || type.isSignlessInteger(8) ||
         type.isSignlessInteger(16) || type.isSignlessInteger(32) ||
         type.isSignlessInteger(64);
}

static void store(std::vector<char> &bytes, int64_t i, Type type,
                  Scalar value) {
  unsigned width = type.getIntOrFloatBitWidth() / 8;
  char *to = bytes.data() + i * width;
  if (type.isF32()) {
    auto single = static_cast<float>(value.real);
    std::memcpy(to, &single, width);
  } else if (type.isF64()) {
    std::memcpy(to, &value.real, width);
  } else {
    std::memcpy(to, &value.integer, width);
  }
}

namespace {
/// An operand of the loops: its elements and how far each loop moves.
struct Reader {
  const ConstantData *data = nullptr;
  std::optional<Scalar> scalar; // instead of a tensor
  SmallVector<int64_t> strides; // one a loop
  int64_t at = 0;
};
} // namespace

/// The strides of the loops in a tensor that is read through `map`; nothing
/// where a result of it is more than a loop or the constant 0.
static std::optional<SmallVector<int64_t>> getStrides(AffineMap map,
                                                      ArrayRef<int64_t> shape) {
  SmallVector<int64_t> strides(map.getNumDims(), 0);
  int64_t stride = 1;
  for (int64_t d = static_cast<int64_t>(shape.size()) - 1; d >= 0; --d) {
    AffineExpr expr = map.getResult(d);
    if (auto loop = dyn_cast<AffineDimExpr>(expr))
      strides[loop.getPosition()] += stride;
    else if (auto zero = dyn_cast<AffineConstantExpr>(expr);
             !zero || zero.getValue() != 0)
      return std::nullopt;
    stride *= shape[d];
  }
  return strides;
}

/// Runs the loops of `op` over its constant operands.
static std::optional<ConstantData> runLoops(linalg::LinalgOp op,
                                            ScalarBody &body,
                                            MutableArrayRef<Reader> readers) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  SmallVector<int64_t> extents = op.getStaticLoopRanges();
  auto write = getStrides(op.getMatchingIndexingMap(op.getDpsInitOperand(0)),
                          type.getShape());
  if (!write)
    return std::nullopt;
  ConstantData result{type, {}};
  Type element = type.getElementType();
  result.bytes.resize(type.getNumElements() *
                      (element.getIntOrFloatBitWidth() / 8));
  SmallVector<Scalar> arguments(readers.size());
  SmallVector<int64_t> index(extents.size(), 0);
  int64_t to = 0;
  for (int64_t i = 0, e = type.getNumElements(); i < e; ++i) {
    for (auto [argument, reader] : llvm::zip_equal(arguments, readers))
      if (reader.data)
        argument = getScalar(*reader.data, reader.at);
      else if (reader.scalar)
        argument = *reader.scalar;
    store(result.bytes, to, element, body.evaluate(arguments, index));
    for (int64_t d = static_cast<int64_t>(extents.size()) - 1; d >= 0; --d) {
      bool wraps = ++index[d] == extents[d];
      int64_t steps = wraps ? 1 - extents[d] : 1;
      to += steps * (*write)[d];
      for (Reader &reader : readers)
        if (reader.data)
          reader.at += steps * reader.strides[d];
      if (!wraps)
        break;
      index[d] = 0;
    }
  }
  return result;
}

std::optional<ConstantData> ConstantEvaluator::compute(Value value,
                                                       unsigned depth) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  Operation *def = value.getDefiningOp();
  if (!def || !type || !type.hasStaticShape() ||
      !isWholeBytes(type.getElementType()) || depth > kMaxDepth ||
      type.getNumElements() == 0)
    return std::nullopt;
  int64_t elements = type.getNumElements();
  int64_t bytes = type.getElementTypeBitWidth() / 8;
  auto spend = [&](int64_t operations) {
    budget -= std::min(budget + 1, elements * (bytes + operations));
    return budget >= 0;
  };
  if (matchPattern(def, m_Constant())) {
    FailureOr<ConstantData> data = failure();
    if (spend(0))
      data = readConstant(value);
    if (failed(data))
      return std::nullopt;
    return std::move(*data);
  }
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(def)) {
    const ConstantData *source = evaluate(def->getOperand(0), depth + 1);
    if (!source || !spend(0))
      return std::nullopt;
    return ConstantData{type, source->bytes};
  }
  auto op = dyn_cast<linalg::LinalgOp>(def);
  if (!op || op->getNumResults() != 1 || op.hasDynamicShape() ||
      op.getNumLoops() != op.getNumParallelLoops())
    return std::nullopt;
  std::optional<ScalarBody> body = ScalarBody::get(
      op, [&](Value tensor) { return evaluate(tensor, depth + 1); });
  // Loops that the result does not have would write an element twice.
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!body || !resultMap.isPermutation())
    return std::nullopt;
  SmallVector<Reader> readers(op->getNumOperands());
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned i = operand.getOperandNumber();
    if (!body->uses(i))
      continue;
    Reader &reader = readers[i];
    Value source = operand.get();
    if (!isa<RankedTensorType>(source.getType())) {
      reader.scalar = readScalar(source);
      if (!reader.scalar)
        return std::nullopt;
      continue;
    }
    // Where it is kept is looked up below: the next operand may move it.
    if (!evaluate(source, depth + 1))
      return std::nullopt;
    auto shape = cast<RankedTensorType>(source.getType()).getShape();
    auto strides = getStrides(op.getMatchingIndexingMap(&operand), shape);
    if (!strides)
      return std::nullopt;
    reader.strides = std::move(*strides);
  }
  if (!spend(body->size()))
    return std::nullopt;
  for (OpOperand &operand : op->getOpOperands()) {
    Reader &reader = readers[operand.getOperandNumber()];
    if (body->uses(operand.getOperandNumber()) && !reader.scalar)
      reader.data = &*known.find(operand.get())->second;
  }
  return runLoops(op, *body, readers);
}

const ConstantData *ConstantEvaluator::evaluate(Value value, unsigned depth) {
  auto it = known.find(value);
  if (it == known.end()) {
    std::optional<ConstantData> data = compute(value, depth);
    it = known.try_emplace(value, std::move(data)).first;
  }
  return it->second ? &*it->second : nullptr;
}

std::optional<Scalar> ConstantEvaluator::evaluateScalar(Value value) {
  if (std::optional<Scalar> constant = readScalar(value))
    return constant;
  Operation *def = value.getDefiningOp();
  if (isa_and_nonnull<arith::FPToSIOp, arith::FPToUIOp>(def)) {
    std::optional<Scalar> real = evaluateScalar(def->getOperand(0));
    unsigned width = value.getType().getIntOrFloatBitWidth();
    if (!real || !(std::abs(real->real) < 1e15) || width > 64)
      return std::nullopt;
    auto bits = static_cast<uint64_t>(static_cast<int64_t>(real->real));
    unsigned shift = 64 - width;
    return Scalar{0, static_cast<int64_t>(bits << shift) >> shift};
  }
  // The one element of a tensor.
  auto extract = dyn_cast_or_null<tensor::ExtractOp>(def);
  if (!extract || !extract.getTensor().getType().hasStaticShape() ||
      extract.getTensor().getType().getNumElements() != 1)
    return std::nullopt;
  const ConstantData *data = evaluate(extract.getTensor());
  if (!data)
    return std::nullopt;
  return getScalar(*data, 0);
}

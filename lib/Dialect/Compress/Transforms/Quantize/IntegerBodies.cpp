//===- IntegerBodies.cpp - what scalar bodies say about codes -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "IntegerBodies.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

int64_t mlir::compress::signExtend(int64_t value, unsigned width) {
  unsigned shift = 64 - width;
  return static_cast<int64_t>(static_cast<uint64_t>(value) << shift) >> shift;
}

int64_t CodeGrid::element(int32_t code) const {
  return signExtend(code + offset, width);
}
int64_t CodeGrid::code(int64_t element) const {
  return signExtend(element - offset, width);
}
float CodeGrid::real(int32_t code) const {
  return dequantize(code, scale, zeroPoint);
}
quant::UniformQuantizedType CodeGrid::type(MLIRContext *ctx) const {
  return quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, IntegerType::get(ctx, bits),
      Float32Type::get(ctx), scale, zeroPoint, qmin, qmax);
}
bool CodeGrid::operator==(const CodeGrid &other) const {
  return scale == other.scale && zeroPoint == other.zeroPoint &&
         qmin == other.qmin && qmax == other.qmax && width == other.width &&
         offset == other.offset;
}

//===----------------------------------------------------------------------===//
// Arguments
//===----------------------------------------------------------------------===//

bool mlir::compress::isElementwiseOp(linalg::LinalgOp op) {
  return op->getNumResults() == 1 && op.getNumDpsInits() == 1 &&
         op.getNumLoops() == op.getNumParallelLoops() &&
         !isa<linalg::FillOp>(op) && !op.hasIndexSemantics() &&
         op.getMatchingIndexingMap(op.getDpsInitOperand(0)).isIdentity();
}

std::optional<Scalar> mlir::compress::matchConstantArgument(Value value) {
  Type element = getElementTypeOrSelf(value.getType());
  std::optional<double> splat = matchSplat(value);
  // An i64 beyond the digits of f64 is no zero point or bound.
  if (!splat || (element.isInteger() && std::abs(*splat) > 1e15))
    return std::nullopt;
  if (element.isInteger())
    return Scalar{0, static_cast<int64_t>(*splat)};
  return Scalar{*splat, 0};
}

OpOperand *mlir::compress::matchUnary(linalg::LinalgOp op, StringRef &reason) {
  reason = "is not elementwise";
  if (!isElementwiseOp(op))
    return nullptr;
  std::optional<ScalarBody> body = ScalarBody::get(op);
  reason = "computes with an operation that is not followed";
  if (!body)
    return nullptr;
  OpOperand *found = nullptr;
  for (OpOperand &operand : op->getOpOperands()) {
    if (!body->uses(operand.getOperandNumber()) ||
        matchConstantArgument(operand.get()))
      continue;
    reason = "depends on more than one tensor";
    if (found || !op.isDpsInput(&operand))
      return nullptr;
    found = &operand;
  }
  reason = "depends on no tensor";
  return found;
}

SmallVector<Scalar> mlir::compress::constantArguments(linalg::LinalgOp op) {
  SmallVector<Scalar> arguments;
  for (OpOperand &operand : op->getOpOperands())
    arguments.push_back(
        matchConstantArgument(operand.get()).value_or(Scalar()));
  return arguments;
}

//===----------------------------------------------------------------------===//
// Quantization
//===----------------------------------------------------------------------===//

/// f32 numbers in order, as integers: the next number is the next integer.
static int64_t orderOf(float value) {
  int32_t bits;
  std::memcpy(&bits, &value, 4);
  return bits < 0 ? -static_cast<int64_t>(bits & 0x7fffffff) : bits;
}
float mlir::compress::numberAt(int64_t order) {
  uint32_t bits = order < 0 ? static_cast<uint32_t>(-order) | 0x80000000u
                            : static_cast<uint32_t>(order);
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

int64_t mlir::compress::thresholdOf(const CodeGrid &grid, int32_t code) {
  int64_t lo = orderOf(-INFINITY), hi = orderOf(INFINITY);
  while (hi - lo > 1) {
    int64_t middle = lo + (hi - lo) / 2;
    int32_t q = quantize(numberAt(middle), grid.scale, grid.zeroPoint,
                         grid.qmin, grid.qmax);
    (q >= code ? hi : lo) = middle;
  }
  return hi;
}

/// Whether the body, which never falls and goes from the first code to the
/// last, gives the codes of `grid` on both sides of every step: then it does so
/// everywhere.
static bool quantizesTo(ScalarBody &body, MutableArrayRef<Scalar> arguments,
                        unsigned input, const CodeGrid &grid) {
  auto agrees = [&](int64_t order) {
    float x = numberAt(order);
    arguments[input].real = x;
    int32_t code =
        quantize(x, grid.scale, grid.zeroPoint, grid.qmin, grid.qmax);
    return body.evaluate(arguments).integer == grid.element(code);
  };
  for (int32_t code = grid.qmin + 1; code <= grid.qmax; ++code) {
    int64_t threshold = thresholdOf(grid, code);
    if (!agrees(threshold) || !agrees(threshold - 1))
      return false;
  }
  return true;
}

SmallVector<float> mlir::compress::scaleCandidates(linalg::LinalgOp op) {
  SmallVector<float> result;
  auto add = [&](Value value) {
    while (Operation *def = value.getDefiningOp()) {
      if (!isa<arith::TruncFOp, arith::ExtFOp>(def))
        break;
      value = def->getOperand(0);
    }
    std::optional<Scalar> constant = readScalar(value);
    if (auto argument = dyn_cast<BlockArgument>(value);
        argument && argument.getOwner() == op.getBlock())
      constant =
          matchConstantArgument(op.getMatchingOpOperand(argument)->get());
    if (!constant)
      return;
    for (double scale : {constant->real, 1.0 / constant->real})
      if (std::optional<float> s = toScale(scale))
        result.push_back(*s);
  };
  // Without a factor the scale is 1.
  result.push_back(1);
  op.getBlock()->walk([&](Operation *inner) {
    if (isa<arith::DivFOp, arith::MulFOp>(inner)) {
      add(inner->getOperand(0));
      add(inner->getOperand(1));
    }
  });
  return result;
}

std::optional<CodeGrid> mlir::compress::matchQuantize(linalg::LinalgOp op,
                                                      OpOperand *input,
                                                      StringRef &reason) {
  unsigned index = input->getOperandNumber();
  std::optional<ScalarBody> body = ScalarBody::get(op);
  SmallVector<Scalar> arguments = constantArguments(op);
  auto range = body->getMonotoneRange(index, arguments);
  reason = "does not divide, round and clamp";
  if (!range)
    return std::nullopt;
  CodeGrid grid;
  grid.width = getElementTypeOrSelf(op->getResult(0)).getIntOrFloatBitWidth();
  int64_t lo = range->first.integer, hi = range->second.integer;
  // Signed codes of 8 bits, or unsigned ones, or others of such a range; or of
  // 16 bits.
  bool found = false;
  for (unsigned bits : {8, 16}) {
    int64_t half = int64_t(1) << (bits - 1);
    for (int64_t offset : {int64_t(0), half, lo + half}) {
      if (found || lo - offset < -half || hi - offset >= half || lo >= hi)
        continue;
      found = true;
      grid.bits = bits;
      grid.offset = offset;
      grid.qmin = static_cast<int32_t>(lo - offset);
      grid.qmax = static_cast<int32_t>(hi - offset);
    }
  }
  reason = "makes codes of more than 16 bits";
  if (!found)
    return std::nullopt;
  arguments[index].real = 0;
  int64_t zero = grid.code(body->evaluate(arguments).integer);
  grid.zeroPoint = static_cast<int32_t>(zero);
  for (float scale : scaleCandidates(op)) {
    grid.scale = scale;
    if (quantizesTo(*body, arguments, index, grid))
      return grid;
  }
  reason = "does not give the codes of clamp(roundeven(x / scale) + zero "
           "point) for every x";
  return std::nullopt;
}

//===----------------------------------------------------------------------===//
// Dequantization
//===----------------------------------------------------------------------===//

bool mlir::compress::isDequantize(linalg::LinalgOp op, OpOperand *input,
                                  const CodeGrid &grid) {
  std::optional<ScalarBody> body = ScalarBody::get(op);
  SmallVector<Scalar> arguments = constantArguments(op);
  for (int32_t code = grid.qmin; code <= grid.qmax; ++code) {
    arguments[input->getOperandNumber()].integer = grid.element(code);
    if (body->evaluate(arguments).real != grid.real(code))
      return false;
  }
  return true;
}

std::optional<CodeGrid> mlir::compress::matchDequantize(linalg::LinalgOp op,
                                                        OpOperand *input) {
  CodeGrid grid;
  Type element = getElementTypeOrSelf(input->get().getType());
  if (!element.isInteger(8) && !element.isInteger(16))
    return std::nullopt;
  grid.bits = grid.width = element.getIntOrFloatBitWidth();
  int32_t half = 1 << (grid.bits - 1);
  grid.qmin = -half;
  grid.qmax = half - 1;
  std::optional<ScalarBody> body = ScalarBody::get(op);
  SmallVector<Scalar> arguments = constantArguments(op);
  auto real = [&](int32_t code) {
    arguments[input->getOperandNumber()].integer = grid.element(code);
    return body->evaluate(arguments).real;
  };
  for (int32_t offset : {0, half}) {
    grid.offset = offset;
    for (int32_t code = grid.qmin; code <= grid.qmax; ++code) {
      if (real(code) != 0)
        continue;
      grid.zeroPoint = code;
      std::optional<float> scale =
          toScale(code < grid.qmax ? real(code + 1) : -real(code - 1));
      if (!scale)
        break;
      grid.scale = *scale;
      if (isDequantize(op, input, grid))
        return grid;
      break;
    }
  }
  return std::nullopt;
}

std::optional<CodeMap> mlir::compress::matchCodeMap(linalg::LinalgOp op,
                                                    OpOperand *input,
                                                    const CodeGrid &grid) {
  std::optional<ScalarBody> body = ScalarBody::get(op);
  SmallVector<Scalar> arguments = constantArguments(op);
  auto element = [&](int32_t code) {
    arguments[input->getOperandNumber()].integer = grid.element(code);
    return body->evaluate(arguments).integer;
  };
  CodeMap map{grid, grid.qmin, grid.qmax};
  map.grid.width =
      getElementTypeOrSelf(op->getResult(0)).getIntOrFloatBitWidth();
  if (map.grid.width < grid.bits)
    return std::nullopt;
  // The offset shows where neighbours stay neighbours; the bounds are where
  // that ends.
  int32_t first = grid.qmin;
  while (first < grid.qmax && element(first) == element(first + 1))
    ++first;
  int32_t last = grid.qmax;
  while (last > first && element(last) == element(last - 1))
    --last;
  map.lo = first;
  map.hi = last;
  map.grid.offset = signExtend(element(first) - first, map.grid.width);
  for (int32_t code = grid.qmin; code <= grid.qmax; ++code)
    if (element(code) != map.grid.element(std::clamp(code, first, last)))
      return std::nullopt;
  return map;
}

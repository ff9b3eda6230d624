//===- LinalgLoops.cpp - linalg ops as loops ------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LinalgLoops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace oracle;

namespace {

/// An operand of the op with the element that the loops are at.
struct Operand {
  HostTensor *tensor;
  AffineMap map;
  bool linear = true;
  int64_t constant = 0;       // offset = constant + sum(step * index)
  std::vector<int64_t> steps; // one a loop
  int64_t offset = 0;

  /// The dimensions' positions at `index`, or nothing if one is outside.
  bool locate(const std::vector<int64_t> &index);
};

/// Sums of products that have a loop of their own.
enum class SumKind { None, I8, I8Input, I32, F32 };

} // namespace

/// The value of an affine expression.
static int64_t valueOf(AffineExpr expr, const std::vector<int64_t> &index) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr))
    return index[dim.getPosition()];
  if (auto constant = dyn_cast<AffineConstantExpr>(expr))
    return constant.getValue();
  auto binary = cast<AffineBinaryOpExpr>(expr);
  int64_t a = valueOf(binary.getLHS(), index);
  int64_t b = valueOf(binary.getRHS(), index);
  switch (expr.getKind()) {
  case AffineExprKind::Add:
    return a + b;
  case AffineExprKind::Mul:
    return a * b;
  case AffineExprKind::Mod:
    return ((a % b) + b) % b;
  case AffineExprKind::FloorDiv:
    return a >= 0 ? a / b : -((-a + b - 1) / b);
  case AffineExprKind::CeilDiv:
    return a > 0 ? (a + b - 1) / b : -(-a / b);
  default:
    llvm_unreachable("no such expression in an indexing map");
  }
}

static bool isLinear(AffineExpr expr) {
  bool linear = true;
  expr.walk([&](AffineExpr part) {
    linear &= part.getKind() != AffineExprKind::Mod &&
              part.getKind() != AffineExprKind::FloorDiv &&
              part.getKind() != AffineExprKind::CeilDiv;
  });
  return linear;
}

bool Operand::locate(const std::vector<int64_t> &index) {
  int64_t result = 0;
  for (auto [d, expr] : llvm::enumerate(map.getResults())) {
    int64_t position = valueOf(expr, index);
    if (position < 0 || position >= tensor->shape[d])
      return false;
    result = result * tensor->shape[d] + position;
  }
  offset = result;
  return true;
}

/// Sets `linear`, `constant` and `steps`; fails where the loops leave the
/// tensor.
static llvm::Error prepare(Operand &operand,
                           const std::vector<int64_t> &extents) {
  size_t loops = extents.size();
  std::vector<int64_t> zero(loops, 0), strides = operand.tensor->strides();
  operand.steps.assign(loops, 0);
  for (auto [d, expr] : llvm::enumerate(operand.map.getResults())) {
    if (!isLinear(expr)) {
      operand.linear = false;
      continue;
    }
    int64_t start = valueOf(expr, zero), low = start, high = start;
    operand.constant += start * strides[d];
    for (size_t l = 0; l < loops; ++l) {
      std::vector<int64_t> one = zero;
      one[l] = 1;
      int64_t step = valueOf(expr, one) - start;
      operand.steps[l] += step * strides[d];
      (step < 0 ? low : high) += step * (extents[l] - 1);
    }
    if (low < 0 || high >= operand.tensor->shape[d])
      return oracle::failure("a linalg op reaches outside of an operand");
  }
  return llvm::Error::success();
}

/// Whether the body is `out + in0 * in1`, both cast before where they are
/// narrower.
static SumKind sumKindOf(linalg::LinalgOp op) {
  Block *body = op.getBlock();
  if (op.getNumDpsInputs() != 2 || op.getNumDpsInits() != 1 ||
      body->getNumArguments() != 3)
    return SumKind::None;
  Value a = body->getArgument(0), b = body->getArgument(1);
  Value out = body->getArgument(2);
  auto widened = [](Value value) {
    auto cast = value.getDefiningOp<arith::ExtSIOp>();
    return cast ? cast.getIn() : value;
  };
  Operation *sum = body->getTerminator()->getOperand(0).getDefiningOp();
  if (!sum || !isa<arith::AddIOp, arith::AddFOp>(sum) ||
      sum->getOperand(0) != out)
    return SumKind::None;
  Operation *product = sum->getOperand(1).getDefiningOp();
  if (!product || !isa<arith::MulIOp, arith::MulFOp>(product) ||
      widened(product->getOperand(0)) != a ||
      widened(product->getOperand(1)) != b)
    return SumKind::None;
  // An op with `nsw` goes step by step, so that an overflow is noticed.
  for (Operation *each : {sum, product})
    if (auto flags = dyn_cast<arith::ArithIntegerOverflowFlagsInterface>(each))
      if (flags.hasNoSignedWrap() || flags.hasNoUnsignedWrap())
        return SumKind::None;
  if (out.getType().isF32() && a.getType().isF32() && b.getType().isF32())
    return SumKind::F32;
  if (!out.getType().isInteger(32))
    return SumKind::None;
  if (a.getType().isInteger(8) && b.getType().isInteger(8))
    return SumKind::I8;
  if (a.getType().isInteger(8) && b.getType().isInteger(16))
    return SumKind::I8Input;
  if (a.getType().isInteger(32) && b.getType().isInteger(32))
    return SumKind::I32;
  return SumKind::None;
}

/// out[...] += a[...] * b[...] along the innermost loop.
template <typename A, typename B, typename Out, typename Wide>
static void sumLoop(Operand &a, Operand &b, Operand &out, int64_t count) {
  const A *pa = a.tensor->data<A>() + a.offset;
  const B *pb = b.tensor->data<B>() + b.offset;
  Out *po = out.tensor->data<Out>() + out.offset;
  int64_t sa = a.steps.back(), sb = b.steps.back(), so = out.steps.back();
  for (int64_t i = 0; i < count; ++i) {
    Wide product = static_cast<Wide>(*pa) * static_cast<Wide>(*pb);
    *po = static_cast<Out>(static_cast<Wide>(*po) + product);
    pa += sa, pb += sb, po += so;
  }
}

static void sumLoop(SumKind kind, std::vector<Operand> &operands,
                    int64_t count) {
  Operand &a = operands[0], &b = operands[1], &out = operands[2];
  // Integers wrap modulo 2^32.
  switch (kind) {
  case SumKind::I8:
    return sumLoop<int8_t, int8_t, int32_t, uint32_t>(a, b, out, count);
  case SumKind::I8Input:
    return sumLoop<int8_t, int16_t, int32_t, uint32_t>(a, b, out, count);
  case SumKind::I32:
    return sumLoop<int32_t, int32_t, int32_t, uint32_t>(a, b, out, count);
  case SumKind::F32:
    return sumLoop<float, float, float, float>(a, b, out, count);
  case SumKind::None:
    llvm_unreachable("no sum of products");
  }
}

/// The extents of the loops, from the shapes of the operands.
static llvm::Expected<std::vector<int64_t>>
extentsOf(linalg::LinalgOp op, const std::vector<Operand> &operands) {
  std::vector<int64_t> sizes, extents;
  for (const Operand &operand : operands)
    sizes.insert(sizes.end(), operand.tensor->shape.begin(),
                 operand.tensor->shape.end());
  AffineMap map = op.getShapesToLoopsMap();
  if (!map)
    return oracle::failure("the loops of '" + op->getName().getStringRef() +
                           "' do not follow from its shapes");
  for (AffineExpr expr : map.getResults())
    extents.push_back(valueOf(expr, sizes));
  return extents;
}

llvm::Error oracle::runLinalg(linalg::LinalgOp op,
                              ArrayRef<const HostTensor *> inputs,
                              MutableArrayRef<HostTensor> results,
                              const Surroundings &around,
                              const LinalgOptions &options, bool &inexact) {
  std::vector<Operand> operands;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  for (size_t i = 0; i < maps.size(); ++i) {
    HostTensor *tensor = i < inputs.size() ? const_cast<HostTensor *>(inputs[i])
                                           : &results[i - inputs.size()];
    operands.push_back({tensor, maps[i], true, 0, {}, 0});
  }
  llvm::Expected<std::vector<int64_t>> loops = extentsOf(op, operands);
  if (!loops)
    return loops.takeError();
  std::vector<int64_t> extents = *loops;
  if (extents.empty())
    extents.push_back(1); // one element, one turn
  if (llvm::is_contained(extents, 0))
    return llvm::Error::success();
  for (Operand &operand : operands)
    if (llvm::Error error = prepare(operand, extents))
      return error;

  ScalarProgram program(around);
  if (llvm::Error error = program.add(*op.getBlock()))
    return error;
  inexact |= program.inexact;
  program.index.assign(extents.size(), 0);
  SumKind sum = options.fastSums ? sumKindOf(op) : SumKind::None;
  bool linear = llvm::all_of(operands, [](auto &o) { return o.linear; });

  // Slots of the body's arguments; a body may leave out those of its inits.
  SmallVector<unsigned> arguments;
  for (BlockArgument argument : op.getBlock()->getArguments())
    arguments.push_back(program.slotOf(argument));

  std::vector<int64_t> &index = program.index;
  std::vector<int64_t> outer = extents;
  outer.back() = 1;
  int64_t count = extents.back();
  do {
    index.back() = 0;
    for (Operand &operand : operands) {
      operand.offset = operand.constant;
      for (size_t l = 0; l < index.size(); ++l)
        operand.offset += operand.steps[l] * index[l];
    }
    if (sum != SumKind::None && linear) {
      sumLoop(sum, operands, count);
      continue;
    }
    for (int64_t i = 0; i < count; ++i) {
      index.back() = i;
      for (Operand &operand : operands)
        if (!operand.linear && !operand.locate(index))
          return oracle::failure("a linalg op reaches outside of an operand");
      for (size_t a = 0; a < arguments.size(); ++a)
        program[arguments[a]] = operands[a].tensor->get(operands[a].offset);
      program.run();
      for (size_t r = 0; r < results.size(); ++r)
        results[r].set(operands[inputs.size() + r].offset,
                       program[program.results[r]]);
      for (Operand &operand : operands)
        operand.offset += operand.steps.back();
    }
    index.back() = 0;
  } while (advance(index, outer));
  if (program.undefined)
    return oracle::failure(
        "'" + op->getName().getStringRef() +
        "' computes an undefined value: " + program.undefined);
  return llvm::Error::success();
}

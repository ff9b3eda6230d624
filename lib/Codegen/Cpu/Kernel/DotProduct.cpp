//===- DotProduct.cpp - sums of products with constant weights -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotProduct.h"
#include "VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Matchers.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>

using namespace mlir;
using namespace mlir::compress;

int64_t DotKernel::getNumGroups() const {
  return llvm::divideCeil(getExtent(grouped), group);
}

int64_t DotKernel::getGroupBegin(int64_t index) const {
  if (sumsFloats())
    return index * group;
  return std::max<int64_t>(0,
                           std::min(index * group, getExtent(grouped) - group));
}

int64_t DotKernel::getGroupSize(int64_t index) const {
  int64_t extent = getExtent(grouped);
  return std::min(group, sumsFloats() ? extent - index * group : extent);
}

bool DotKernel::sumsFloats() const {
  return isa<FloatType>(kernel.root.getOut().getElementType());
}

int64_t DotKernel::getNumReductions() const {
  int64_t count = 1;
  for (unsigned loop : reductions)
    count *= getExtent(loop);
  return count;
}

int64_t DotKernel::getNumVectors() const {
  return llvm::divideCeil(getExtent(lane), lanes);
}

namespace {
struct Extended {
  unsigned operand;
  bool storedUnsigned;
};
} // namespace

/// The operand of the root whose sign extension `value` is: extsi(x), or
/// extui(x) - 128 where the memory holds q + 128.
static std::optional<Extended> matchExtended(linalg::LinalgOp op, Value value) {
  Value narrow;
  bool storedUnsigned = false;
  if (auto extension = value.getDefiningOp<arith::ExtSIOp>()) {
    narrow = extension.getIn();
  } else if (auto add = value.getDefiningOp<arith::AddIOp>()) {
    auto wide = add.getLhs().getDefiningOp<arith::ExtUIOp>();
    APInt shift;
    if (wide && wide.getIn().getType().isInteger(8) &&
        matchPattern(add.getRhs(), m_ConstantInt(&shift)) &&
        shift.getSExtValue() == -128) {
      narrow = wide.getIn();
      storedUnsigned = true;
    }
  }
  auto arg = dyn_cast_or_null<BlockArgument>(narrow);
  if (!arg || arg.getOwner() != op.getBlock())
    return std::nullopt;
  return Extended{arg.getArgNumber(), storedUnsigned};
}

static bool isConstant(const Kernel &kernel, unsigned operand) {
  const Access &access = kernel.root.operands[operand];
  return access.isMemory() && getConstantGlobal(access.value);
}

/// The operands of a root whose body is acc + x * y of f32.
static std::optional<ProductOperands> matchFloatProduct(const Kernel &kernel,
                                                        arith::AddFOp sum) {
  linalg::LinalgOp op = kernel.root.op;
  Block *body = op.getBlock();
  Value term =
      sum.getLhs() == body->getArgument(2) ? sum.getRhs() : sum.getLhs();
  auto product = term.getDefiningOp<arith::MulFOp>();
  // bf16 is widened, of both or of none.
  auto match = [](Value factor) {
    if (auto extension = factor.getDefiningOp<arith::ExtFOp>())
      if (extension.getIn().getType().isBF16())
        factor = extension.getIn();
    return dyn_cast<BlockArgument>(factor);
  };
  BlockArgument lhs = match(product.getLhs()), rhs = match(product.getRhs());
  if (!lhs || !rhs || lhs.getOwner() != body || rhs.getOwner() != body ||
      lhs.getArgNumber() + rhs.getArgNumber() != 1 ||
      lhs.getType() != rhs.getType())
    return std::nullopt;
  for (unsigned weights : {1u, 0u})
    if (isConstant(kernel, weights) &&
        kernel.root.operands[1 - weights].isMemory())
      return ProductOperands{1 - weights, weights};
  return std::nullopt;
}

std::optional<ProductOperands>
mlir::compress::matchProduct(const Kernel &kernel) {
  linalg::LinalgOp op = kernel.root.op;
  if (op->getNumOperands() != 3)
    return std::nullopt;
  if (arith::AddFOp sum = matchProductSum(op))
    return matchFloatProduct(kernel, sum);
  Value yielded = op.getBlock()->getTerminator()->getOperand(0);
  auto sum = yielded.getDefiningOp<arith::AddIOp>();
  if (!sum || !sum.getType().isInteger(32))
    return std::nullopt;
  Value accumulator = op.getBlock()->getArgument(2);
  Value term = sum.getLhs() == accumulator   ? sum.getRhs()
               : sum.getRhs() == accumulator ? sum.getLhs()
                                             : Value();
  auto product = term ? term.getDefiningOp<arith::MulIOp>() : nullptr;
  if (!product)
    return std::nullopt;
  auto lhs = matchExtended(op, product.getLhs());
  auto rhs = matchExtended(op, product.getRhs());
  if (!lhs || !rhs || lhs->operand + rhs->operand != 1)
    return std::nullopt;
  for (unsigned weights : {1u, 0u}) {
    const Extended &input = lhs->operand == weights ? *rhs : *lhs;
    const Extended &constant = lhs->operand == weights ? *lhs : *rhs;
    if (isConstant(kernel, weights) && !constant.storedUnsigned &&
        kernel.root.operands[1 - weights].isMemory())
      return ProductOperands{1 - weights, weights, input.storedUnsigned};
  }
  return std::nullopt;
}

/// The loop whose iterations are lanes: outputs lie side by side, all take the
/// same input, and each its own weights.
static std::optional<unsigned>
findChannelLoop(const Kernel &kernel, const ProductOperands &operands) {
  std::optional<unsigned> loop = findLaneLoop(kernel);
  if (!loop || kernel.root.operands[operands.input].strides[*loop] != 0 ||
      kernel.root.operands[operands.weights].strides[*loop] == 0)
    return std::nullopt;
  return loop;
}

std::optional<DotKernel>
mlir::compress::analyzeDotKernel(const Kernel &original, const DotIsa &isa) {
  DotKernel dot;
  dot.kernel = original;
  std::optional<ProductOperands> operands = matchProduct(original);
  if (!operands || !original.hasReduction())
    return std::nullopt;
  dot.operands = *operands;
  Access &weights = dot.kernel.root.operands[operands->weights];
  dot.weightOffsets = collapseLoops(dot.kernel, &weights);
  std::optional<unsigned> lane = findChannelLoop(dot.kernel, *operands);
  if (!lane)
    return std::nullopt;
  dot.lane = *lane;
  bool isFloat = dot.getInput().getElementType().isF32();
  // Contiguous inputs are loaded at once: that loop is grouped where there is
  // one. Integer sums have no order, pairs of bf16 neither; f32 ones keep that
  // of the loops.
  for (unsigned loop = 0; loop < dot.kernel.loops.size(); ++loop) {
    if (!dot.kernel.loops[loop].reduction) {
      if (loop != dot.lane && weights.strides[loop] != 0)
        dot.selecting.push_back(loop);
      continue;
    }
    dot.reductions.push_back(loop);
    if (isFloat || dot.reductions.size() == 1 ||
        dot.getInput().strides[loop] == 1)
      dot.grouped = loop;
  }
  llvm::erase(dot.reductions, dot.grouped);
  auto countSteps = [&](int64_t split) {
    return llvm::divideCeil(dot.getExtent(dot.grouped), isa.group * split);
  };
  dot.split = 1;
  while (!isFloat && isa.pixels == 1 && dot.split < 4 &&
         isa.lanes % (2 * dot.split) == 0 &&
         dot.getExtent(dot.lane) <= isa.lanes / (2 * dot.split) &&
         countSteps(2 * dot.split) < countSteps(dot.split))
    dot.split *= 2;
  dot.group = isa.group * dot.split;
  dot.lanes = isa.lanes / dot.split;
  return dot;
}

PackedWeights mlir::compress::packWeights(const DotKernel &dot,
                                          const ConstantData &data,
                                          int64_t tileVectors) {
  // Offsets of all iterations of some loops together, the last one fastest.
  auto combine = [&](ArrayRef<unsigned> loops) {
    SmallVector<int64_t> offsets(1, 0);
    for (unsigned loop : loops) {
      SmallVector<int64_t> next;
      for (int64_t base : offsets)
        for (int64_t offset : dot.weightOffsets[loop])
          next.push_back(base + offset);
      offsets = next;
    }
    return offsets;
  };
  const Access &access = dot.kernel.root.operands[dot.operands.weights];
  SmallVector<int64_t> selected = combine(dot.selecting);
  SmallVector<int64_t> reduced = combine(dot.reductions);
  ArrayRef<int64_t> grouped = dot.weightOffsets[dot.grouped];
  ArrayRef<int64_t> channels = dot.weightOffsets[dot.lane];
  int64_t numChannels = channels.size(), numVectors = dot.getNumVectors();
  int64_t numGroups = dot.getNumGroups();
  unsigned width = data.elementBytes();

  PackedWeights packed;
  packed.bytes.assign(selected.size() * dot.getSelectedSize() * width, 0);
  packed.sums.assign(selected.size() * numVectors * dot.lanes, 0);
  for (auto [s, selectedBase] : llvm::enumerate(selected))
    for (int64_t channel = 0; channel < numChannels; ++channel) {
      int64_t vector = channel / dot.lanes, lane = channel % dot.lanes;
      int64_t tile = vector / tileVectors, inTile = vector % tileVectors;
      int64_t vectors = std::min(tileVectors, numVectors - tile * tileVectors);
      int64_t tileBase = s * dot.getSelectedSize() +
                         tile * tileVectors * dot.lanes * dot.getLaneSize();
      uint32_t sum = 0;
      for (auto [r, reducedBase] : llvm::enumerate(reduced))
        for (auto [k, offset] : llvm::enumerate(grouped)) {
          int64_t source = access.offset + selectedBase + channels[channel] +
                           reducedBase + offset;
          int64_t index = k / dot.group;
          int64_t step = r * numGroups + index;
          int64_t target =
              tileBase +
              ((step * vectors + inTile) * dot.lanes + lane) * dot.group +
              static_cast<int64_t>(k) - dot.getGroupBegin(index);
          std::memcpy(packed.bytes.data() + target * width,
                      data.bytes.data() + source * width, width);
          if (!dot.sumsFloats())
            sum += static_cast<uint32_t>(data.getInt(source));
        }
      packed.sums[(s * numVectors + vector) * dot.lanes + lane] =
          static_cast<int32_t>(sum);
    }
  return packed;
}

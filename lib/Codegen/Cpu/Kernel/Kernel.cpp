//===- Kernel.cpp - a kernel as loops and strides ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel.h"
#include "VectorBody.h"
#include "mlir/IR/SymbolTable.h"

using namespace mlir;
using namespace mlir::compress;

bool Kernel::readsOut() const {
  if (initial)
    return false;
  auto op = root.op;
  return op.payloadUsesValueFromOperand(op.getDpsInitOperand(0));
}

template <typename KernelT, typename Fn>
static void visitAccesses(KernelT &kernel, Fn fn) {
  for (auto *stage : {&kernel.initial, &kernel.root, &kernel.epilogue})
    for (auto &access : stage->operands)
      if (access.isMemory())
        fn(access);
}

void Kernel::forEachAccess(function_ref<void(Access &)> fn) {
  visitAccesses(*this, fn);
}

void Kernel::forEachAccess(function_ref<void(const Access &)> fn) const {
  visitAccesses(*this, fn);
}

int64_t Kernel::getWork() const {
  int64_t work = 1;
  for (const KernelLoop &loop : loops)
    work *= loop.extent;
  return work;
}

/// Adds `scale * expr` to a sum of loops; false where it is not linear.
static bool addLinear(AffineExpr expr, int64_t scale,
                      MutableArrayRef<int64_t> strides, int64_t &offset) {
  if (auto dim = dyn_cast<AffineDimExpr>(expr)) {
    strides[dim.getPosition()] += scale;
    return true;
  }
  if (auto constant = dyn_cast<AffineConstantExpr>(expr)) {
    offset += scale * constant.getValue();
    return true;
  }
  auto binary = dyn_cast<AffineBinaryOpExpr>(expr);
  if (!binary)
    return false;
  if (binary.getKind() == AffineExprKind::Add)
    return addLinear(binary.getLHS(), scale, strides, offset) &&
           addLinear(binary.getRHS(), scale, strides, offset);
  auto factor = dyn_cast<AffineConstantExpr>(binary.getRHS());
  return binary.getKind() == AffineExprKind::Mul && factor &&
         addLinear(binary.getLHS(), scale * factor.getValue(), strides, offset);
}

/// The access to `operand` by `map`, whose dimension d is loop loopOf[d].
static FailureOr<Access> analyzeAccess(Value operand, AffineMap map,
                                       ArrayRef<unsigned> loopOf,
                                       unsigned numLoops) {
  Access access;
  access.value = operand;
  access.strides.assign(numLoops, 0);
  auto type = dyn_cast<MemRefType>(operand.getType());
  if (!type) {
    access.kind = Access::Kind::Scalar;
    return access;
  }
  SmallVector<int64_t> layout;
  int64_t start;
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat() ||
      // Vectors of others are packed, memory is not.
      type.getElementType().getIntOrFloatBitWidth() < 8 ||
      !llvm::isPowerOf2_32(type.getElementType().getIntOrFloatBitWidth()) ||
      failed(type.getStridesAndOffset(layout, start)) ||
      ShapedType::isDynamicShape(layout) || ShapedType::isDynamic(start) ||
      llvm::any_of(layout, [](int64_t s) { return s < 0; }))
    return failure();
  SmallVector<int64_t> byDim(map.getNumDims(), 0);
  for (auto [expr, stride] : llvm::zip_equal(map.getResults(), layout))
    if (!addLinear(expr, stride, byDim, access.offset))
      return failure();
  for (auto [dim, stride] : llvm::enumerate(byDim))
    access.strides[loopOf[dim]] += stride;
  return access;
}

/// Describes `op`, whose dimension d is loop loopOf[d]. What it shares with
/// `accumulators` is no memory.
static FailureOr<Stage> analyzeStage(linalg::LinalgOp op,
                                     ArrayRef<unsigned> loopOf,
                                     unsigned numLoops, Value accumulators) {
  Stage stage;
  stage.op = op;
  for (OpOperand &operand : op->getOpOperands()) {
    FailureOr<Access> access = analyzeAccess(
        operand.get(), op.getMatchingIndexingMap(&operand), loopOf, numLoops);
    if (failed(access))
      return failure();
    if (accumulators && operand.get() == accumulators)
      access->kind = Access::Kind::Accumulator;
    stage.operands.push_back(*access);
  }
  return stage;
}

/// The loops of the root to which those of a neighbour correspond that sees
/// the accumulators by `map`.
static FailureOr<SmallVector<unsigned>> matchLoops(AffineMap map,
                                                   AffineMap rootMap) {
  if (!map.isPermutation())
    return failure();
  SmallVector<unsigned> loopOf(map.getNumDims());
  for (auto [expr, rootExpr] :
       llvm::zip_equal(map.getResults(), rootMap.getResults()))
    loopOf[cast<AffineDimExpr>(expr).getPosition()] =
        cast<AffineDimExpr>(rootExpr).getPosition();
  return loopOf;
}

/// Keeps the loops `order` only, in that order.
static void selectLoops(Kernel &kernel, ArrayRef<unsigned> order) {
  SmallVector<KernelLoop> loops;
  for (unsigned loop : order)
    loops.push_back(kernel.loops[loop]);
  kernel.loops = loops;
  kernel.forEachAccess([&](Access &access) {
    SmallVector<int64_t> strides;
    for (unsigned loop : order)
      strides.push_back(access.strides[loop]);
    access.strides = strides;
  });
}

static bool isAllParallel(linalg::LinalgOp op) {
  return op.getNumLoops() == op.getNumParallelLoops() &&
         op.getNumDpsInits() == 1;
}

FailureOr<Kernel> mlir::compress::analyzeKernel(const KernelGroup &group) {
  auto root = dyn_cast<linalg::LinalgOp>(group.root);
  if (!root || root.getNumDpsInits() != 1 || root.hasDynamicShape() ||
      !root.hasPureBufferSemantics())
    return failure();
  AffineMap outMap = root.getMatchingIndexingMap(root.getDpsInitOperand(0));
  if (!outMap.isProjectedPermutation())
    return failure();
  unsigned numLoops = root.getNumLoops();
  Kernel kernel;
  for (auto [extent, kind] : llvm::zip_equal(root.getStaticLoopRanges(),
                                             root.getIteratorTypesArray())) {
    if (extent <= 0 || (kind != utils::IteratorType::parallel &&
                        kind != utils::IteratorType::reduction))
      return failure();
    kernel.loops.push_back({extent, kind == utils::IteratorType::reduction});
  }
  // Every result is written by one iteration of the parallel loops.
  for (auto [dim, loop] : llvm::enumerate(kernel.loops))
    if (!loop.reduction && loop.extent > 1 && !outMap.isFunctionOfDim(dim))
      return failure();
  SmallVector<unsigned> own = llvm::to_vector(llvm::seq(0u, numLoops));
  Value accumulators = group.epilogue ? group.accumulators : Value();
  FailureOr<Stage> stage = analyzeStage(root, own, numLoops, accumulators);
  if (failed(stage))
    return failure();
  kernel.root = *stage;
  Value shared = root.getDpsInits()[0];
  if (group.initial) {
    auto op = dyn_cast<linalg::LinalgOp>(group.initial);
    if (!op || !isAllParallel(op))
      return failure();
    auto loopOf =
        matchLoops(op.getMatchingIndexingMap(op.getDpsInitOperand(0)), outMap);
    if (failed(loopOf))
      return failure();
    stage = analyzeStage(op, *loopOf, numLoops, shared);
    // In place there is no value yet that the accumulators could have.
    if (failed(stage) || llvm::is_contained(op.getDpsInputs(), shared) ||
        op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
      return failure();
    kernel.initial = *stage;
  }
  if (group.epilogue) {
    auto op = dyn_cast<linalg::LinalgOp>(group.epilogue);
    if (!op || !isAllParallel(op))
      return failure();
    std::optional<AffineMap> seen;
    for (OpOperand *operand : op.getDpsInputOperands()) {
      if (operand->get() != shared)
        continue;
      AffineMap map = op.getMatchingIndexingMap(operand);
      if (seen && *seen != map)
        return failure();
      seen = map;
    }
    if (!seen)
      return failure();
    auto loopOf = matchLoops(*seen, outMap);
    if (failed(loopOf))
      return failure();
    stage = analyzeStage(op, *loopOf, numLoops, shared);
    if (failed(stage) ||
        op.payloadUsesValueFromOperand(op.getDpsInitOperand(0)))
      return failure();
    kernel.epilogue = *stage;
  }
  // Parallel loops by falling output stride, then reductions in their order.
  SmallVector<unsigned> order;
  for (bool reduction : {false, true})
    for (unsigned loop : own)
      if (kernel.loops[loop].extent > 1 &&
          kernel.loops[loop].reduction == reduction)
        order.push_back(loop);
  const Access &out = kernel.getOut();
  std::stable_sort(order.begin(), order.end(), [&](unsigned a, unsigned b) {
    return !kernel.loops[a].reduction && !kernel.loops[b].reduction &&
           out.strides[a] > out.strides[b];
  });
  selectLoops(kernel, order);
  return kernel;
}

SmallVector<SmallVector<int64_t>>
mlir::compress::collapseLoops(Kernel &kernel, Access *ignored) {
  // The outermost of collapsed loops is kept; members[i] are those it stands
  // for, outermost first.
  SmallVector<SmallVector<unsigned>> members;
  SmallVector<KernelLoop> original = kernel.loops;
  SmallVector<int64_t> strides;
  if (ignored)
    strides = ignored->strides;
  SmallVector<unsigned> kept;
  for (unsigned loop = 0; loop < original.size(); ++loop) {
    bool collapses = !kept.empty() && original[kept.back()].reduction ==
                                          original[loop].reduction;
    // Either both select among the ignored elements or neither does.
    if (collapses && ignored)
      collapses = (strides[kept.back()] == 0) == (strides[loop] == 0);
    if (collapses)
      kernel.forEachAccess([&](const Access &access) {
        if (&access != ignored)
          collapses &= access.strides[kept.back()] ==
                       access.strides[loop] * original[loop].extent;
      });
    // Iterations of the result move as those of the inner loop.
    if (collapses) {
      unsigned outer = kept.back();
      members.back().push_back(loop);
      kernel.loops[loop].extent *= kernel.loops[outer].extent;
      kept.back() = loop;
    } else {
      members.push_back({loop});
      kept.push_back(loop);
    }
  }
  SmallVector<SmallVector<int64_t>> offsets;
  for (ArrayRef<unsigned> group : members) {
    SmallVector<int64_t> table(1, 0);
    if (ignored) {
      for (unsigned loop : group) {
        SmallVector<int64_t> next;
        for (int64_t base : table)
          for (int64_t i = 0; i < original[loop].extent; ++i)
            next.push_back(base + i * strides[loop]);
        table = next;
      }
    }
    offsets.push_back(table);
  }
  selectLoops(kernel, kept);
  return offsets;
}

memref::GlobalOp mlir::compress::getConstantGlobal(Value buffer) {
  auto get = buffer.getDefiningOp<memref::GetGlobalOp>();
  if (!get)
    return {};
  auto global = SymbolTable::lookupNearestSymbolFrom<memref::GlobalOp>(
      get, get.getNameAttr());
  return global && global.getConstant() && !global.isUninitialized() ? global
                                                                     : nullptr;
}

/// Whether `access` reads constant data that can be put in another order.
static bool isMovable(const Access &access) {
  Type element = access.getElementType();
  return (element.isInteger() || element.isBF16() || element.isF32() ||
          element.isF64()) &&
         getConstantGlobal(access.value);
}

std::optional<unsigned> mlir::compress::findLaneLoop(const Kernel &kernel) {
  for (unsigned loop = 0; loop < kernel.loops.size(); ++loop) {
    if (kernel.loops[loop].reduction || kernel.getOut().strides[loop] != 1)
      continue;
    bool fits = true;
    kernel.forEachAccess([&](const Access &access) {
      int64_t stride = access.strides[loop];
      fits &= stride == 0 || stride == 1 || isMovable(access);
    });
    if (fits)
      return loop;
  }
  return std::nullopt;
}

bool mlir::compress::hasVectorBodies(const Kernel &kernel) {
  for (const Stage *stage : {&kernel.initial, &kernel.root, &kernel.epilogue})
    if (*stage && !hasVectorBody(stage->op))
      return false;
  return true;
}

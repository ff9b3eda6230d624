//===- KernelGroup.cpp - ops that one kernel computes --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelGroup.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Kernel.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::compress;

/// The next op before or after `op` that touches memory, if it is a linalg op
/// with one output.
static linalg::LinalgOp getNeighbour(Operation *op, bool after) {
  auto step = [&](Operation *from) {
    return after ? from->getNextNode() : from->getPrevNode();
  };
  Operation *other = step(op);
  while (other && (isa<memref::AllocOp>(other) || isMemoryEffectFree(other)))
    other = step(other);
  auto neighbour = dyn_cast_or_null<linalg::LinalgOp>(other);
  return neighbour && neighbour.getNumDpsInits() == 1 ? neighbour : nullptr;
}

/// Whether the group can be computed on vectors: only then may its
/// accumulators stay in registers.
static bool isVectorKernel(const KernelGroup &group) {
  FailureOr<Kernel> kernel = analyzeKernel(group);
  return succeeded(kernel) && hasVectorBodies(*kernel) &&
         findLaneLoop(*kernel).has_value();
}

Value mlir::compress::getViewedBuffer(Value value) {
  while (auto view = value.getDefiningOp<ViewLikeOpInterface>())
    value = view.getViewSource();
  return value;
}

/// Whether the epilogue may write while the root still reads: in place of an
/// operand of the root it must wait for the end of the root.
static bool writesBesideInputs(linalg::LinalgOp root,
                               linalg::LinalgOp epilogue) {
  Value out = getViewedBuffer(epilogue.getDpsInits()[0]);
  return llvm::none_of(root.getDpsInputs(), [&](Value input) {
    return isa<MemRefType>(input.getType()) && getViewedBuffer(input) == out;
  });
}

std::optional<KernelGroup>
mlir::compress::matchKernelGroup(Operation *operation) {
  auto root = dyn_cast<linalg::LinalgOp>(operation);
  if (!root || root.getNumReductionLoops() == 0 || root.getNumDpsInits() != 1)
    return std::nullopt;
  Value accumulators = root.getDpsInits()[0];
  linalg::LinalgOp initial = getNeighbour(root, /*after=*/false);
  if (!initial || initial.getDpsInits()[0] != accumulators)
    return std::nullopt;
  linalg::LinalgOp epilogue = getNeighbour(root, /*after=*/true);
  if (epilogue && accumulators.getDefiningOp<memref::AllocOp>() &&
      llvm::is_contained(epilogue.getDpsInputs(), accumulators)) {
    bool alone = llvm::all_of(accumulators.getUsers(), [&](Operation *user) {
      return user == initial || user == root || user == epilogue;
    });
    KernelGroup whole{initial, root, epilogue, accumulators};
    if (alone && writesBesideInputs(root, epilogue) && isVectorKernel(whole))
      return whole;
  }
  KernelGroup group{initial, root, nullptr, {}};
  if (isVectorKernel(group))
    return group;
  return std::nullopt;
}

StringRef mlir::compress::getKernelName(Operation *op) {
  if (auto name = op->getAttrOfType<StringAttr>(kKernelNameAttr))
    return name;
  return op->getName().stripDialect();
}

void mlir::compress::setKernelName(Operation *op, StringRef name) {
  op->setAttr(kKernelNameAttr, StringAttr::get(op->getContext(), name));
}

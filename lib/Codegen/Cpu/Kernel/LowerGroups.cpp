//===- LowerGroups.cpp - replacing the ops of kernels --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LowerGroups.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace mlir::compress;

/// The groups of a block, then the ops that are in none.
static SmallVector<KernelGroup> collectGroups(Block &block) {
  SmallVector<KernelGroup> groups;
  llvm::SmallPtrSet<Operation *, 8> taken;
  for (auto op : block.getOps<linalg::LinalgOp>())
    if (std::optional<KernelGroup> group = matchKernelGroup(op)) {
      groups.push_back(*group);
      for (Operation *member : group->getOps())
        taken.insert(member);
    }
  for (auto op : block.getOps<linalg::LinalgOp>())
    if (!taken.contains(op))
      groups.push_back({nullptr, op, nullptr, {}});
  return groups;
}

void mlir::compress::lowerGroups(
    ModuleOp module,
    function_ref<bool(OpBuilder &, const KernelGroup &)> lower) {
  for (auto func : module.getOps<func::FuncOp>()) {
    if (func.isExternal() || !func.getBody().hasOneBlock())
      continue;
    for (const KernelGroup &group : collectGroups(func.getBody().front())) {
      SmallVector<Operation *> ops = group.getOps();
      OpBuilder b(ops.back());
      if (!lower(b, group))
        continue;
      for (Operation *op : llvm::reverse(ops))
        op->erase();
      if (group.accumulators)
        group.accumulators.getDefiningOp()->erase();
    }
  }
}

//===- FormKernels.cpp - computations into functions of their own --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "EntryFunction.h"
#include "Kernel/KernelGroup.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"

namespace mlir::compress {
#define GEN_PASS_DEF_FORMKERNELSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// What stays in the public function: storage, views of it, and scalars.
static bool staysOutside(Operation *op) {
  return isa<memref::AllocOp, memref::LoadOp, memref::StoreOp, func::ReturnOp>(
             op) ||
         (op->getNumRegions() == 0 && isPure(op));
}

static bool isConstant(Operation *op) {
  return isa_and_nonnull<memref::GetGlobalOp>(op) ||
         (op && op->hasTrait<OpTrait::ConstantLike>());
}

/// The values from outside that `ops` and their bodies use, in order of use.
static llvm::SetVector<Value> getUsedValues(ArrayRef<Operation *> ops) {
  llvm::SetVector<Value> used;
  for (Operation *op : ops) {
    used.insert(op->operand_begin(), op->operand_end());
    for (Region &region : op->getRegions())
      getUsedValuesDefinedAbove(region, used);
  }
  return used;
}

/// `kernel_3_conv_2d_nhwc_hwcf`.
static std::string getFunctionName(unsigned index, Operation *root) {
  return ("kernel_" + Twine(index) + "_" + getKernelName(root)).str();
}

/// Copies become linalg ops: kernels then hold nothing else.
static void rewriteCopies(func::FuncOp entry) {
  SmallVector<memref::CopyOp> copies(
      entry.getBody().front().getOps<memref::CopyOp>());
  for (memref::CopyOp copy : copies) {
    OpBuilder b(copy);
    linalg::CopyOp::create(b, copy.getLoc(), copy.getSource(),
                           copy.getTarget());
    copy.erase();
  }
}

namespace {
struct FormKernels
    : public mlir::compress::impl::FormKernelsPassBase<FormKernels> {
  using FormKernelsPassBase::FormKernelsPassBase;

  void runOnOperation() override {
    FailureOr<func::FuncOp> entry = getEntryFunction(getOperation());
    if (failed(entry))
      return signalPassFailure();
    rewriteCopies(*entry);
    SmallVector<Operation *> roots;
    for (Operation &op : entry->getBody().front()) {
      if (isa<linalg::LinalgOp>(op)) {
        roots.push_back(&op);
      } else if (!staysOutside(&op)) {
        op.emitError("requires linalg ops, copies and views of static shape; "
                     "this op has no code for CPUs");
        return signalPassFailure();
      }
    }
    // Sums first: what they take in is no kernel of its own.
    llvm::SmallPtrSet<Operation *, 16> taken;
    SmallVector<KernelGroup> groups;
    if (fuse) {
      for (Operation *root : roots)
        if (std::optional<KernelGroup> group = matchKernelGroup(root)) {
          for (Operation *op : group->getOps())
            taken.insert(op);
          numFused += group->getOps().size() - 1;
          groups.push_back(*group);
        }
    }
    for (Operation *root : roots)
      if (!taken.contains(root))
        groups.push_back(KernelGroup{nullptr, root, nullptr, {}});
    llvm::sort(groups, [](const KernelGroup &a, const KernelGroup &b) {
      return a.root->isBeforeInBlock(b.root);
    });
    for (auto [index, group] : llvm::enumerate(groups))
      outline(*entry, group, getFunctionName(index, group.root));
    numKernels += groups.size();
  }

  void outline(func::FuncOp entry, const KernelGroup &group, StringRef name) {
    SmallVector<Operation *> ops = group.getOps();
    Operation *last = ops.back();
    llvm::SetVector<Value> used = getUsedValues(ops);
    SmallVector<Value> arguments;
    SmallVector<Operation *> constants;
    for (Value value : used) {
      if (value == group.accumulators)
        continue;
      if (isConstant(value.getDefiningOp()))
        constants.push_back(value.getDefiningOp());
      else
        arguments.push_back(value);
    }
    OpBuilder b(last);
    Location loc = group.root->getLoc();
    func::CallOp::create(b, loc, name, TypeRange{}, arguments);
    b.setInsertionPoint(entry);
    auto kernel = func::FuncOp::create(
        b, loc, name, b.getFunctionType(ValueRange(arguments).getTypes(), {}));
    kernel.setPrivate();
    Block *body = kernel.addEntryBlock();
    b.setInsertionPointToStart(body);
    IRMapping map;
    map.map(arguments, body->getArguments());
    for (Operation *op : constants)
      b.clone(*op, map);
    if (group.accumulators)
      b.clone(*group.accumulators.getDefiningOp(), map);
    for (Operation *op : ops)
      b.clone(*op, map);
    func::ReturnOp::create(b, loc);
    for (Operation *op : llvm::reverse(ops))
      op->erase();
    if (group.accumulators)
      group.accumulators.getDefiningOp()->erase();
    for (Operation *op : constants)
      if (op->use_empty())
        op->erase();
  }
};
} // namespace

//===- KernelGroup.h - ops that one kernel computes -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A sum together with what initializes its accumulators and with the one
// elementwise op that reads them; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_KERNELGROUP_H
#define LIB_CODEGEN_CPU_KERNEL_KERNELGROUP_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include <optional>

namespace mlir::compress {

/// Ops on buffers, in the order in which they run.
struct KernelGroup {
  Operation *initial;  // writes the accumulators; may be null
  Operation *root;     // the op for which the kernel is made
  Operation *epilogue; // reads the accumulators; may be null
  Value accumulators;  // an allocation that nothing else uses; may be null

  SmallVector<Operation *> getOps() const {
    SmallVector<Operation *> ops;
    for (Operation *op : {initial, root, epilogue})
      if (op)
        ops.push_back(op);
    return ops;
  }
};

/// The group around `root`, a linalg op on buffers with a reduction, where it
/// takes in at least one other op; std::nullopt otherwise.
std::optional<KernelGroup> matchKernelGroup(Operation *root);

/// The buffer of which `value` is a view.
Value getViewedBuffer(Value value);

/// What the kernel of `op` is called: by default as the op, without its
/// dialect. An op whose body was changed is a linalg.generic; profiles should
/// still say what it computes.
StringRef getKernelName(Operation *op);
void setKernelName(Operation *op, StringRef name);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_KERNELGROUP_H

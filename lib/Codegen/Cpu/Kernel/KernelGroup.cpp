//===- KernelGroup.cpp - ops that one kernel computes --------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "KernelGroup.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<KernelGroup> mlir::compress::matchKernelGroup(Operation *root) {
  return std::nullopt;
}

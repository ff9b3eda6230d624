//===- ChooseDot.h - the instruction for a kernel ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Which dot product instruction of a target computes a kernel; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_CHOOSEDOT_H
#define LIB_CODEGEN_CPU_KERNEL_CHOOSEDOT_H

#include "DotProduct.h"

namespace mlir::compress {

struct ChosenDot {
  std::unique_ptr<DotIsa> isa;
  DotKernel dot;
  bool depthwise; // every channel has inputs of its own
};

/// The best that `features` offer for a product of integers with constant
/// weights, in view of the weights; std::nullopt where it is none, or plain
/// vector arithmetic serves.
std::optional<ChosenDot> chooseDot(const Kernel &kernel,
                                   const llvm::StringSet<> &features);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_CHOOSEDOT_H

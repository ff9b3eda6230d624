//===- KernelPlan.h - the ways to compute a kernel --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A kernel of products with constant weights can be cut into tiles of several
// sizes, in two orders. A model of the target chooses one; measurements may
// choose another. Not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_KERNELPLAN_H
#define LIB_CODEGEN_CPU_KERNEL_KERNELPLAN_H

#include "DotProduct.h"
#include "MatrixTile.h"
#include "TileBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::compress {

/// One way. In a text it is "vectors 6x4", "matrix 16x2", "winograd" or, in
/// tiles of 4x4 outputs, "winograd 4x4"; with " channels-outermost" behind it.
struct KernelPlan {
  enum class Kind { Vectors, Matrix, Winograd };

  Kind kind = Kind::Vectors;
  // Of a tile, rows of a tile register, or outputs along a side (Winograd).
  int64_t pixels = 1;
  int64_t vectors = 1; // of channels of a tile
  /// All pixels of an image use the weights of a tile before the next come.
  bool channelsOutermost = false;

  bool operator==(const KernelPlan &other) const {
    return kind == other.kind && pixels == other.pixels &&
           vectors == other.vectors &&
           channelsOutermost == other.channelsOutermost;
  }
  std::string print() const;
};

/// What of a kernel decides which plan is the best: instruction, types, loops
/// (p: pixels, c: channels, s: others that choose weights, r: reduction) with
/// the strides of the input, what its end reads, and the kinds of `plans` that
/// not every target has.
std::string describeKernel(const DotKernel &dot, const DotIsa &isa,
                           bool parallel, ArrayRef<KernelPlan> plans);

/// All plans for a kernel on vectors or, with AMX, on matrices; the first is
/// what the model chooses. `parallel` kernels are shared by threads.
SmallVector<KernelPlan> getPlans(const DotKernel &dot, const DotIsa &isa,
                                 const llvm::StringSet<> &features,
                                 bool depthwise, bool parallel);

/// Gives each channel of `dot` one lane, as matrices have it.
void useWholeLanes(DotKernel &dot, const DotIsa &isa);

/// The plan for a kernel of `func`: the one that measurements have chosen for
/// its description, or the one that is to be measured now, which is noted at
/// `func`, or the first (kTuningAttr and its neighbours in Attributes.h).
KernelPlan choosePlan(func::FuncOp func, StringRef description,
                      ArrayRef<KernelPlan> plans);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_KERNELPLAN_H

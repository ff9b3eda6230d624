//===- DotProduct.h - sums of products with constant weights ----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Recognizes kernels that multiply integers with constant weights, and arranges
// the weights in the order in which dot product instructions read them; not
// installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_KERNEL_DOTPRODUCT_H
#define LIB_CODEGEN_CPU_KERNEL_DOTPRODUCT_H

#include "../Isa/DotIsa.h"
#include "Kernel.h"
#include "PackConstant.h"

namespace mlir::compress {

/// A root that computes acc + extsi(input) * extsi(weight) in i32, or
/// acc + input * weight in f32.
struct ProductOperands {
  unsigned input, weights;     // operands of the root
  bool storedUnsigned = false; // the input's memory holds q + 128
};
std::optional<ProductOperands> matchProduct(const Kernel &kernel);

/// A kernel whose reduction is cut into groups of inputs that one instruction
/// takes. The weights lie in memory, padded with zeros, as
/// [selecting loops][tile][reductions][groups][vector of the
/// tile][lane][group].
///
/// Few output channels leave lanes of the instruction without work: each
/// channel then has `split` of them side by side, which sum every split-th
/// group of the instruction and are added in the end. In terms of channels
/// there are fewer lanes, and larger groups.
struct DotKernel {
  Kernel kernel;
  ProductOperands operands;
  unsigned lane;
  SmallVector<unsigned> selecting;  // parallel loops, outermost first
  SmallVector<unsigned> reductions; // all but the grouped one
  unsigned grouped;                 // the one whose inputs form groups
  int64_t split; // lanes of the instruction for a channel: 1, 2 or 4
  int64_t group; // inputs of a step: split groups of the instruction
  int64_t lanes; // channels of a vector
  /// For every loop, the offset of each iteration in the original weights.
  SmallVector<SmallVector<int64_t>> weightOffsets;

  int64_t getExtent(unsigned loop) const { return kernel.loops[loop].extent; }
  int64_t getNumGroups() const; // in the grouped loop
  /// The first input of a group. Where the last group would not be whole, it
  /// begins earlier, with weights of 0 for those that it shares; not so with
  /// floats, whose products with 0 may be NaN.
  int64_t getGroupBegin(int64_t index) const;
  /// How many inputs of a group there are.
  int64_t getGroupSize(int64_t index) const;
  bool sumsFloats() const;
  int64_t getNumReductions() const; // iterations of the other reductions
  int64_t getNumVectors() const;    // that cover all lanes
  /// Weights of one lane, of one iteration of the selecting loops.
  int64_t getLaneSize() const {
    return getNumReductions() * getNumGroups() * group;
  }
  int64_t getSelectedSize() const {
    return getNumVectors() * lanes * getLaneSize();
  }
  const Access &getInput() const {
    return kernel.root.operands[operands.input];
  }
};

/// Views `group` as a dot product, for an instruction of `isa`; std::nullopt
/// where it is none.
std::optional<DotKernel> analyzeDotKernel(const Kernel &kernel,
                                          const DotIsa &isa);

/// Weights in their new order for tiles of `tileVectors` vectors, and the sum
/// of the weights of every lane, [selecting loops][padded lanes].
struct PackedWeights {
  std::vector<char> bytes;
  std::vector<int32_t> sums;
};
PackedWeights packWeights(const DotKernel &dot, const ConstantData &data,
                          int64_t tileVectors);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_KERNEL_DOTPRODUCT_H

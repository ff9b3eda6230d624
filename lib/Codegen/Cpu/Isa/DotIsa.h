//===- DotIsa.h - sums of products of a target ------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The instructions by which a target sums products of small integers, or of
// f32: one class, one file each; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_ISA_DOTISA_H
#define LIB_CODEGEN_CPU_ISA_DOTISA_H

#include "../Kernel/TileShape.h"
#include "VectorTarget.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/StringSet.h"
#include <memory>

namespace mlir::compress {

/// An instruction that adds, to each of `lanes` 32-bit accumulators, the sum of
/// `group` products of an input and a weight. Integer sums are modulo 2^32.
class DotIsa {
public:
  virtual ~DotIsa();

  StringRef name;    // of the instruction
  int64_t lanes;     // accumulators in a vector
  int64_t registers; // vector registers
  int64_t group;     // products summed in each lane
  int64_t pixels;    // that an instruction takes at once: 1 or 2 (buildDots)
  int64_t shift;     // what buildInput adds to every input, to be taken off
                     // again: the sum is too large by shift * sum(weights)

  /// Whether these weights, of 8 bits and as packed, give no sum that the
  /// instruction cannot hold.
  virtual bool takesWeights(ArrayRef<char> packed) const { return true; }
  /// Instructions of a step.
  virtual StepCost getCost(bool storedUnsigned) const = 0;
  /// `group` inputs, vector<group x iN>, as an operand that has them in every
  /// lane. Of a multiple of `group`, each lane has one group, in turn. Those of
  /// several `pixels` stay one after another. Inputs
  /// of 8 bits may be `storedUnsigned`, as q + 128.
  Value buildInput(OpBuilder &b, Location loc, Value inputs,
                   bool storedUnsigned) const;
  /// An operand of inputs of each lane's own, vector<lanes * group x iN> with
  /// those of a lane side by side: where there is a shift, as q + shift.
  virtual Value prepareInput(OpBuilder &b, Location loc, Value inputs,
                             bool storedUnsigned) const;
  /// Weights as packed, vector<lanes * group x iN> with those of a lane side by
  /// side, as an operand.
  virtual Value buildWeights(OpBuilder &, Location, Value packed) const {
    return packed;
  }
  /// accumulators + inputs * weights, a vector<lanes x i32>, or f32.
  virtual Value buildDot(OpBuilder &b, Location loc, Value accumulators,
                         Value inputs, Value weights) const = 0;
  /// The same for `pixels` neighbours, whose inputs buildInput gets one after
  /// another; as many accumulators, in an order of the instruction's own, which
  /// packSums makes of those of the pixels and unpackSums takes back. A pixel
  /// without a neighbour is its own. Here: one pixel.
  virtual SmallVector<Value> buildDots(OpBuilder &b, Location loc,
                                       ValueRange accumulators, Value inputs,
                                       Value weights) const;
  virtual SmallVector<Value> packSums(OpBuilder &b, Location loc,
                                      ValueRange sums) const;
  virtual SmallVector<Value> unpackSums(OpBuilder &b, Location loc,
                                        ValueRange accumulators) const;

protected:
  DotIsa(StringRef name, int64_t lanes, int64_t registers, int64_t group,
         int64_t shift, int64_t pixels = 1)
      : name(name), lanes(lanes), registers(registers), group(group),
        pixels(pixels), shift(shift) {}
};

/// vpdpbusd: 8-bit inputs made unsigned, 8-bit weights.
std::unique_ptr<DotIsa> createVnniIsa(int64_t lanes, int64_t registers);
/// pmaddubsw, then pmaddwd: 8-bit inputs made unsigned, 8-bit weights of which
/// no two neighbours can saturate.
std::unique_ptr<DotIsa> createPmaddubswIsa(int64_t lanes, int64_t registers);
/// pmaddwd: inputs and weights of up to 16 bits.
std::unique_ptr<DotIsa> createPmaddwdIsa(int64_t lanes, int64_t registers);
/// sdot: signed 8-bit inputs and weights.
std::unique_ptr<DotIsa> createSdotIsa();
/// smmla: the same for two pixels at a time, eight inputs each.
std::unique_ptr<DotIsa> createSmmlaIsa();

/// f32 inputs and weights; `fused` products and sums are rounded once.
std::unique_ptr<DotIsa> createFloatIsa(const VectorTarget &target, bool fused);

/// Whether there are dot products of bf16.
bool hasBfloat16Dot(const llvm::StringSet<> &features);
/// vdpbf16ps or bfdot, which `features` must have: bf16 inputs and weights.
std::unique_ptr<DotIsa> createBfloat16Isa(const VectorTarget &target,
                                          const llvm::StringSet<> &features);

/// What `features` offer for inputs and weights of so many bits, the best
/// first; none where plain vector arithmetic serves. The last one takes all
/// weights.
SmallVector<std::unique_ptr<DotIsa>>
getDotIsas(const llvm::StringSet<> &features, unsigned inputBits,
           unsigned weightBits);

/// A vector of `count` elements, as many times `vector` as fit.
Value buildRepeated(OpBuilder &b, Location loc, Value vector, int64_t count);

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_ISA_DOTISA_H

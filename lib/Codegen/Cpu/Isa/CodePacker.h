//===- CodePacker.h - reals to bytes with saturating packs ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The end of a requantization on x86 and AArch64: two or four registers of
// reals are rounded and packed to codes of 8 bits by instructions that
// saturate, so that no clamp is left but the one against overflow of the
// conversion; not installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_CODEGEN_CPU_ISA_CODEPACKER_H
#define LIB_CODEGEN_CPU_ISA_CODEPACKER_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringSet.h"
#include <optional>

namespace mlir::compress {

class CodePacker {
public:
  /// std::nullopt where `features` name no such instructions.
  static std::optional<CodePacker> get(const llvm::StringSet<> &features);

  /// Whether `type` is two or four registers of elements of 32 bits.
  bool takes(Type type) const;

  /// saturate(roundeven(reals) + zeroPoint) as i8, or as u8 in i8 where
  /// `isUnsigned`. The reals are f32, no NaN, and below 2^31 - 512. What is
  /// below -2^31 saturates as well where the zero point is not negative.
  Value build(OpBuilder &b, Location loc, Value reals, int32_t zeroPoint,
              bool isUnsigned) const;

private:
  explicit CodePacker(int64_t lanes, bool isNeon = false)
      : lanes(lanes), isNeon(isNeon) {}

  Value buildRounded(OpBuilder &b, Location loc, Value reals) const;

  Value buildNeonBytes(OpBuilder &b, Location loc, ArrayRef<Value> integers,
                       bool isUnsigned) const;

  int64_t lanes; // 32-bit elements in a register
  bool isNeon;
};

} // namespace mlir::compress

#endif // LIB_CODEGEN_CPU_ISA_CODEPACKER_H

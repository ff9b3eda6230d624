//===- Attributes.h - discardable attributes --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The names of the attributes by which one part of the compiler tells another
// what types and operands cannot say.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_IR_ATTRIBUTES_H
#define COMPRESS_DIALECT_COMPRESS_IR_ATTRIBUTES_H

#include "llvm/ADT/StringRef.h"

namespace mlir::compress {

//===----------------------------------------------------------------------===//
// On arguments and results of the network's function
//===----------------------------------------------------------------------===//

/// The name in the original model: a string.
inline constexpr llvm::StringLiteral kNameAttr = "compress.name";
/// The !quant.uniform type of codes: a type.
inline constexpr llvm::StringLiteral kTypeAttr = "compress.type";
/// The element type outside, of the same size in memory, where the tensor's
/// own cannot say it: ui8, ui16, ui32 or ui64 for signless integers; i1 for
/// bytes of 0 and 1.
inline constexpr llvm::StringLiteral kElementTypeAttr = "compress.element_type";

//===----------------------------------------------------------------------===//
// On the network's function
//===----------------------------------------------------------------------===//

/// In the code form: how many of the arguments are inputs. The others are
/// outputs, and the last is the arena.
inline constexpr llvm::StringLiteral kNumInputsAttr = "compress.num_inputs";

//===----------------------------------------------------------------------===//
// On ops
//===----------------------------------------------------------------------===//

/// Why an op stays f32: a string.
inline constexpr llvm::StringLiteral kFloatAttr = "compress.float";
/// A generic that converts between f32 and codes: the quantized type.
inline constexpr llvm::StringLiteral kConvertAttr = "compress.convert";
/// A part of a computation until it is fused into the generic that requantizes.
inline constexpr llvm::StringLiteral kPartAttr = "compress.part";
/// What the kernel of this op is called: a string.
inline constexpr llvm::StringLiteral kKernelNameAttr = "compress.kernel_name";

//===----------------------------------------------------------------------===//
// On the module
//===----------------------------------------------------------------------===//

/// On the arena of the code form: the most bytes of it that live at a time.
inline constexpr llvm::StringLiteral kLiveBytesAttr = "compress.live_bytes";
/// In the code form of an f32 network: products are fused with their sums.
inline constexpr llvm::StringLiteral kFusedSumsAttr = "compress.fused_sums";
/// Up to the code form: a dictionary of how to compute kernels, by their
/// descriptions (`--tuning` of compressc). `--compress-lower-weighted-kernels`
/// takes it away.
inline constexpr llvm::StringLiteral kTuningAttr = "compress.tuning";
/// The number of the plan that is to be measured for all other kernels, and in
/// the code form, at each of their functions, its description, that plan, and
/// how many there are.
inline constexpr llvm::StringLiteral kTuningCandidateAttr =
    "compress.tuning_candidate";
inline constexpr llvm::StringLiteral kPlanAttr = "compress.plan";
/// In the code form with a profile: an array with a dictionary for each kernel
/// (kernel, source, element, macs, bytes), and the symbol of their counters.
inline constexpr llvm::StringLiteral kProfileAttr = "compress.profile";
inline constexpr llvm::StringLiteral kProfileTicksAttr =
    "compress.profile_ticks";

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_IR_ATTRIBUTES_H

//===- Quantizers.h - scales and zero points of nodes -----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// What the ops on quantized tensors share.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_QUANTIZERS_H
#define COMPRESS_LIB_IMPORT_ONNX_QUANTIZERS_H

#include "NodeImporter.h"

namespace mlir::compress {

/// Reads the constant scales in input `scaleInput` and zero points in the next
/// one (0 where it is left out) for a tensor of `shape` with codes of
/// `storage`. Several scales are along `axis`; without one they fail.
FailureOr<Quantization>
getQuantization(NodeImporter &n, ArrayRef<int64_t> shape, ElementType storage,
                unsigned scaleInput, std::optional<int64_t> axis,
                bool allowZero);

/// The f32 numbers of constants, codes, or integers.
FailureOr<Tensor> dequantize(NodeImporter &n, const Tensor &x,
                             const Quantization &quant);
/// The codes of f32 numbers.
FailureOr<Tensor> quantize(NodeImporter &n, const Tensor &x,
                           const Quantization &quant);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_QUANTIZERS_H

//===- WindowAttributes.h - windows of Conv and the pools -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_WINDOWATTRIBUTES_H
#define COMPRESS_LIB_IMPORT_ONNX_WINDOWATTRIBUTES_H

#include "Compress/Import/Common/TransposedConv.h"
#include "NodeImporter.h"

namespace mlir::compress {

/// Reads kernel_shape, strides, dilations, pads, auto_pad and ceil_mode of a
/// node on `shape`, [N, C, L] or [N, C, H, W]. A 1-D window gets an H of 1.
/// `kernel` is that of the weights, with which kernel_shape has to agree. The
/// result is {H, W}, resolved.
FailureOr<SmallVector<WindowAxis>>
getWindow(NodeImporter &n, ArrayRef<int64_t> shape,
          std::optional<ArrayRef<int64_t>> kernel);

/// Reads strides, dilations, pads, auto_pad, output_padding and output_shape of
/// a ConvTranspose on `shape`, with weights of `kernel`. The result is {H, W}.
FailureOr<SmallVector<TransposedAxis>>
getTransposedWindow(NodeImporter &n, ArrayRef<int64_t> shape,
                    ArrayRef<int64_t> kernel);

/// [A, B, L] to [A, B, 1, L]; 4-D tensors stay.
FailureOr<Tensor> to2d(NodeImporter &n, const Tensor &tensor);
/// Back to `rank` dimensions.
FailureOr<Value> from2d(NodeImporter &n, FailureOr<Value> value, int64_t rank);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_WINDOWATTRIBUTES_H

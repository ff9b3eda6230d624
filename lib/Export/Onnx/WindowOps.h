//===- WindowOps.h - ops that move windows over images ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_ONNX_WINDOWOPS_H
#define COMPRESS_LIB_EXPORT_ONNX_WINDOWOPS_H

#include "OnnxGraph.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::compress {

/// A convolution or a pool of any layout: its loops, and the window along each
/// dimension of the image.
struct WindowOp {
  linalg::ConvolutionDimensions dims;
  SmallVector<unsigned> inputLoops; // of the dimensions of the input
  SmallVector<int64_t> kernel, strides, dilations;
};
std::optional<WindowOp> matchWindow(linalg::LinalgOp op);

/// What `value`, [N, C, ...], pads along its image with a number that changes
/// nothing, or `value`; `pads` as the attribute of ONNX.
ValueId takePadding(const OnnxGraph &graph, ValueId value,
                    function_ref<bool(double)> isNeutral,
                    SmallVector<int64_t> &pads);

/// A convolution of [N, C, H, W], weights and perhaps a bias that ConvTranspose
/// does: of an image with zeros between its elements, by constant weights.
/// Nothing where it is another.
std::optional<ValueId> addConvTranspose(OnnxGraph &graph,
                                        ArrayRef<ValueId> operands,
                                        const WindowOp &window,
                                        ArrayRef<int64_t> pads, int64_t groups,
                                        ArrayRef<int64_t> shape);

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_ONNX_WINDOWOPS_H

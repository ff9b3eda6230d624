//===- PrunePasses.td - passes that take channels out ------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD

include "mlir/Pass/PassBase.td"

def RemoveChannelsPass
    : Pass<"compress-remove-channels", "::mlir::func::FuncOp"> {
  let summary = "Takes out the channels that are masked or all zero";
  let description = [{
    Finds the channels that hold one number whatever the input is: those that
    `compress.channel_mask` sets to zero, that a product with a constant of
    zeros and ones does, or whose filter is all zeros; and what is computed from
    them. Elements of dimensions that live and die together are one unit (see
    `--compress-print-channel-groups`); it goes if of every sum over one of its
    elements the term is zero, or one number at all places, which moves into
    the bias. Then types, constants and attributes shrink: the result computes
    what the masked network computes, bit for bit where only zeros go in the
    order of a sequential sum; what moves into a bias is rounded in another order.

    Where a sum adds a branch of which channels are zero to one of which they
    are not, the branch alone shrinks, behind `compress.scatter_channels`. One
    channel of every tensor stays. A remark says which masked channels stay, and
    why.

    Example (`test/Dialect/Compress/Transforms/Prune/remove-channels.mlir`):

    ```mlir
    %h = linalg.matmul ins(%x, %w1 : tensor<1x4xf32>, tensor<4x3xf32>) ...
    %m = compress.channel_mask %h {axis = 1, mask = array<i1: true, false, true>}
    %y = linalg.matmul ins(%m, %w2 : tensor<1x3xf32>, tensor<3x2xf32>) ...
    // becomes
    %h = linalg.matmul ins(%x, %w1' : tensor<1x4xf32>, tensor<4x2xf32>) ...
    %y = linalg.matmul ins(%h, %w2' : tensor<1x2xf32>, tensor<2x2xf32>) ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::compress::CompressDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numRemoved", "removed", "units of channels taken out">,
    Statistic<"numKept", "kept", "masked channels that stay">,
    Statistic<"numScattered", "scattered", "branches behind a scatter">];
}

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD

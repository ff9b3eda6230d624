//===- PrunePasses.td - passes that prune ------------------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Included by Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD

include "mlir/Pass/PassBase.td"

def LowerMasksPass : Pass<"compress-lower-masks", "::mlir::func::FuncOp"> {
  let summary = "Turns masks and scattered channels into linalg and tensor ops";
  let description = [{
    What pruning leaves becomes what every later pass knows:

    - `compress.channel_mask` becomes a multiplication by a constant, 1 for a
      channel that stays and 0 for one that is set to zero. The pass that folds
      batch norms folds it into the convolution before it. Of a channel that is
      set to zero a negative number gives -0, an infinity NaN;
    - `compress.scatter_channels` becomes a pad with zeros where its indices
      follow each other, and a concatenation of padded slices, one for each run
      of indices, where there are up to 8 runs. With more it stays: every later
      pass knows it as an op that moves elements, and it becomes a lookup of
      channels when it is lowered to integers or to code;
    - `compress.channel_gate` becomes its operand, with a remark: its scores were
      trained, and nobody used them.

    It folds nothing else, so that it may run before quantizations are raised.

    Example (`test/Dialect/Compress/Transforms/Prune/lower-masks.mlir`):

    ```mlir
    %m = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>} : tensor<1x2x4x4xf32>
    %y = compress.scatter_channels %m {axis = 1, indices = array<i64: 1, 2>} : tensor<1x2x4x4xf32> -> tensor<1x4x4x4xf32>
    // becomes
    %c = arith.constant dense<[1.0, 0.0]> : tensor<2xf32>
    %m = linalg.generic ins(%x, %c) { arith.mulf %in, %in_0 }
    %y = tensor.pad %m low[0, 1, 0, 0] high[0, 1, 0, 0] { 0.0 }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numMasks", "masks", "masks made multiplications">,
    Statistic<"numScattered", "scattered", "scattered tensors made pads">,
    Statistic<"numDropped", "dropped", "gates dropped unused">];
}

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PRUNEPASSES_TD

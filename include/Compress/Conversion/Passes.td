//===- Passes.td - conversions between the forms -----------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CONVERSION_PASSES_TD
#define COMPRESS_CONVERSION_PASSES_TD

include "mlir/Pass/PassBase.td"

def QdqToIntegerPass : Pass<"compress-qdq-to-integer", "::mlir::func::FuncOp"> {
  let summary = "Computes the qdq form in integers";
  let description = [{
    Turns f32 ops between `compress.fake_quant` ops into ops on i8 codes with
    i32 sums, requantized by `compress.requantize` in the body of a
    `linalg.generic`. The arithmetic is that of `docs/numerics.md`.

    ```
    conv, depthwise, grouped, matmul:  acc = sum(q * w) + (bias - zx * sum(w))
    window sum, mean:                  acc = sum(q) - zx * count
    mul:                               acc = (qa - za) * (qb - zb)
    add, sub:                          v = f32(a - za) * (sa / sy) + ...
    result:                            requantize(acc, sx * sw[c] / sy)
    ```

    Ops that move or select data (pad, reshape, transpose, slice, concat, max
    pool, relu) work on the codes. A clamp before a fake_quant becomes the
    range of the requantization. The final sum of every channel is proved to
    fit in i32 from `sum(|w|)` and the bias; where it does not, the op stays
    f32.

    An op that stays f32 carries `compress.float` with the reason, and a remark
    (category `compress`, name `Float`) gives it; a summary (name `Summary`)
    counts both kinds.

    Example (`test/Conversion/QdqToInteger/conv.mlir`):

    ```mlir
    %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w) outs(%b) // f32, x and w quantized
    %y = compress.fake_quant %c {type = !quant.uniform<i8:f32, 0.1:-3>}
    // becomes
    %a = linalg.conv_2d_nhwc_hwcf ins(%qx, %qw) outs(%qb) // i8, i8 -> i32
    %q = linalg.generic ins(%a, %scales) { compress.requantize ... }
    ```
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::compress::CompressDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::quant::QuantDialect",
    "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numInteger", "integer", "ops computed in integers">,
    Statistic<"numMoved", "moved", "ops that move codes">,
    Statistic<"numFloat", "float", "ops that stay f32">];
}

def ProveSumsPass : Pass<"compress-prove-sums", "::mlir::func::FuncOp"> {
  let summary = "Proves that no integer sum of the integer form overflows";
  let description = [{
    Bounds the final sum of every channel of every convolution, matrix product
    and pooling sum from its constant weights, its initial value and the range
    of its input's type:

    ```
    hi[c] = init[c] + sum over w of channel c: w * (w > 0 ? qmax : qmin)
    ```

    Sums that do not fit in i32 are an error. Intermediate sums may wrap modulo
    2^32, which does not change the final one. A sum whose operands are wider
    than 16 bits, as TOSA allows, or that starts from a variable, cannot be
    bounded; a remark says so.

    Example: `test/Conversion/QdqToInteger/prove-sums.mlir`.
  }];
  let statistics = [Statistic<"numProved", "proved", "sums proved to fit">];
}

def IntegerBordersPass : Pass<"compress-integer-borders", "::mlir::func::FuncOp"> {
  let summary = "Gives the function integer inputs and outputs";
  let description = [{
    An f32 argument that is only quantized becomes an argument of codes, and a
    result that is only dequantized codes becomes those codes. The quantized
    type is recorded as the attribute `compress.type` of the argument or result.
    A border that has no quantized form stays f32, with a remark.

    Example: `test/Conversion/QdqToInteger/integer-borders.mlir`.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
  let statistics = [Statistic<"numBorders", "borders", "borders made integer">];
}

#endif // COMPRESS_CONVERSION_PASSES_TD

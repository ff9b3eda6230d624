//===- CompressOps.td - ops of the compress dialect --------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_OPS_TD
#define COMPRESS_OPS_TD

include "Compress/Dialect/Compress/IR/CompressDialect.td"
include "Compress/Dialect/Compress/IR/DimensionRelationInterface.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"
include "mlir/Interfaces/VectorInterfaces.td"

//===----------------------------------------------------------------------===//
// fake_quant
//===----------------------------------------------------------------------===//

def Compress_FakeQuantOp : Compress_Op<"fake_quant", [
    Pure, AllTypesMatch<["input", "output"]>,
    DeclareOpInterfaceMethods<DimensionRelationInterface>]> {
  let summary = "dequantize(quantize(x)): simulates a quantized tensor in f32";
  let description = [{
    Rounds every element to the nearest value that the quantized type can
    hold, and stays in f32. It is the one op that every quantized activation
    of the qdq form goes through. Unlike `quant.dcast(quant.qcast(x))`, which
    upstream folds to `x` in every greedy driver, it never folds to its
    operand.

    ```
    def fake_quant(x: f32) -> f32:            # s: f32, zp, qmin, qmax: integer
      q = clamp(roundeven(x / s) + zp, qmin, qmax)   # f32 division
      q = zp if isnan(x) else q
      return f32(q - zp) * s                  # f32 multiplication
    ```

    `s`, `zp`, `qmin` and `qmax` come from `type`, per tensor or per channel
    (`x` indexed along the quantized dimension selects `s` and `zp`). The
    scale is rounded to f32 once. Halves round to even.

    Constraints: the expressed type is f32; the storage is a signed integer of
    2 to 16 bits; every scale is a finite, normal f32 above 0; a per-channel
    type has as many scales as the quantized dimension has elements.

    Source: ONNX QuantizeLinear and DequantizeLinear, opset 13.

    Example:

    ```mlir
    %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.05:-3>}
       : tensor<1x8x8x16xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, TypeAttr:$type);
  let results = (outs RankedTensorOf<[F32]>:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
  let hasFolder = 1;
  let extraClassDeclaration = [{
    /// The quantized element type, per tensor or per channel.
    ::mlir::quant::QuantizedType getQuantizedType();
  }];
}

//===----------------------------------------------------------------------===//
// observe
//===----------------------------------------------------------------------===//

def Compress_ObserveOp : Compress_Op<"observe", [
    Pure, AllTypesMatch<["input", "output"]>,
    DeclareOpInterfaceMethods<DimensionRelationInterface>]> {
  let summary = "identity that names a tensor for calibration";
  let description = [{
    Returns its operand. The name is the key under which calibration records
    the range of the tensor. An observe of an observe of the same name folds.

    Example:

    ```mlir
    %y = compress.observe %x {name = "layer1.relu"} : tensor<1x8x8x16xf32>
    ```
  }];
  let arguments = (ins AnyRankedTensor:$input, StrAttr:$name);
  let results = (outs AnyRankedTensor:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

//===----------------------------------------------------------------------===//
// requantize
//===----------------------------------------------------------------------===//

def Compress_AccumulatorLike : TypeOrValueSemanticsContainer<
    AnyTypeOf<[I32, F32]>, "accumulator-like (i32 or f32)">;
def Compress_ScaleLike : TypeOrValueSemanticsContainer<F32, "f32-like">;
def Compress_CodeLike : TypeOrValueSemanticsContainer<
    AnyTypeOf<[I8, I16]>, "code-like (i8 or i16)">;

def Compress_RequantizeOp : Compress_Op<"requantize", [
    Pure, DeclareOpInterfaceMethods<VectorUnrollOpInterface>]
    # ElementwiseMappable.traits> {
  let summary = "rounds a scaled accumulator to a quantized code";
  let description = [{
    A scalar op for the bodies of `linalg.generic`; being elementwise mappable
    it also takes vectors and tensors of equal shape. It is the only place
    where the arithmetic of requantization is written down.

    ```
    def requantize(acc: i32 | f32, scale: f32) -> i8 | i16:
      v = f32(acc) * scale            # i32 to f32 to nearest even; one multiply
      v = 0 if isnan(v) else v        # only where acc is f32
      v = clamp(v, qmin - zp, qmax - zp)   # before the conversion
      return i32(roundeven(v)) + zp
    ```

    Nothing is fused or reassociated: the result has the same bits on every
    target. A scale of 1.0 with an f32 accumulator only rounds and clamps.
    Tighter `qmin` and `qmax` than the storage's carry a fused activation.

    Constraints: `qmin <= qmax`, both in the range of the result's type; `zp`
    in [-32768, 32767]; a constant scale is finite.

    Source: `docs/numerics.md`.

    Example:

    ```mlir
    %q = compress.requantize %acc, %scale zp(-3) range(-3, 127)
       : i32, f32 -> i8
    ```
  }];
  let arguments = (ins Compress_AccumulatorLike:$acc, Compress_ScaleLike:$scale,
                       I32Attr:$zero_point, I32Attr:$qmin, I32Attr:$qmax);
  let results = (outs Compress_CodeLike:$code);
  let assemblyFormat =
      "$acc `,` $scale custom<RequantizeRange>($zero_point, $qmin, $qmax) "
      "attr-dict `:` type($acc) `,` type($scale) `->` type($code)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // COMPRESS_OPS_TD

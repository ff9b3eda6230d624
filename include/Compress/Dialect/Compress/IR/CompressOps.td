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
// Channels that pruning takes out
//===----------------------------------------------------------------------===//

def Compress_ChannelGateOp : Compress_Op<"channel_gate", [
    Pure, AllTypesMatch<["input", "output"]>,
    DeclareOpInterfaceMethods<DimensionRelationInterface>]> {
  let summary = "identity that carries SCOP's trained gates of channels";
  let description = [{
    Returns its operand. `beta` is how much of a channel came from the real
    features and not from their knockoffs when the gates were trained; `gamma`
    is the factor of the batch normalization before it. Channel `c` of dimension
    `axis` scores `|gamma[c]| * (2 * beta[c] - 1)`, computed in f64: the lowest
    scores go first (`--compress-score-gates`). Where the gates are not used,
    they are dropped.

    Constraints: `axis` is a dimension of static extent; `beta` and `gamma` have
    a finite number for each of its elements.

    Source: Tang et al., SCOP: Scientific Control for Reliable Neural Network
    Pruning (NeurIPS 2020), equations 8 to 10.

    Example:

    ```mlir
    %y = compress.channel_gate %x
       {axis = 1, beta = array<f32: 0.9, 0.2>, gamma = array<f32: 1.0, -0.5>}
       : tensor<1x2x8x8xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, I64Attr:$axis,
                       DenseF32ArrayAttr:$beta, DenseF32ArrayAttr:$gamma);
  let results = (outs RankedTensorOf<[F32]>:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Compress_ChannelMaskOp : Compress_Op<"channel_mask", [
    Pure, AllTypesMatch<["input", "output"]>,
    DeclareOpInterfaceMethods<DimensionRelationInterface>]> {
  let summary = "sets channels to zero: a network pruned at full size";
  let description = [{
    ```
    output[..., c, ...] = input[..., c, ...] if mask[c] else 0
    ```

    with `c` the index of dimension `axis`. It marks the channels that
    `--compress-remove-channels` takes out; left in, it computes what the
    smaller network computes. Of i32 sums 0 is the real number 0. Of i8 it is the
    code 0, whatever the zero point: mask the sums, not their codes, for a
    channel that is really zero.

    Constraints: `axis` is a dimension of static extent; `mask` has a bit for
    each of its elements. A mask of ones folds.

    Example:

    ```mlir
    %y = compress.channel_mask %x {axis = 1, mask = array<i1: true, false>}
       : tensor<1x2x8x8xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32, I8, I32]>:$input, I64Attr:$axis,
                       DenseBoolArrayAttr:$mask);
  let results = (outs RankedTensorOf<[F32, I8, I32]>:$output);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Compress_ScatterChannelsOp : Compress_Op<"scatter_channels", [
    Pure, DeclareOpInterfaceMethods<DimensionRelationInterface>]> {
  let summary = "channels at their places in a wider tensor, zero elsewhere";
  let description = [{
    ```
    output[..., indices[i], ...] = input[..., i, ...], all else 0
    ```

    along dimension `axis`. Where a residual sum is wider than what a pruned
    branch adds to it, the branch goes through this op.

    Constraints: the types agree but for the extent of `axis`, which is static in
    both; there is an index for each element of the input's, ascending, below
    the output's. All indices in place fold.

    Source: as compress.channel_gate, section 4: blocks of residual networks.

    Example:

    ```mlir
    %y = compress.scatter_channels %x {axis = 1, indices = array<i64: 0, 3>}
       : tensor<1x2x8x8xf32> -> tensor<1x4x8x8xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[F32]>:$input, I64Attr:$axis,
                       DenseI64ArrayAttr:$indices);
  let results = (outs RankedTensorOf<[F32]>:$output);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($output)";
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

//===----------------------------------------------------------------------===//
// lookup
//===----------------------------------------------------------------------===//

def Compress_ByteLike : TypeOrValueSemanticsContainer<I8, "i8-like">;

def Compress_LookupOp : Compress_Op<"lookup", [
    Pure, SameOperandsAndResultType,
    DeclareOpInterfaceMethods<VectorUnrollOpInterface>]
    # ElementwiseMappable.traits> {
  let summary = "an 8-bit code as a function of another one";
  let description = [{
    A scalar op for the bodies of `linalg.generic`; being elementwise mappable
    it also takes vectors and tensors.

    ```
    def lookup(code: i8) -> i8:
      return table[code + 128]        # code from -128 to 127
    ```

    Constraints: the table has 256 entries.

    Source: TOSA's `TABLE` of 8 bits, whose table is a tensor.

    Example, the absolute value:

    ```mlir
    %y = compress.lookup %x [127, 127, 126, ..., 126, 127] : i8
    ```
  }];
  let arguments = (ins Compress_ByteLike:$code, DenseI8ArrayAttr:$table);
  let results = (outs Compress_ByteLike:$result);
  let assemblyFormat = "$code $table attr-dict `:` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

#endif // COMPRESS_OPS_TD

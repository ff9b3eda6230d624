//===- QuantizePasses.td - passes that quantize ------------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Included by Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEPASSES_TD
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEPASSES_TD

include "mlir/Pass/PassBase.td"

def RaiseQDQPass : Pass<"compress-raise-qdq", "::mlir::func::FuncOp"> {
  let summary = "Turns quant.dcast(quant.qcast(x)) into compress.fake_quant";
  let description = [{
    Upstream folds `quant.dcast(quant.qcast(x))` to `x` in every greedy driver,
    and the quantization silently vanishes. This pass fuses such pairs into
    `compress.fake_quant`, which never folds to its operand; it is therefore
    the first pass of every pipeline and uses no folding driver itself.
    Unsigned storage becomes signed: u8 codes `q`, zero point `zp` are s8
    codes `q - 128`, zero point `zp - 128`.

    A constant that is fake quantized becomes its codes behind `quant.scast`
    and `quant.dcast`: the qdq form of weights.

    A `quant.qcast` whose codes are used otherwise stays, with a remark. A pair
    on other than ranked f32 tensors, or with storage of more than 16 bits, is
    an error: `fake_quant` cannot say it, and upstream would fold it away.
    Constant codes of unsigned storage become signed alike.

    Example (`test/Dialect/Compress/Transforms/Quantize/raise-qdq.mlir`):

    ```mlir
    %q = quant.qcast %x : tensor<4xf32> to tensor<4x!quant.uniform<i8:f32, 0.5>>
    %y = quant.dcast %q : tensor<4x!quant.uniform<i8:f32, 0.5>> to tensor<4xf32>
    // becomes
    %y = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5>} : tensor<4xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::compress::CompressDialect",
                           "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numRaised", "raised", "pairs made fake_quant">,
    Statistic<"numStored", "stored", "constants stored as codes">];
}

def RaiseIntegerLinalgPass
    : Pass<"compress-raise-integer-linalg", "::mlir::func::FuncOp"> {
  let summary = "Turns networks written in integer linalg into the qdq form";
  let description = [{
    Exporters such as torch-mlir write a quantized network as what it computes:
    generics that quantize and dequantize, `linalg.*_q` ops on i8, and i32 sums
    that a constant brings back to f32. This pass finds the f32 tensor that each
    integer tensor stands for, and writes the network on those:

    - a generic from f32 to integers that quantizes becomes
      `compress.fake_quant`; one from its codes to f32 that dequantizes becomes
      its result. Bodies are judged by the numbers that they compute, not by
      their ops. A quantization must never fall and must give the codes of
      [the contract](../numerics.md) on both sides of every step, so that it
      does everywhere (but for NaN, for which producers differ); a
      dequantization and a map between codes (u8 to i8, a clamp) must be right
      for every code.
    - transposes, reshapes, pads, slices, concatenations, broadcasts and maxima
      of codes become those of the f32 tensor;
    - an i32 sum that is multiplied by a constant becomes f32: products of codes
      with i8 constants (convolutions and matrix products, named or generic,
      with zero points or without), a bias of i32 constants, clamps, additions,
      transposes and reshapes between. With the scale `s` of the sum and `sx` of
      the input, the weights are their codes with the scale `s / sx`, and the
      bias its codes with the scale `s`, behind `quant.scast` and `quant.dcast`;
      per tensor or per channel;
    - constant integers that are dequantized become codes behind `quant.scast`
      and `quant.dcast`;
    - a fake quantization that is written in f32 alone, as quantization aware
      training leaves it, in one body or in a chain of ops, becomes
      `compress.fake_quant`, or of a constant its codes.

    Before that, a body that does several of these at once, as fusion leaves it,
    is taken apart. What has no such form stays as it is and computes what it
    says, and a remark gives the reason. Shapes may be open. Constants must be folded before:
    `--compress-fold-constants=integers-only`.

    Example
    (`test/Dialect/Compress/Transforms/Quantize/raise-integer-linalg.mlir`):

    ```mlir
    %q = linalg.generic ins(%x) outs(%e) { divf, roundeven, maximumf, minimumf, fptosi }
    %c = linalg.conv_2d_nchw_fchw_q ins(%q, %codes, %zero, %zero) outs(%b)
    %y = linalg.generic ins(%c) outs(%f) { sitofp, mulf }
    // becomes
    %q = compress.fake_quant %x {type = !quant.uniform<i8:f32, 0.5>}
    %w = quant.dcast (quant.scast %codes)
    %y = linalg.conv_2d_nchw_fchw ins(%q, %w) outs(%b)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::compress::CompressDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::quant::QuantDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numQuantized", "quantized", "quantizations made fake_quant">,
    Statistic<"numSums", "sums", "i32 sums made f32">,
    Statistic<"numStored", "stored", "constants stored as codes">,
    Statistic<"numLeft", "left", "ops between f32 and integers that stay">];
}

def PlaceObserversPass : Pass<"compress-place-observers", "::mlir::func::FuncOp"> {
  let summary = "Names the tensors of a float network that are to be quantized";
  let description = [{
    The recipe of post-training quantization, on a normalized f32 network: where
    `compress.observe` stands, `--compress-quantize-observed` quantizes.

    - The input of every convolution and matrix product with constant weights is
      quantized, where it is made: before reshapes, slices, pads and max pools,
      behind a relu or clamp. All its users share the one quantization.
    - What is computed between two quantized tensors in sums, additions,
      multiplications by constants and clamps is not quantized on its way: the
      sums of a convolution that enter a residual addition keep all their bits.
      A value that is used twice on that way is quantized, so that it is
      computed once; so is the result of a concatenation, whose parts are then
      rounded once, to its scale.
    - A mean or sum over an image is computed in integers where a quantized
      tensor depends on it through nothing but such ops; the same ops in a layer
      normalization stay f32. A product of two activations is, if one of them is
      quantized anyway.
    - The results of the function are not quantized, unless `results` says so:
      the last sums become f32 at once.

    `keep-float` names ops, by their locations, that shall stay f32; `*` stands
    for any text. Of several ops of one location the second is NAME#2. So do the
    ops that read an f32 argument of the function, or what is moved from it, if
    they make up at most `input-share` of the multiply-accumulates of all that
    can be quantized: what the codes of the input lose is lost to every layer.
    An observe that is there already keeps its place and name.

    The names come from locations and are unique in the function.

    Example (`test/Dialect/Compress/Transforms/Quantize/place-observers.mlir`):

    ```mlir
    %r = linalg.generic ins(%c) { arith.maximumf %in, 0.0 }
    // becomes
    %r = linalg.generic ins(%c) { arith.maximumf %in, 0.0 }
    %o = compress.observe %r {name = "relu1"}
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect"];
  let options = [
    Option<"results", "results", "bool", "false",
           "quantize also the results of the function">,
    ListOption<"keepFloat", "keep-float", "std::string",
               "convolutions and products that stay f32, by name">,
    Option<"inputShare", "input-share", "double", "0",
           "those that read the input stay f32 if they make up at most this "
           "share of the multiply-accumulates">];
  let statistics = [Statistic<"numPlaced", "placed", "tensors to be quantized">];
}

def ExposeObservedPass : Pass<"compress-expose-observed", "::mlir::func::FuncOp"> {
  let summary = "Makes observed tensors results of the function";
  let description = [{
    Every `compress.observe` becomes one more result, in program order, whose
    `compress.name` is its name. So whoever runs the function sees them:
    calibration does.

    Example (`test/Dialect/Compress/Transforms/Quantize/expose-observed.mlir`):

    ```mlir
    func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
      %y = compress.observe %x {name = "x"} : tensor<4xf32>
      return %y : tensor<4xf32>
    }
    // becomes
    func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32> {compress.name = "x"})
    ```
  }];
  let statistics = [Statistic<"numExposed", "exposed", "results added">];
}

def EqualizeChannelsPass
    : Pass<"compress-equalize-channels", "::mlir::func::FuncOp"> {
  let summary = "Scales the channels of observed tensors to like ranges";
  let description = [{
    A tensor has one scale, its channels have ranges of their own: the lesser
    ones use a few codes only. With a factor `s[c] > 0` for each channel, what
    makes the tensor gives `x[c] / s[c]`, and what uses it multiplies by `s[c]`:

    - weights and bias of the convolutions and products that make it are
      divided;
    - weights of the convolutions and products that use it are multiplied.

    In between a factor goes through sums of tensors, relus, pads with 0, slices,
    concatenations, reshapes, maxima and means over the image, and products with
    what has no factor: all tensors that are joined by these, such as a residual
    stream, have it. The network computes what it did, but for rounding. A
    channel that anything else makes or uses is left as it is. The factors come
    from the file `ranges` ("equalization"), which must agree with each other.

    Sources: Nagel et al., *Data-Free Quantization Through Weight Equalization
    and Bias Correction*, 2019; Xiao et al., *SmoothQuant*, 2023 (the square
    root of the activations' ranges).

    Example (`test/Dialect/Compress/Transforms/Quantize/equalize-channels.mlir`):

    ```mlir
    %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w1) outs(%b)
    %o = compress.observe %c {name = "c"}
    %y = linalg.conv_2d_nhwc_hwcf ins(%o, %w2) outs(%z)
    // becomes, with w1 and b divided, w2 multiplied
    %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w1s) outs(%bs)
    %o = compress.observe %c {name = "c"}
    %y = linalg.conv_2d_nhwc_hwcf ins(%o, %w2s) outs(%z)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [Option<"ranges", "ranges", "std::string", "",
                        "JSON file with the factors">];
  let statistics = [Statistic<"numEqualized", "equalized", "tensors scaled">];
}

def ProbeErrorsPass : Pass<"compress-probe-errors", "::mlir::func::FuncOp"> {
  let summary = "Computes the mean error that quantization makes of each sum";
  let description = [{
    Beside every convolution and matrix product of an observed tensor stands the
    quantized one that `--compress-quantize-observed` will make, on the same f32
    input. The results of the function become, for each of them and with its
    name, the mean over all positions of what the exact one has more: one number
    a channel. Averaged over samples this is what the bias lacks. Rounding of
    weights and saturation of activations shift whole channels, which later
    layers take for signal.

    Source: Nagel et al., *Data-Free Quantization Through Weight Equalization
    and Bias Correction*, 2019 (the empirical correction, of each layer alone).

    Example (`test/Dialect/Compress/Transforms/Quantize/probe-errors.mlir`):

    ```mlir
    %y = linalg.conv_2d_nhwc_hwcf ins(%o, %w) outs(%b) // %o is observed
    // becomes
    %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w) outs(%b)
    %q = linalg.conv_2d_nhwc_hwcf ins(%fake, %dequantized) outs(%b2)
    %e = linalg.generic ins(%y, %q) { acc + (y - q) * (1 / positions) }
    return %e
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::compress::CompressDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::quant::QuantDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"ranges", "ranges", "std::string", "",
           "JSON file with the ranges of the tensors">,
    Option<"weights", "weights", "::mlir::compress::WeightRange",
           "::mlir::compress::WeightRange::MinMax", "how weight scales are chosen",
           [{::llvm::cl::values(
             clEnumValN(::mlir::compress::WeightRange::MinMax, "minmax",
                        "no weight saturates"),
             clEnumValN(::mlir::compress::WeightRange::Mse, "mse",
                        "least squared error"))}]>];
  let statistics = [Statistic<"numProbed", "probed", "sums that are compared">];
}

def ExposeInputsPass : Pass<"compress-expose-inputs", "::mlir::func::FuncOp"> {
  let summary = "Makes the quantized inputs of sums the results of the function";
  let description = [{
    The results of the function become, for each convolution and matrix product
    of an observed tensor and with its name, the input that its quantized form
    will have, on the same f32 tensor: quantized by its range from the file
    `ranges`, then padded and moved as the op reads it. By them
    `compressc --calibrate` rounds weights.

    Example (`test/Dialect/Compress/Transforms/Quantize/expose-inputs.mlir`):

    ```mlir
    %y = linalg.conv_2d_nhwc_hwcf ins(%o, %w) outs(%b) // %o is %x, observed
    // becomes
    %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w) outs(%b)
    %q = compress.fake_quant %x {type = !qtensor}
    return %q // {compress.name = "conv1"}
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::quant::QuantDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"ranges", "ranges", "std::string", "",
           "JSON file with the ranges of the tensors">,
    ListOption<"names", "names", "std::string",
               "only the inputs of these convolutions and products">];
  let statistics = [Statistic<"numExposed", "exposed", "inputs that are results">];
}

def QuantizeObservedPass : Pass<"compress-quantize-observed", "::mlir::func::FuncOp"> {
  let summary = "Quantizes observed tensors by their ranges, and weights";
  let description = [{
    Each `compress.observe` becomes `compress.fake_quant` to i8 with the scale
    and zero point of its range, from the file `ranges` (docs/calibration.md).
    The weights of a convolution or product of such a tensor are quantized to i8
    with one scale a channel, symmetric, codes from -127 to 127; its bias to i32
    in the scale of the sums. Where the code of one channel would not fit, the
    bias of the op stays f32, and lowering raises that channel's scale. The result
    is the qdq form.

    With `weights=mse` the scale of a channel is the one of 129 between a half
    and all of its largest weight / 127 that has the least squared error; with
    `weights=minmax` it is the largest weight / 127.

    Corrections in the file, one number a channel, are added to the bias of the
    op that they name.

    A tensor without a range in the file, or a range without a tensor, is an
    error: the file belongs to another network. With `keep-observers` an observe
    stays behind each fake_quant, to look at the quantized tensors.

    Example (`test/Dialect/Compress/Transforms/Quantize/quantize-observed.mlir`):

    ```mlir
    %o = compress.observe %r {name = "relu1"}
    // becomes
    %o = compress.fake_quant %r {type = !quant.uniform<i8:f32, 0.05:-128>}
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::compress::CompressDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::quant::QuantDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"ranges", "ranges", "std::string", "",
           "JSON file with the ranges of the tensors">,
    Option<"weights", "weights", "::mlir::compress::WeightRange",
           "::mlir::compress::WeightRange::MinMax", "how weight scales are chosen",
           [{::llvm::cl::values(
             clEnumValN(::mlir::compress::WeightRange::MinMax, "minmax",
                        "no weight saturates"),
             clEnumValN(::mlir::compress::WeightRange::MinMax, "mse",
                        "least squared error"))}]>,
    Option<"keepObservers", "keep-observers", "bool", "false",
           "leave an observe behind each fake_quant">];
  let statistics = [
    Statistic<"numTensors", "tensors", "activations quantized">,
    Statistic<"numWeights", "weights", "weights quantized">];
}

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEPASSES_TD

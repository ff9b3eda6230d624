//===- Passes.td - passes on the compress dialect ----------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PASSES_TD
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PASSES_TD

include "Compress/Dialect/Compress/Transforms/PrunePasses.td"
include "Compress/Dialect/Compress/Transforms/QuantizePasses.td"
include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// Normalize
//===----------------------------------------------------------------------===//

def FoldConstantsPass : Pass<"compress-fold-constants", "::mlir::func::FuncOp"> {
  let summary = "Computes linalg ops whose inputs are all constants";
  let description = [{
    An all-parallel linalg op of static shape (generic, elementwise, transpose)
    whose inputs are constants becomes a constant; above 1 kB a `dense_resource`.
    Bodies hold `arith` on integers, f32 and f64, and the rounding ops of `math`;
    each operation rounds once, as it does at run time. Inputs may be computed
    from constants by fills, broadcasts and reshapes too; those do not become
    constants themselves, as they would only repeat numbers. What is not read
    need not be constant.

    The element of a constant with one element becomes a scalar constant; a
    generic that repeats one scalar becomes `linalg.fill`.

    What a body computes from `linalg.index` alone, as the counts that an average
    at the border divides by, becomes a constant that it reads: the op no longer
    depends on the order of its dimensions.

    What the folded ops of a function take together, in bytes and in scalar
    operations, is at most `max-cost`; what goes beyond stays. With
    `integers-only` only integer results are folded: the dequantization of a
    constant stays to be seen.

    Example (`test/Dialect/Compress/Transforms/Normalize/fold-constants.mlir`):

    ```mlir
    %c = arith.constant dense<[4, -6]> : tensor<2xi32>
    %y = linalg.generic ins(%c) outs(%e) { sitofp, mulf 0.5 }
    // becomes
    %y = arith.constant dense<[2.0, -3.0]> : tensor<2xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"integersOnly", "integers-only", "bool", "false",
           "fold only ops with integer results">,
    Option<"maxCost", "max-cost", "int64_t", "int64_t(1) << 30",
           "bytes and scalar operations that the folded ops of a function may "
           "take together">];
  let statistics = [Statistic<"numFolded", "folded", "ops made constants">,
    Statistic<"numHoisted", "hoisted", "ops whose indices became constants">];
}

def PrepareTosaPass : Pass<"compress-prepare-tosa", "::mlir::func::FuncOp"> {
  let summary = "Rewrites TOSA ops whose upstream lowering hides what they compute";
  let description = [{
    Upstream's `tosa-to-linalg` lowers a float `tosa.avg_pool2d` to index
    arithmetic that no later pass could read as an average. Here it becomes a
    window sum and a division by a constant: a scalar, or one count for each
    output pixel where windows reach over the border (TOSA does not count
    padding). A chain of f32 `tosa.reduce_sum`, one dimension each, becomes one
    sum, so that a mean over an image is seen as one. The padding of `tosa.pad`
    becomes static, and a constant bias that all channels of a convolution share
    becomes one for each, constant i4 weights become i8, and INEXACT_ROUND becomes
    SINGLE_ROUND.

    Two ops that upstream does not lower become others. `tosa.transpose_conv2d`
    of stride s becomes a `tosa.conv2d` of stride 1 with s * s times as many
    filters, one for each output position of a block of s x s, which a transpose
    brings in order; so no product with an inserted zero is computed.
    `tosa.scatter` becomes a lookup of the row that writes an element. A
    `tosa.gather` of rows at equal distances is the strided slice that torch-mlir
    wrote so, and becomes `tensor.extract_slice`.

    One that upstream lowers wrongly, with positions before the border rounded
    to zero and not down, is `tosa.resize` of integers: here the positions are
    constants. Every other TOSA op is left to upstream.

    Example (`test/Dialect/Compress/Transforms/Normalize/prepare-tosa.mlir`):

    ```mlir
    %y = tosa.avg_pool2d %x, %zp, %zp {kernel = array<i64: 8, 8>, ...}
    // becomes
    %s = linalg.pooling_nhwc_sum ins(%x, %window) outs(%zero)
    %y = linalg.generic ins(%s) { arith.divf %in, 64.0 }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numPools", "pools", "average pools rewritten">,
    Statistic<"numSums", "sums", "chains of sums made one">,
    Statistic<"numBiases", "biases", "biases repeated for each channel">,
    Statistic<"numWeights", "weights", "weights of 4 bits widened">,
    Statistic<"numPads", "pads", "pads made static">,
    Statistic<"numTransposed", "transposed",
              "transposed convolutions made convolutions">,
    Statistic<"numResizes", "resizes", "integer resizes rewritten">,
    Statistic<"numGathers", "gathers", "gathers made slices">,
    Statistic<"numScatters", "scatters", "scatters made lookups">];
}

def WidenIntegersPass : Pass<"compress-widen-integers", "::mlir::ModuleOp"> {
  let summary = "Stores integers of 48 bits in 64";
  let description = [{
    TOSA sums products of i16 and i8 in i48, which no machine has. Every i48, in
    tensors and in the bodies of ops, in constants and in the types of
    functions, becomes an i64 of the same value. Sums that fit in 48 bits, as
    TOSA demands, stay what they are. What reads an i48 as unsigned is an error.

    Example (`test/Dialect/Compress/Transforms/Normalize/widen-integers.mlir`):

    ```mlir
    %y = linalg.generic ins(%x : tensor<4xi16>) outs(%o : tensor<4xi48>) { arith.extsi %in : i16 to i48 }
    // becomes
    %y = linalg.generic ins(%x : tensor<4xi16>) outs(%o : tensor<4xi64>) { arith.extsi %in : i16 to i64 }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numValues", "values", "values of 48 bits widened">];
}

def LayoutNhwcPass : Pass<"compress-layout-nhwc", "::mlir::func::FuncOp"> {
  let summary = "Brings convolutions and pools to NHWC and removes transposes";
  let description = [{
    Every convolution and pool, recognized by the windows in its maps, gets the
    operand order batch, image, group, channel; filters get HWCF (HWC for
    depthwise, GHWCF for grouped).

    The layout of every value is decided first: convolutions and pools want
    theirs, and ops that do not care (elementwise, pad, slice, concat,
    fake_quant, reshapes between whole dimensions) pass the wish on to their
    operands and users. Then each op is rewritten once. Before that, a collapse
    moves behind the elementwise ops after it, and a depthwise convolution with
    a multiplier of 1 loses it. A transpose in the
    model is only another name for its operand; constants (also behind
    `quant.scast` and `quant.dcast`), fills and broadcasts take any layout; the
    maps of a reduction take the permutation; a flatten before products with
    constant weights permutes the weights. What transposes remain stand at the
    borders of the function or at an op that really depends on the order.

    Sums of f32 run over the window first and the channels last, as the NHWC
    ops of linalg do.

    Example (`test/Dialect/Compress/Transforms/Normalize/layout-nhwc.mlir`):

    ```mlir
    %y = linalg.conv_2d_nchw_fchw ins(%x, %w) outs(%b)
    // becomes
    %xt = linalg.transpose ins(%x) permutation = [0, 2, 3, 1]
    %yt = linalg.conv_2d_nhwc_hwcf ins(%xt, %wt) outs(%bt)
    %y = linalg.transpose ins(%yt) permutation = [0, 3, 1, 2]
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::quant::QuantDialect"];
  let statistics = [
    Statistic<"numConverted", "converted", "ops brought to NHWC">,
    Statistic<"numTransposes", "transposes-left", "transposes that remain">];
}

def FoldZeroPointsPass : Pass<"compress-fold-zero-points", "::mlir::func::FuncOp"> {
  let summary = "Folds the zero points of linalg.*_q ops into bias and weights";
  let description = [{
    `linalg.conv_2d_nhwc_hwcf_q` and its kin compute `sum((x - zx) * (w - zw))`.
    With constant weights and zero points this is a plain i8 convolution whose
    initial value is `bias - zx * sum(w)`, computed modulo 2^32: the final sum
    is proved to fit, the parts need not. A weight zero point is subtracted from
    the weights where the result fits in i8; otherwise the op stays, with a
    remark.

    Example (`test/Dialect/Compress/Transforms/Normalize/fold-zero-points.mlir`):

    ```mlir
    %y = linalg.conv_2d_nhwc_hwcf_q ins(%x, %w, %zx, %zw) outs(%b)
    // becomes
    %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w) outs(%b2)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numFolded", "folded", "ops made plain">];
}

def FoldChannelPadsPass
    : Pass<"compress-fold-channel-pads", "::mlir::func::FuncOp"> {
  let summary = "Lets layers compute the channels of zeros that are put beside theirs";
  let description = [{
    The results of an f32 convolution or product with constant weights whose
    channels (the last dimension) stand at other places among channels of zeros,
    by pads, slices and concatenations, become those of a wider layer, with
    filters and biases of zeros: a pruned branch of a residual block, as
    `--compress-lower-masks` leaves it. What is added to it then need not wait
    for another pass over memory.

    A vector of 16 sums costs the same with zeros in it: this is done where the
    wide layer has at most 1.5 times as many vectors, and where nothing else
    reads the narrow one. Channels may be left out on the way, but none stands
    twice. Results are the same bits, but for the sign of zeros, and NaN in
    place of zeros where an input is infinite or NaN.

    Example (`test/Dialect/Compress/Transforms/Normalize/fold-channel-pads.mlir`):

    ```mlir
    %y = linalg.matmul ins(%x, %w : tensor<8x4xf32>, tensor<4x11xf32>) outs(%b)
    %p = tensor.pad %y low[0, 5] high[0, 0] { tensor.yield %zero } : tensor<8x16xf32>
    // becomes
    %p = linalg.matmul ins(%x, %w2 : tensor<8x4xf32>, tensor<4x16xf32>) outs(%b2)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numFolded", "folded", "layers made wider">];
}

def WidenChannelsPass
    : Pass<"compress-widen-channels", "::mlir::func::FuncOp"> {
  let summary = "Gives channels of zeros to layers whose channels are no multiple of 4";
  let description = [{
    Instructions for products of bytes take four channels of the input at a
    time; what pruning leaves is seldom a multiple of 4. Where one f32 layer
    makes the channels and one other mixes them, with nothing but relus, clamps
    and pads in between, the first gets up to three filters and biases of zeros,
    and the second weights of zeros for them. Vectors of sums have lanes for
    those. What the network computes has the same bits (of an infinite input,
    NaN).

    It is for networks that become int8: `compressc` runs it before it
    calibrates.

    Example (`test/Dialect/Compress/Transforms/Normalize/widen-channels.mlir`):

    ```mlir
    %y = linalg.matmul ins(%x, %w : tensor<8x4xf32>, tensor<4x11xf32>) outs(%b)
    %z = linalg.matmul ins(%y, %v : tensor<8x11xf32>, tensor<11x8xf32>) outs(%c)
    // becomes
    %y = linalg.matmul ins(%x, %w2 : tensor<8x4xf32>, tensor<4x12xf32>) outs(%b2)
    %z = linalg.matmul ins(%y, %v2 : tensor<8x12xf32>, tensor<12x8xf32>) outs(%c)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numWidened", "widened", "tensors that got channels of zeros">];
}

def FoldBatchNormPass : Pass<"compress-fold-batch-norm", "::mlir::func::FuncOp"> {
  let summary = "Folds per-channel affine ops into the convolution before them";
  let description = [{
    Recognizes an elementwise op that computes `a[c] * x + b[c]` with constants
    (batch normalization in any spelling, a scaling, a bias), by evaluating its
    body symbolically in f64, and folds it into the float convolution or matmul
    that makes `x`: weights `w * a[c]`, initial value `bias * a[c] + b[c]`,
    each rounded once to f32. Needs constant weights, a bias that is constant or
    absent, finite results, and no other user of the convolution. Of weights
    that are stored codes, `a[c]` goes into the scales, which become per
    channel, and a minus sign or a factor of 0 into the codes: quantization-aware
    training exports a division and a batch norm behind such weights.
    It never reaches across a `compress.fake_quant`. A plain addition of one
    value a channel to a sum that starts at zero folds with any weights, also
    quantized ones: the sum starts at that value. So does an i32 addition to
    any integer sum, modulo 2^32.

    Example (`test/Dialect/Compress/Transforms/Normalize/fold-batch-norm.mlir`):

    ```mlir
    %c = linalg.conv_2d_nhwc_hwcf ins(%x, %w) outs(%zero)
    %y = linalg.generic ins(%c, %gamma, %beta, %mean, %var) { ... }
    // becomes
    %y = linalg.conv_2d_nhwc_hwcf ins(%x, %w2) outs(%bias2)
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::quant::QuantDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numFolded", "folded", "affine ops folded">];
}

//===----------------------------------------------------------------------===//
// Contracts of the forms
//===----------------------------------------------------------------------===//

class CheckFormPass<string form, string contract>
    : Pass<"compress-check-" # form, "::mlir::ModuleOp"> {
  let summary = "Checks the contract of the " # form # " form";
  let description = contract # [{

    Fails with one error that names the op and the rule it breaks. Changes
    nothing. Example: `test/Dialect/Compress/Transforms/check-forms.mlir`.
  }];
  let statistics = [Statistic<"numChecked", "checked", "ops checked">];
}

def CheckModelPass : CheckFormPass<"model", [{
    The model form holds TOSA and linalg on static or dynamic tensors, f32 or
    int8, with `arith`, `math`, `tensor` and `quant` casts beside them and
    compress annotations. No memref, no loop, no `quant.qcast`.}]>;
def CheckPrunedPass : CheckFormPass<"pruned", [{
    The pruned form holds the same ops as the model form, and no mask or gate is
    left in it.}]>;
def CheckQdqPass : CheckFormPass<"qdq", [{
    The qdq form is linalg on static f32 tensors. Every quantized activation
    goes through one `compress.fake_quant`; a `quant.dcast` takes a
    `quant.scast` of an integer constant. Beside linalg there may be
    `compress.scatter_channels`. No TOSA, no `quant.qcast`.}]>;
def CheckIntegerPass : CheckFormPass<"integer", [{
    The integer form is linalg on static tensors of integers, requantized in the
    bodies of `linalg.generic`. No quantized types, no `compress.fake_quant`, no
    TOSA but `tosa.apply_scale`. An op on f32 tensors carries the attribute
    `compress.float` with the reason that a remark gave, or converts between
    f32 and codes (`compress.convert`).}]>;
def CheckCodePass : CheckFormPass<"code", [{
    The code form holds no tensors and no linalg: memrefs of static shape, loops,
    vectors and scalars. All buffers are function arguments, constants,
    views of the arena, or on the stack; nothing is allocated.}]>;

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_PASSES_TD

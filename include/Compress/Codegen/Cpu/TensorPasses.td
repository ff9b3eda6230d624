//===- TensorPasses.td - code generation on tensors --------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_TENSORPASSES_TD
#define COMPRESS_CODEGEN_CPU_TENSORPASSES_TD

include "mlir/Pass/PassBase.td"

def UseBfloat16Pass : Pass<"compress-use-bf16", "::mlir::func::FuncOp"> {
  let summary = "Lets the layers of f32 networks multiply bf16";
  let description = [{
    What a convolution or dense layer with constant weights reads, and its
    weights, are rounded to bf16 (8 bits of significand, to nearest, ties to
    even), and their products summed in f32, two at a time, by `vdpbf16ps` or
    `bfdot` where `features` have it. Those take denormals for 0. Outputs are
    f32 until a layer reads them: sums of residual blocks, pools and functions
    compute in f32. Sums, products and maxima also read what was rounded for a
    layer; what may lose more by it, as differences and integers, does not. Layers in which each
    input serves one output (depthwise convolutions), and products of two
    activations, stay f32, and a remark says so.

    Example (`test/Codegen/Cpu/use-bf16.mlir`):

    ```mlir
    %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x3xf32>)
                       outs(%zero : tensor<2x3xf32>)
    // becomes
    %n = linalg.generic ins(%x) { arith.truncf }
    %y = linalg.generic ins(%n, %v : tensor<2x4xbf16>, tensor<4x3xbf16>) outs(%zero)
         { arith.extf, arith.extf, arith.mulf, arith.addf }
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: avx512bf16, bf16">];
  let statistics = [
    Statistic<"numNarrowed", "narrowed", "layers that multiply bf16">,
    Statistic<"numKept", "kept", "products that stay f32">];
}

def DecomposeTensorsPass : Pass<"compress-decompose-tensors", "::mlir::func::FuncOp"> {
  let summary = "Writes pads, concatenations and aggregates with simpler ops";
  let description = [{
    A `tensor.pad` with a constant value becomes a fill of the larger tensor and
    an `insert_slice`, the fill placed before the producer of the source so that
    the producer can write right into the padded buffer. `tensor.concat` becomes
    `insert_slice` ops, and aggregates such as `linalg.softmax` become generics.

    Example (`test/Codegen/Cpu/decompose-tensors.mlir`):

    ```mlir
    %y = tensor.pad %x low[1] high[1] { tensor.yield %zp : i8 } ...
    // becomes
    %e = tensor.empty() : tensor<10xi8>
    %f = linalg.fill ins(%zp : i8) outs(%e : tensor<10xi8>) -> tensor<10xi8>
    %y = tensor.insert_slice %x into %f[1] [8] [1] ...
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numDecomposed", "decomposed", "ops written with simpler ones">];
}

def FuseElementwisePass : Pass<"compress-fuse-elementwise", "::mlir::func::FuncOp"> {
  let summary = "Makes one op of chains of elementwise ops";
  let description = [{
    Upstream's fusion of elementwise linalg ops, restricted to where it pays: an
    op with several users is not computed twice, unless it only repeats a
    smaller tensor; at most one sum becomes an operand of a fused op, so that
    it can be computed together with it; transposes stay apart, for they would
    break up vectors, unless the rows of the result are as short as colors; and
    what initializes a sum stays as it is.

    Example (`test/Codegen/Cpu/fuse-elementwise.mlir`):

    ```mlir
    %q = linalg.generic ins(%acc) { compress.requantize }
    %y = linalg.generic ins(%q, %x) { dequantize, add, compress.requantize }
    // becomes
    %y = linalg.generic ins(%acc, %x) { both }
    ```
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numFused", "fused", "ops that went into another">];
}

def TabulateCodesPass : Pass<"compress-tabulate-codes", "::mlir::ModuleOp"> {
  let summary = "Makes functions of one 8-bit code tables";
  let description = [{
    Where the body of an elementwise `linalg.generic` computes an 8-bit code
    from another one alone, through reals, functions and further codes, the 256
    results are computed now, in the same arithmetic that the code would use,
    and a `compress.lookup` takes the place of the ops: for a quantized sigmoid,
    SiLU, hard swish or table of TOSA. It is done where `features` look codes up
    in fewer instructions than the ops take.
    What has no value, such as a conversion of a float that is too large, has one
    in a table.

    Example (`test/Codegen/Cpu/tabulate-codes.mlir`):

    ```mlir
    %i = arith.sitofp %code : i8 to f32
    %x = arith.mulf %i, %scale : f32
    %t = math.tanh %x : f32
    %q = compress.requantize %t, %c128 zp(0) range(-128, 127) : f32, f32 -> i8
    // becomes
    %q = compress.lookup %code [...] : i8
    ```
  }];
  let dependentDialects = ["::mlir::compress::CompressDialect",
                           "::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: avx512vbmi">];
  let statistics = [Statistic<"numTables", "tables", "functions made tables">];
}

def PlaceProducersPass : Pass<"compress-place-producers", "::mlir::func::FuncOp"> {
  let summary = "Puts each sum between its initialization and its only reader";
  let description = [{
    A sum that one elementwise op alone reads moves right before that op; what
    initializes a sum moves, or is repeated where it serves several, right
    before the sum. Every op gets a `tensor.empty` of its own. In memory the
    three then stand next to each other and form one kernel.

    Example (`test/Codegen/Cpu/place-producers.mlir`):

    ```mlir
    %i = linalg.fill ...
    %a = linalg.matmul ins(...) outs(%i)
    %b = linalg.fill ...   // something else
    %q = linalg.generic ins(%a) ...
    // becomes
    %b = linalg.fill ...
    %i = linalg.fill ...
    %a = linalg.matmul ins(...) outs(%i)
    %q = linalg.generic ins(%a) ...
    ```
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numMoved", "moved", "ops moved or repeated">];
}

#endif // COMPRESS_CODEGEN_CPU_TENSORPASSES_TD

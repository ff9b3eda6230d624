//===- ExpandPasses.td - arithmetic as instructions --------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_CPU_EXPANDPASSES_TD
#define COMPRESS_CODEGEN_CPU_EXPANDPASSES_TD

include "mlir/Pass/PassBase.td"

def ExpandRequantizePass : Pass<"compress-expand-requantize"> {
  let summary = "Expands compress.requantize to arith";
  let description = [{
    Writes the arithmetic of `compress.requantize` with `arith` ops, on scalars
    and vectors, exactly as the op defines it and without fast-math flags.
    Rounding adds 1.5*2^23, whose sum holds the rounded integer in its low
    bits; no library is used. A code that is only flipped, for storage as
    q + 128, is one with another zero point. f32(code - constant) is taken from
    the rounded real. Where `features` have them, 8-bit codes of two or four
    registers are converted and packed by saturating instructions.

    Example (`test/Codegen/Cpu/expand-requantize.mlir`):

    ```mlir
    %q = compress.requantize %acc, %scale zp(-3) range(-3, 127) : i32, f32 -> i8
    // becomes
    %r = arith.sitofp %acc : i32 to f32
    %v = arith.mulf %r, %scale : f32
    ... // clamp to [0, 130], add 12582912.0
    %b = arith.bitcast %s : f32 to i32
    %c = arith.addi %b, %c-3_i32 : i32
    %q = arith.trunci %c : i32 to i8
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: avx512bw, avx2, sse2">];
  let statistics = [Statistic<"numExpanded", "expanded", "requantize ops expanded">];
}

def ExpandLookupPass : Pass<"compress-expand-lookup", "::mlir::ModuleOp"> {
  let summary = "Expands compress.lookup to shuffles of bytes";
  let description = [{
    A vector of codes is looked up in registers: in those of the table by
    `vpermi2b`, once for each sign (avx512vbmi), or by `pshufb`, which has 16
    entries (avx512bw, avx2, ssse3). Other targets and scalars load each entry.
    Where the codes before or after it are only flipped, for storage as q + 128,
    the table is another one.

    Example (`test/Codegen/Cpu/expand-lookup.mlir`):

    ```mlir
    %y = compress.lookup %x [...] : vector<64xi8>
    // becomes
    %a = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%t0, %x, %t1)
    %b = llvm.call_intrinsic "llvm.x86.avx512.vpermi2var.qi.512"(%t2, %x, %t3)
    %n = arith.cmpi slt, %x, %zero : vector<64xi8>
    %y = arith.select %n, %b, %a : vector<64xi1>, vector<64xi8>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::LLVM::LLVMDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::vector::VectorDialect"];
  let options = [
    Option<"features", "features", "std::string", [{""}],
           "target features as in LLVM: avx512vbmi, avx512bw, avx2, ssse3">];
  let statistics = [Statistic<"numExpanded", "expanded", "lookup ops expanded">];
}

def ExpandMathPass : Pass<"compress-expand-math"> {
  let summary = "Replaces math functions by fixed polynomials";
  let description = [{
    Generated code calls no library: exp, log, tanh, erf, sin, cos, atan and
    powers become polynomials in f32, rounding functions and `math.fma` become
    `arith`. The same operations in the same order on every target give the
    same bits. A function that has no such expansion is rejected. In networks
    that round products once with their sums (`compress.fused_sums`) polynomials
    do so too.

    Example (`test/Codegen/Cpu/expand-math.mlir`): `math.tanh` becomes the
    quotient of two polynomials in `arith.mulf` and `arith.addf`.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect",
                           "::mlir::LLVM::LLVMDialect",
                           "::mlir::vector::VectorDialect"];
  let statistics = [Statistic<"numExpanded", "expanded", "math functions expanded">];
}

def ExpandExtremaPass
    : Pass<"compress-expand-extrema", "::mlir::func::FuncOp"> {
  let summary = "Makes minima and maxima with a constant one instruction each";
  let description = [{
    `arith.maximumf` and `arith.minimumf` of a value and a constant that is no
    NaN become a comparison and a selection in the one order that is a single
    instruction of x86, and gives NaN for NaN as they do. Upstream's expansion
    (`--arith-expand`), which serves the others, also orders zeros by their
    signs: here `maximumf(-0.0, 0.0)` is -0.0.

    Example (`test/Codegen/Cpu/expand-extrema.mlir`):

    ```mlir
    %y = arith.maximumf %x, %zero : vector<16xf32>
    // becomes
    %takes = arith.cmpf ogt, %zero, %x : vector<16xf32>
    %y = arith.select %takes, %zero, %x : vector<16xi1>, vector<16xf32>
    ```
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numExpanded", "expanded",
                              "minima and maxima expanded">];
}

#endif // COMPRESS_CODEGEN_CPU_EXPANDPASSES_TD

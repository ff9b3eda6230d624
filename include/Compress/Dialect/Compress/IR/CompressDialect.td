//===- CompressDialect.td - the compress dialect -----------*- tablegen -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_TD
#define COMPRESS_DIALECT_TD

include "mlir/IR/OpBase.td"

def Compress_Dialect : Dialect {
  let name = "compress";
  let cppNamespace = "::mlir::compress";
  let summary = "Compression of trained networks: what upstream dialects cannot say";
  let description = [{
    The dialect adds to `quant`, `linalg` and `tosa` only what those cannot
    say: a fake quantization that never folds away, a name for calibration,
    and a scalar requantization whose arithmetic is written down once.

    Quantized types are upstream's `!quant.uniform`. In the IR all storage is
    signed; an importer turns u8 codes `q` with zero point `zp` into s8 codes
    `q - 128` with zero point `zp - 128`, exactly.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::quant::QuantDialect"];
  let hasConstantMaterializer = 1;
}

class Compress_Op<string mnemonic, list<Trait> traits = []>
    : Op<Compress_Dialect, mnemonic, traits>;

#endif // COMPRESS_DIALECT_TD

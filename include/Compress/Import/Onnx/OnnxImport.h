//===- OnnxImport.h - ONNX to the model form --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Reads a serialized ONNX model. The result is one function, `@main`, in the
// model form: linalg and tensor ops on static f32 tensors in ONNX's NCHW order.
// A quantized activation (QuantizeLinear ... DequantizeLinear) goes through
// `compress.fake_quant`, a quantized constant is integer codes behind
// `quant.scast` and `quant.dcast`. Arguments and results carry their names as
// `compress.name`, ops the names of their nodes as locations.
//
// The file may be damaged or hostile: everything is checked before it is used,
// and the memory taken is bounded by the size of the file.
//
// Source: ONNX operators, opsets 1 to 28 (the table is in OpTable.cpp).
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_ONNX_ONNXIMPORT_H
#define COMPRESS_IMPORT_ONNX_ONNXIMPORT_H

#include "Compress/Import/Common/ModelBorder.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::compress {

using OnnxImportOptions = ImportOptions;

/// Prints the operators that are imported: opsets, numbers of inputs, element
/// types, attributes and limits.
void printOnnxOps(raw_ostream &os);

/// Imports the model in `bytes`, for which messages say `fileName`. Emits one
/// diagnostic error and returns null on failure. Loads the dialects it uses
/// into `ctx`.
OwningOpRef<ModuleOp> importOnnx(StringRef bytes, StringRef fileName,
                                 MLIRContext *ctx,
                                 const OnnxImportOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_ONNX_ONNXIMPORT_H

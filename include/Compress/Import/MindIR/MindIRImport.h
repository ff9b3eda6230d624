//===- MindIRImport.h - MindIR to the model form ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Reads a MindIR file as MindSpore exports it, and what Golden Stick has made
// of it. The result is one function, `@main`, in the model form: linalg and
// tensor ops on static f32 tensors in NCHW order. FakeQuantParam becomes
// `compress.fake_quant`, or integer codes behind `quant.scast` and
// `quant.dcast` where it quantizes weights. Ops have the scopes of their nodes
// as locations.
//
// The file may be damaged or hostile: everything is checked before it is used,
// and the memory taken is bounded by the size of the file.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_MINDIR_MINDIRIMPORT_H
#define COMPRESS_IMPORT_MINDIR_MINDIRIMPORT_H

#include "Compress/Import/Common/ModelBorder.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::compress {

struct MindIRImportOptions : ImportOptions {
  /// Computes what MindSpore computes of the file: FakeQuantParam is the
  /// identity, and a batch normalization that convert() has folded and left in
  /// its place is applied once more. Else the network that was trained.
  bool asWritten = false;
};

/// Prints the operators that are imported: numbers of inputs, and limits.
void printMindIROps(raw_ostream &os);

/// Imports the model in `bytes`, for which messages say `fileName`. Emits one
/// diagnostic error and returns null on failure, and remarks on what it
/// repairs. Loads the dialects it uses into `ctx`.
OwningOpRef<ModuleOp> importMindIR(StringRef bytes, StringRef fileName,
                                   MLIRContext *ctx,
                                   const MindIRImportOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_MINDIR_MINDIRIMPORT_H

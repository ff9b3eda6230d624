//===- ModelReader.h - model files of every format --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads whatever a model may be stored in. The format is told by the content.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_READER_MODELREADER_H
#define COMPRESS_IMPORT_READER_MODELREADER_H

#include "Compress/Import/Common/ModelBorder.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

namespace mlir::compress {

enum class ModelFormat : uint8_t { Onnx, MindIR, MlirText, MlirBytecode };

/// "ONNX", "MindIR", "MLIR text" or "MLIR bytecode".
StringRef formatName(ModelFormat format);

/// The format of a file with this content; an error names the format that it
/// has instead, as far as that is known, and what to do about it.
llvm::Expected<ModelFormat> detectModelFormat(StringRef bytes);

struct ReadOptions {
  /// The extent of a leading dimension that the model leaves open; 0 where the
  /// user has not said: 1. Given, the model must leave it open, or have it.
  int64_t batch = 0;
  /// Shapes of inputs by name, as in ImportOptions.
  SmallVector<std::pair<std::string, SmallVector<int64_t>>> inputShapes;
  /// Inputs that become constants, by name; not of MLIR.
  SmallVector<std::pair<std::string, ConstantTensorRef>> frozenInputs;
  /// The folder of the model, for what it stores beside itself.
  std::optional<std::string> folder;
  /// The model is MindIR, and computed as MindSpore would, as in
  /// MindIRImportOptions.
  bool mindirAsWritten = false;
};

struct ReadResult {
  OwningOpRef<ModuleOp> module; ///< null after an error
  /// The reader has crashed, and with it perhaps the context: neither may be
  /// used or destroyed any more.
  bool crashed = false;
};

/// Reads a model into the model form: one public function on tensors of static
/// shape. Emits at least one error, with `fileName` as its location, on
/// failure. Upstream's parser and bytecode reader trust their input more than
/// they should: a crash in them is an error as well. The context must not use
/// threads meanwhile, and allows unregistered dialects afterwards (attributes
/// of other tools are kept; their operations are an error).
ReadResult readModel(StringRef bytes, StringRef fileName, ModelFormat format,
                     MLIRContext *context, const ReadOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_READER_MODELREADER_H

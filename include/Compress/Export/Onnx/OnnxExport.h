//===- OnnxExport.h - the model form to ONNX --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Writes a network as a serialized ONNX model: opset 17, IR version 8. It takes
// the model form (linalg in any layout, no TOSA) and the qdq form. Shapes are
// static; f32, bool and integer tensors keep their types. What a linalg op
// computes decides what is written, not its name: convolutions, products,
// pools and reductions as such, each scalar op of an elementwise body as one
// node, and where several are what ONNX has one operator for, as that
// (BatchNormalization, Softmax, Relu and the like). Quantizations become
// QuantizeLinear and DequantizeLinear on signed codes.
//
// The same module gives the same bytes. Inputs and outputs have the names in
// `compress.name`, nodes those of locations, initializers those of resources.
//
// Source: ONNX operators, opset 17.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_EXPORT_ONNX_ONNXEXPORT_H
#define COMPRESS_EXPORT_ONNX_ONNXEXPORT_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace mlir::compress {

struct OnnxExportOptions {
  std::string producer, producerVersion; ///< of the model
};

/// The bytes of an ONNX model that computes what the one public function of
/// `module` does. Emits one error and fails for an op that has no form in ONNX,
/// and for a model above the 2 GiB that its format holds.
FailureOr<std::string> exportOnnx(ModuleOp module,
                                  const OnnxExportOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_EXPORT_ONNX_ONNXEXPORT_H

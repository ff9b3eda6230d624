//===- OpTable.h - the operators that are imported --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// To add an operator: declare a handler here, add a row to the table, and test
// it in unittests/Import. The importer has checked the row's numbers of inputs
// and outputs and its list of attributes before it calls the handler.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_ONNX_OPTABLE_H
#define COMPRESS_LIB_IMPORT_ONNX_OPTABLE_H

#include "NodeImporter.h"

namespace mlir::compress {

/// The newest opset whose operators the table describes.
inline constexpr int64_t kNewestOnnxOpset = 28;
/// Stands for any number of inputs.
inline constexpr unsigned kVariadic = ~0u;

/// What an op takes besides constants, which may have any type that makes
/// sense.
enum OnnxTypes : uint8_t {
  kFloat = 1,     // float32
  kQuantized = 2, // codes of a QuantizeLinear before
  kInteger8 = 4,  // int8, uint8
  kSigned = 8,    // int8 to int64
  kInteger = 28,  // int8 to int64, uint8 to uint64
  kBool = 32,
};

struct OnnxOp {
  StringLiteral name; // with the domain before it, unless it is ONNX's own
  int64_t firstOpset, lastOpset; // of the model, inclusive
  unsigned minInputs;            // these are not left out
  unsigned maxInputs;
  StringLiteral attributes; // the known ones, separated by spaces
  unsigned types;           // OnnxTypes
  StringLiteral limits;     // in words
  LogicalResult (*import)(NodeImporter &);
};

/// All rows; those of one operator stand together.
ArrayRef<OnnxOp> getOnnxOps();
/// Whether the op takes `tensor` as one of its inputs; any constant passes, of
/// which the handler looks at the type itself.
bool takesType(const OnnxOp &op, const Tensor &tensor);
/// "float32, quantized".
std::string getTypeNames(const OnnxOp &op);

// ProductOps.cpp
LogicalResult importConv(NodeImporter &n);
LogicalResult importGemm(NodeImporter &n);
LogicalResult importMatMul(NodeImporter &n);
LogicalResult importConvTranspose(NodeImporter &n);

// PoolOps.cpp
LogicalResult importMaxPool(NodeImporter &n);
LogicalResult importAveragePool(NodeImporter &n);
LogicalResult importGlobalPool(NodeImporter &n);

// ElementwiseOps.cpp
LogicalResult importUnary(NodeImporter &n);
LogicalResult importRelu(NodeImporter &n);
LogicalResult importClip(NodeImporter &n);
LogicalResult importLeakyRelu(NodeImporter &n);
LogicalResult importPRelu(NodeImporter &n);
LogicalResult importElu(NodeImporter &n);
LogicalResult importHardSigmoid(NodeImporter &n);
LogicalResult importGelu(NodeImporter &n);
LogicalResult importSwish(NodeImporter &n);
LogicalResult importSelu(NodeImporter &n);
LogicalResult importThresholdedRelu(NodeImporter &n);

// NormalizationOps.cpp
LogicalResult importBatchNorm(NodeImporter &n);
LogicalResult importLayerNorm(NodeImporter &n);
LogicalResult importGroupNorm(NodeImporter &n);
LogicalResult importLrn(NodeImporter &n);
LogicalResult importLpNormalization(NodeImporter &n);

// TensorOps.cpp
LogicalResult importGather(NodeImporter &n);
LogicalResult importGatherElements(NodeImporter &n);
LogicalResult importScatterNd(NodeImporter &n);
LogicalResult importTile(NodeImporter &n);
LogicalResult importDepthSpace(NodeImporter &n);
LogicalResult importArgMax(NodeImporter &n);

// ResizeOps.cpp, EinsumOps.cpp
LogicalResult importResize(NodeImporter &n);
LogicalResult importEinsum(NodeImporter &n);

// ArithmeticOps.cpp
LogicalResult importArithmetic(NodeImporter &n);
LogicalResult importWhere(NodeImporter &n);
LogicalResult importNot(NodeImporter &n);
LogicalResult importPow(NodeImporter &n);

// ReduceOps.cpp
LogicalResult importReduce(NodeImporter &n);
LogicalResult importSoftmax(NodeImporter &n);

// ShapeOps.cpp
LogicalResult importReshape(NodeImporter &n);
LogicalResult importFlatten(NodeImporter &n);
LogicalResult importSqueeze(NodeImporter &n);
LogicalResult importUnsqueeze(NodeImporter &n);
LogicalResult importTranspose(NodeImporter &n);
LogicalResult importConcat(NodeImporter &n);
LogicalResult importSplit(NodeImporter &n);
LogicalResult importSlice(NodeImporter &n);
LogicalResult importPad(NodeImporter &n);
LogicalResult importExpand(NodeImporter &n);

// ConstantOps.cpp
LogicalResult importIdentity(NodeImporter &n);
LogicalResult importDropout(NodeImporter &n);
LogicalResult importCast(NodeImporter &n);
LogicalResult importCastLike(NodeImporter &n);
LogicalResult importConstant(NodeImporter &n);
LogicalResult importConstantOfShape(NodeImporter &n);
LogicalResult importShape(NodeImporter &n);
LogicalResult importRange(NodeImporter &n);

// QuantOps.cpp
LogicalResult importQuantizeLinear(NodeImporter &n);
LogicalResult importDequantizeLinear(NodeImporter &n);
LogicalResult importQonnxQuant(NodeImporter &n);

// QLinearOps.cpp
LogicalResult importQLinearConv(NodeImporter &n);
LogicalResult importQLinearMatMul(NodeImporter &n);
LogicalResult importQGemm(NodeImporter &n);
LogicalResult importQLinearBinary(NodeImporter &n);
LogicalResult importQLinearUnary(NodeImporter &n);
LogicalResult importQLinearConcat(NodeImporter &n);

// PruneOps.cpp
LogicalResult importChannelGate(NodeImporter &n);

// IntegerOps.cpp
LogicalResult importDynamicQuantizeLinear(NodeImporter &n);
LogicalResult importMatMulInteger(NodeImporter &n);
LogicalResult importConvInteger(NodeImporter &n);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_ONNX_OPTABLE_H

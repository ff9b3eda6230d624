//===- OpTable.h - the operators that are imported --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// To add an operator: declare a handler here, add a row to the table, and test
// it in unittests/Import. The importer has checked the row's numbers of inputs,
// and that the first ones are tensors, before it calls the handler.
//
// Arguments stand behind the tensors, in MindSpore's order; older files keep
// them as attributes, so that a row takes fewer inputs as well.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_OPTABLE_H
#define COMPRESS_LIB_IMPORT_MINDIR_OPTABLE_H

#include "MindIRNode.h"

namespace mlir::compress {

/// Stands for any number of inputs.
inline constexpr unsigned kAnyNumber = ~0u;

struct MindIROp {
  StringLiteral name;
  unsigned minInputs, maxInputs;
  unsigned numTensors;  // as many first inputs are tensors
  StringLiteral limits; // in words
  LogicalResult (*import)(MindIRNode &n);
};

/// All rows.
ArrayRef<MindIROp> getMindIROps();
/// Null for an operator that is not in the table.
const MindIROp *findMindIROp(StringRef name);
/// The inputs that the result of an operator depends on: the others order side
/// effects.
unsigned getNumUsedInputs(StringRef name, unsigned numInputs);

// ProductOps.cpp
LogicalResult importConv2D(MindIRNode &n);
LogicalResult importMatMul(MindIRNode &n);
LogicalResult importMatMulExt(MindIRNode &n);
LogicalResult importBiasAdd(MindIRNode &n);
LogicalResult importConv2DTranspose(MindIRNode &n);

// PoolOps.cpp
LogicalResult importMaxPool(MindIRNode &n);
LogicalResult importAvgPool(MindIRNode &n);
LogicalResult importPool3D(MindIRNode &n);
LogicalResult importAdaptiveAvgPool(MindIRNode &n);

// ArithmeticOps.cpp
LogicalResult importArithmetic(MindIRNode &n);
LogicalResult importSelect(MindIRNode &n);
LogicalResult importLogicalNot(MindIRNode &n);
LogicalResult importUnary(MindIRNode &n);
LogicalResult importActivation(MindIRNode &n);
LogicalResult importClampScalar(MindIRNode &n);
LogicalResult importPReLU(MindIRNode &n);
LogicalResult importPow(MindIRNode &n);

// NormalizationOps.cpp
LogicalResult importBatchNorm(MindIRNode &n);
/// The epsilon of a BatchNorm whose arguments stand from input `first` on;
/// fails for training, and for other formats than NCHW.
FailureOr<float> readBatchNormEpsilon(MindIRNode &n, unsigned first);
LogicalResult importLayerNorm(MindIRNode &n);
LogicalResult importGroupNorm(MindIRNode &n);

// ReduceOps.cpp
LogicalResult importReduce(MindIRNode &n);
LogicalResult importSoftmax(MindIRNode &n);

// ShapeOps.cpp
LogicalResult importFlatten(MindIRNode &n);
LogicalResult importReshape(MindIRNode &n);
LogicalResult importTranspose(MindIRNode &n);
LogicalResult importExpandDims(MindIRNode &n);
LogicalResult importSqueeze(MindIRNode &n);
LogicalResult importConcat(MindIRNode &n);
LogicalResult importCast(MindIRNode &n);
LogicalResult importBroadcastTo(MindIRNode &n);

// TensorOps.cpp
LogicalResult importTensorScatterUpdate(MindIRNode &n);
LogicalResult importGather(MindIRNode &n);
LogicalResult importPad(MindIRNode &n);
LogicalResult importPadV3(MindIRNode &n);
LogicalResult importSplit(MindIRNode &n);
LogicalResult importStack(MindIRNode &n);
LogicalResult importStridedSlice(MindIRNode &n);
LogicalResult importTile(MindIRNode &n);

// TupleOps.cpp
LogicalResult importFirst(MindIRNode &n);
LogicalResult importMakeTuple(MindIRNode &n);
LogicalResult importTupleGetItem(MindIRNode &n);

// QuantOps.cpp
LogicalResult importFakeQuantParam(MindIRNode &n);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_OPTABLE_H

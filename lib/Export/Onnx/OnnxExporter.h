//===- OnnxExporter.h - ops to nodes of ONNX --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_ONNX_ONNXEXPORTER_H
#define COMPRESS_LIB_EXPORT_ONNX_ONNXEXPORTER_H

#include "OnnxGraph.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "llvm/ADT/DenseMap.h"

namespace mlir::compress {

/// A tensor in the graph, where its dimensions may stand in another order:
/// dimension i is dimension order[i] there. A transpose changes the order and
/// adds no node, so that NHWC ops between NCHW ones leave no trace.
struct GraphTensor {
  ValueId value = kNoValue;
  SmallVector<int64_t> order;
};

/// Dimensions by the loops that run over them; several that are joined.
using LoopGroups = SmallVector<SmallVector<unsigned, 2>>;

class OnnxExporter {
public:
  explicit OnnxExporter(func::FuncOp func)
      : graph(func.getContext()), func(func) {}

  LogicalResult run();
  const OnnxGraph &getGraph() const { return graph; }

private:
  friend class BodyExporter;

  /// Reports that `op` cannot be written, and why.
  LogicalResult fail(Operation *op, const Twine &reason);

  LogicalResult exportInputs();
  LogicalResult exportResults(func::ReturnOp op);
  LogicalResult exportOp(Operation *op);
  // Quantization and channels (QuantOps.cpp).
  LogicalResult exportConstant(Operation *op);
  LogicalResult exportFakeQuant(Operation *op);
  LogicalResult exportDequantize(Operation *op);
  LogicalResult exportChannelMask(Operation *op);
  LogicalResult exportScatterChannels(Operation *op);
  // tensor ops (TensorOps.cpp).
  LogicalResult exportTensorOp(Operation *op);
  LogicalResult exportPad(Operation *op);
  LogicalResult exportSlice(Operation *op);
  LogicalResult exportInsertSlice(Operation *op);
  LogicalResult exportReshape(Operation *op,
                              ArrayRef<ReassociationIndices> groups);
  // linalg ops.
  LogicalResult exportLinalg(linalg::LinalgOp op);
  LogicalResult exportElementwise(linalg::LinalgOp op); // BodyExporter.cpp
  LogicalResult exportReduction(linalg::LinalgOp op);   // ReduceOps.cpp
  LogicalResult exportArgMax(linalg::LinalgOp op);
  LogicalResult exportConvolution(linalg::LinalgOp op); // ProductOps.cpp
  LogicalResult exportContraction(linalg::LinalgOp op);
  LogicalResult exportPool(linalg::LinalgOp op); // PoolOps.cpp

  /// The tensor that `value` is; what is filled or empty is written here.
  FailureOr<GraphTensor> getTensor(Value value);
  /// The same in the order of its dimensions.
  FailureOr<ValueId> getValue(Value value);
  /// A scalar that `op` reads: a constant, or an element of a tensor.
  FailureOr<ValueId> getScalar(Operation *op, Value value);
  void setTensor(Value result, GraphTensor tensor) {
    tensors[result] = std::move(tensor);
  }
  void setValue(Value result, ValueId value);
  ValueId inOrder(const GraphTensor &tensor);
  /// The same in the order of another tensor of that rank.
  ValueId inOrderOf(const GraphTensor &tensor, ArrayRef<int64_t> order);
  /// Elements offsets[i] + k * steps[i] of each dimension.
  GraphTensor sliced(const GraphTensor &tensor, ArrayRef<int64_t> offsets,
                     ArrayRef<int64_t> sizes, ArrayRef<int64_t> steps);
  GraphTensor padded(const GraphTensor &tensor, ArrayRef<int64_t> low,
                     ArrayRef<int64_t> high, double filler);
  /// Parts along dimension `axis`, in the order of the first.
  GraphTensor joined(ArrayRef<GraphTensor> parts, int64_t axis);
  GraphTensor transposed(const GraphTensor &tensor,
                         ArrayRef<int64_t> permutation);

  /// `tensor`, whose dimension i belongs to loop loops[i], with the dimensions
  /// that `groups` say, each joined of some in that order; loops that the
  /// tensor does not have count as 1.
  ValueId arrange(const GraphTensor &tensor, ArrayRef<unsigned> loops,
                  const LoopGroups &groups);
  /// The opposite: the tensor with the dimensions `loops` of the extents that
  /// they have in `ranges`.
  GraphTensor spread(ValueId value, const LoopGroups &groups,
                     ArrayRef<unsigned> loops, ArrayRef<int64_t> ranges);

  /// What a sum over `init` starts from: nothing for zeros, a bias of one
  /// number for each of `channels`, or a tensor in `groups` that is added.
  struct Start {
    ValueId bias = kNoValue, addend = kNoValue;
  };
  FailureOr<Start> getStart(linalg::LinalgOp op, const LoopGroups &groups,
                            size_t channelGroup);

  OnnxGraph graph;
  func::FuncOp func;
  llvm::DenseMap<Value, GraphTensor> tensors;
  llvm::DenseMap<Value, ValueId> filled;
};

/// The loops that a map of plain dimensions leads to; none for other maps.
std::optional<SmallVector<unsigned>> getLoops(AffineMap map);

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_ONNX_ONNXEXPORTER_H

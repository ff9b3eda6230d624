//===- BodyExporter.h - scalar ops to nodes ---------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_EXPORT_ONNX_BODYEXPORTER_H
#define COMPRESS_LIB_EXPORT_ONNX_BODYEXPORTER_H

#include "OnnxExporter.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::compress {

/// The body of a linalg op, of which each scalar becomes a tensor over all
/// loops: a value of the graph that broadcasts to it. The loops stand in the
/// order that the first operand which has all of them has in the graph.
class BodyExporter {
public:
  BodyExporter(OnnxExporter &exporter, linalg::LinalgOp op);

  /// The tensor of a scalar of the body, or of a constant outside of it; fails
  /// with an error.
  FailureOr<ValueId> get(Value scalar);
  /// The same with all extents.
  FailureOr<ValueId> getFull(Value scalar);
  /// The operand of the op, aligned to the loops.
  FailureOr<ValueId> getOperand(OpOperand *operand);
  /// A tensor whose dimension i belongs to loops[i], aligned to the loops.
  ValueId align(const GraphTensor &tensor, ArrayRef<unsigned> loops);

  /// The loops in the order of the graph, and their extents in it.
  ArrayRef<unsigned> getOrder() const { return order; }
  ArrayRef<int64_t> getShape() const { return shape; }

private:
  FailureOr<ValueId> compute(Value scalar);
  FailureOr<ValueId> computeOp(Operation *op, ArrayRef<ValueId> operands);
  FailureOr<ValueId> computeInteger(Operation *op, ArrayRef<ValueId> operands);
  FailureOr<ValueId> computeExtract(tensor::ExtractOp op);
  FailureOr<ValueId> computeGather(tensor::ExtractOp op, unsigned axis);
  ValueId compareFloats(unsigned predicate, ValueId a, ValueId b);
  ValueId invert(ValueId condition);
  ValueId isNan(ValueId value);
  ValueId node(StringRef op, ArrayRef<ValueId> operands) {
    return graph.addElementwise(op, operands);
  }
  ValueId number(ValueId like, double value) {
    return graph.addScalar(graph.get(like).type, value);
  }

  OnnxExporter &exporter;
  OnnxGraph &graph;
  linalg::LinalgOp op;
  SmallVector<unsigned> order;
  SmallVector<int64_t> shape;
  llvm::DenseMap<Value, ValueId> known;
};

} // namespace mlir::compress

#endif // COMPRESS_LIB_EXPORT_ONNX_BODYEXPORTER_H

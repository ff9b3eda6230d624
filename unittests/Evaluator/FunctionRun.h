//===- FunctionRun.h - one run of a function --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The values of a function while it runs, and the evaluation of its ops; used
// by IntegerEvaluator only.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_FUNCTIONRUN_H
#define COMPRESS_UNITTESTS_EVALUATOR_FUNCTIONRUN_H

#include "IntegerEvaluator.h"

namespace oracle {

class FunctionRun {
public:
  explicit FunctionRun(const LinalgOptions &options);

  llvm::Expected<Evaluation> run(mlir::func::FuncOp function,
                                 llvm::ArrayRef<HostTensor> inputs);

private:
  llvm::Error evaluateOp(mlir::Operation *op);
  llvm::Error evaluateLinalg(mlir::linalg::LinalgOp op);
  llvm::Error evaluateScalar(mlir::Operation *op);
  llvm::Error evaluateElementwise(mlir::Operation *op);
  llvm::Error evaluateCall(mlir::func::CallOp op);
  /// Of the tensor dialect (TensorOps.cpp); sets `known` where it is one.
  llvm::Error evaluateTensorOp(mlir::Operation *op, bool &known);
  llvm::Error evaluatePad(mlir::Operation *op);
  llvm::Error evaluateConcat(mlir::Operation *op);
  llvm::Error evaluateSlice(mlir::Operation *op, bool insert);
  /// compress.fake_quant and the quant dialect (QuantOps.cpp).
  llvm::Error evaluateQuantOp(mlir::Operation *op, bool &known);
  /// Masks, gates and scattered channels (PruneOps.cpp).
  llvm::Error evaluatePruneOp(mlir::Operation *op, bool &known);

  /// A value; a scalar is a tensor without dimensions.
  const HostTensor &operator[](mlir::Value value) const;
  void define(mlir::Value value, HostTensor tensor);
  /// The shape of a result; at most one of its extents is dynamic, which then
  /// follows from the number of elements.
  llvm::Expected<std::vector<int64_t>> shapeOf(mlir::Value value,
                                               int64_t elements);
  /// Static and dynamic extents as numbers.
  std::vector<int64_t> numbers(llvm::ArrayRef<mlir::OpFoldResult> mixed);

  const LinalgOptions &options;
  Surroundings around;
  llvm::DenseMap<mlir::Value, std::unique_ptr<HostTensor>> values;
  llvm::DenseMap<mlir::Value, Scalar> scalars;
  bool inexact = false;
};

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_FUNCTIONRUN_H

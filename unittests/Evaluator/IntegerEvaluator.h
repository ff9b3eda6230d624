//===- IntegerEvaluator.h - runs the forms of a network ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The oracle: an interpreter of functions on tensors, as plain as can be. It
// takes the integer form, and also the qdq and the model form in f32, where
// `compress.fake_quant` and the casts of the quant dialect have the meaning
// of docs/numerics.md. Every sum is made one term after the other in the order
// of the loops, every float operation is rounded once.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_INTEGEREVALUATOR_H
#define COMPRESS_UNITTESTS_EVALUATOR_INTEGEREVALUATOR_H

#include "HostTensor.h"
#include "LinalgLoops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

namespace oracle {

struct Evaluation {
  std::vector<HostTensor> results;
  /// Some element went through a function of the C library (exp and the like):
  /// only close to what other implementations give.
  bool inexact = false;
};

/// Runs a function; the error names an op that has no evaluation.
llvm::Expected<Evaluation> evaluate(mlir::func::FuncOp function,
                                    llvm::ArrayRef<HostTensor> inputs,
                                    const LinalgOptions &options = {});

/// Runs the only public function of a module.
llvm::Expected<Evaluation> evaluate(mlir::ModuleOp module,
                                    llvm::ArrayRef<HostTensor> inputs,
                                    const LinalgOptions &options = {});

/// The only public function of a module, or null.
mlir::func::FuncOp publicFunction(mlir::ModuleOp module);

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_INTEGEREVALUATOR_H

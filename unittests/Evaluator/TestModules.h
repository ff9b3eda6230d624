//===- TestModules.h - modules for tests ------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_TESTMODULES_H
#define COMPRESS_UNITTESTS_EVALUATOR_TESTMODULES_H

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "IntegerEvaluator.h"
#include "Random.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

namespace oracle {

/// A context with the dialects of the forms, and the modules parsed in it.
class TestModules {
public:
  TestModules() {
    context
        .loadDialect<mlir::arith::ArithDialect, mlir::compress::CompressDialect,
                     mlir::func::FuncDialect, mlir::linalg::LinalgDialect,
                     mlir::math::MathDialect, mlir::quant::QuantDialect,
                     mlir::tensor::TensorDialect, mlir::tosa::TosaDialect>();
  }

  mlir::OwningOpRef<mlir::ModuleOp> parse(llvm::StringRef text) {
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    EXPECT_TRUE(module) << text.str();
    return module;
  }

  /// The results of the module's function; none after a failure.
  std::vector<HostTensor> run(llvm::StringRef text,
                              llvm::ArrayRef<HostTensor> inputs,
                              const LinalgOptions &options = {}) {
    auto module = parse(text);
    if (!module)
      return {};
    auto result = evaluate(*module, inputs, options);
    if (!result) {
      ADD_FAILURE() << llvm::toString(result.takeError());
      return {};
    }
    return result->results;
  }

  /// The message of the error that is expected.
  std::string errorOf(llvm::StringRef text, llvm::ArrayRef<HostTensor> inputs) {
    auto module = parse(text);
    if (!module)
      return "";
    auto result = evaluate(*module, inputs);
    return result ? "" : llvm::toString(result.takeError());
  }

  mlir::MLIRContext context;
};

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_TESTMODULES_H

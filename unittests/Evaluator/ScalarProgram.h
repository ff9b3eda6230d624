//===- ScalarProgram.h - bodies of ops, ready to run ------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// The ops of a block on scalars become a list of steps, once; running the
// list computes one element. Every value has a slot.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_UNITTESTS_EVALUATOR_SCALARPROGRAM_H
#define COMPRESS_UNITTESTS_EVALUATOR_SCALARPROGRAM_H

#include "HostTensor.h"
#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include <functional>

namespace oracle {

/// Values that a body takes from around it.
struct Surroundings {
  std::function<const HostTensor *(mlir::Value)> tensor; // null: unknown
  std::function<const Scalar *(mlir::Value)> scalar;
};

class ScalarProgram {
public:
  explicit ScalarProgram(const Surroundings &around) : around(around) {}
  ScalarProgram(const ScalarProgram &) = delete;

  /// Adds the ops of a block up to its terminator; `results` are then the
  /// terminator's operands.
  llvm::Error add(mlir::Block &block);
  /// Adds one op; `results` are its results.
  llvm::Error add(mlir::Operation *op);

  /// The slot of a value; those of operands of added ops exist already.
  unsigned slotOf(mlir::Value value);

  Scalar &operator[](unsigned slot) { return slots[slot]; }
  void run() {
    for (const Step &step : steps)
      step(slots.data());
  }

  std::vector<unsigned> results;
  /// What linalg.index reads.
  std::vector<int64_t> index;
  /// Set by a step that has no defined result (an overflow where `nsw` rules
  /// it out, a conversion out of range, a shift by too much), with the op.
  const char *undefined = nullptr;
  /// Set where a step calls the C library, which docs/numerics.md does not.
  bool inexact = false;

private:
  using Step = std::function<void(Scalar *)>;

  llvm::Error addStep(mlir::Operation *op);
  /// Gives a value from around the program its slot.
  llvm::Error addOuter(mlir::Value value);
  bool addInteger(mlir::Operation *op);
  bool addFloat(mlir::Operation *op);
  bool addCast(mlir::Operation *op);
  bool addMath(mlir::Operation *op);
  bool addQuantized(mlir::Operation *op);
  llvm::Error addExtract(mlir::Operation *op);

  template <typename Fn>
  void binaryInteger(mlir::Operation *op, Fn fn);
  template <typename Fn>
  void exactInteger(mlir::Operation *op, Fn fn);
  template <typename Fn>
  void binaryFloat(mlir::Operation *op, Fn fn);
  template <typename Fn>
  void unaryFloat(mlir::Operation *op, Fn fn);

  const Surroundings &around;
  std::vector<Step> steps;
  std::vector<Scalar> slots;
  llvm::DenseMap<mlir::Value, unsigned> slotNumbers;
};

} // namespace oracle

#endif // COMPRESS_UNITTESTS_EVALUATOR_SCALARPROGRAM_H

//===- ModelCost.h - what a model costs, layer by layer ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_REPORT_MODELCOST_H
#define COMPRESS_REPORT_MODELCOST_H

#include "mlir/IR/BuiltinOps.h"
#include <string>

namespace mlir::compress {

/// One operation that computes on tensors.
struct LayerCost {
  std::string op;             ///< its name
  std::string name;           ///< from its location; may be empty
  std::string elementType;    ///< of its first operand
  SmallVector<int64_t> shape; ///< of its first result
  int64_t macs = 0;           ///< multiplications with an addition
  int64_t parameters = 0;     ///< elements of the constants that it takes
  int64_t parameterBytes = 0;
  int64_t outputBytes = 0; ///< of all its results

  /// Whether it computes integers, quantized ones among them.
  bool isInteger() const { return elementType != "f32"; }
};

struct ModelCost {
  SmallVector<LayerCost> layers; ///< in the order of the module
  int64_t macs = 0;
  int64_t integerMacs = 0; ///< those of integers
  int64_t parameters = 0;  ///< each constant once
  int64_t parameterBytes = 0;
};

/// The cost of a model in any form on tensors. Constants count that are data of
/// the model: not those whose elements are all the same, which are mostly made
/// up, nor the scales of requantizations.
ModelCost computeCost(ModuleOp module);

} // namespace mlir::compress

#endif // COMPRESS_REPORT_MODELCOST_H

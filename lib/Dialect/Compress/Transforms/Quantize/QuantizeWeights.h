//===- QuantizeWeights.h - weights and biases as codes ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Shared by --compress-quantize-observed and --compress-probe-errors; not
// installed.
//
//===----------------------------------------------------------------------===//

#ifndef LIB_DIALECT_COMPRESS_TRANSFORMS_QUANTIZE_QUANTIZEWEIGHTS_H
#define LIB_DIALECT_COMPRESS_TRANSFORMS_QUANTIZE_QUANTIZEWEIGHTS_H

#include "Compress/Dialect/Compress/Transforms/QuantizeObserved.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/Dialect/Quant/IR/QuantTypes.h"

namespace mlir::compress {

/// Reads the file with ranges that a pass option names; emits errors.
LogicalResult
readRanges(MLIRContext *context, StringRef path,
           std::shared_ptr<const ::compress::CalibrationTable> &table);

/// The data of a constant that reshapes and transposes have moved.
FailureOr<ConstantData> readMovedConstant(Value value);

/// Checks that `func` has one block; emits an error.
LogicalResult checkStraight(func::FuncOp func);

/// Whether `op` is f32 and has constant, finite weights and biases and
/// channels, so that it can be quantized; `reason` says why not.
LogicalResult checkQuantizable(const WeightedOp &op, std::string &reason);

/// A convolution or product, with a name that is its own in its function: that
/// of its location, numbered where several have it.
struct NamedWeightedOp {
  WeightedOp op;
  std::string name;
};

/// All f32 ones of a function of one block, in program order. Passes on one
/// network give them the same names.
std::vector<NamedWeightedOp> nameWeightedOps(func::FuncOp func);

/// The i8 type of an observed tensor with the range `range`.
quant::UniformQuantizedType getActivationType(MLIRContext *context,
                                              const ::compress::Range &range,
                                              bool symmetric);

/// The input of a convolution, quantized: what is moved from an observed
/// tensor, moved from the fake quantized one. Null where it is not observed or
/// has no range; `scale` is that of the codes.
Value buildQuantizedInput(OpBuilder &b, Value value,
                          const ::compress::CalibrationTable &table,
                          float &scale);

/// Makes `results`, with these names, what `func` returns.
void replaceResults(func::FuncOp func, ArrayRef<Value> results,
                    ArrayRef<std::string> names);

/// Leaves what is observed without its observers.
void dropObservers(func::FuncOp func);

/// How the weights of the op `name` are rounded; empty: to the nearest.
ArrayRef<int8_t> getSteps(const ::compress::CalibrationTable &table,
                          StringRef name);

/// The scales of the channels of `op`, which can be quantized, by its weights
/// and, where those are zero, its bias.
FailureOr<SmallVector<double>> chooseWeightScales(const WeightedOp &op,
                                                  float inputScale,
                                                  WeightRange method,
                                                  std::string &reason);

/// Operands of a weighted op that are codes behind quant.scast and quant.dcast.
struct QuantizedOperands {
  Value filter; // i8 codes, one scale a channel
  Value init;   // repeats i32 codes in the scale of the sums, or f32 numbers
                // where a code would not fit
};

/// Quantizes the constant weights and bias of `op`, whose input has the scale
/// `inputScale`. `correction`, one number a channel or empty, is added to the
/// bias, and `steps`, one a weight or empty, to the nearest codes of the
/// weights, which end at -127 and 127. Where there is no such form, says why in
/// `reason`.
FailureOr<QuantizedOperands>
quantizeOperands(OpBuilder &b, const WeightedOp &op, float inputScale,
                 WeightRange method, ArrayRef<double> correction,
                 ArrayRef<int8_t> steps, std::string &reason);

} // namespace mlir::compress

#endif // LIB_DIALECT_COMPRESS_TRANSFORMS_QUANTIZE_QUANTIZEWEIGHTS_H

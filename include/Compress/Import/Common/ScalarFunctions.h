//===- ScalarFunctions.h - functions of one element -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// Activations and other functions of every element of a tensor of f32, some of
// integers as well.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_SCALARFUNCTIONS_H
#define COMPRESS_IMPORT_COMMON_SCALARFUNCTIONS_H

#include "Compress/Import/Common/FoldConstants.h"

namespace mlir::compress {

/// `body` of every element of `x`, f32, and of `numbers`.
FailureOr<Tensor> createFunction(ModelOpBuilder &b, const Tensor &x,
                                 ArrayRef<float> numbers, ScalarBody body);

/// A function without parameters, by the name that ONNX has for it, or Rsqrt or
/// Square; constants of up to `maxNumbers` elements are computed where the
/// result does not depend on the C library.
FailureOr<Tensor> createUnary(ModelOpBuilder &b, StringRef function,
                              const Tensor &x,
                              int64_t maxNumbers = kFewNumbers);

/// Squares and roots are exact and cheap, the rest is math.powf. The root of
/// -infinity is NaN and that of -0 is -0, where C's powf gives infinity and 0.
FailureOr<Tensor> createPower(ModelOpBuilder &b, const Tensor &x,
                              Tensor exponent);
/// x >= 0 ? x : slope * x; the slope broadcasts to x in one direction.
FailureOr<Tensor> createLeakyRelu(ModelOpBuilder &b, const Tensor &x,
                                  const Tensor &slope);
/// x >= 0 ? x : alpha * (exp(x) - 1).
FailureOr<Tensor> createElu(ModelOpBuilder &b, const Tensor &x, float alpha);
/// gamma * (x > 0 ? x : alpha * (exp(x / divisor) - 1)).
FailureOr<Tensor> createSelu(ModelOpBuilder &b, const Tensor &x, float alpha,
                             float gamma, float divisor);
/// min(max(x, low), high), where there are bounds.
FailureOr<Tensor> createClamp(ModelOpBuilder &b, const Tensor &x,
                              std::optional<float> low,
                              std::optional<float> high);
/// max(0, min(1, alpha * x + beta)), or x times that.
FailureOr<Tensor> createHardSigmoid(ModelOpBuilder &b, const Tensor &x,
                                    float alpha, float beta, bool timesX);
/// x * sigmoid(alpha * x).
FailureOr<Tensor> createSwish(ModelOpBuilder &b, const Tensor &x, float alpha);
/// x / 2 * (1 + erf(x / sqrt(2))), or
/// x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))).
FailureOr<Tensor> createGelu(ModelOpBuilder &b, const Tensor &x, bool isTanh);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_SCALARFUNCTIONS_H

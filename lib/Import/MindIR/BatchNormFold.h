//===- BatchNormFold.h - folds that convert() leaves half done --*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_BATCHNORMFOLD_H
#define COMPRESS_LIB_IMPORT_MINDIR_BATCHNORMFOLD_H

#include "FakeQuant.h"
#include "MindIRGraph.h"

namespace mlir::compress {

/// A convolution with quantized weights behind which a batch normalization
/// stands. What QAT trains is this; what convert() of Golden Stick writes has
/// the same nodes, but weights into which the normalization is folded already.
/// - NoFold: BN(conv(x, FQ(w)) + b), trained as it stands. Converted, w and b
///   are folded, and the scales of FQ are those of the weights before: BN has
///   to go, and the scales to be multiplied by |gamma / sigma|.
/// - OneConv: BN(conv(x, FQ(w * gamma / sigma)) / (gamma / sigma)). Converted,
///   w is the product already: the factor has to go, and BN adds
///   beta - gamma * mean / sigma alone. A bias b behind the division makes that
///   beta + (b - mean) * gamma / sigma.
struct BatchNormFold {
  enum class Form : uint8_t { NoFold, OneConv };
  Form form;
  const compress_mindir::NodeProto *batchNorm, *product, *quantizer;
  const compress_mindir::NodeProto *multiply = nullptr; // of OneConv
  int weightInput = 0;                                  // of `multiply`
  const compress_mindir::NodeProto *divide = nullptr;   // of OneConv
  const compress_mindir::NodeProto *addBias = nullptr;  // of OneConv, if any
  /// Parameters, or inputs of a function.
  StringRef weight, gamma, beta, mean, variance, bias;
};

/// All convolutions of one of the two forms whose inner values have no other
/// reader.
SmallVector<BatchNormFold> findBatchNormFolds(const MindIRGraph &graph);

/// What the numbers say: the largest magnitudes of weights are those that their
/// scales were made of, or a little off. Maybe: the scales fit to weights that
/// are folded, but as well or nearly so to others, as where gamma / sigma is
/// about 1. Neither: they fit to no weights that are folded.
enum class Folded : uint8_t { No, Yes, Maybe, Neither };

/// `factors` are gamma / sigma, one a channel.
Folded isFolded(BatchNormFold::Form form, const ConstantTensor &weights,
                ArrayRef<float> factors, const FakeQuant &quantizer);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_BATCHNORMFOLD_H

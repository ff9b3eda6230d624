//===- FakeQuant.h - what FakeQuantParam says -------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_FAKEQUANT_H
#define COMPRESS_LIB_IMPORT_MINDIR_FAKEQUANT_H

#include "MindIRNode.h"

namespace mlir::compress {

/// The attributes of a FakeQuantParam that mean something: `quant_dtype` and
/// `channel_axis` do not say what was computed.
struct FakeQuant {
  bool isLevels = false; // SLBQuant
  int64_t bits = 8;
  /// Along dimension 0 where there are several; the range of the codes, and
  /// storage for them. A scale may be 0: of a channel that is 0.
  Quantization quant;

  /// The largest magnitude that was seen when the scale of `channel` was made,
  /// about.
  double getRange(int64_t channel) const;
};

FailureOr<FakeQuant> readFakeQuant(MindIRNode &n);

/// The numbers of f32 weights behind `quant`: codes.
FailureOr<Tensor> quantizeWeights(ModelOpBuilder &b,
                                  const ConstantTensor &weights,
                                  const Quantization &quant);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_FAKEQUANT_H

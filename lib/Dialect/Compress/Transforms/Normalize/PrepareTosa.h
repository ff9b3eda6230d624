//===- PrepareTosa.h - rewrites of TOSA ops ---------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TRANSFORMS_NORMALIZE_PREPARETOSA_H
#define COMPRESS_TRANSFORMS_NORMALIZE_PREPARETOSA_H

#include "mlir/IR/PatternMatch.h"
#include "mlir/Pass/Pass.h"

namespace mlir::compress {

/// tosa.transpose_conv2d becomes tosa.conv2d and moves of its result.
void populateTransposeConvPatterns(RewritePatternSet &patterns,
                                   Pass::Statistic &count);

/// tosa.pad becomes tensor.pad of static amounts.
void populateStaticPadPatterns(RewritePatternSet &patterns,
                               Pass::Statistic &count);

/// tosa.gather of rows at equal distances becomes tensor.extract_slice.
void populateGatherSlicePatterns(RewritePatternSet &patterns,
                                 Pass::Statistic &count);

/// tosa.scatter becomes linalg.
void populateScatterPatterns(RewritePatternSet &patterns,
                             Pass::Statistic &count);

/// tosa.resize of integers becomes linalg.
void populateResizePatterns(RewritePatternSet &patterns,
                            Pass::Statistic &count);

/// A bias that all channels share becomes one for each channel.
void populateWideBiasPatterns(RewritePatternSet &patterns,
                              Pass::Statistic &count);

/// Constant i4 weights of convolutions become i8.
void populateWideWeightsPatterns(RewritePatternSet &patterns,
                                 Pass::Statistic &count);

/// tosa.rescale that may round as it likes rounds exactly.
void populateRoundingPatterns(RewritePatternSet &patterns);

/// The 1-D constant `value`, `times` times in a row; null for no constant.
Value repeatConstant(OpBuilder &b, Location loc, Value value, int64_t times);

} // namespace mlir::compress

#endif // COMPRESS_TRANSFORMS_NORMALIZE_PREPARETOSA_H

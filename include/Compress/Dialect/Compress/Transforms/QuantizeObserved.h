//===- QuantizeObserved.h - quantizing by ranges ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEOBSERVED_H
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEOBSERVED_H

#include "Compress/Calibration/Calibrate.h"
#include "Compress/Calibration/CalibrationTable.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include <memory>

namespace mlir::compress {

/// --compress-quantize-observed with ranges that are in memory.
std::unique_ptr<Pass> createQuantizeObservedPass(
    std::shared_ptr<const ::compress::CalibrationTable> table,
    const QuantizeObservedPassOptions &options);

/// The factors by which `--compress-equalize-channels` should divide observed
/// tensors, of those that it can: `magnitudes` says how great the elements of
/// the channels of each are.
std::vector<::compress::ChannelScales>
chooseEqualization(func::FuncOp func,
                   ArrayRef<::compress::ChannelScales> magnitudes);

/// --compress-equalize-channels with factors that are in memory.
std::unique_ptr<Pass> createEqualizeChannelsPass(
    std::shared_ptr<const ::compress::CalibrationTable> table);

/// --compress-probe-errors with ranges that are in memory.
std::unique_ptr<Pass>
createProbeErrorsPass(std::shared_ptr<const ::compress::CalibrationTable> table,
                      const ProbeErrorsPassOptions &options);

/// --compress-expose-inputs with ranges that are in memory.
std::unique_ptr<Pass> createExposeInputsPass(
    std::shared_ptr<const ::compress::CalibrationTable> table,
    const ExposeInputsPassOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEOBSERVED_H

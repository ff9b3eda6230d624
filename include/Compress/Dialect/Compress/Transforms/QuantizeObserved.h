//===- QuantizeObserved.h - quantizing by ranges ----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEOBSERVED_H
#define COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEOBSERVED_H

#include "Compress/Calibration/CalibrationTable.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include <memory>

namespace mlir::compress {

/// --compress-quantize-observed with ranges that are in memory.
std::unique_ptr<Pass> createQuantizeObservedPass(
    std::shared_ptr<const ::compress::CalibrationTable> table,
    const QuantizeObservedPassOptions &options);

/// --compress-probe-errors with ranges that are in memory.
std::unique_ptr<Pass>
createProbeErrorsPass(std::shared_ptr<const ::compress::CalibrationTable> table,
                      const ProbeErrorsPassOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_TRANSFORMS_QUANTIZEOBSERVED_H

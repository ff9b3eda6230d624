//===- TosaCodes.h - constant channels of integer TOSA ----------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_TRANSFORMS_PRUNE_TOSACODES_H
#define COMPRESS_LIB_TRANSFORMS_PRUNE_TOSACODES_H

#include "Compress/Dialect/Compress/Utils/Constants.h"
#include <optional>

namespace mlir::compress {

/// What an op on integers gives at places where its operands are `args`, as the
/// TOSA specification says to the bit; none where it is not known or
/// leaves the type of the result.
std::optional<double> evaluateTosaCodes(Operation *op,
                                        ArrayRef<std::optional<double>> args);

/// What an integer convolution adds to its sums where it reads `code` from one
/// channel: sum((code - zero point) * (w - zero point)) over the elements of
/// the filter whose dimension `dim` has `index`, for each index of dimension
/// `resultDim`.
SmallVector<double> sumTosaCodes(const ConstantData &filter,
                                 std::pair<double, double> zeroPoints,
                                 unsigned dim, unsigned index,
                                 unsigned resultDim, double code);

/// The most that the i32 bias of an integer convolution may still take;
/// `reason` says why none.
std::optional<double> getTosaBiasLimit(Operation *op, std::string &reason);

/// Adds numbers to the bias of a TOSA convolution, one for each channel; the
/// bias may be one for all of them. Integers fit, as getTosaBiasLimit says.
void addToTosaBias(Operation *op, ArrayRef<double> numbers);

} // namespace mlir::compress

#endif // COMPRESS_LIB_TRANSFORMS_PRUNE_TOSACODES_H

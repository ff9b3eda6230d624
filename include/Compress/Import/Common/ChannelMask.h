//===- ChannelMask.h - products that keep or drop channels ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_CHANNELMASK_H
#define COMPRESS_IMPORT_COMMON_CHANNELMASK_H

#include "Compress/Import/Common/OpBuilder.h"

namespace mlir::compress {

/// x * factor as `compress.channel_mask`, where `x` is of f32 and the constant
/// `factor` does nothing but to keep or to drop channels of dimension 1: it has
/// one number for each, 0 or 1, wherever it says it again. `x` itself where it
/// keeps all; none for other factors.
std::optional<FailureOr<Tensor>>
maskChannels(ModelOpBuilder &b, const Tensor &x, const Tensor &factor);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_CHANNELMASK_H

//===- WindowArguments.h - windows of Conv2D and the pools ------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_MINDIR_WINDOWARGUMENTS_H
#define COMPRESS_LIB_IMPORT_MINDIR_WINDOWARGUMENTS_H

#include "MindIRNode.h"
#include <array>

namespace mlir::compress {

/// The extents along H and W: of a list of one, two, or of four for NCHW.
std::optional<std::array<int64_t, 2>> getSpatial(ArrayRef<int64_t> list);

/// Fails unless input 0 is [N, C, H, W], and the attribute "format" says so.
LogicalResult checkImage(MindIRNode &n);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_MINDIR_WINDOWARGUMENTS_H

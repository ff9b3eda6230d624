//===- Place.h - where an op comes from ----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_DIALECT_COMPRESS_UTILS_PLACE_H
#define COMPRESS_DIALECT_COMPRESS_UTILS_PLACE_H

#include "mlir/IR/Location.h"
#include <string>

namespace mlir::compress {

/// What to call the place `loc` in a message: the name of a node, or "line:col"
/// of a file; empty where nothing is known.
std::string placeOf(Location loc);

} // namespace mlir::compress

#endif // COMPRESS_DIALECT_COMPRESS_UTILS_PLACE_H

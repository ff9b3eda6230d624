//===- Registration.h - everything by name ----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_REGISTRATION_H
#define COMPRESS_PIPELINES_REGISTRATION_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::compress {

/// Every pass and pipeline of Compress; of upstream, what goes well between
/// them is registered by the tools.
void registerAllPasses();

/// The compress dialect and the upstream dialects that its passes read or make,
/// with the interface models that the pipelines need.
void registerAllDialects(DialectRegistry &registry);

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_REGISTRATION_H

//===- CHeader.h - C headers of compiled networks ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_CHEADER_H
#define COMPRESS_CODEGEN_COMMON_CHEADER_H

#include "Compress/Codegen/Common/NetworkInterface.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::compress {

/// How every header begins.
inline constexpr StringLiteral kCHeaderBegin = "/* The network ";

/// Writes the C and C++ header of the network `name`: all that a program needs
/// to use the library, with its inputs and outputs described. It has a copy of
/// Abi.h in it, and declares NAME_profile where the library has a `profile`.
void writeCHeader(llvm::raw_ostream &os, StringRef name,
                  const NetworkInterface &network, bool profile = false);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_CHEADER_H

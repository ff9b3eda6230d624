//===- LibraryName.h - names of compiled networks ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_LIBRARYNAME_H
#define COMPRESS_CODEGEN_COMMON_LIBRARYNAME_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace mlir::compress {

/// Whether `name` can be the name of a function in C and in C++: letters,
/// digits and underscores, no keyword, not `main`, not reserved.
bool isCIdentifier(llvm::StringRef name);

/// The name of the network in the library that is written to `path`: the file
/// name without directory, extension and leading "lib", made a C identifier.
/// "build/libres-net.so.1" gives "res_net".
std::string networkNameOf(llvm::StringRef path);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_LIBRARYNAME_H

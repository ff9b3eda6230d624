//===- CrashGuard.h - crashes of the parser ---------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_IMPORT_READER_CRASHGUARD_H
#define COMPRESS_LIB_IMPORT_READER_CRASHGUARD_H

#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::compress {

/// Calls `fn`; false where it crashed, be it that the stack did not suffice.
bool runGuarded(llvm::function_ref<void()> fn);

} // namespace mlir::compress

#endif // COMPRESS_LIB_IMPORT_READER_CRASHGUARD_H

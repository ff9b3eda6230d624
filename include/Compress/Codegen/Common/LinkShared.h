//===- LinkShared.h - objects to shared libraries ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_LINKSHARED_H
#define COMPRESS_CODEGEN_COMMON_LINKSHARED_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace mlir::compress {

/// The archive of the runtime (Parallel.h) that libraries are linked with.
llvm::StringRef runtimeArchive();

/// Links `object`, and what it needs of the runtime, into a shared library that
/// exports NAME_info and NAME_run, of `name`, with `profile` NAME_profile too,
/// and nothing else. `soname` is the
/// name by which programs that link with it will look for it. Needs no
/// compiler, linker or library but the C library that this process runs with.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkShared(llvm::StringRef object, llvm::StringRef name, llvm::StringRef soname,
           bool profile = false);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_LINKSHARED_H

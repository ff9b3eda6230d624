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

struct LinkOptions {
  std::string name;     ///< of the network
  std::string soname;   ///< by which programs that link with it look for it
  bool profile = false; ///< NAME_profile is exported too
  bool forHost = true;  ///< the objects are for the kind of this machine
};

/// Links objects, and what they need of the runtime, into a shared library that
/// exports NAME_info and NAME_run and nothing else. Needs no compiler, linker
/// or library but the C library that this process runs with; for machines of
/// another kind it leaves the C library's functions open, and there is no
/// runtime.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
linkShared(llvm::ArrayRef<llvm::StringRef> objects, const LinkOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_LINKSHARED_H

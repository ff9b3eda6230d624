//===- InputFile.h - files that are read ------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_INPUTFILE_H
#define COMPRESS_SUPPORT_INPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>
#include <string>
#include <system_error>

namespace compress {

/// An error about the file `path`: "'PATH': MESSAGE".
llvm::Error fileError(llvm::StringRef path, const llvm::Twine &message);

/// The system's reason in the style of our messages: "permission denied".
std::string reasonOf(std::error_code ec);

/// Maps the regular file `path` into memory for reading. There is no null byte
/// behind the content. Anything that is no regular file is an error: what a
/// device or a pipe delivers has no size that bounds the memory it takes.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
openInputFile(llvm::StringRef path);

/// What standard input delivers, all of it.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>> readStandardInput();

} // namespace compress

#endif // COMPRESS_SUPPORT_INPUTFILE_H

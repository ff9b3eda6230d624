//===- InputFile.cpp - files that are read --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/InputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;

Error compress::fileError(StringRef path, const Twine &message) {
  return createStringError(inconvertibleErrorCode(),
                           "'" + path + "': " + message);
}

std::string compress::reasonOf(std::error_code ec) {
  std::string reason = ec.message();
  // "No such file", but not "RPC ..." or "I/O ...".
  if (reason.size() > 1 && !isUpper(reason[1]) && reason[1] != '/')
    reason[0] = toLower(reason[0]);
  return reason;
}

Expected<std::unique_ptr<MemoryBuffer>>
compress::openInputFile(StringRef path) {
  if (path.empty())
    return createStringError(inconvertibleErrorCode(),
                             "the name of an input file is empty");
  // The system would take a name with a null byte for a shorter one.
  if (path.contains('\0'))
    return fileError(path, "a file name has no null bytes");
  sys::fs::file_status status;
  if (std::error_code ec = sys::fs::status(path, status))
    return fileError(path, reasonOf(ec));
  if (sys::fs::is_directory(status))
    return fileError(path, "is a directory; name a file");
  if (!sys::fs::is_regular_file(status))
    return fileError(path, "is no regular file; copy what it delivers into a "
                           "file and name that");
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getFile(
      path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!buffer)
    return fileError(path, reasonOf(buffer.getError()));
  return std::move(*buffer);
}

Expected<std::unique_ptr<MemoryBuffer>> compress::readStandardInput() {
  ErrorOr<std::unique_ptr<MemoryBuffer>> buffer = MemoryBuffer::getSTDIN();
  if (!buffer)
    return fileError("standard input",
                     "cannot be read: " + reasonOf(buffer.getError()));
  return std::move(*buffer);
}

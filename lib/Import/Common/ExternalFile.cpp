//===- ExternalFile.cpp - tensors beside the model ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ExternalFile.h"
#include "Compress/Import/Common/OpBuilder.h"
#include "llvm/ADT/ScopeExit.h"
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace mlir;
using namespace mlir::compress;

static llvm::Error makeError(const Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// Opens the file at `location` below `folder`, one component at a time, so
/// that no link leads out of it.
static llvm::Expected<int> openBelow(StringRef folder, StringRef location) {
  if (location.empty() || location.starts_with("/") || location.contains('\0'))
    return makeError("is stored in " + quoted(location) +
                     "; external data has a path relative to the model");
  SmallVector<StringRef> parts;
  location.split(parts, '/', /*MaxSplit=*/-1, /*KeepEmpty=*/false);
  int at = open(folder.empty() ? "." : folder.str().c_str(),
                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (auto [i, part] : llvm::enumerate(parts)) {
    if (part == ".")
      continue;
    if (part == "..") {
      if (at >= 0)
        close(at);
      return makeError("is stored in " + quoted(location) +
                       ", outside of the model's folder; move it beside the "
                       "model");
    }
    bool isLast = i + 1 == parts.size();
    int next = at < 0 ? -1
                      : openat(at, part.str().c_str(),
                               O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
                                   (isLast ? 0 : O_DIRECTORY));
    int reason = errno;
    if (at >= 0)
      close(at);
    at = next;
    if (at < 0 && reason == ELOOP)
      return makeError("is stored in " + quoted(location) +
                       ", which has a symbolic link; copy the file there");
    errno = reason;
  }
  if (at < 0)
    return makeError("is stored in " + quoted(location) +
                     ", which cannot be opened: " +
                     std::error_code(errno, std::generic_category()).message());
  return at;
}

llvm::Expected<std::string>
mlir::compress::readExternalFile(StringRef folder, const ExternalRange &range,
                                 int64_t expected) {
  const auto &[location, offset, length] = range;
  if (length != expected)
    return makeError("has " + Twine(length) +
                     " bytes of external data, its shape takes " +
                     Twine(expected) + "; the file is damaged");
  llvm::Expected<int> file = openBelow(folder, location);
  if (!file)
    return file.takeError();
  auto closeFile = llvm::scope_exit([&] { close(*file); });
  struct stat status;
  if (fstat(*file, &status) != 0 || !S_ISREG(status.st_mode))
    return makeError("is stored in " + quoted(location) +
                     ", which is no regular file");
  if (status.st_size < offset || status.st_size - offset < length)
    return makeError("is stored in " + quoted(location) +
                     ", which ends before the tensor does; the file is "
                     "incomplete");
  // A file of holes stands for any amount of memory.
  constexpr int64_t small = 1 << 20, blockBytes = 512, least = 8;
  if (length > small &&
      int64_t(status.st_blocks) * blockBytes < status.st_size / least)
    return makeError("is stored in " + quoted(location) +
                     ", which is full of holes; the file is incomplete");
  std::string bytes(static_cast<size_t>(length), '\0');
  for (int64_t done = 0; done < length;) {
    ssize_t count = pread(*file, bytes.data() + done,
                          static_cast<size_t>(length - done), offset + done);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return makeError("is stored in " + quoted(location) +
                       ", which cannot be read");
    done += count;
  }
  return bytes;
}

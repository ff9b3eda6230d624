//===- OutputFile.cpp - files that are written ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/OutputFile.h"
#include "Compress/Support/InputFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/Signals.h"
#include <climits>
#include <deque>
#include <unistd.h>

using namespace llvm;
using namespace compress;

using WriteFn = function_ref<Error(raw_ostream &)>;

namespace {

/// Where an output goes.
struct Destination {
  enum class Kind : uint8_t { Descriptor, Existing, Regular };
  Kind kind;
  std::string path; ///< with symbolic links followed
  int descriptor;   ///< a file that this process has open
};

} // namespace

/// Writes through `os` and returns the first thing that went wrong. Closes the
/// stream where `close` is set. No error is left in the stream, which would
/// end the program in its destructor.
static Error writeStream(raw_fd_ostream &os, StringRef path, WriteFn write,
                         bool close) {
  Error error = write(os);
  if (close)
    os.close();
  else
    os.flush();
  std::error_code ec = os.error();
  os.clear_error();
  if (error)
    return error;
  if (ec)
    return fileError(path, "cannot be written: " + reasonOf(ec));
  return Error::success();
}

static Error writeDescriptor(StringRef path, int descriptor, WriteFn write) {
  outs().flush();
  raw_fd_ostream os(descriptor, /*shouldClose=*/false);
  return writeStream(os, path == "-" ? "standard output" : path, write,
                     /*close=*/false);
}

static Error writeExisting(StringRef path, StringRef target, WriteFn write) {
  int fd = -1;
  if (std::error_code ec = sys::fs::openFileForWrite(
          target, fd, sys::fs::CD_OpenExisting, sys::fs::OF_None))
    return fileError(path, "cannot be written: " + reasonOf(ec));
  raw_fd_ostream os(fd, /*shouldClose=*/true);
  return writeStream(os, path, write, /*close=*/true);
}

/// The folder that `path` is in, without symbolic links; empty where there is
/// none.
static SmallString<128> realFolder(StringRef path) {
  StringRef folder = sys::path::parent_path(path);
  SmallString<128> result;
  if (sys::fs::real_path(folder.empty() ? "." : folder, result))
    result.clear();
  return result;
}

/// Follows the symbolic links that `path` itself may be, to a file that need
/// not exist, and finds out how that is to be written.
static Expected<Destination> resolve(StringRef path) {
  if (path == "-")
    return Destination{Destination::Kind::Descriptor, "", STDOUT_FILENO};
  if (path.empty())
    return createStringError(inconvertibleErrorCode(),
                             "the name of an output file is empty");
  if (path.contains('\0'))
    return fileError(path, "a file name has no null bytes");

  std::string descriptors = ("/proc/" + Twine(getpid()) + "/fd").str();
  SmallString<128> target = path;
  bool ofProcess = false; // A file that another process has open.
  for (int links = 0; sys::fs::is_symlink_file(target); ++links) {
    if (links == 40)
      return fileError(path, "too many symbolic links");
    // /dev/stdout and the like lead here. Opened anew, a file would be written
    // from its begin.
    SmallString<128> folder = realFolder(target);
    int descriptor;
    if (folder == descriptors &&
        !sys::path::filename(target).getAsInteger(10, descriptor))
      return Destination{Destination::Kind::Descriptor, "", descriptor};
    ofProcess = folder.starts_with("/proc/");
    char next[PATH_MAX];
    ssize_t length = readlink(target.c_str(), next, sizeof(next));
    if (length <= 0 || ofProcess)
      break;
    StringRef link(next, length);
    if (sys::path::is_absolute(link)) {
      target = link;
    } else {
      sys::path::remove_filename(target);
      sys::path::append(target, link);
    }
  }

  sys::fs::file_status status;
  std::error_code ec = sys::fs::status(target, status);
  if (ec && ec != std::errc::no_such_file_or_directory)
    return fileError(path, "cannot be written: " + reasonOf(ec));
  if (!ec && sys::fs::is_directory(status))
    return fileError(path, "is a directory; name a file in it");
  if (!ec && (ofProcess || !sys::fs::is_regular_file(status)))
    return Destination{Destination::Kind::Existing, target.str().str(), -1};
  if (!ec && !sys::fs::can_write(target))
    return fileError(
        path, "cannot be written: " +
                  reasonOf(std::make_error_code(std::errc::permission_denied)));
  return Destination{Destination::Kind::Regular, target.str().str(), -1};
}

/// Creates a new file in the folder of `target`; `temporary` is its path.
static std::error_code createBeside(StringRef target, OutputKind kind, int &fd,
                                    SmallString<128> &temporary) {
  unsigned mode = sys::fs::all_read | sys::fs::all_write;
  if (kind == OutputKind::Executable)
    mode |= sys::fs::all_exe;
  std::error_code ec;
  for (int attempt = 0; attempt < 100; ++attempt) {
    uint64_t number = sys::Process::GetRandomNumber();
    number = number << 32 ^ static_cast<uint64_t>(getpid()) << 16 ^ attempt;
    temporary = sys::path::parent_path(target);
    sys::path::append(temporary,
                      ".tmp-" + utohexstr(number, /*LowerCase=*/true, 16));
    ec = sys::fs::openFileForWrite(temporary, fd, sys::fs::CD_CreateNew,
                                   sys::fs::OF_None, mode);
    if (ec != std::errc::file_exists)
      return ec;
  }
  return ec;
}

namespace {

/// The new content of a regular file, beside it until it takes its name.
class PendingFile {
public:
  PendingFile(StringRef path, StringRef target) : path(path), target(target) {}
  PendingFile(const PendingFile &) = delete;
  ~PendingFile() {
    if (temporary.empty())
      return;
    (void)sys::fs::remove(temporary);
    sys::DontRemoveFileOnSignal(temporary);
  }

  Error write(WriteFn write, OutputKind kind) {
    int fd = -1;
    SmallString<128> created;
    if (std::error_code ec = createBeside(target, kind, fd, created)) {
      StringRef folder = sys::path::parent_path(target);
      return fileError(path, "cannot create a file in '" +
                                 (folder.empty() ? "." : folder) +
                                 "': " + reasonOf(ec));
    }
    temporary = created;
    sys::RemoveFileOnSignal(temporary);
    raw_fd_ostream os(fd, /*shouldClose=*/true);
    return writeStream(os, path, write, /*close=*/true);
  }

  Error takeName() {
    if (std::error_code ec = sys::fs::rename(temporary, target))
      return fileError(path, "cannot be written: " + reasonOf(ec));
    sys::DontRemoveFileOnSignal(temporary);
    temporary.clear();
    return Error::success();
  }

private:
  std::string path, target;
  SmallString<128> temporary;
};

} // namespace

Error compress::writeOutputs(ArrayRef<OutputRequest> requests) {
  std::vector<Destination> destinations;
  for (const OutputRequest &request : requests) {
    Expected<Destination> destination = resolve(request.path);
    if (!destination)
      return destination.takeError();
    destinations.push_back(std::move(*destination));
  }
  std::deque<PendingFile> pending;
  for (auto [request, destination] : zip_equal(requests, destinations))
    if (destination.kind == Destination::Kind::Regular)
      if (Error error = pending.emplace_back(request.path, destination.path)
                            .write(request.write, request.kind))
        return error;
  for (auto [request, destination] : zip_equal(requests, destinations)) {
    Error error =
        destination.kind == Destination::Kind::Descriptor
            ? writeDescriptor(request.path, destination.descriptor,
                              request.write)
        : destination.kind == Destination::Kind::Existing
            ? writeExisting(request.path, destination.path, request.write)
            : Error::success();
    if (error)
      return error;
  }
  for (PendingFile &file : pending)
    if (Error error = file.takeName())
      return error;
  return Error::success();
}

Error compress::writeOutput(StringRef path, WriteFn write, OutputKind kind) {
  return writeOutputs(OutputRequest{path.str(), write, kind});
}

bool compress::isSameFile(StringRef a, StringRef b) {
  if (a == "-" || b == "-" || a.empty() || b.empty())
    return false;
  sys::fs::file_status first, second;
  if (!sys::fs::status(a, first) && !sys::fs::status(b, second))
    return sys::fs::is_regular_file(first) &&
           sys::fs::equivalent(first, second);
  if (sys::fs::exists(first) || sys::fs::exists(second))
    return false;
  return sys::path::filename(a) == sys::path::filename(b) &&
         realFolder(a) == realFolder(b);
}

//===- LinkShared.cpp - objects to shared libraries -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/LinkShared.h"
#include "lld/Common/Driver.h"
#include "llvm/ADT/ScopeExit.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/CrashRecoveryContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"
#include <cerrno>
#include <cstdlib>
#include <link.h>
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;
using namespace mlir::compress;

// In the generated file that includes the archive.
extern "C" const char compress_runtime_archive_begin[];
extern "C" const char compress_runtime_archive_end[];

StringRef mlir::compress::runtimeArchive() {
  return StringRef(compress_runtime_archive_begin,
                   compress_runtime_archive_end -
                       compress_runtime_archive_begin);
}

namespace {

/// A folder for the linker's files, gone afterwards.
class LinkFolder {
public:
  static Expected<std::unique_ptr<LinkFolder>> create() {
    std::unique_ptr<LinkFolder> result(new LinkFolder());
    sys::path::system_temp_directory(/*ErasedOnReboot=*/true, result->folder);
    sys::path::append(result->folder, "compress-link-XXXXXX");
    // A folder that nobody else can put files into.
    if (!mkdtemp(const_cast<char *>(result->folder.c_str()))) {
      std::error_code ec(errno, std::generic_category());
      SmallString<128> path = result->folder;
      result->folder.clear();
      return createFileError(path, ec);
    }
    return result;
  }
  ~LinkFolder() {
    for (const std::string &file : files) {
      sys::fs::remove(file);
      sys::DontRemoveFileOnSignal(file);
    }
    if (!folder.empty())
      sys::fs::remove(folder);
  }

  std::string path(StringRef name) {
    SmallString<128> result = folder;
    sys::path::append(result, name);
    files.push_back(result.str().str());
    sys::RemoveFileOnSignal(result);
    return files.back();
  }

  Expected<std::string> write(StringRef name, StringRef content) {
    std::string file = path(name);
    std::error_code ec;
    raw_fd_ostream os(file, ec);
    if (!ec) {
      os << content;
      os.close();
      ec = os.error();
      os.clear_error();
    }
    if (ec)
      return createFileError(file, ec);
    return file;
  }

private:
  LinkFolder() = default;
  SmallString<128> folder;
  SmallVector<std::string, 4> files;
};

} // namespace

/// The C library in this process, so that the new library names it and the
/// versions of its symbols; empty where it is linked statically.
static std::string findCLibrary() {
  std::string found;
  dl_iterate_phdr(
      [](struct dl_phdr_info *info, size_t, void *data) {
        StringRef path(info->dlpi_name);
        StringRef file = sys::path::filename(path);
        if (!file.starts_with("libc.so") && !file.starts_with("ld-musl"))
          return 0;
        *static_cast<std::string *>(data) = path.str();
        return 1;
      },
      &found);
  return found;
}

Expected<std::unique_ptr<MemoryBuffer>>
mlir::compress::linkShared(StringRef object, StringRef name, StringRef soname) {
  auto folder = LinkFolder::create();
  if (!folder)
    return folder.takeError();
  std::string exports =
      ("{ global: " + name + "_info; " + name + "_run; local: *; };\n").str();
  auto objectPath = (*folder)->write("network.o", object);
  if (!objectPath)
    return objectPath.takeError();
  auto archivePath = (*folder)->write("runtime.a", runtimeArchive());
  if (!archivePath)
    return archivePath.takeError();
  auto exportsPath = (*folder)->write("exports", exports);
  if (!exportsPath)
    return exportsPath.takeError();
  std::string libraryPath = (*folder)->path("library.so");

  std::string cLibrary = findCLibrary();
  std::vector<std::string> arguments = {"ld.lld",
                                        "-shared",
                                        "-z",
                                        "now",
                                        "-z",
                                        "relro",
                                        "-z",
                                        "noexecstack",
                                        "--gc-sections",
                                        "--build-id=none",
                                        "--hash-style=gnu",
                                        "--version-script=" + *exportsPath,
                                        "-soname",
                                        soname.str(),
                                        "-o",
                                        libraryPath,
                                        *objectPath,
                                        *archivePath};
  if (!cLibrary.empty()) {
    arguments.insert(arguments.end(), {"-z", "defs", "--as-needed", cLibrary});
  }
  std::vector<const char *> pointers;
  for (const std::string &argument : arguments)
    pointers.push_back(argument.c_str());

  // The linker keeps its state in global variables.
  static std::mutex oneAtATime;
  static bool usable = true;
  std::lock_guard<std::mutex> lock(oneAtATime);
  if (!usable)
    return createStringError(inconvertibleErrorCode(),
                             "the linker has crashed before; start the "
                             "program again");
  std::string output, errors;
  raw_string_ostream outputStream(output), errorStream(errors);
  const lld::DriverDef drivers[] = {{lld::Gnu, &lld::elf::link}};
  // Without it the linker would end the process with the first grave error.
  CrashRecoveryContext::Enable();
  lld::Result result =
      lld::lldMain(pointers, outputStream, errorStream, drivers);
  CrashRecoveryContext::Disable();
  usable = result.canRunAgain;
  if (result.retCode != 0) {
    StringRef reason = StringRef(errors).trim();
    return createStringError(
        inconvertibleErrorCode(),
        "the library cannot be linked: " +
            (reason.empty() ? "the linker crashed" : reason));
  }
  auto library = MemoryBuffer::getFile(libraryPath, /*IsText=*/false,
                                       /*RequiresNullTerminator=*/false,
                                       /*IsVolatile=*/true);
  if (!library)
    return createFileError(libraryPath, library.getError());
  return std::move(*library);
}

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
#include <sys/mman.h>
#include <unistd.h>

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

/// A file in memory, which the linker opens by its path.
class LinkFile {
public:
  LinkFile() = default;
  LinkFile(const LinkFile &) = delete;
  ~LinkFile() {
    if (descriptor >= 0)
      close(descriptor);
  }

  Error create(StringRef content = "") {
    descriptor = memfd_create("compress-link", MFD_CLOEXEC);
    if (descriptor < 0)
      return errorCodeToError(std::error_code(errno, std::generic_category()));
    raw_fd_ostream os(descriptor, /*shouldClose=*/false);
    os << content;
    os.flush();
    std::error_code ec = os.error();
    os.clear_error();
    return errorCodeToError(ec);
  }
  std::string path() const {
    return "/proc/self/fd/" + std::to_string(descriptor);
  }

private:
  int descriptor = -1;
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
mlir::compress::linkShared(ArrayRef<StringRef> objects,
                           const LinkOptions &options) {
  StringRef name = options.name;
  std::string exportList =
      ("{ global: " + name + "_info; " + name + "_run; " +
       (options.profile ? name + "_profile; " : Twine()) + "local: *; };\n")
          .str();
  LinkFile runtime, exports;
  std::vector<LinkFile> networks(objects.size());
  Error error = Error::success();
  for (size_t i = 0; i < objects.size() && !error; ++i)
    error = networks[i].create(objects[i]);
  if (!error)
    error = runtime.create(runtimeArchive());
  if (!error)
    error = exports.create(exportList);
  // The linker replaces its output, which therefore needs a name.
  SmallString<128> result;
  if (!error)
    error = errorCodeToError(
        sys::fs::createTemporaryFile("compress-link", "so", result));
  if (error)
    return createStringError(inconvertibleErrorCode(),
                             "the library cannot be linked: " +
                                 toString(std::move(error)));

  sys::RemoveFileOnSignal(result);
  llvm::scope_exit removeResult([&] {
    (void)sys::fs::remove(result);
    sys::DontRemoveFileOnSignal(result);
  });

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
                                        "--version-script=" + exports.path(),
                                        "-soname",
                                        options.soname,
                                        "-o",
                                        result.str().str(),
                                        "--no-mmap-output-file"};
  for (const LinkFile &network : networks)
    arguments.push_back(network.path());
  if (options.forHost)
    arguments.push_back(runtime.path());
  if (options.forHost && !cLibrary.empty()) {
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
  lld::Result linked =
      lld::lldMain(pointers, outputStream, errorStream, drivers);
  CrashRecoveryContext::Disable();
  usable = linked.canRunAgain;
  if (linked.retCode != 0) {
    StringRef reason = StringRef(errors).trim();
    return createStringError(
        inconvertibleErrorCode(),
        "the library cannot be linked: " +
            (reason.empty() ? "the linker crashed" : reason));
  }
  // In a folder that all write to, another's file may have come in between.
  sys::fs::file_status made;
  if (sys::fs::status(result, made) || made.getUser() != geteuid() ||
      !sys::fs::is_regular_file(made))
    return createStringError(inconvertibleErrorCode(),
                             "the library cannot be linked: its temporary file "
                             "is not ours any more");
  auto library = MemoryBuffer::getFile(result, /*IsText=*/false,
                                       /*RequiresNullTerminator=*/false,
                                       /*IsVolatile=*/true);
  if (!library)
    return createFileError("the linked library", library.getError());
  return std::move(*library);
}

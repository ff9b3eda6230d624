//===- OutputFile.h - files that are written --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_OUTPUTFILE_H
#define COMPRESS_SUPPORT_OUTPUTFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <functional>
#include <string>

namespace compress {

enum class OutputKind : uint8_t {
  Data,      ///< created with mode 0666 less the umask
  Executable ///< created with mode 0777 less the umask: shared libraries
};

/// Writes the file `path` with what `write` puts into its stream.
///
/// A regular file is either completely written or not touched: the content
/// goes to a file `.tmp-...` in the same folder, which then takes the name.
/// The file has the mode of a new file. Where `path` is a symbolic link the
/// file it leads to is replaced, not the link. Whatever else exists under the
/// name (a device, a pipe) is written directly. "-" is standard output, and
/// /dev/stdout, /dev/fd/N and the like are the files that are open already.
///
/// An error of `write` is returned as it is. Other errors name the path and
/// the reason: the folder or the file cannot be written, the disk is full.
/// Nothing remains of a temporary file, neither after an error nor after a
/// signal that ends the process.
llvm::Error
writeOutput(llvm::StringRef path,
            llvm::function_ref<llvm::Error(llvm::raw_ostream &)> write,
            OutputKind kind = OutputKind::Data);

struct OutputRequest {
  std::string path;
  std::function<llvm::Error(llvm::raw_ostream &)> write;
  OutputKind kind = OutputKind::Data;
};

/// Writes several files as `writeOutput` does: regular ones take their names
/// when all are written, devices and pipes included. Only a renaming that
/// fails, which none before gave a hint of, leaves some with theirs.
llvm::Error writeOutputs(llvm::ArrayRef<OutputRequest> requests);

/// Whether two paths name one file, there or not yet; "-" and devices are none.
bool isSameFile(llvm::StringRef a, llvm::StringRef b);

} // namespace compress

#endif // COMPRESS_SUPPORT_OUTPUTFILE_H

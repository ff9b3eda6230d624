//===- CommandLine.h - options of tools -------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_COMMANDLINE_H
#define COMPRESS_SUPPORT_COMMANDLINE_H

#include "llvm/ADT/StringRef.h"

namespace compress {

/// Reads the options that LLVM's CommandLine library knows of. Where they are
/// wrong, says the first mistake in one line, "TOOL: error: --OPTION: ...", and
/// returns false.
bool parseCommandLine(int argc, const char *const *argv, llvm::StringRef tool,
                      llvm::StringRef overview);

} // namespace compress

#endif // COMPRESS_SUPPORT_COMMANDLINE_H

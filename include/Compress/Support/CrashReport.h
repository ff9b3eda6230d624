//===- CrashReport.h - crashes as errors ------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_CRASHREPORT_H
#define COMPRESS_SUPPORT_CRASHREPORT_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

namespace compress {

/// From here on a crash, or a fatal error of LLVM's, ends this program like an
/// error: with the line "TOOL: error: MESSAGE" on standard error, without
/// temporary files of outputs that are being written, and with exit code 1.
/// Called again, another message is in place. Crashes are left to the address
/// sanitizer where there is one: its reports are better.
void reportCrashes(llvm::StringRef tool, const llvm::Twine &message);

} // namespace compress

#endif // COMPRESS_SUPPORT_CRASHREPORT_H

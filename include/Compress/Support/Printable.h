//===- Printable.h - text for a line of a message ---------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_PRINTABLE_H
#define COMPRESS_SUPPORT_PRINTABLE_H

#include "llvm/ADT/StringRef.h"
#include <string>

namespace compress {

/// `text` as a part of one line on a terminal: line breaks become spaces,
/// other control characters, and bytes that are no UTF-8, become escapes as in
/// "\1B", and what is very long is cut. Messages quote names from files, which
/// may be anything.
std::string printable(llvm::StringRef text);

} // namespace compress

#endif // COMPRESS_SUPPORT_PRINTABLE_H

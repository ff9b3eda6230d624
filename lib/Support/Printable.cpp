//===- Printable.cpp - text for a line of a message -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Printable.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace llvm;

std::string compress::printable(StringRef text) {
  constexpr size_t longest = 2000;
  std::string result;
  bool isUnicode = json::isUTF8(text);
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    // Not between the bytes of one character.
    if (result.size() >= longest && (!isUnicode || (byte & 0xc0) != 0x80))
      return result + " ...";
    if (c == '\n' || c == '\r' || c == '\t') {
      result += ' ';
    } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !isUnicode)) {
      result += '\\';
      result += hexdigit(byte >> 4);
      result += hexdigit(byte & 15);
    } else {
      result += c;
    }
  }
  return result;
}

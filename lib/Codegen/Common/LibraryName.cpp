//===- LibraryName.cpp - names of compiled networks -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/LibraryName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace mlir;

/// Keywords of C23 and C++23 that are spelled like identifiers, and `main`.
/// Those that begin with an underscore and a capital are reserved anyway.
static constexpr StringLiteral kReserved[] = {"alignas",     "alignof",
                                              "and",         "and_eq",
                                              "asm",         "auto",
                                              "bitand",      "bitor",
                                              "bool",        "break",
                                              "case",        "catch",
                                              "char",        "char16_t",
                                              "char32_t",    "char8_t",
                                              "class",       "co_await",
                                              "co_return",   "co_yield",
                                              "compl",       "concept",
                                              "const",       "const_cast",
                                              "consteval",   "constexpr",
                                              "constinit",   "continue",
                                              "decltype",    "default",
                                              "delete",      "do",
                                              "double",      "dynamic_cast",
                                              "else",        "enum",
                                              "explicit",    "export",
                                              "extern",      "false",
                                              "float",       "for",
                                              "friend",      "goto",
                                              "if",          "inline",
                                              "int",         "long",
                                              "main",        "mutable",
                                              "namespace",   "new",
                                              "noexcept",    "not",
                                              "not_eq",      "nullptr",
                                              "operator",    "or",
                                              "or_eq",       "private",
                                              "protected",   "public",
                                              "register",    "reinterpret_cast",
                                              "requires",    "restrict",
                                              "return",      "short",
                                              "signed",      "sizeof",
                                              "static",      "static_assert",
                                              "static_cast", "struct",
                                              "switch",      "template",
                                              "this",        "thread_local",
                                              "throw",       "true",
                                              "try",         "typedef",
                                              "typeid",      "typename",
                                              "typeof",      "typeof_unqual",
                                              "union",       "unsigned",
                                              "using",       "virtual",
                                              "void",        "volatile",
                                              "wchar_t",     "while",
                                              "xor",         "xor_eq"};

/// Prefixes that belong to the language or to the runtime.
static bool isReserved(StringRef name) {
  return is_contained(kReserved, name) || name.starts_with("__") ||
         (name.size() > 1 && name[0] == '_' && isUpper(name[1])) ||
         name == "compress" || name.starts_with("compress_");
}

bool compress::isCIdentifier(StringRef name) {
  return !name.empty() && !isDigit(name.front()) && !isReserved(name) &&
         all_of(name, [](char c) { return isAlnum(c) || c == '_'; });
}

/// `file` without its extension; ".so.1.2" is one.
static StringRef withoutExtension(StringRef file) {
  StringRef stem = file.rtrim("0123456789.");
  if (stem.ends_with(".so"))
    file = stem;
  return sys::path::stem(file);
}

std::string compress::networkNameOf(StringRef path) {
  StringRef stem = withoutExtension(sys::path::filename(path));
  if (stem.size() > 3)
    stem.consume_front("lib");
  std::string name;
  for (char c : stem)
    name += isAlnum(c) ? c : '_';
  if (StringRef(name).trim('_').empty())
    return "network";
  if (!isCIdentifier(name))
    name = "net_" + StringRef(name).ltrim('_').str();
  return name;
}

//===- HtmlPage.cpp - the frame of a page ---------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Html.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Base64.h"
#include "llvm/Support/SHA256.h"

using namespace llvm;
using namespace compress;
using namespace compress::html;

/// For Content-Security-Policy: what has this hash may run, and nothing else.
static std::string hashOf(StringRef content) {
  auto hash = SHA256::hash(arrayRefFromStringRef(content));
  return "'sha256-" + encodeBase64(hash) + "'";
}

void html::writeHead(raw_ostream &os, StringRef title) {
  os << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
     << "<meta charset=\"utf-8\"/>\n"
     << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src "
     << hashOf(kStyle) << "; script-src " << hashOf(kScript)
     << "; base-uri 'none'; form-action 'none'\"/>\n"
     << "<meta name=\"viewport\" content=\"width=device-width, "
        "initial-scale=1\"/>\n"
     << "<title>" << clip(title, 200) << " – Compress</title>\n"
     << "<style>" << kStyle
     << "</style>\n</head>\n<body>\n"
     // What bars of floats are filled with.
     << "<svg class=\"defs\" aria-hidden=\"true\"><defs><pattern id=\"hatch\" "
        "width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><rect width=\"4\" height=\"4\"/>"
        "<path d=\"M1.2 0V4\"/></pattern></defs></svg>\n";
}

void html::writeTile(raw_ostream &os, StringRef name, const std::string &value,
                     const std::string &below) {
  os << "<div><dt>" << name << "</dt><dd>" << value;
  if (!below.empty())
    os << "<small>" << below << "</small>";
  os << "</dd></div>\n";
}

void html::writeFact(raw_ostream &os, StringRef name, StringRef text) {
  if (!text.empty())
    os << "<dt>" << name << "</dt><dd>" << shorten(text, 400) << "</dd>\n";
}

void html::writeTarget(raw_ostream &os, StringRef target) {
  auto [cpu, features] = target.split(':');
  os << "<dt>Target</dt><dd>" << shorten(cpu);
  if (!features.empty()) {
    // Breaks after commas, not within names.
    std::string list;
    for (StringRef feature : split(features, ','))
      list += (list.empty() ? "" : ", ") + escape(feature);
    os << " <details><summary>Features</summary>" << list << "</details>";
  }
  os << "</dd>\n";
}

void html::writeFoot(raw_ostream &os) {
  os << "<script>" << kScript << "</script>\n</body>\n</html>\n";
}

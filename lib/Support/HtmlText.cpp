//===- HtmlText.cpp - text and numbers of pages ---------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Html.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include <cmath>

using namespace llvm;
using namespace compress;

std::string html::escape(StringRef text) {
  std::string unicode = json::isUTF8(text) ? text.str() : json::fixUTF8(text);
  std::string result;
  result.reserve(unicode.size());
  for (size_t i = 0; i != unicode.size(); ++i) {
    char c = unicode[i];
    auto byte = static_cast<unsigned char>(c);
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else if (c == '\'')
      result += "&#39;";
    else if (c == '\n' || c == '\r' || c == '\t')
      result += ' ';
    else if (byte < 0x20) // U+2400 and following are pictures of these.
      (result += "\xe2\x90") += static_cast<char>(0x80 + byte);
    else if (byte == 0x7f)
      result += "\xe2\x90\xa1";
    else if (StringRef(unicode).substr(i).starts_with("\xef\xbf\xbe") ||
             StringRef(unicode).substr(i).starts_with("\xef\xbf\xbf")) {
      result += "\xef\xbf\xbd"; // U+FFFE and U+FFFF are no characters.
      i += 2;
    } else
      result += c;
  }
  return result;
}

/// Whether `at` is within a character: its later bytes are 10xxxxxx.
static bool isInside(StringRef text, size_t at) {
  return at < text.size() &&
         (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

std::string html::clip(StringRef text, size_t longest) {
  if (text.size() <= longest)
    return escape(text);
  for (int i = 0; i != 3 && longest > 0 && isInside(text, longest); ++i)
    --longest;
  return escape(text.take_front(longest)) + "…";
}

std::string html::shorten(StringRef text, size_t longest) {
  if (text.size() <= longest)
    return escape(text);
  size_t tail = text.size() - longest / 2;
  for (int i = 0; i != 3 && isInside(text, tail); ++i)
    ++tail;
  return "<span title=\"" + clip(text, 2000) + "\">" + clip(text, longest / 2) +
         escape(text.drop_front(tail)) + "</span>";
}

std::string html::withCommas(int64_t number) {
  std::string digits = std::to_string(number);
  size_t first = number < 0 ? 1 : 0;
  for (size_t i = digits.size(); i > first + 3;) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

static std::string printed(const char *format, double number) {
  std::string result;
  raw_string_ostream os(result);
  // Not "-0".
  os << llvm::format(format, number == 0 ? 0.0 : number);
  return result;
}

std::string html::withPrefix(double number, StringRef unit) {
  if (!std::isfinite(number))
    return realText(number);
  const char *prefixes[] = {"", "k", "M", "G", "T", "P", "E"};
  size_t prefix = 0;
  // 999.6 is "1 k", not "1e+03".
  for (; prefix + 1 < std::size(prefixes) && std::fabs(number) >= 999.5;
       ++prefix)
    number /= 1000;
  std::string symbol = prefixes[prefix] + unit.str();
  return printed("%.3g", number) + (symbol.empty() ? "" : " " + symbol);
}

std::string html::realText(double number, const char *format) {
  if (std::isnan(number))
    return "NaN";
  if (std::isinf(number))
    return number < 0 ? "-∞" : "∞";
  return printed(format, number);
}

std::string html::percentText(double part) {
  if (part < 1 && part >= 0.9995)
    return "&gt; 99.9 %";
  return realText(100 * part, "%.1f") + " %";
}

std::string html::at(double coordinate) { return printed("%.1f", coordinate); }

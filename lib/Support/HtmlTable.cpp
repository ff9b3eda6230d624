//===- HtmlTable.cpp - tables of pages ------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Html.h"
#include "llvm/Support/ErrorHandling.h"
#include <cassert>
#include <cmath>

using namespace llvm;
using namespace compress;
using namespace compress::html;

static StringRef classOf(const Column &column) {
  switch (column.kind) {
  case Column::Text:
    return "";
  case Column::Word:
    return " class=\"w\"";
  case Column::Number:
    return " class=\"n\"";
  case Column::Picture:
    return " class=\"p\"";
  }
  llvm_unreachable("unknown kind of column");
}

Table::Table(raw_ostream &os, StringRef label, ArrayRef<Column> columns,
             Sorting sorting)
    : os(os), columns(columns) {
  // It scrolls by itself where it is too wide; by keys it does so in focus.
  os << "<div class=\"scroll" << (sorting == Fixed ? " fit" : "")
     << "\" role=\"region\" tabindex=\"0\" aria-label=\"" << escape(label)
     << "\">\n<table" << (sorting == Sortable ? " class=\"sort\"" : "")
     << ">\n<thead><tr>";
  for (const Column &column : columns)
    os << "<th scope=\"col\"" << classOf(column)
       << (sorting == Sortable && &column == columns.begin()
               ? " aria-sort=\"ascending\""
               : "")
       << ">" << escape(column.name) << "</th>";
  os << "</tr></thead>\n<tbody>\n";
}

Table::~Table() {
  endRow();
  os << "</tbody>\n</table>\n</div>\n";
}

void Table::endRow() {
  if (!inRow)
    return;
  assert(next == columns.size() && "a row lacks cells");
  os << "</tr>\n";
  inRow = false;
}

void Table::beginRow() {
  endRow();
  os << "<tr>";
  inRow = true;
  next = 0;
}

void Table::markup(const Twine &markup) {
  os << "<td" << classOf(columns[next++]) << ">" << markup << "</td>";
}

/// Allows breaks after separators; names have no blanks.
static std::string breakable(StringRef markup) {
  std::string result;
  bool inTag = false;
  for (char c : markup) {
    result += c;
    if (c == '<' || c == '>')
      inTag = c == '<';
    if (!inTag && (c == '/' || c == '.'))
      result += "<wbr/>";
  }
  return result;
}

void Table::text(StringRef text) {
  if (columns[next].kind == Column::Word)
    markup(shorten(text, 64));
  else if (text.size() > 20)
    markup(breakable(shorten(text)));
  else
    markup(escape(text));
}

void Table::integer(int64_t number) { markup(withCommas(number)); }

void Table::keyed(double key, const Twine &markup) {
  // JavaScript reads "Infinity", and nothing as no number.
  os << "<td" << classOf(columns[next++]) << " data-v=\"";
  if (std::isinf(key))
    os << (key < 0 ? "-Infinity" : "Infinity");
  else if (!std::isnan(key))
    os << realText(key, "%.17g");
  os << "\">" << markup << "</td>";
}

void Table::real(double number, const char *format) {
  if (std::isfinite(number))
    markup(realText(number, format));
  else
    keyed(number, realText(number));
}

void Table::none() { keyed(NAN, "–"); }

void html::noteRows(raw_ostream &os, size_t rows, StringRef what) {
  if (rows > kMaxRows)
    os << "<p class=\"note\">The first " << withCommas(kMaxRows) << " of "
       << withCommas(static_cast<int64_t>(rows)) << " " << what
       << "; a report in JSON has all.</p>\n";
}

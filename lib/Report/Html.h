//===- Html.h - parts of the HTML report ----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever is called text comes from outside and is escaped here; whatever is
// called markup has been made here and is written as it is. The page is well
// formed XML too, so that tests can read it strictly.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_REPORT_HTML_H
#define COMPRESS_LIB_REPORT_HTML_H

#include "Compress/Report/CompilationReport.h"

namespace mlir::compress::html {

//===----------------------------------------------------------------------===//
// Text and numbers (HtmlText.cpp)
//===----------------------------------------------------------------------===//

/// `text` for the content of an element or for a quoted attribute. Bytes that
/// are no UTF-8 become U+FFFD, control characters become visible.
std::string escape(StringRef text);

/// The same of at most `longest` bytes; "…" stands for what is left out.
std::string clip(StringRef text, size_t longest);

/// The same with the middle left out and, as markup, the whole as a title.
std::string shorten(StringRef text, size_t longest = 160);

/// "1,234,567".
std::string withCommas(int64_t number);

/// "1.23 M"; for bytes, with "B" as `unit`, "1.23 MB".
std::string withPrefix(double number, StringRef unit = "");

/// "0.01234", "∞" or "NaN".
std::string realText(double number, const char *format = "%.4g");

/// "12.3 %" of a part from 0 to 1; never "100.0 %" of less than all.
std::string percentText(double part);

/// "1×3×224×224"; an open extent is "?", no extents are "scalar".
std::string shapeText(ArrayRef<int64_t> shape);

//===----------------------------------------------------------------------===//
// Tables (HtmlTable.cpp)
//===----------------------------------------------------------------------===//

struct Column {
  StringRef name;
  /// Words stay on one line, text may wrap.
  enum Kind : uint8_t { Text, Word, Number, Picture } kind = Text;
};

/// Writes one table. Each row has one cell for each column, in their order.
class Table {
public:
  enum Sorting : bool { Fixed, Sortable };

  /// A sortable table comes sorted by its first column.
  Table(llvm::raw_ostream &os, StringRef label, ArrayRef<Column> columns,
        Sorting sorting);
  ~Table();
  Table(const Table &) = delete;
  Table &operator=(const Table &) = delete;

  void beginRow();
  void text(StringRef text);
  void integer(int64_t number);
  void real(double number, const char *format = "%.4g");
  /// `markup`, sorted by `key`.
  void keyed(double key, const llvm::Twine &markup);
  void markup(const llvm::Twine &markup);
  /// A number that is not known; sorted behind all others.
  void none();

private:
  void endRow();

  llvm::raw_ostream &os;
  SmallVector<Column> columns;
  size_t next = 0; ///< column of this row
  bool inRow = false;
};

/// The most rows of a table: more than anybody reads, and what browsers lay out
/// in a second. Says so below the table where there are more.
constexpr size_t kMaxRows = 5000;
void noteRows(llvm::raw_ostream &os, size_t rows, StringRef what);

//===----------------------------------------------------------------------===//
// Charts (HtmlCharts.cpp)
//===----------------------------------------------------------------------===//

/// What one layer has.
struct Bar {
  size_t number; ///< of the layer, from 1
  std::string name;
  double value;
  bool isInteger;
};

/// One bar for each of `bars`; of very many, one for some neighbours each.
void writeBarChart(llvm::raw_ostream &os, StringRef title, StringRef unit,
                   ArrayRef<Bar> bars);

/// The SQNR of those tensors that have one, in their order.
void writeSqnrChart(llvm::raw_ostream &os, ArrayRef<TensorReport> tensors);

/// The histogram of a tensor with the range that was chosen, as markup; empty
/// where there is no histogram, or its borders are no numbers or no range.
std::string sparkline(const TensorReport &tensor);

//===----------------------------------------------------------------------===//
// What is the same on all pages (HtmlPage.cpp, HtmlAssets.cpp)
//===----------------------------------------------------------------------===//

/// What comes before the content, with a title for the window; and behind it.
void writeHead(llvm::raw_ostream &os, StringRef title);
void writeFoot(llvm::raw_ostream &os);

/// A number that one looks for first: an element of a list of class "tiles".
/// `name`, `value` and `below` are markup.
void writeTile(llvm::raw_ostream &os, StringRef name, const std::string &value,
               const std::string &below = "");

/// An element of a list of class "facts", if there is any text.
void writeFact(llvm::raw_ostream &os, StringRef name, StringRef text);

extern const StringLiteral kStyle;
extern const StringLiteral kScript;

} // namespace mlir::compress::html

#endif // COMPRESS_LIB_REPORT_HTML_H

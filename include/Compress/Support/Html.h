//===- Html.h - parts of pages in HTML --------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever is called text comes from outside and is escaped here; whatever is
// called markup has been made here and is written as it is. The page is well
// formed XML too, so that tests can read it strictly. It needs no other file
// and no network, and its script only sorts tables.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_HTML_H
#define COMPRESS_SUPPORT_HTML_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdint>
#include <string>

namespace compress::html {

//===----------------------------------------------------------------------===//
// Text and numbers (HtmlText.cpp)
//===----------------------------------------------------------------------===//

/// `text` for the content of an element or for a quoted attribute. Bytes that
/// are no UTF-8 become U+FFFD, control characters become visible.
std::string escape(llvm::StringRef text);

/// The same of at most `longest` bytes; "…" stands for what is left out.
std::string clip(llvm::StringRef text, size_t longest);

/// The same with the middle left out and, as markup, the whole as a title.
std::string shorten(llvm::StringRef text, size_t longest = 160);

/// "1,234,567".
std::string withCommas(int64_t number);

/// "1.23 M"; for bytes, with "B" as `unit`, "1.23 MB".
std::string withPrefix(double number, llvm::StringRef unit = "");

/// "0.01234", "∞" or "NaN".
std::string realText(double number, const char *format = "%.4g");

/// "12.3 %" of a part from 0 to 1; never "100.0 %" of less than all.
std::string percentText(double part);

/// A coordinate in a picture: short, and the same everywhere.
std::string at(double coordinate);

//===----------------------------------------------------------------------===//
// Tables (HtmlTable.cpp)
//===----------------------------------------------------------------------===//

struct Column {
  llvm::StringRef name;
  /// Words stay on one line, text may wrap.
  enum Kind : uint8_t { Text, Word, Number, Picture } kind = Text;
};

/// Writes one table. Each row has one cell for each column, in their order.
class Table {
public:
  enum Sorting : bool { Fixed, Sortable };

  /// A sortable table comes sorted by its first column.
  Table(llvm::raw_ostream &os, llvm::StringRef label,
        llvm::ArrayRef<Column> columns, Sorting sorting);
  ~Table();
  Table(const Table &) = delete;
  Table &operator=(const Table &) = delete;

  void beginRow();
  void text(llvm::StringRef text);
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
  llvm::SmallVector<Column> columns;
  size_t next = 0; ///< column of this row
  bool inRow = false;
};

/// The most rows of a table: more than anybody reads, and what browsers lay out
/// in a second. Says so below the table where there are more.
constexpr size_t kMaxRows = 5000;
void noteRows(llvm::raw_ostream &os, size_t rows, llvm::StringRef what);

//===----------------------------------------------------------------------===//
// What is the same on all pages (HtmlPage.cpp, HtmlAssets.cpp)
//===----------------------------------------------------------------------===//

/// What comes before the content, with a title for the window; and behind it.
void writeHead(llvm::raw_ostream &os, llvm::StringRef title);
void writeFoot(llvm::raw_ostream &os);

/// A number that one looks for first: an element of a list of class "tiles".
/// `name`, `value` and `below` are markup.
void writeTile(llvm::raw_ostream &os, llvm::StringRef name,
               const std::string &value, const std::string &below = "");

/// An element of a list of class "facts", if there is any text.
void writeFact(llvm::raw_ostream &os, llvm::StringRef name,
               llvm::StringRef text);

/// The same of a target as compress_model_info has it, its features folded.
void writeTarget(llvm::raw_ostream &os, llvm::StringRef target);

extern const llvm::StringLiteral kStyle;
extern const llvm::StringLiteral kScript;

} // namespace compress::html

#endif // COMPRESS_SUPPORT_HTML_H

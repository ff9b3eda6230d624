//===- MutateText.cpp - changed MLIR text ---------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Mutate.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/bit.h"

using namespace compress;
using namespace compress::fuzz;
using llvm::StringRef;

namespace {

/// Text as words, numbers, single characters and white space.
class Tokens {
public:
  explicit Tokens(StringRef text);

  std::string text() const { return llvm::join(tokens, ""); }
  void mutate(Random &random);

private:
  enum class Kind { Number, Type, Value, Word, Other };
  static Kind kindOf(StringRef token);

  size_t any(Random &random) const { return below(random, tokens.size()); }
  /// A token of a kind; any one where there is none after some attempts.
  size_t anyOfKind(Kind kind, Random &random) const;
  void changeNumber(std::string &token, Random &random);
  void changeType(std::string &token, Random &random);
  /// Another token like this one.
  std::string replacement(StringRef token, Random &random);
  void changeLines(Random &random);
  void changeExtents(Random &random);
  void changeElements(Random &random);
  void skipOperation(Random &random);

  std::vector<std::string> tokens;
};

} // namespace

static bool isWordPart(char c) {
  return llvm::isAlnum(c) || c == '_' || c == '.' || c == '$' || c == '%' ||
         c == '@' || c == '#' || c == '!' || c == '^' || c == '?' || c == '-' ||
         c == '+';
}

Tokens::Tokens(StringRef text) {
  while (!text.empty()) {
    size_t length = 1;
    bool (*belongs)(char) = isWordPart(text[0])      ? isWordPart
                            : llvm::isSpace(text[0]) ? llvm::isSpace
                                                     : nullptr;
    // Lines stay separate tokens.
    if (belongs && text[0] != '\n')
      while (length < text.size() && text[length] != '\n' &&
             belongs(text[length]))
        ++length;
    tokens.push_back(text.take_front(length).str());
    text = text.drop_front(length);
  }
}

Tokens::Kind Tokens::kindOf(StringRef token) {
  char c = token.front();
  if (c == '%')
    return Kind::Value;
  if (c == '?' ||
      (llvm::isDigit(c) && token.contains('x') && !token.starts_with("0x")))
    return Kind::Type;
  if (llvm::isDigit(c) || (c == '-' && token.size() > 1))
    return Kind::Number;
  StringRef rest = token;
  if ((rest.consume_front("f") || rest.consume_front("i") ||
       rest.consume_front("bf") || rest.consume_front("ui")) &&
      llvm::all_of(rest, llvm::isDigit))
    return Kind::Type;
  return llvm::isAlpha(c) ? Kind::Word : Kind::Other;
}

size_t Tokens::anyOfKind(Kind kind, Random &random) const {
  size_t place = any(random);
  for (int attempt = 0; attempt < 200 && kindOf(tokens[place]) != kind;
       ++attempt)
    place = any(random);
  return place;
}

void Tokens::changeNumber(std::string &token, Random &random) {
  bool isFloat = StringRef(token).contains('.');
  switch (below(random, 4)) {
  case 0:
  case 1:
    if (below(random, 8) == 0)
      isFloat = !isFloat;
    if (!isFloat) {
      token = std::to_string(awkwardInteger(random));
    } else if (below(random, 2)) {
      token = "0x" + llvm::utohexstr(awkwardFloat(random), false, 8);
    } else {
      static const char *const floats[] = {
          "0.0", "-0.0", "1.0e-45", "-1.5",    "1.0e39",  "1.0e-39",
          "0.5", "2.0",  "1.0e30",  "1.0e-30", "1.0e-320"};
      token = anyOf(random, llvm::ArrayRef<const char *>(floats));
    }
    break;
  default: { // Near what it was.
    size_t place = below(random, token.size());
    if (llvm::isDigit(token[place]))
      token[place] = '0' + below(random, 10);
  }
  }
}

/// Puts other numbers into "0x..." of the data of a constant.
static void changeData(std::string &token, Random &random) {
  size_t words = (token.size() - 2) / 8;
  for (size_t i = 0, n = 1 + below(random, 3); i < n && words; ++i) {
    std::string word = llvm::utohexstr(
        llvm::byteswap(below(random, 3) ? awkwardFloat(random)
                                        : static_cast<uint32_t>(random())),
        false, 8);
    token.replace(2 + 8 * below(random, words), 8, word);
  }
}

/// A part of "1x28x28x1xf32": an extent or the type of the elements.
void Tokens::changeType(std::string &token, Random &random) {
  static const char *const elements[] = {
      "f32",  "f16",      "bf16",         "f64",           "i1",   "i4",
      "i8",   "i16",      "i32",          "i64",           "ui8",  "index",
      "i128", "f8E4M3FN", "complex<f32>", "vector<4xf32>", "none", "i0"};
  llvm::SmallVector<StringRef> parts;
  StringRef(token).split(parts, 'x');
  std::string part;
  size_t place = below(random, parts.size());
  bool isLast = place + 1 == parts.size();
  if (isLast && !llvm::isDigit(parts[place].empty() ? '0' : parts[place][0]))
    part = anyOf(random, llvm::ArrayRef<const char *>(elements));
  else
    part = below(random, 6) ? std::to_string(awkwardInteger(random)) : "?";
  switch (below(random, 6)) {
  case 0: // One dimension less or more.
    parts.erase(parts.begin() + place);
    break;
  case 1:
    parts.insert(parts.begin() + place, below(random, 2) ? "1" : "4");
    break;
  default:
    parts[place] = part;
  }
  token = llvm::join(parts, "x");
}

std::string Tokens::replacement(StringRef token, Random &random) {
  std::string result = token.str();
  Kind kind = kindOf(token);
  if (below(random, 4) == 0 || kind == Kind::Value || kind == Kind::Word)
    return tokens[anyOfKind(kind, random)];
  if (token.starts_with("0x") && token.size() > 10)
    changeData(result, random);
  else if (kind == Kind::Number)
    changeNumber(result, random);
  else if (kind == Kind::Type)
    changeType(result, random);
  else
    result = tokens[any(random)];
  return result;
}

/// Removes, doubles or exchanges lines.
void Tokens::changeLines(Random &random) {
  std::string whole = text();
  llvm::SmallVector<StringRef> lines;
  StringRef(whole).split(lines, '\n');
  size_t place = below(random, lines.size());
  switch (below(random, 3)) {
  case 0:
    lines.erase(lines.begin() + place);
    break;
  case 1:
    lines.insert(lines.begin() + below(random, lines.size()), lines[place]);
    break;
  default:
    std::swap(lines[place], lines[below(random, lines.size())]);
  }
  *this = Tokens(llvm::join(lines, "\n"));
}

/// Makes one number another one wherever it is an extent or a whole number: the
/// shapes may still fit together.
void Tokens::changeExtents(Random &random) {
  llvm::SmallVector<StringRef> parts;
  std::string type = tokens[anyOfKind(Kind::Type, random)];
  StringRef(type).split(parts, 'x');
  StringRef before = parts[below(random, parts.size())];
  if (before.empty() || !llvm::isDigit(before[0]))
    return;
  static const char *const extents[] = {
      "0",  "1",    "1",     "2",          "3",
      "5",  "7",    "8",     "17",         "?",
      "64", "1000", "65536", "2147483648", "4611686018427387904"};
  StringRef after = anyOf(random, llvm::ArrayRef<const char *>(extents));
  for (std::string &token : tokens) {
    if (kindOf(token) == Kind::Number && token == before)
      token = after.str();
    if (kindOf(token) != Kind::Type)
      continue;
    llvm::SmallVector<StringRef> own;
    StringRef(token).split(own, 'x');
    for (StringRef &part : own)
      if (part == before)
        part = after;
    token = llvm::join(own, "x");
  }
}

/// Makes a type of elements another one in all tensors, or everywhere.
void Tokens::changeElements(Random &random) {
  static const char *const elements[] = {"f32",  "i8",  "i32", "f64", "f16",
                                         "bf16", "i64", "i16", "i1",  "index"};
  StringRef before = elements[below(random, 4)];
  StringRef after = anyOf(random, llvm::ArrayRef<const char *>(elements));
  bool everywhere = below(random, 2);
  for (std::string &token : tokens)
    if (StringRef(token).ends_with(("x" + before).str()) ||
        (everywhere && token == before))
      token = token.substr(0, token.size() - before.size()) + after.str();
}

/// Takes an operation out: its result becomes one of its operands.
void Tokens::skipOperation(Random &random) {
  size_t start = anyOfKind(Kind::Value, random);
  while (start > 0 && tokens[start - 1] != "\n")
    --start;
  llvm::SmallVector<std::string> values;
  size_t end = start;
  for (; end < tokens.size() && tokens[end] != "\n"; ++end)
    if (kindOf(tokens[end]) == Kind::Value)
      values.push_back(tokens[end]);
  if (values.size() < 2)
    return;
  std::string operand = values[1 + below(random, values.size() - 1)];
  tokens.erase(tokens.begin() + start, tokens.begin() + end);
  for (std::string &token : tokens)
    if (token == values[0])
      token = operand;
}

void Tokens::mutate(Random &random) {
  if (tokens.empty())
    return;
  static constexpr Kind kinds[] = {Kind::Number, Kind::Number, Kind::Type,
                                   Kind::Type,   Kind::Value,  Kind::Word};
  size_t place =
      below(random, 8)
          ? anyOfKind(anyOf(random, llvm::ArrayRef<Kind>(kinds)), random)
          : any(random);
  std::string before = tokens[place];
  switch (below(random, 16)) {
  case 0:
    std::swap(tokens[place], tokens[anyOfKind(kindOf(before), random)]);
    break;
  case 1:
    tokens.erase(tokens.begin() + place);
    break;
  case 2:
    changeLines(random);
    break;
  case 3:
  case 4:
    return changeExtents(random);
  case 5:
    return changeElements(random);
  case 6:
  case 7:
    return skipOperation(random);
  case 8:
  case 9: { // The same everywhere, so that it may still fit together.
    std::string after = replacement(before, random);
    for (std::string &token : tokens)
      if (token == before)
        token = after;
    break;
  }
  default:
    tokens[place] = replacement(before, random);
  }
}

std::string fuzz::mutateText(std::string content, Random &random) {
  if (below(random, 6) == 0)
    return mutateBytes(std::move(content), random);
  Tokens tokens(content);
  size_t times = below(random, 3) ? 1 : 2 + below(random, 3);
  for (size_t i = 0; i < times; ++i)
    tokens.mutate(random);
  return tokens.text();
}

//===- Npy.cpp - NumPy's array files --------------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A .npy file is
//
//   "\x93NUMPY" major minor length header elements
//
// where the length has two bytes in version 1 and four in versions 2 and 3,
// and the header is a Python dictionary such as
//
//   {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
//
// padded with spaces and a newline. Version 3 has its header in UTF-8, which
// makes no difference for the types read here.
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Npy.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/OutputFile.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/Endian.h"
#include <cassert>

using namespace llvm;
using namespace compress;

static constexpr StringLiteral magic("\x93NUMPY");

bool compress::isNpy(StringRef content) { return content.starts_with(magic); }

namespace {

/// Reads the dictionary in a header.
class HeaderParser {
public:
  HeaderParser(StringRef text, StringRef path) : rest(text), path(path) {}

  Error parse(NpyHeader &header);

private:
  Error damaged(const Twine &what) {
    return fileError(path, "damaged .npy header: " + what);
  }

  /// Skips white space and then `c`; false where something else follows.
  bool take(char c) {
    rest = rest.ltrim(" \t\r\n");
    return rest.consume_front(StringRef(&c, 1));
  }

  /// Reads a quoted string without escapes.
  bool takeString(StringRef &string);

  Error parseType(DType &dtype);
  Error parseOrder();
  Error parseShape(SmallVectorImpl<int64_t> &dims);

  StringRef rest;
  StringRef path;
};

} // namespace

bool HeaderParser::takeString(StringRef &string) {
  char quote = take('\'') ? '\'' : take('"') ? '"' : '\0';
  if (!quote)
    return false;
  size_t end = rest.find(quote);
  if (end == StringRef::npos)
    return false;
  string = rest.take_front(end);
  rest = rest.drop_front(end + 1);
  return !string.contains('\\');
}

/// The type with NumPy's letter and size, as in "f4".
static std::optional<DType> dtypeFromCode(StringRef code) {
  return StringSwitch<std::optional<DType>>(code)
      .Case("f2", DType::F16)
      .Case("f4", DType::F32)
      .Case("f8", DType::F64)
      .Case("i1", DType::I8)
      .Case("i2", DType::I16)
      .Case("i4", DType::I32)
      .Case("i8", DType::I64)
      .Case("u1", DType::U8)
      .Case("u2", DType::U16)
      .Case("u4", DType::U32)
      .Case("u8", DType::U64)
      .Case("b1", DType::Bool)
      .Default(std::nullopt);
}

static StringRef codeOf(DType dtype) {
  switch (dtype) {
  case DType::F16:
    return "<f2";
  case DType::F32:
    return "<f4";
  case DType::F64:
    return "<f8";
  case DType::I8:
    return "|i1";
  case DType::I16:
    return "<i2";
  case DType::I32:
    return "<i4";
  case DType::I64:
    return "<i8";
  case DType::U8:
    return "|u1";
  case DType::U16:
    return "<u2";
  case DType::U32:
    return "<u4";
  case DType::U64:
    return "<u8";
  case DType::Bool:
    return "|b1";
  }
  llvm_unreachable("no other type");
}

Error HeaderParser::parseType(DType &dtype) {
  StringRef code;
  if (!takeString(code)) {
    if (take('['))
      return fileError(path, "holds records; save each field as an array of "
                             "its own");
    return damaged("no type of elements");
  }
  char order = code.empty() ? '\0' : code.front();
  std::optional<DType> known = dtypeFromCode(code.drop_front(order ? 1 : 0));
  if (order == '>' && known && byteSize(*known) > 1)
    return fileError(path, "is big endian ('" + code +
                               "'); save it with .astype('<" + code.substr(1) +
                               "')");
  bool orderFits = order == '<' || order == '|' || order == '>' || order == '=';
  if (order == '|' && known && byteSize(*known) > 1)
    orderFits = false;
  if (!known || !orderFits) {
    std::string printed;
    raw_string_ostream(printed).write_escaped(code.take_front(32));
    return fileError(path, "has elements of the type '" + printed +
                               "', which are no numbers read here; save it "
                               "with .astype(numpy.float32)");
  }
  dtype = *known;
  return Error::success();
}

Error HeaderParser::parseOrder() {
  rest = rest.ltrim(" \t\r\n");
  if (rest.consume_front("False"))
    return Error::success();
  if (rest.consume_front("True"))
    return fileError(path, "is in Fortran order; save "
                           "numpy.ascontiguousarray(x) instead");
  return damaged("fortran_order is neither True nor False");
}

Error HeaderParser::parseShape(SmallVectorImpl<int64_t> &dims) {
  if (!take('('))
    return damaged("the shape is no tuple");
  dims.clear();
  while (!take(')')) {
    uint64_t extent = 0;
    // Reads digits only; fails where they exceed the type.
    rest = rest.ltrim(" \t\r\n");
    if (rest.empty() || !isDigit(rest.front()) ||
        rest.consumeInteger(10, extent) || extent > INT64_MAX)
      return damaged("the shape is no tuple of sizes");
    rest.consume_front("L"); // As Python 2 wrote it.
    if (dims.size() == maxRank)
      return fileError(path, "has more than " + Twine(maxRank) +
                                 " dimensions; reshape it");
    dims.push_back(static_cast<int64_t>(extent));
    if (take(','))
      continue;
    if (!take(')') || dims.size() == 1) // "(3)" is a number in Python.
      return damaged("the shape is no tuple of sizes");
    break;
  }
  return Error::success();
}

Error HeaderParser::parse(NpyHeader &header) {
  bool hasType = false, hasOrder = false, hasShape = false;
  if (!take('{'))
    return damaged("no dictionary");
  while (!take('}')) {
    StringRef key;
    if (!takeString(key) || !take(':'))
      return damaged("no key where one should be");
    bool *seen = StringSwitch<bool *>(key)
                     .Case("descr", &hasType)
                     .Case("fortran_order", &hasOrder)
                     .Case("shape", &hasShape)
                     .Default(nullptr);
    if (!seen || *seen)
      return damaged("unknown or repeated key");
    *seen = true;
    Error error = seen == &hasType    ? parseType(header.dtype)
                  : seen == &hasOrder ? parseOrder()
                                      : parseShape(header.dims);
    if (error)
      return error;
    if (take(','))
      continue;
    if (!take('}'))
      return damaged("no comma between two keys");
    break;
  }
  if (!rest.trim(StringRef(" \t\r\n\0", 5)).empty())
    return damaged("text behind the dictionary");
  if (!hasType || !hasOrder || !hasShape)
    return damaged("a key is missing");
  return Error::success();
}

Expected<NpyHeader> compress::parseNpyHeader(StringRef content,
                                             StringRef path) {
  if (content.starts_with("PK\x03\x04"))
    return fileError(path, "is an archive of arrays (.npz); save one array "
                           "with numpy.save");
  if (!isNpy(content))
    return fileError(path, "is no .npy file; make one with numpy.save");
  auto truncated = [&] {
    return fileError(path, "is truncated: the .npy header does not end");
  };
  if (content.size() < magic.size() + 2)
    return truncated();
  unsigned major = static_cast<uint8_t>(content[magic.size()]);
  unsigned minor = static_cast<uint8_t>(content[magic.size() + 1]);
  if (major < 1 || major > 3 || minor != 0)
    return fileError(path, "has the .npy version " + Twine(major) + "." +
                               Twine(minor) +
                               "; versions 1.0, 2.0 and 3.0 are read");
  size_t begin = magic.size() + 2 + (major == 1 ? 2 : 4);
  if (content.size() < begin)
    return truncated();
  const char *length = content.data() + magic.size() + 2;
  size_t size = major == 1 ? support::endian::read16le(length)
                           : support::endian::read32le(length);
  if (size > content.size() - begin)
    return truncated();

  NpyHeader header;
  if (Error error =
          HeaderParser(content.substr(begin, size), path).parse(header))
    return std::move(error);
  header.dataOffset = begin + size;

  std::optional<int64_t> bytes =
      checkedProduct(header.dims, byteSize(header.dtype));
  uint64_t present = content.size() - header.dataOffset;
  if (!bytes || static_cast<uint64_t>(*bytes) != present)
    return fileError(path,
                     "is damaged: the header says " + nameOf(header.dtype) +
                         shapeString(header.dims) + ", but " + Twine(present) +
                         " bytes follow" +
                         (bytes ? " instead of " + Twine(*bytes).str() : ""));
  return header;
}

Expected<NdArray> compress::readNpy(StringRef path) {
  Expected<std::unique_ptr<MemoryBuffer>> file = openInputFile(path);
  if (!file)
    return file.takeError();
  return readNpy(std::move(*file), path);
}

Expected<NdArray> compress::readNpy(std::unique_ptr<MemoryBuffer> content,
                                    StringRef path) {
  Expected<NpyHeader> header = parseNpyHeader(content->getBuffer(), path);
  if (!header)
    return header.takeError();
  return NdArray::inFile(std::move(content), header->dataOffset, header->dtype,
                         header->dims);
}

void compress::writeNpyHeader(raw_ostream &os, DType dtype,
                              ArrayRef<int64_t> dims) {
  assert(dims.size() <= maxRank && "too many dimensions");
  std::string header;
  raw_string_ostream text(header);
  text << "{'descr': '" << codeOf(dtype)
       << "', 'fortran_order': False, 'shape': (";
  for (size_t i = 0; i < dims.size(); ++i)
    text << (i ? ", " : "") << dims[i];
  text << (dims.size() == 1 ? ",)" : ")") << ", }";
  // The elements begin at a multiple of 64, behind a newline.
  size_t begin = magic.size() + 4;
  header.append(63 - (begin + header.size()) % 64, ' ');
  header += '\n';
  assert((begin + header.size()) % 64 == 0 && header.size() <= 0xffff);
  char length[2];
  support::endian::write16le(length, static_cast<uint16_t>(header.size()));
  os << magic << '\x01' << '\0' << StringRef(length, 2) << header;
}

Error compress::writeNpy(StringRef path, const NdArray &array) {
  return writeOutput(path, [&](raw_ostream &os) {
    writeNpyHeader(os, array.dtype(), array.dims());
    os << toStringRef(array.bytes());
    return Error::success();
  });
}

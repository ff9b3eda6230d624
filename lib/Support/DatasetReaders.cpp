//===- DatasetReaders.cpp - the formats of data sets ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DatasetReaders.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/Npy.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"
#include <cstring>
// zlib has a function of our namespace's name.
#define compress zlibCompress
#include <zlib.h>
#undef compress

using namespace llvm;
using namespace compress;

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

ByteSource::~ByteSource() = default;

namespace {

/// A file that is mapped into memory.
class MappedSource : public ByteSource {
public:
  MappedSource(StringRef path, std::unique_ptr<MemoryBuffer> buffer)
      : ByteSource(path), buffer(std::move(buffer)) {}

  Error read(int64_t offset, MutableArrayRef<uint8_t> result) override {
    StringRef content = buffer->getBuffer();
    if (static_cast<uint64_t>(offset) > content.size() ||
        result.size() > content.size() - offset)
      return fileError(path(), "is truncated");
    std::memcpy(result.data(), content.data() + offset, result.size());
    return Error::success();
  }

  Error checkSize(int64_t size) override {
    if (static_cast<uint64_t>(size) == buffer->getBufferSize())
      return Error::success();
    return fileError(path(), "has " + Twine(buffer->getBufferSize()) +
                                 " bytes instead of " + Twine(size) +
                                 "; it is damaged or no such file");
  }

  Error checkEnd(int64_t) override { return Error::success(); }

  StringRef mapped() const override { return buffer->getBuffer(); }

private:
  std::unique_ptr<MemoryBuffer> buffer;
};

/// A file that is decompressed as it is read. Going back begins anew.
class GzipSource : public ByteSource {
public:
  GzipSource(StringRef path, gzFile file, uint64_t fileSize)
      : ByteSource(path), file(file), fileSize(fileSize) {}
  ~GzipSource() override { gzclose(file); }

  Error read(int64_t offset, MutableArrayRef<uint8_t> result) override {
    if (gzseek(file, offset, SEEK_SET) != offset ||
        gzread(file, result.data(), static_cast<unsigned>(result.size())) !=
            static_cast<int>(result.size()))
      return damaged("ends early");
    return Error::success();
  }

  Error checkSize(int64_t size) override {
    // No byte of a compressed file stands for more than 1032.
    if (static_cast<uint64_t>(size) / 1032 <= fileSize)
      return Error::success();
    return fileError(path(), "is damaged: it says to have " + Twine(size) +
                                 " bytes but is too small for that");
  }

  Error checkEnd(int64_t size) override {
    uint8_t byte;
    if (gzseek(file, size, SEEK_SET) != size || gzread(file, &byte, 1) != 0)
      return damaged("goes on behind its end");
    // Where the checksum is missing there are no bytes, but an error.
    int code = Z_OK;
    gzerror(file, &code);
    return code == Z_OK || code == Z_STREAM_END ? Error::success()
                                                : damaged("ends early");
  }

private:
  Error damaged(StringRef otherwise) {
    int code = Z_OK;
    StringRef reason = gzerror(file, &code);
    if (code == Z_OK || code == Z_ERRNO)
      reason = otherwise;
    return fileError(path(), "cannot be decompressed: " + reason);
  }

  gzFile file;
  uint64_t fileSize;
};

} // namespace

Expected<std::shared_ptr<ByteSource>> ByteSource::open(StringRef path,
                                                       bool gzip) {
  Expected<std::unique_ptr<MemoryBuffer>> buffer = openInputFile(path);
  if (!buffer)
    return buffer.takeError();
  if (!gzip || !(*buffer)->getBuffer().starts_with("\x1f\x8b"))
    return std::make_shared<MappedSource>(path, std::move(*buffer));
  gzFile file = gzopen(path.str().c_str(), "rb");
  if (!file)
    return fileError(path, "cannot be opened for decompression");
  return std::make_shared<GzipSource>(path, file, (*buffer)->getBufferSize());
}

//===----------------------------------------------------------------------===//
// Items
//===----------------------------------------------------------------------===//

/// Takes items of the shape `dims` without its first extent, one behind the
/// other. The source and the offset are set.
Error DatasetReader::setItems(StringRef path, DType dtype,
                              ArrayRef<int64_t> dims, Layout layout) {
  if (dims.front() == 0)
    return fileError(path, "holds no items");
  std::optional<int64_t> bytes = checkedProduct(dims, byteSize(dtype));
  int64_t end;
  if (!bytes || AddOverflow(*bytes, dataset->itemOffset, end))
    return fileError(path, "is damaged: the shape " + shapeString(dims) +
                               " exceeds every memory");
  if (Error error = dataset->itemSource->checkSize(end))
    return error;
  dataset->numItems = dims.front();
  dataset->numElements = *bytes / dims.front() / byteSize(dtype);
  dataset->itemStride = *bytes / dims.front();
  dataset->itemType = dtype;
  dataset->shape.assign(dims.begin() + 1, dims.end());
  dataset->itemLayout = layout;
  return Error::success();
}

Error DatasetReader::readCifar10(StringRef path) {
  constexpr int64_t record = 1 + 3 * 32 * 32;
  Expected<std::shared_ptr<ByteSource>> source = ByteSource::open(path);
  if (!source)
    return source.takeError();
  uint64_t size = (*source)->mapped().size();
  if (size == 0 || size % record != 0)
    return fileError(path, "has " + Twine(size) +
                               " bytes, no multiple of 3073; give one of the "
                               ".bin files of CIFAR-10's binary version");
  dataset->itemSource = *source;
  dataset->itemOffset = 1;
  dataset->itemStride = record;
  dataset->itemType = DType::U8;
  dataset->numItems = size / record;
  dataset->numElements = record - 1;
  dataset->shape = {3, 32, 32};
  dataset->itemLayout = Layout::CHW;
  dataset->labelSource = *source;
  dataset->labelStride = record;
  dataset->labelPath = path.str();
  return Error::success();
}

/// Reads the header of an idx file of unsigned bytes; `offset` is its size.
static Error readIdxHeader(ByteSource &source, SmallVectorImpl<int64_t> &dims,
                           int64_t &offset) {
  uint8_t start[4];
  if (Error error = source.read(0, start))
    return error;
  if (start[0] != 0 || start[1] != 0 || start[3] == 0 || start[3] > maxRank)
    return fileError(source.path(),
                     "is no idx file, whose first bytes are 0, 0, a type and "
                     "the number of dimensions");
  if (start[2] != 8)
    return fileError(source.path(), "is an idx file of the type " +
                                        Twine(unsigned(start[2])) +
                                        "; only unsigned bytes (type 8) are "
                                        "read, save others as .npy");
  uint8_t sizes[4 * maxRank];
  size_t rank = start[3];
  if (Error error = source.read(4, MutableArrayRef<uint8_t>(sizes, 4 * rank)))
    return error;
  for (size_t i = 0; i < rank; ++i)
    dims.push_back(support::endian::read32be(sizes + 4 * i));
  offset = static_cast<int64_t>(4 + 4 * rank);
  return Error::success();
}

Error DatasetReader::readIdx(StringRef path) {
  Expected<std::shared_ptr<ByteSource>> source =
      ByteSource::open(path, /*gzip=*/true);
  if (!source)
    return source.takeError();
  SmallVector<int64_t, 4> dims;
  dataset->itemSource = *source;
  if (Error error = readIdxHeader(**source, dims, dataset->itemOffset))
    return error;
  if (dims.size() == 1)
    return fileError(path, "holds one number an item, so labels perhaps; give "
                           "idx:IMAGES,LABELS in this order");
  return setItems(path, DType::U8, dims, Layout::Unknown);
}

Error DatasetReader::readRaw(StringRef path, StringRef sizes) {
  SmallVector<StringRef, 4> parts;
  sizes.split(parts, 'x');
  SmallVector<int64_t, 4> dims;
  for (StringRef part : parts) {
    int64_t extent;
    if (part.empty() || !isDigit(part.front()) ||
        part.getAsInteger(10, extent) || extent == 0)
      break;
    dims.push_back(extent);
  }
  if (dims.size() != parts.size() || dims.size() != 4)
    return createStringError(inconvertibleErrorCode(),
                             "raw data: '" + sizes +
                                 "' is not of the form NxHxWxC, as in "
                                 "10000x32x32x3");
  Expected<std::shared_ptr<ByteSource>> source = ByteSource::open(path);
  if (!source)
    return source.takeError();
  dataset->itemSource = *source;
  return setItems(path, DType::U8, dims, Layout::HWC);
}

Error DatasetReader::readNpy(StringRef path) {
  Expected<std::shared_ptr<ByteSource>> source = ByteSource::open(path);
  if (!source)
    return source.takeError();
  Expected<NpyHeader> header = parseNpyHeader((*source)->mapped(), path);
  if (!header)
    return header.takeError();
  if (header->dims.empty())
    return fileError(path, "holds a single number; the first dimension of the "
                           "array must be that of the items");
  dataset->itemSource = *source;
  dataset->itemOffset = header->dataOffset;
  return setItems(path, header->dtype, header->dims, Layout::Unknown);
}

//===----------------------------------------------------------------------===//
// Labels
//===----------------------------------------------------------------------===//

static Error countError(StringRef path, int64_t labels, int64_t items) {
  return fileError(path, "has " + Twine(labels) + " labels for " +
                             Twine(items) +
                             " items; give the labels of these items");
}

Error DatasetReader::readIdxLabels(StringRef path) {
  Expected<std::shared_ptr<ByteSource>> source =
      ByteSource::open(path, /*gzip=*/true);
  if (!source)
    return source.takeError();
  SmallVector<int64_t, 4> dims;
  if (Error error = readIdxHeader(**source, dims, dataset->labelOffset))
    return error;
  if (dims.size() != 1)
    return fileError(path, "has the shape " + shapeString(dims) +
                               "; labels are one number an item");
  if (dims[0] != dataset->numItems)
    return countError(path, dims[0], dataset->numItems);
  if (Error error = (*source)->checkSize(dataset->labelOffset + dims[0]))
    return error;
  dataset->labelSource = *source;
  dataset->labelStride = 1;
  dataset->labelType = DType::U8;
  return Error::success();
}

Error DatasetReader::readNpyLabels(StringRef path,
                                   std::shared_ptr<ByteSource> source) {
  Expected<NpyHeader> header = parseNpyHeader(source->mapped(), path);
  if (!header)
    return header.takeError();
  ArrayRef<int64_t> dims = header->dims;
  if (!isInteger(header->dtype))
    return fileError(path, "has labels of the type " + nameOf(header->dtype) +
                               "; save them with .astype(numpy.int64)");
  if (dims.empty() || dims.size() > 2 || (dims.size() == 2 && dims[1] != 1))
    return fileError(path, "has the shape " + shapeString(dims) +
                               "; labels are one integer an item, perhaps "
                               ".argmax(1) of this");
  if (dims[0] != dataset->numItems)
    return countError(path, dims[0], dataset->numItems);
  dataset->labelOffset = header->dataOffset;
  dataset->labelStride = byteSize(header->dtype);
  dataset->labelType = header->dtype;
  dataset->labelSource = std::move(source);
  return Error::success();
}

Error DatasetReader::readTextLabels(StringRef path, StringRef text) {
  constexpr StringLiteral space(" \t\r\n\v\f");
  for (text = text.ltrim(space); !text.empty(); text = text.ltrim(space)) {
    StringRef word = text.take_front(text.find_first_of(space));
    text = text.drop_front(word.size());
    int32_t label;
    if (word.getAsInteger(10, label) || label < 0) {
      std::string printed;
      raw_string_ostream(printed).write_escaped(word.take_front(32));
      return fileError(path, "label " + Twine(dataset->textLabels.size()) +
                                 " is '" + printed +
                                 "'; labels are integers of 0 or more");
    }
    dataset->textLabels.push_back(label);
  }
  int64_t count = dataset->textLabels.size();
  if (count != dataset->numItems)
    return countError(path, count, dataset->numItems);
  return Error::success();
}

Error DatasetReader::readLabels(StringRef path) {
  Expected<std::shared_ptr<ByteSource>> source = ByteSource::open(path);
  if (!source)
    return source.takeError();
  dataset->labelPath = path.str();
  StringRef content = (*source)->mapped();
  if (isNpy(content))
    return readNpyLabels(path, *source);
  if (content.starts_with("\x1f\x8b") ||
      content.starts_with(StringRef("\0", 1)))
    return readIdxLabels(path);
  return readTextLabels(path, content);
}

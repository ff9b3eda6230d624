//===- DatasetReaders.h - the formats of data sets --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_SUPPORT_DATASETREADERS_H
#define COMPRESS_LIB_SUPPORT_DATASETREADERS_H

#include "Compress/Support/Dataset.h"

namespace compress {

/// The content of a file, read in pieces.
class ByteSource {
public:
  /// Opens `path`, which may be compressed with gzip where `gzip` is set.
  static llvm::Expected<std::shared_ptr<ByteSource>> open(llvm::StringRef path,
                                                          bool gzip = false);
  virtual ~ByteSource();

  llvm::StringRef path() const { return name; }

  /// Copies the bytes from `offset` into `result`; an error where the content
  /// ends before them.
  virtual llvm::Error read(int64_t offset,
                           llvm::MutableArrayRef<uint8_t> result) = 0;

  /// Checks that the content can have exactly `size` bytes.
  virtual llvm::Error checkSize(int64_t size) = 0;

  /// Checks that the content ends at `size`, after it was read up to there.
  virtual llvm::Error checkEnd(int64_t size) = 0;

  /// The whole content where it is in memory, else empty.
  virtual llvm::StringRef mapped() const { return {}; }

protected:
  explicit ByteSource(llvm::StringRef path) : name(path) {}

private:
  std::string name;
};

/// Makes a Dataset of the files that a specification names.
class DatasetReader {
public:
  llvm::Error readCifar10(llvm::StringRef path);
  llvm::Error readIdx(llvm::StringRef path);
  llvm::Error readRaw(llvm::StringRef path, llvm::StringRef dims);
  llvm::Error readNpy(llvm::StringRef path);

  /// Reads labels in any of the formats, after the items.
  llvm::Error readLabels(llvm::StringRef path);

  std::unique_ptr<Dataset> take() { return std::move(dataset); }

  DatasetReader() : dataset(new Dataset()) {}

private:
  llvm::Error setItems(llvm::StringRef path, DType dtype,
                       llvm::ArrayRef<int64_t> dims, Layout layout);
  llvm::Error readIdxLabels(llvm::StringRef path);
  llvm::Error readNpyLabels(llvm::StringRef path,
                            std::shared_ptr<ByteSource> source);
  llvm::Error readTextLabels(llvm::StringRef path, llvm::StringRef text);

  std::unique_ptr<Dataset> dataset;
};

} // namespace compress

#endif // COMPRESS_LIB_SUPPORT_DATASETREADERS_H

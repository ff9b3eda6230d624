//===- Dataset.cpp - samples to calibrate and evaluate with ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Support/Dataset.h"
#include "Compress/Support/InputFile.h"
#include "DatasetReaders.h"
#include <algorithm>
#include <cassert>

using namespace llvm;
using namespace compress;

Dataset::Dataset() = default;
Dataset::~Dataset() = default;

static Error specError(StringRef spec, const Twine &message) {
  return createStringError(inconvertibleErrorCode(),
                           "data '" + spec + "': " + message);
}

Expected<std::unique_ptr<Dataset>> Dataset::open(StringRef spec) {
  auto [kind, rest] = spec.split(':');
  if (!spec.contains(':') && !spec.empty())
    return specError(spec, "what kind of data it is, is missing; give "
                           "cifar10:FILE, idx:FILE, raw:FILE,NxHxWxC or "
                           "npy:FILE");
  SmallVector<StringRef, 4> parts;
  rest.split(parts, ',');
  for (StringRef part : parts)
    if (part.empty())
      return specError(spec, "a file name is missing; give cifar10:FILE, "
                             "idx:IMAGES[,LABELS], raw:FILE,NxHxWxC[,LABELS] "
                             "or npy:X[,Y]");

  DatasetReader reader;
  // How many parts there are, with labels and without.
  size_t most = kind == "raw" ? 3 : kind == "cifar10" ? 1 : 2;
  if (parts.size() > most)
    return specError(spec, "more parts than this kind of data has; file names "
                           "have no commas here");
  if (kind == "raw" && parts.size() == 1)
    return specError(spec, "the sizes are missing; give "
                           "raw:FILE,NxHxWxC[,LABELS]");

  Error error = kind == "cifar10" ? reader.readCifar10(parts[0])
                : kind == "idx"   ? reader.readIdx(parts[0])
                : kind == "raw"   ? reader.readRaw(parts[0], parts[1])
                : kind == "npy"
                    ? reader.readNpy(parts[0])
                    : specError(spec, "unknown kind '" + kind +
                                          "'; give cifar10:, idx:, raw: or "
                                          "npy:");
  if (error)
    return std::move(error);
  if (kind != "cifar10" && parts.size() == most)
    if (Error error = reader.readLabels(parts.back()))
      return std::move(error);
  return reader.take();
}

Error Dataset::read(int64_t index, float *result) {
  assert(index >= 0 && index < numItems && "no such item");
  uint8_t piece[1 << 14];
  int64_t size = byteSize(itemType);
  int64_t most = sizeof(piece) / size;
  int64_t offset = itemOffset + index * itemStride;
  for (int64_t done = 0; done < numElements;) {
    int64_t count = std::min(most, numElements - done);
    if (Error error = itemSource->read(
            offset + done * size,
            MutableArrayRef<uint8_t>(piece, static_cast<size_t>(count * size))))
      return error;
    convertToFloat(itemType, piece, count, result + done);
    done += count;
  }
  if (index == numItems - 1)
    return itemSource->checkEnd(offset + numElements * size);
  return Error::success();
}

Expected<int64_t> Dataset::label(int64_t index) {
  assert(hasLabels() && index >= 0 && index < numItems && "no such label");
  if (!textLabels.empty())
    return textLabels[index];
  uint8_t bytes[8];
  if (Error error = labelSource->read(
          labelOffset + index * labelStride,
          MutableArrayRef<uint8_t>(bytes, byteSize(labelType))))
    return std::move(error);
  std::optional<int64_t> label = readInteger(labelType, bytes);
  if (!label || *label < 0)
    return fileError(labelPath, "the label of item " + Twine(index) + " is " +
                                    (label ? Twine(*label).str() : "too big") +
                                    "; labels are 0 or more");
  return *label;
}

Error Dataset::checkLabels(int64_t numClasses, int64_t count, int64_t first) {
  for (int64_t i = first; i < first + count; ++i) {
    Expected<int64_t> found = label(i);
    if (!found)
      return found.takeError();
    if (*found >= numClasses)
      return fileError(labelPath, "the label of item " + Twine(i) + " is " +
                                      Twine(*found) + ", but there are only " +
                                      Twine(numClasses) +
                                      " classes; do these labels belong to "
                                      "this network?");
  }
  return Error::success();
}

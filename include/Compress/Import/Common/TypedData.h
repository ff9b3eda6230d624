//===- TypedData.h - elements in typed fields of protobuf -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_TYPEDDATA_H
#define COMPRESS_IMPORT_COMMON_TYPEDDATA_H

#include <cstring>
#include <string>

namespace mlir::compress {

/// The low `width` bytes of every element of a repeated field, one after the
/// other, little endian; `width` is at most the size of an element.
template <typename Field>
std::string getLowBytes(const Field &field, unsigned width) {
  std::string bytes(static_cast<size_t>(field.size()) * width, '\0');
  size_t at = 0;
  for (auto value : field) {
    std::memcpy(bytes.data() + at, &value, width);
    at += width;
  }
  return bytes;
}

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_TYPEDDATA_H

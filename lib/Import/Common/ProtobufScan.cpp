//===- ProtobufScan.cpp - what parsing a message would take --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ProtobufScan.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
class Scanner {
public:
  Scanner(ArrayRef<ProtobufField> fields, int64_t limit)
      : fields(fields), limit(limit) {}

  bool scan(StringRef bytes, unsigned kind, unsigned depth);

private:
  // What protobuf 3.21 takes for one element, generously: the object, its
  // place in a list that has doubled, a list of its own.
  static constexpr int64_t kMessage = 320, kString = 64, kNumber = 16;
  static constexpr unsigned kMaxDepth = 64;

  bool take(int64_t bytes) { return (limit -= bytes) >= 0; }

  ArrayRef<ProtobufField> fields;
  int64_t limit;
};
} // namespace

/// Cuts a varint off the front of `bytes`.
static bool readVarint(StringRef &bytes, uint64_t &value) {
  value = 0;
  for (unsigned shift = 0; shift < 70 && !bytes.empty(); shift += 7) {
    uint8_t byte = bytes.front();
    bytes = bytes.drop_front();
    if (shift < 64)
      value |= uint64_t(byte & 127) << shift;
    if (byte < 128)
      return true;
  }
  return false;
}

bool Scanner::scan(StringRef bytes, unsigned kind, unsigned depth) {
  if (depth > kMaxDepth)
    return false;
  while (!bytes.empty()) {
    uint64_t tag, length;
    if (!readVarint(bytes, tag) || (tag >> 3) == 0 || (tag >> 3) >> 29)
      return false;
    switch (tag & 7) {
    case 0: // varint
      if (!readVarint(bytes, length) || !take(kNumber))
        return false;
      continue;
    case 1: // 8 bytes
    case 5: // 4 bytes
      length = (tag & 7) == 1 ? 8 : 4;
      if (length > bytes.size() || !take(kNumber))
        return false;
      bytes = bytes.drop_front(length);
      continue;
    case 2: // a length and as many bytes
      break;
    default: // groups are from before proto2's last years
      return false;
    }
    if (!readVarint(bytes, length) || length > bytes.size())
      return false;
    StringRef body = bytes.take_front(length);
    bytes = bytes.drop_front(length);
    const ProtobufField *field =
        llvm::find_if(fields, [&](const ProtobufField &candidate) {
          return candidate.parent == kind && candidate.number == tag >> 3;
        });
    int64_t size = static_cast<int64_t>(length);
    if (field == fields.end()) {
      if (!take(kString + 2 * size))
        return false;
    } else if (field->child == kPackedVarints) {
      if (!take(kNumber * size))
        return false;
    } else if (!take(kMessage) || !scan(body, field->child, depth + 1)) {
      return false;
    }
  }
  return true;
}

LogicalResult mlir::compress::scanProtobuf(StringRef bytes,
                                           ArrayRef<ProtobufField> fields,
                                           int64_t limit) {
  return success(Scanner(fields, limit).scan(bytes, /*kind=*/0, /*depth=*/0));
}

//===- ProtobufScan.h - what parsing a message would take -------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A parsed protobuf message may take a hundred times the memory of its bytes:
// two bytes make a submessage. This walks over the bytes first, without
// allocating, and adds up what a parser would.
//
// Source: protobuf's encoding, https://protobuf.dev/programming-guides/encoding
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_COMMON_PROTOBUFSCAN_H
#define COMPRESS_IMPORT_COMMON_PROTOBUFSCAN_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace mlir::compress {

/// Field `number` of messages of kind `parent` holds a message of kind `child`,
/// or a packed list of varints. Fields that are not listed are taken as bytes.
/// The kinds are numbers of the caller's; the root is 0.
struct ProtobufField {
  unsigned parent, number, child;
};
inline constexpr unsigned kPackedVarints = ~0u;

/// Fails for bytes that are no message, for nesting deeper than 64, and where
/// the parsed message would take more than `limit` bytes, about.
LogicalResult scanProtobuf(StringRef bytes, ArrayRef<ProtobufField> fields,
                           int64_t limit);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_COMMON_PROTOBUFSCAN_H

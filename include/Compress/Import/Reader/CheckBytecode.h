//===- CheckBytecode.h - bytecode that cannot be trusted --------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_IMPORT_READER_CHECKBYTECODE_H
#define COMPRESS_IMPORT_READER_CHECKBYTECODE_H

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace mlir::compress {

/// Reads bytecode in a process of its own, a copy of this one, and returns the
/// error that there is. Upstream's reader trusts its input: damaged bytecode
/// can make it crash, or write where it should not, so that this process would
/// crash later. The context must not use threads.
llvm::Error checkBytecode(StringRef bytes, StringRef fileName,
                          MLIRContext &context);

/// A copy of `bytes` for a parser: bytecode wants the alignment of its
/// sections, which is that of its constants, and text a null byte behind it.
std::unique_ptr<llvm::MemoryBuffer> copyForParser(StringRef bytes,
                                                  StringRef fileName);

} // namespace mlir::compress

#endif // COMPRESS_IMPORT_READER_CHECKBYTECODE_H

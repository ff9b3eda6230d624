//===- Npy.h - NumPy's array files ------------------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Reads and writes .npy files, the format of numpy.save: versions 1.0, 2.0 and
// 3.0, little endian, C order. Numbers and bools only: no records, strings or
// Python objects.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_NPY_H
#define COMPRESS_SUPPORT_NPY_H

#include "Compress/Support/NdArray.h"
#include "llvm/Support/raw_ostream.h"

namespace compress {

/// What the header of a .npy file says.
struct NpyHeader {
  DType dtype = DType::F32;
  llvm::SmallVector<int64_t, 6> dims;
  size_t dataOffset = 0; ///< where in the file the first element is
};

/// Whether `content` begins as every .npy file does.
bool isNpy(llvm::StringRef content);

/// Reads the header of a file with `content`. The elements are then known to
/// fill the file exactly. `path` is for the errors.
llvm::Expected<NpyHeader> parseNpyHeader(llvm::StringRef content,
                                         llvm::StringRef path);

/// Maps the file into memory. Errors name the file and what to do about it:
/// it cannot be read, is damaged, or holds an array of another kind (order,
/// byte order, type of elements).
llvm::Expected<NdArray> readNpy(llvm::StringRef path);

/// The array that is in `content`, which the errors call `path`.
llvm::Expected<NdArray> readNpy(std::unique_ptr<llvm::MemoryBuffer> content,
                                llvm::StringRef path);

/// Writes the header of an array whose elements are to follow. The array's
/// bytes begin at a multiple of 64. No array has more than `maxRank`
/// dimensions.
void writeNpyHeader(llvm::raw_ostream &os, DType dtype,
                    llvm::ArrayRef<int64_t> dims);

/// Writes the file as `writeOutput` does: "-" is standard output.
llvm::Error writeNpy(llvm::StringRef path, const NdArray &array);

} // namespace compress

#endif // COMPRESS_SUPPORT_NPY_H

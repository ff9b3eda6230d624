//===- ReadRates.h - how fast memory is read --------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_READRATES_H
#define COMPRESS_SUPPORT_READRATES_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <vector>

namespace compress {

/// How fast some threads read the same memory from its begin to its end, again
/// and again: the more of it there is, the farther away is the cache that holds
/// it.
class ReadRates {
public:
  struct Rate {
    int64_t bytes; ///< of memory, of all threads together
    double bytesPerSecond;
  };

  /// Measures sizes from 16 KiB a thread to about `largest` bytes in all, but
  /// no more than 64 MiB a thread. Takes some milliseconds for each MiB.
  static llvm::Expected<ReadRates> measure(int64_t largest, int32_t threads);

  /// `rates` are of growing sizes. One that is below that of a larger size was
  /// disturbed, and is taken to be the same.
  explicit ReadRates(std::vector<Rate> rates);

  llvm::ArrayRef<Rate> all() const { return rates; }

  /// That of the largest size which is not above `bytes`, or of the smallest
  /// one; 0 where there is none.
  double at(int64_t bytes) const;

private:
  std::vector<Rate> rates;
};

} // namespace compress

#endif // COMPRESS_SUPPORT_READRATES_H

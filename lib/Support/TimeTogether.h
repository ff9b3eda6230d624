//===- TimeTogether.h - the time of what threads do at once -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_SUPPORT_TIMETOGETHER_H
#define COMPRESS_LIB_SUPPORT_TIMETOGETHER_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstdint>

namespace compress {

/// The shortest time, in seconds, of rounds in which `threads` threads do
/// `work` at once; it is called with the number of the thread. There are as
/// many as take `milliseconds`, and several at least, one where that is 0: the
/// more, the likelier it is that nothing else runs in one of them.
double timeTogether(int32_t threads, double milliseconds,
                    llvm::function_ref<void(int32_t)> work);

} // namespace compress

#endif // COMPRESS_LIB_SUPPORT_TIMETOGETHER_H

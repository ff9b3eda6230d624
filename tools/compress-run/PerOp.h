//===- PerOp.h - the time of every kernel -----------------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_TOOLS_COMPRESS_RUN_PEROP_H
#define COMPRESS_TOOLS_COMPRESS_RUN_PEROP_H

#include "Compress/Support/ModelLibrary.h"
#include <functional>

namespace compress {

/// Runs `library`, which has a profile, for about a second by `run`, and prints
/// where the time goes, the longest first: as a table, or, to the file `json`
/// where that is not empty, as JSON.
llvm::Error printTimes(ModelLibrary &library,
                       const std::function<llvm::Error()> &run,
                       const std::string &json);

} // namespace compress

#endif // COMPRESS_TOOLS_COMPRESS_RUN_PEROP_H

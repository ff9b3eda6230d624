//===- CpuFeatures.h - what code needs of a CPU -----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_CPUFEATURES_H
#define COMPRESS_SUPPORT_CPUFEATURES_H

#include "llvm/ADT/StringRef.h"

namespace compress {

/// Features of an x86 CPU, by LLVM's names, whose instructions only an
/// operating system or intrinsics use, never the code of a network: virtual
/// machines hide many of them.
bool isSystemFeature(llvm::StringRef feature);

} // namespace compress

#endif // COMPRESS_SUPPORT_CPUFEATURES_H

//===- CpuFeatures.h - what code needs of a CPU -----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_SUPPORT_CPUFEATURES_H
#define COMPRESS_SUPPORT_CPUFEATURES_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace compress {

/// Features of an x86 CPU, by LLVM's names, whose instructions only an
/// operating system or intrinsics use, never the code of a network: virtual
/// machines hide many of them.
bool isSystemFeature(llvm::StringRef feature);

/// The features that code for `target` may use: of "CPU:+feature,+feature", as
/// in compress_model_info, those; of a CPU alone all that it has.
llvm::SmallVector<llvm::StringRef, 0> targetFeatures(llvm::StringRef target);

} // namespace compress

#endif // COMPRESS_SUPPORT_CPUFEATURES_H

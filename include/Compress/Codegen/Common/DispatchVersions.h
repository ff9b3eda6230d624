//===- DispatchVersions.h - code for several CPUs in one library *- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//
// A library may hold a network several times, compiled for different CPUs. Its
// functions choose one by the CPU that they run on
// (Compress/Runtime/Versions.h) and call that one's.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_DISPATCHVERSIONS_H
#define COMPRESS_CODEGEN_COMMON_DISPATCHVERSIONS_H

#include "Compress/Codegen/Common/TargetCpu.h"
#include "llvm/ADT/SmallVector.h"

namespace mlir::compress {

/// The name of the network `name` in its version `number`: that of its
/// NAME_run and NAME_info.
std::string versionName(llvm::StringRef name, size_t number);

/// The features of CpuFeatures.def that code for `cpu`, of x86, needs, bit i
/// for feature i. It is an error where it needs another one.
llvm::Expected<uint64_t> neededFeatures(const TargetCpu &cpu);

/// The object with the functions of `name`, with `profile` NAME_profile too,
/// that call those of the versions for `cpus`, which are of x86. Where the CPU
/// can run none, NAME_run returns COMPRESS_WRONG_CPU, and the others give what
/// the first version has.
llvm::Expected<llvm::SmallVector<char, 0>>
emitDispatch(llvm::StringRef name, llvm::ArrayRef<TargetCpu> cpus,
             bool profile);

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_DISPATCHVERSIONS_H

//===- TargetCpu.h - the CPU that code is made for --------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_CODEGEN_COMMON_TARGETCPU_H
#define COMPRESS_CODEGEN_COMMON_TARGETCPU_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Target/TargetMachine.h"
#include <memory>
#include <string>
#include <vector>

namespace mlir::compress {

/// A CPU, by default of the kind that this program runs on.
class TargetCpu {
public:
  /// "native" is the CPU that this program runs on with exactly its features,
  /// "generic" the oldest of its kind, anything else LLVM's name of a CPU. Any
  /// of them may have more features, as in "x86-64-v4+avx512vnni"; "vnni" is
  /// short for that one. `target` is a triple of LLVM for x86_64 or aarch64,
  /// such as "aarch64-linux-gnu".
  /// The error for another name says how to get a list.
  static llvm::Expected<TargetCpu> get(llvm::StringRef name,
                                       llvm::StringRef target = "");

  /// The names that `get` takes, in alphabetical order.
  static std::vector<std::string> names(llvm::StringRef target = "");

  const llvm::Triple &triple() const { return targetTriple; }
  /// Whether code for it may run on this machine, as far as its kind goes.
  bool isForHost() const;
  llvm::StringRef cpu() const { return cpuName; }
  /// "+feature,-feature", as LLVM takes it; empty where the CPU says it all.
  llvm::StringRef features() const { return featureString; }
  bool has(llvm::StringRef feature) const;

  /// What compress_model_info says: "znver3", or with the features that code
  /// may use, "znver3:+avx2,+fma".
  std::string description() const;

  /// All features that the CPU has, as "+feature,+feature".
  std::string enabledFeatures() const;

  /// A machine for position independent code without fused operations, for a
  /// module with so many bytes of constants: beyond 1 GiB their addresses have
  /// 64 bits.
  std::unique_ptr<llvm::TargetMachine>
  createMachine(uint64_t constantBytes) const;

private:
  llvm::Triple targetTriple;
  std::string cpuName, featureString;
  std::shared_ptr<llvm::TargetMachine> machine;
};

} // namespace mlir::compress

#endif // COMPRESS_CODEGEN_COMMON_TARGETCPU_H

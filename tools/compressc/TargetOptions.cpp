//===- TargetOptions.cpp - what to compile for ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TargetOptions.h"
#include "Compress/Runtime/Parallel.h"
#include "llvm/Support/Threading.h"

using namespace mlir;
using namespace mlir::compress;

static llvm::Error wrong(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

llvm::Error TargetOptions::read(DriverOptions &options) const {
  if (threads.getNumOccurrences() &&
      (threads == 0 || threads > COMPRESS_MAX_THREADS))
    return wrong("--threads: a number from 1 to " +
                 llvm::Twine(COMPRESS_MAX_THREADS));
  options.target = target;
  options.threads =
      threads ? threads.getValue()
              : std::min<unsigned>(
                    llvm::hardware_concurrency().compute_thread_count(),
                    COMPRESS_MAX_THREADS);
  llvm::SmallVector<StringRef> names;
  StringRef(cpus).split(names, ',');
  if (target.getNumOccurrences()) {
    auto kind = TargetCpu::get("generic", target);
    if (!kind)
      return wrong("--target: " + llvm::toString(kind.takeError()));
    bool linked = options.emit == Emit::Shared;
    if (linked && !kind->triple().isOSBinFormatELF())
      return wrong("--target: only libraries for ELF are linked; give "
                   "--emit=obj and link it yourself");
    if (!kind->isForHost()) {
      if (!cpus.getNumOccurrences())
        names.front() = "generic";
      if (linked && threads.getNumOccurrences() && threads != 1)
        return wrong(
            "--threads: a library for another kind of machine has one; for "
            "more give --emit=obj and link it with the sources in lib/Runtime");
      if (linked)
        options.threads = 1;
    }
  }
  options.targetCpus.clear();
  for (StringRef name : names) {
    if (llvm::is_contained(options.targetCpus, name.trim()))
      return wrong("--target-cpu: '" + name + "' is named twice");
    options.targetCpus.push_back(name.trim().str());
  }
  if (names.size() > 1 && options.emit > Emit::Integer &&
      options.emit != Emit::Shared)
    return wrong("--target-cpu: only a library has code for several; name one "
                 "for --emit=" +
                 llvm::Twine(options.emitName));
  options.tuning = tuning;
  options.tune = tune;
  if (tuning.getNumOccurrences() && tuning.empty())
    return wrong("--tuning: the name of a file is missing");
  if (tune && tuning.empty())
    return wrong("--tune: name the file that is to have the results with "
                 "--tuning");
  if (tuning == "-")
    return wrong("--tuning: is read, and written again: name a file");
  if (!tuning.empty() && options.emit < Emit::Code)
    return wrong("--tuning: only for code; leave it out with --emit=" +
                 llvm::Twine(options.emitName));
  if (!tuning.empty() && options.strategy == CpuStrategy::Loops)
    return wrong("--tuning: loops have no plans; leave it or --codegen=loops "
                 "out");
  if (tune && options.targetCpus.size() > 1)
    return wrong("--tune: measures the code for one CPU; name one");
  return llvm::Error::success();
}

//===- Tune.cpp - kernels as measurements say -----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Tuning.h"
#include "Compress/Support/InputFile.h"
#include "Compress/Support/ModelLibrary.h"
#include "Driver.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace mlir::compress;

LogicalResult Driver::readTuning() {
  if (options.tuning.empty())
    return success();
  if (options.tune) {
    llvm::Error error = ::compress::checkTarget(cpu->description());
    bool runs = cpu->isForHost() && !error;
    llvm::consumeError(std::move(error));
    if (!runs)
      return fail(::compress::fileError(
          report.model, "cannot be measured for " + cpu->cpu() + " of " +
                            cpu->triple().str() +
                            ": --tune measures on this machine, which does not "
                            "run its code"));
  }
  // What takes minutes to measure needs a place.
  if (options.tune) {
    StringRef folder = llvm::sys::path::parent_path(options.tuning);
    if (folder.empty())
      folder = ".";
    if (llvm::sys::fs::access(folder, llvm::sys::fs::AccessMode::Write))
      return fail(::compress::fileError(
          options.tuning, "cannot create a file in '" + folder +
                              "': it is no folder that can be written to"));
  }
  // --tune begins a file that is not there.
  if (options.tune && !llvm::sys::fs::exists(options.tuning))
    return success();
  auto content = ::compress::openInputFile(options.tuning);
  if (!content)
    return fail(content.takeError());
  auto parsed = TuningTable::parse((*content)->getBuffer());
  if (!parsed)
    return fail(::compress::fileError(
        options.tuning, llvm::toString(parsed.takeError()) +
                            "; remove it, and measure again with --tune"));
  tuning = std::move(*parsed);
  return success();
}

LogicalResult Driver::tune() {
  if (options.tuning.empty())
    return success();
  if (options.tune) {
    reportCrashes(report.model, "measuring kernels");
    auto result = tuneKernels(
        *module, cpuOptions(), *cpu, options.threads, tuning,
        [&](int64_t plan, int64_t count) {
          console.progress("measuring kernels: plan " + Twine(plan) +
                           (count > 1 ? " of " + Twine(count) : Twine()));
        });
    if (!result)
      return failCalibration(result.takeError());
    if (result->measured > 0) {
      std::string text;
      llvm::raw_string_ostream os(text);
      os << llvm::format(
          "%lld kinds of kernels measured, %lld not as the model has them: "
          "%.3f ms in these kernels where the model's choice takes %.3f",
          static_cast<long long>(result->measured),
          static_cast<long long>(result->changed), result->tunedSeconds * 1e3,
          result->modelSeconds * 1e3);
      console.summary("'" + options.tuning + "': " + text);
    }
    std::string text;
    llvm::raw_string_ostream os(text);
    tuning.write(os);
    outputs.push_back({options.tuning, [text](llvm::raw_ostream &os) {
                         os << text;
                         return llvm::Error::success();
                       }});
  }
  tuning.attach(*module);
  return success();
}

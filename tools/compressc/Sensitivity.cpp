//===- Sensitivity.cpp - what pruning would cost --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/SensitivityChart.h"
#include "Compress/Support/InputFile.h"
#include "Driver.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::SensitivityFile;

int Driver::measureSensitivity() {
  const SensitivityChoice &choice = *options.sensitivity;
  if (report.quantized)
    return console.error(::compress::fileError(
        report.model, "is quantized already; measure the float model, whose "
                      "weights can be fitted"));
  // What an earlier run has measured, perhaps before it was interrupted.
  std::optional<SensitivityFile> known;
  if (llvm::sys::fs::exists(choice.output)) {
    auto read = SensitivityFile::read(choice.output);
    if (!read)
      return console.error(read.takeError());
    known = std::move(*read);
  }
  reportCrashes(report.model, "measuring it");
  auto write = [&](const SensitivityFile &file) {
    return ::compress::writeOutput(choice.output, [&](llvm::raw_ostream &os) {
      file.writeJson(os);
      return llvm::Error::success();
    });
  };
  int64_t measured = 0;
  auto file = mlir::compress::measureSensitivity(
      *module, choice.measure, known ? &*known : nullptr, choice.output,
      countSteps(), [&](const SensitivityFile &soFar) {
        ++measured;
        return write(soFar);
      });
  if (!file) {
    (void)failCalibration(file.takeError());
    return 1;
  }
  outputs.push_back({choice.output, [&](llvm::raw_ostream &os) {
                       file->writeJson(os);
                       return llvm::Error::success();
                     }});
  if (!choice.chart.empty())
    outputs.push_back({choice.chart, [&](llvm::raw_ostream &os) {
                         writeSensitivityChart(os, *file, report.model,
                                               options.producer);
                         return llvm::Error::success();
                       }});
  if (llvm::Error error = ::compress::writeOutputs(outputs))
    return console.error(std::move(error));
  // Only which channels stay is about the network that was read.
  std::vector<CollectedRemark> stay = remarks.sorted();
  llvm::erase_if(stay, [](const CollectedRemark &remark) {
    return remark.name != "SelectChannels";
  });
  console.remarks(stay);
  size_t count = 0;
  for (const ::compress::SensitivityGroup &group : file->groups)
    count += group.measurements.size();
  console.summary("'" + choice.output + "': " + Twine(count) +
                  " measurements of " + Twine(file->groups.size()) +
                  (file->groups.size() == 1 ? " group" : " groups") +
                  " of channels, " + Twine(measured) + " of them new");
  return 0;
}

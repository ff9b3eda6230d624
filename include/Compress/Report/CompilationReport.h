//===- CompilationReport.h - what a compilation did -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The JSON object has the totals of what was made on top:
//
//   parameters, parameter_bytes, macs, integer_macs, constant_bytes,
//   arena_bytes, output_bytes (of the file)
//
// and "imported", the same of the model as it came in; "model", "target",
// "threads", "quantized", "producer", "emit"; "inputs" and "outputs"; "layers";
// and "remarks", among them why an op stays in f32. What is not known, since
// compilation ended before, is left out.
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_REPORT_COMPILATIONREPORT_H
#define COMPRESS_REPORT_COMPILATIONREPORT_H

#include "Compress/Codegen/Common/NetworkInterface.h"
#include "Compress/Report/ModelCost.h"
#include "Compress/Report/Remarks.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

namespace mlir::compress {

struct CompilationReport {
  std::string producer;
  std::string model, format; ///< the file and its format
  std::string emit;          ///< the form or file that was made
  bool quantized = false;
  ModelCost imported;
  std::optional<ModelCost> made; ///< of the last form on tensors
  std::string target;            ///< empty where no code was made
  unsigned threads = 0;
  std::optional<NetworkInterface> network;
  std::vector<CollectedRemark> remarks;
  int64_t outputBytes = 0;

  void writeJson(llvm::raw_ostream &os) const;

  /// One line for a person: "int8 for znver3, 2 threads: 78,666 parameters,
  /// ...".
  std::string summary() const;
};

} // namespace mlir::compress

#endif // COMPRESS_REPORT_COMPILATIONREPORT_H

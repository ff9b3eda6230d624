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
//   arena_bytes, arena_live_bytes (no arena is smaller), output_bytes (of the
//   file)
//
// and "imported", the same of the model as it came in; "model", "target",
// "threads", "quantized", "producer", "emit"; "inputs" and "outputs"; "layers";
// "tensors", the activations that calibration quantized: their ranges, and how
// far the int8 network is from the float one at them; "accuracy", the same of
// the outputs ("sqnr_db" is null where nothing differs); and "remarks", among
// them why an op stays in f32. What is not known, since compilation ended
// before, is left out.
//
// The page shows the same to a person. It is one file that needs no other one
// and no network; its numbers are text, and a script only sorts its tables.
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

/// An activation that calibration has quantized.
struct TensorReport {
  std::string name; ///< from the location of the op that makes it
  double min, max;  ///< of the range that was chosen
  double observedMin, observedMax; ///< of all values that were seen
  float scale;
  int64_t zeroPoint; ///< of i8 codes
  /// How often values were seen, in bins of equal width from observedMin to
  /// observedMax; empty where ranges were read from a file.
  std::vector<uint64_t> histogram;
  /// 10 log10(sum of x^2 / sum of (x - y)^2), x in the float network and y in
  /// the quantized one, over the samples that were compared; infinite where
  /// they are equal.
  std::optional<double> sqnrDb;
};

/// How the outputs of the quantized network compare with the float one's.
struct AccuracyReport {
  int64_t samples = 0; ///< that were compared
  double sqnrDb = 0;   ///< of all outputs, as TensorReport has it
  /// The part of the samples, 0 to 1, for which the largest element of the
  /// first output is the same one; absent where it has one element.
  std::optional<double> top1Agreement;
};

struct CompilationReport {
  std::string producer;
  std::string model, format; ///< the file and its format
  std::string emit;          ///< the form or file that was made
  bool quantized = false;
  std::vector<std::string> bfloat16; ///< CPUs on which f32 layers multiply bf16
  ModelCost imported;
  std::optional<ModelCost> made; ///< of the last form on tensors
  std::string target;            ///< empty where no code was made
  unsigned threads = 0;
  std::optional<NetworkInterface> network;
  std::string calibration;           ///< "mse, 1000 samples"; empty: none
  std::vector<TensorReport> tensors; ///< in the order of the network
  std::optional<AccuracyReport> accuracy;
  std::vector<CollectedRemark> remarks;
  int64_t outputBytes = 0;

  void writeJson(llvm::raw_ostream &os) const;
  /// The page. Equal reports make equal pages.
  void writeHtml(llvm::raw_ostream &os) const;

  /// One line for a person: "int8 for znver3, 2 threads: 78,666 parameters,
  /// ...".
  std::string summary() const;
};

} // namespace mlir::compress

#endif // COMPRESS_REPORT_COMPILATIONREPORT_H

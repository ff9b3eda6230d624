//===- ObservedNetwork.h - a network that shows its tensors -----*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Networks compiled in memory for the machine that compiles, to calibrate them
// and to compare them:
//
//   normalized f32 -> --compress-place-observers
//     -> ObservedNetwork -> collectStatistics -> chooseRanges
//     -> --compress-quantize-observed (keep-observers, and another
//        ObservedNetwork -> compareNetworks)
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_OBSERVEDNETWORK_H
#define COMPRESS_PIPELINES_OBSERVEDNETWORK_H

#include "Compress/Calibration/Calibrate.h"
#include "Compress/Calibration/CalibrationTable.h"
#include "Compress/Codegen/Common/TargetCpu.h"
#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/IR/BuiltinOps.h"

namespace mlir::compress {

/// Compiles `module`, which is normalized f32 or in the integer form, for this
/// machine as `code` says, whose features and use of threads are set here, and
/// loads the library. `inspect`, if any, sees the code form. The code is for
/// `target`, which can run here, or for exactly this CPU. The module is used
/// up. Errors of passes are diagnostics in the context.
llvm::Expected<std::unique_ptr<::compress::ModelLibrary>>
loadNetwork(ModuleOp module, unsigned threads, CpuOptions code = {},
            llvm::function_ref<void(ModuleOp)> inspect = nullptr,
            const TargetCpu *target = nullptr);

/// The same of a network in the model form.
llvm::Expected<std::unique_ptr<::compress::ModelLibrary>>
compileNetwork(OwningOpRef<ModuleOp> module, unsigned threads);

/// A loaded network whose last outputs are its observed tensors.
struct ObservedNetwork {
  std::unique_ptr<::compress::ModelLibrary> library;
  std::vector<std::string> names; ///< of the observed tensors, in order

  /// Compiles a copy of `module`, a normalized f32 network or a qdq form with
  /// observers.
  static llvm::Expected<ObservedNetwork> load(ModuleOp module,
                                              unsigned threads);
};

/// Runs the quantized convolutions of `module`, a normalized f32 network with
/// observers, beside the exact ones, and returns what their biases lack.
llvm::Expected<std::vector<::compress::BiasCorrection>>
measureBiasErrors(ModuleOp module, const ::compress::CalibrationTable &table,
                  WeightRange weights, const ::compress::SampleSource &source,
                  unsigned threads, ::compress::SampleProgress progress);

/// The ranges of the tensors `names`.
::compress::CalibrationTable
chooseRanges(llvm::ArrayRef<std::string> names,
             llvm::ArrayRef<::compress::TensorStatistics> statistics,
             const ::compress::RangeOptions &options);

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_OBSERVEDNETWORK_H

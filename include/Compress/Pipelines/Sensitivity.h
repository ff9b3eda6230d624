//===- Sensitivity.h - what pruning single groups costs ---------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_PIPELINES_SENSITIVITY_H
#define COMPRESS_PIPELINES_SENSITIVITY_H

#include "Compress/Calibration/SensitivityFile.h"
#include "Compress/Pipelines/PrunedNetwork.h"

namespace mlir::compress {

struct SensitivityOptions {
  /// The criterion, which is no file, and what belongs to it; which layers are
  /// excluded.
  SelectChannelsPassOptions select;
  std::string criterion;     ///< as the file names it
  bool repair = true;        ///< weights fitted to the data, all at once
  std::vector<double> rates; ///< of the channels of a group, between 0 and 1
  int64_t samples = 256;     ///< at most, that outputs are compared on
  /// The data of scores and weights; some of them are those of outputs.
  ::compress::SampleSource source;
  unsigned threads = 1;
};

/// A digest of the network, as text: of its ops, types and constants, not of
/// names of files.
llvm::Expected<std::string> digestNetwork(ModuleOp module);

/// Prunes each group of channels of the float network of `module`, which is in
/// the model form, alone, at each rate, and compares the outputs with those of
/// the full network. What `known` has, which came from the file `path`, is not
/// measured again; without it, null, all is. A file of another network, of
/// other data or with other options is an error that names it.
///
/// `save` is given what is known so far, after each measurement; by one thread
/// at a time. What comes out does not depend on the number of threads. Errors
/// of passes are diagnostics in the context. The network loses nothing.
llvm::Expected<::compress::SensitivityFile> measureSensitivity(
    ModuleOp module, const SensitivityOptions &options,
    const ::compress::SensitivityFile *known, StringRef path,
    PruneProgress progress,
    llvm::function_ref<llvm::Error(const ::compress::SensitivityFile &)> save);

} // namespace mlir::compress

#endif // COMPRESS_PIPELINES_SENSITIVITY_H

//===- SensitivityChart.h - sensitivities as a page -------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_REPORT_SENSITIVITYCHART_H
#define COMPRESS_REPORT_SENSITIVITYCHART_H

#include "Compress/Calibration/SensitivityFile.h"

namespace mlir::compress {

/// Writes a page that needs no other file: for each group what the network
/// `model` loses with it, the most sensitive group first, as curves and as a
/// table. Those are more sensitive whose outputs have the greater error when
/// about half of the channels are gone.
void writeSensitivityChart(llvm::raw_ostream &os,
                           const ::compress::SensitivityFile &file,
                           llvm::StringRef model, llvm::StringRef producer);

} // namespace mlir::compress

#endif // COMPRESS_REPORT_SENSITIVITYCHART_H

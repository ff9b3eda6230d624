//===- HtmlCharts.h - charts of the HTML report -----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_LIB_REPORT_HTMLCHARTS_H
#define COMPRESS_LIB_REPORT_HTMLCHARTS_H

#include "Compress/Report/CompilationReport.h"
#include "Compress/Support/Html.h"

namespace mlir::compress::html {

using namespace ::compress::html;

/// What one layer has.
struct Bar {
  size_t number; ///< of the layer, from 1
  std::string name;
  double value;
  bool isInteger;
};

/// One bar for each of `bars`; of very many, one for some neighbours each.
void writeBarChart(llvm::raw_ostream &os, StringRef title, StringRef unit,
                   ArrayRef<Bar> bars);

/// The SQNR of those tensors that have one, in their order.
void writeSqnrChart(llvm::raw_ostream &os, ArrayRef<TensorReport> tensors);

/// The histogram of a tensor with the range that was chosen, as markup; empty
/// where there is no histogram, or its borders are no numbers or no range.
std::string sparkline(const TensorReport &tensor);

} // namespace mlir::compress::html

#endif // COMPRESS_LIB_REPORT_HTMLCHARTS_H

//===- Remarks.h - remarks of passes, collected -----------------*- C++ -*-===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef COMPRESS_REPORT_REMARKS_H
#define COMPRESS_REPORT_REMARKS_H

#include "mlir/IR/MLIRContext.h"
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace mlir::compress {

/// One remark: what a pass did, or why it did not.
struct CollectedRemark {
  std::string kind;  ///< "passed", "missed", "failure" or "analysis"
  std::string name;  ///< of the pass or the subject
  std::string place; ///< of the op, as placeOf says; may be empty
  std::string message;
};

/// The remarks of category "compress" of one context.
class RemarkCollector {
public:
  /// Has the engine of `context` give its remarks to this collector, which must
  /// live longer than the context.
  LogicalResult attach(MLIRContext &context);

  /// All remarks in an order that does not depend on threads, each once.
  std::vector<CollectedRemark> sorted() const;

  void add(CollectedRemark remark);

  /// While paused, remarks are dropped.
  void setPaused(bool value) { paused = value; }

private:
  mutable std::mutex mutex;
  std::atomic<bool> paused = false;
  std::vector<CollectedRemark> remarks;
};

} // namespace mlir::compress

#endif // COMPRESS_REPORT_REMARKS_H

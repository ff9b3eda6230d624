//===- Remarks.cpp - remarks of passes, collected -------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Report/Remarks.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "mlir/IR/Remarks.h"
#include <algorithm>

using namespace mlir;
using namespace mlir::compress;

namespace {

class Streamer : public remark::detail::MLIRRemarkStreamerBase {
public:
  explicit Streamer(RemarkCollector &collector) : collector(collector) {}

  void streamOptimizationRemark(const remark::detail::Remark &remark) override {
    std::string message;
    for (const remark::detail::Remark::Arg &arg : remark.getArgs()) {
      bool isText = arg.key == "Remark" || arg.key == "Reason";
      message += isText ? arg.val : (" " + arg.key + "=" + arg.val);
    }
    collector.add({kindOf(remark.getRemarkType()).str(),
                   remark.getRemarkName().str(), placeOf(remark.getLocation()),
                   StringRef(message).trim().str()});
  }

private:
  static StringRef kindOf(llvm::remarks::Type type) {
    switch (type) {
    case llvm::remarks::Type::Passed:
      return "passed";
    case llvm::remarks::Type::Missed:
      return "missed";
    case llvm::remarks::Type::Failure:
      return "failure";
    default:
      return "analysis";
    }
  }

  RemarkCollector &collector;
};

} // namespace

LogicalResult RemarkCollector::attach(MLIRContext &context) {
  remark::RemarkCategories categories;
  // Each kind for itself: `all` only adds to those that are given.
  categories.passed = categories.missed = categories.analysis =
      categories.failed = "compress";
  return remark::enableOptimizationRemarks(
      context, std::make_unique<Streamer>(*this),
      std::make_unique<remark::RemarkEmittingPolicyAll>(), categories);
}

void RemarkCollector::add(CollectedRemark remark) {
  if (paused)
    return;
  std::lock_guard<std::mutex> lock(mutex);
  remarks.push_back(std::move(remark));
}

std::vector<CollectedRemark> RemarkCollector::sorted() const {
  std::lock_guard<std::mutex> lock(mutex);
  auto key = [](const CollectedRemark &remark) {
    return std::tie(remark.kind, remark.name, remark.message, remark.place);
  };
  std::vector<CollectedRemark> result = remarks;
  llvm::stable_sort(
      result, [&](const auto &a, const auto &b) { return key(a) < key(b); });
  result.erase(std::unique(result.begin(), result.end(),
                           [&](const auto &a, const auto &b) {
                             return key(a) == key(b);
                           }),
               result.end());
  return result;
}

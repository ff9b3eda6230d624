//===- ScoreChannels.cpp - scores by any criterion ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelMasks.h"
#include "ChannelScores.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::NamedNumbers;
using ::compress::ScoreFile;

/// An error that a diagnostic has told already.
static llvm::Error told() {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), "");
}

llvm::Expected<ScoreFile> mlir::compress::scoreChannels(
    func::FuncOp func, const SelectChannelsPassOptions &select,
    ArrayRef<DataLayer> layers, ArrayRef<::compress::SecondMoments> moments) {
  if (failed(checkPrunable(func)))
    return told();
  assert(select.criterion != PruneCriterion::File && "has scores already");
  bool byData = needsData(select.criterion);
  ScoreFile known, file;
  if (byData) {
    llvm::Expected<ScoreFile> scored =
        scoreByData(func, layers, moments, select.criterion);
    if (!scored)
      return scored.takeError();
    known = std::move(*scored);
  }
  separateConstants(func);
  ChannelGraph graph(func);
  std::vector<ChannelGroup> groups = findChannelGroups(graph, func);
  SmallVector<std::string> obstacles = findObstacles(func, graph, groups);
  for (auto [group, obstacle] : llvm::zip_equal(groups, obstacles)) {
    if (group.pin || !obstacle.empty()) {
      remarkStays(group, group.pin ? group.pin->reason : obstacle);
      continue;
    }
    if (isExcluded(group, select.exclude)) {
      remarkStays(group, "excluded by name");
      continue;
    }
    if (byData) {
      if (const NamedNumbers *found = known.find(group.name))
        file.groups.push_back(*found);
      else
        remarkStays(group, "what reads it has no weights to fit");
      continue;
    }
    std::string reason;
    FailureOr<SmallVector<double>> scores = scoreFromWeights(
        graph, group, select.criterion, select.combine, select.seed, reason);
    if (succeeded(scores)) {
      file.groups.push_back({group.name, {scores->begin(), scores->end()}});
      continue;
    }
    if (StringRef(reason).contains("finite")) {
      group.members.front().layer.op->emitError("channels '")
          << group.name << "': " << reason;
      return told();
    }
    remarkStays(group, reason);
  }
  return file;
}

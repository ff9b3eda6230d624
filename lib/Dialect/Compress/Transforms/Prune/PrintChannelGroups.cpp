//===- PrintChannelGroups.cpp - which channels belong together -----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelGroups.h"
#include "ChannelMasks.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Place.h"
#include "Compress/Support/OutputFile.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::compress {
#define GEN_PASS_DEF_PRINTCHANNELGROUPSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Quoted for Graphviz.
static std::string quoted(StringRef text) {
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\')
      result += '\\';
    result += c;
  }
  return result + '"';
}

namespace {
struct PrintChannelGroups
    : public mlir::compress::impl::PrintChannelGroupsPassBase<
          PrintChannelGroups> {
  using PrintChannelGroupsPassBase::PrintChannelGroupsPassBase;

  void runOnOperation() override {
    func::FuncOp func = getOperation();
    if (func.isDeclaration() || !func.getBody().hasOneBlock())
      return;
    if (format != "text" && format != "dot") {
      func.emitError("format is text or dot, not ") << format;
      return signalPassFailure();
    }
    // A copy: the network stays as it is.
    auto copy = cast<func::FuncOp>(func->clone());
    separateConstants(copy);
    ChannelGraph graph(copy);
    std::vector<ChannelGroup> groups = findChannelGroups(graph, copy);
    SmallVector<std::string> obstacles = findObstacles(copy, graph, groups);
    llvm::Error error =
        ::compress::writeOutput(output, [&](raw_ostream &os) -> llvm::Error {
          if (format == "text")
            printText(os, graph, groups, obstacles);
          else
            printDot(os, groups, obstacles);
          return llvm::Error::success();
        });
    copy->erase();
    markAllAnalysesPreserved();
    if (error) {
      func.emitError(llvm::toString(std::move(error)));
      signalPassFailure();
    }
  }

  static void printText(raw_ostream &os, const ChannelGraph &graph,
                        ArrayRef<ChannelGroup> groups,
                        ArrayRef<std::string> obstacles) {
    for (auto [group, obstacle] : llvm::zip(groups, obstacles)) {
      size_t elements = 0;
      for (unsigned axis : group.axes)
        elements = std::max<size_t>(
            elements, indicesOf(graph, axis, group.units.front()).size());
      os << "group '" << group.name << "': " << group.units.size()
         << " channels of " << elements
         << (elements == 1 ? " element" : " elements");
      if (group.pin)
        os << ", pinned: " << group.pin->reason;
      else if (!obstacle.empty())
        os << ", stays: " << obstacle;
      os << '\n';
      if (group.pin && group.pin->op)
        os << "  by " << group.pin->op->getName() << ' '
           << placeOf(group.pin->op->getLoc()) << '\n';
      os << "  made by ";
      llvm::interleaveComma(group.members, os, [&](const GroupMember &member) {
        os << member.layer.name();
      });
      os << '\n';
      if (group.readers.empty())
        continue;
      os << "  read by ";
      llvm::interleaveComma(group.readers, os, [&](const PrunableLayer &layer) {
        os << layer.name();
      });
      os << '\n';
    }
  }

  static void printDot(raw_ostream &os, ArrayRef<ChannelGroup> groups,
                       ArrayRef<std::string> obstacles) {
    // Names need not be unique.
    DenseMap<Operation *, std::string> boxes;
    auto boxOf = [&](const PrunableLayer &layer) -> StringRef {
      std::string &box = boxes[layer.op];
      if (box.empty()) {
        box = "layer" + std::to_string(boxes.size());
        os << "  " << box << " [shape=box, label=" << quoted(layer.name())
           << "]\n";
      }
      return box;
    };
    os << "digraph groups {\n  node [fontname=\"sans-serif\"]\n";
    for (auto [number, group, obstacle] : llvm::enumerate(groups, obstacles)) {
      std::string node = "group" + std::to_string(number);
      std::string label =
          group.name + "\n" + std::to_string(group.units.size());
      bool stays = group.pin || !obstacle.empty();
      if (stays)
        label += "\n" + (group.pin ? group.pin->reason : obstacle);
      os << "  " << node << " [label=" << quoted(label)
         << (stays ? ", style=filled, fillcolor=grey85" : "") << "]\n";
      for (const GroupMember &member : group.members)
        os << ("  " + boxOf(member.layer) + " -> " + node + "\n").str();
      for (const PrunableLayer &layer : group.readers)
        os << ("  " + node + " -> " + boxOf(layer) + "\n").str();
    }
    os << "}\n";
  }
};
} // namespace

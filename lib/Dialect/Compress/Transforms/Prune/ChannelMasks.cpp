//===- ChannelMasks.cpp - masks behind the layers of groups --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelMasks.h"
#include "ChannelRemoval.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::compress;

void mlir::compress::insertMasks(const ChannelGraph &graph,
                                 ArrayRef<ChannelGroup> groups,
                                 function_ref<bool(unsigned)> isDropped) {
  // One for each axis, whichever groups it has channels of.
  llvm::MapVector<unsigned, Location> places;
  for (const ChannelGroup &group : groups)
    if (llvm::any_of(group.units, isDropped))
      for (const GroupMember &member : group.members)
        places.insert(
            {findChannelEnd(graph, member).axis, member.layer.op->getLoc()});
  for (auto [axis, loc] : places) {
    Axis place = graph.getAxis(axis);
    SmallVector<bool> mask;
    for (unsigned i = 0; i < place.extent; ++i)
      mask.push_back(!isDropped(graph.getUnit(axis, i)));
    OpBuilder builder(place.value.getContext());
    builder.setInsertionPointAfterValue(place.value);
    auto op =
        ChannelMaskOp::create(builder, loc, place.value.getType(), place.value,
                              builder.getI64IntegerAttr(place.dim),
                              builder.getDenseBoolArrayAttr(mask));
    place.value.replaceAllUsesExcept(op.getOutput(), op);
  }
}

/// Masks the `tried` units of a copy of the function, and says which of them
/// would stay, and why.
static void tryMasks(
    func::FuncOp func, const ChannelGraph &graph, ArrayRef<ChannelGroup> groups,
    const DenseSet<unsigned> &tried,
    function_ref<void(unsigned group, unsigned unit, StringRef reason)> stays) {
  // A copy has the same nodes; with masks it has others, but the values that
  // the groups are about are still there.
  IRMapping mapping;
  auto copy = cast<func::FuncOp>(func->clone(mapping));
  ChannelGraph copied(copy);
  std::vector<ChannelGroup> copiedGroups = findChannelGroups(copied, copy);
  insertMasks(copied, copiedGroups,
              [&](unsigned unit) { return tried.contains(unit); });

  ChannelGraph masked(copy);
  ChannelConstants constants(masked, copy);
  ChannelRemoval removal(masked, constants, copy);
  for (auto [number, group] : llvm::enumerate(groups)) {
    const GroupMember &member = group.members.front();
    unsigned axis = masked.getAxis(mapping.lookup(member.layer.result()),
                                   graph.getAxis(member.resultAxis).dim);
    for (unsigned triedUnit : group.units) {
      if (!tried.contains(triedUnit))
        continue;
      unsigned index = indicesOf(graph, member.resultAxis, triedUnit).front();
      unsigned unit = masked.getUnit(axis, index);
      if (removal.isRemoved(unit))
        continue;
      if (const ChannelGraph::Pin *pin = masked.getPin(unit))
        stays(number, triedUnit, pin->reason);
      else if (const auto *found = removal.getObstacle(unit))
        stays(number, triedUnit, found->reason);
      else
        stays(number, triedUnit, "no sum goes over it");
    }
  }
  copy->erase();
}

SmallVector<std::string>
mlir::compress::findObstacles(func::FuncOp func, const ChannelGraph &graph,
                              ArrayRef<ChannelGroup> groups) {
  SmallVector<std::string> obstacles(groups.size());
  DenseSet<unsigned> tried;
  for (auto [group, obstacle] : llvm::zip(groups, obstacles)) {
    if (llvm::all_of(group.members, [&](const GroupMember &member) {
          Value end = findChannelEnd(graph, member).value;
          Type element = getElementTypeOrSelf(end.getType());
          return element.isF32() || element.isInteger(32);
        }))
      tried.insert(group.units.back());
    else
      obstacle = "its layers give integers of other widths than i32, which "
                 "have no masks";
  }
  tryMasks(func, graph, groups, tried,
           [&](unsigned group, unsigned unit, StringRef reason) {
             obstacles[group] = reason.str();
           });
  return obstacles;
}

std::vector<StayingUnit>
mlir::compress::findStaying(func::FuncOp func, const ChannelGraph &graph,
                            ArrayRef<ChannelGroup> groups,
                            const DenseSet<unsigned> &dropped) {
  std::vector<StayingUnit> staying;
  tryMasks(func, graph, groups, dropped,
           [&](unsigned group, unsigned unit, StringRef reason) {
             staying.push_back({group, unit, reason.str()});
           });
  return staying;
}

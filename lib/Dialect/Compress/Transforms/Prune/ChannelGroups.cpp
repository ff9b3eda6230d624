//===- ChannelGroups.cpp - units that can be ranked together -------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelGroups.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/GlobPattern.h"

using namespace mlir;
using namespace mlir::compress;

/// The number that stands for an axis in the sum that stands for the set of a
/// unit's axes.
static uint64_t signatureOf(unsigned axis) {
  uint64_t x = (axis + 1) * 0x9e3779b97f4a7c15ull;
  x ^= x >> 31;
  x *= 0xbf58476d1ce4e5b9ull;
  return x ^ (x >> 29);
}

/// Adds `layer` to the groups of which it makes channels, and to those over
/// which it sums.
static void addMember(const ChannelGraph &graph, const PrunableLayer &layer,
                      const DenseMap<unsigned, unsigned> &groupOfUnit,
                      std::vector<ChannelGroup> &groups) {
  auto groupsOf = [&](unsigned axis) {
    SmallVector<unsigned> found;
    if (axis != ChannelGraph::kNone)
      for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
        if (auto group = groupOfUnit.find(graph.getUnit(axis, i));
            group != groupOfUnit.end() &&
            !llvm::is_contained(found, group->second))
          found.push_back(group->second);
    return found;
  };
  for (unsigned loop = 0; loop < layer.numLoops(); ++loop) {
    std::optional<unsigned> input = dimOfLoop(layer.inputMap, loop);
    if (layer.isSummed(loop)) {
      if (input)
        for (unsigned group : groupsOf(graph.getAxis(layer.input, *input)))
          groups[group].readers.push_back(layer);
      continue;
    }
    std::optional<unsigned> filter = dimOfLoop(layer.filterMap, loop);
    std::optional<unsigned> result = dimOfLoop(layer.resultMap, loop);
    if (!filter || !result)
      continue;
    unsigned axis = graph.getAxis(layer.result(), *result);
    for (unsigned group : groupsOf(axis))
      groups[group].members.push_back({layer, axis, *filter, !input});
  }
}

std::vector<ChannelGroup>
mlir::compress::findChannelGroups(const ChannelGraph &graph,
                                  func::FuncOp func) {
  // Units by the set of axes that have them.
  std::vector<uint64_t> signatures(graph.getNumNodes());
  for (auto [number, axis] : llvm::enumerate(graph.getAxes())) {
    DenseSet<unsigned> seen;
    for (unsigned i = 0; i < axis.extent; ++i)
      if (unsigned unit = graph.getUnit(number, i); seen.insert(unit).second)
        signatures[unit] += signatureOf(number);
  }
  using Key = std::pair<uint64_t, const ChannelGraph::Pin *>;
  llvm::MapVector<Key, SmallVector<unsigned>> unitsOf;
  for (unsigned node = 0; node < graph.getNumNodes(); ++node)
    if (graph.getUnit(node) == node)
      unitsOf[{signatures[node], graph.getPin(node)}].push_back(node);

  std::vector<ChannelGroup> groups;
  DenseMap<unsigned, unsigned> groupOfUnit;
  for (auto &[key, units] : unitsOf) {
    if (units.size() < 2)
      continue;
    for (unsigned unit : units)
      groupOfUnit[unit] = groups.size();
    ChannelGroup &group = groups.emplace_back();
    group.units = std::move(units);
    group.pin = key.second;
  }
  for (auto [number, axis] : llvm::enumerate(graph.getAxes())) {
    DenseSet<unsigned> seen;
    for (unsigned i = 0; i < axis.extent; ++i)
      if (auto group = groupOfUnit.find(graph.getUnit(number, i));
          group != groupOfUnit.end() && seen.insert(group->second).second)
        groups[group->second].axes.push_back(number);
  }
  for (Operation &op : func.getBody().front())
    if (std::optional<PrunableLayer> layer = matchPrunableLayer(&op))
      addMember(graph, *layer, groupOfUnit, groups);
  llvm::erase_if(groups, [](const ChannelGroup &group) {
    return llvm::none_of(group.members, [](const GroupMember &member) {
      return member.isSource;
    });
  });

  llvm::StringSet<> names;
  for (ChannelGroup &group : groups) {
    auto source = llvm::find_if(
        group.members, [](const GroupMember &m) { return m.isSource; });
    std::string base = source->layer.name();
    group.name = base;
    for (unsigned n = 2; !names.insert(group.name).second; ++n)
      group.name = base + "#" + std::to_string(n);
  }
  return groups;
}

SmallVector<unsigned> mlir::compress::indicesOf(const ChannelGraph &graph,
                                                unsigned axis, unsigned unit) {
  SmallVector<unsigned> indices;
  for (unsigned i = 0; i < graph.getAxis(axis).extent; ++i)
    if (graph.getUnit(axis, i) == unit)
      indices.push_back(i);
  return indices;
}

OpOperand *mlir::compress::getAffineOperand(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || linalgOp.getNumReductionLoops() > 0 ||
      linalgOp.getNumDpsInits() != 1)
    return nullptr;
  OpOperand *variable = nullptr;
  for (OpOperand *operand : linalgOp.getDpsInputOperands()) {
    if (isConstant(operand->get()) || matchBroadcast(operand->get()))
      continue;
    if (variable)
      return nullptr;
    variable = operand;
  }
  if (!variable || variable->get().getType() != op->getResult(0).getType())
    return nullptr;
  // Every op that depends on the operand is affine in it.
  DenseSet<Value> dependent = {linalgOp.getMatchingBlockArgument(variable)};
  for (Operation &inner : linalgOp.getBlock()->without_terminator()) {
    unsigned count = llvm::count_if(inner.getOperands(), [&](Value value) {
      return dependent.contains(value);
    });
    if (count == 0)
      continue;
    bool affine = isa<arith::AddFOp, arith::SubFOp>(inner) ||
                  (isa<arith::MulFOp>(inner) && count == 1) ||
                  (isa<arith::DivFOp>(inner) &&
                   dependent.contains(inner.getOperand(0)) && count == 1);
    if (!affine)
      return nullptr;
    dependent.insert(inner.getResult(0));
  }
  bool yields =
      dependent.contains(linalgOp.getBlock()->getTerminator()->getOperand(0));
  return yields ? variable : nullptr;
}

SmallVector<OpOperand *> mlir::compress::getAddends(Operation *op) {
  SmallVector<OpOperand *> addends;
  if (isa<tosa::AddOp>(op)) {
    addends = {&op->getOpOperand(0), &op->getOpOperand(1)};
  } else if (auto elementwise = matchElementwise(op);
             elementwise && elementwise->kind == BodyKind::Add &&
             elementwise->operands.size() == 2) {
    addends = elementwise->operands;
  }
  for (OpOperand *addend : addends)
    if (addend->get().getType() != op->getResult(0).getType() ||
        isConstant(addend->get()))
      return {};
  return addends;
}

/// The op behind `value` on the way to a channel's end.
static Operation *getNextOnWay(Value value) {
  if (!value.hasOneUse())
    return nullptr;
  Operation *user = *value.getUsers().begin();
  if (OpOperand *operand = getAffineOperand(user))
    return operand->get() == value ? user : nullptr;
  return isa<tensor::CollapseShapeOp, tensor::ExpandShapeOp>(user) ? user
                                                                   : nullptr;
}

ChannelEnd mlir::compress::findChannelEnd(const ChannelGraph &graph,
                                          const GroupMember &member) {
  ChannelEnd end{member.layer.result(), member.resultAxis};
  ChannelEnd at = end;
  while (Operation *next = getNextOnWay(at.value)) {
    Value result = next->getResult(0);
    auto type = cast<RankedTensorType>(result.getType());
    unsigned found = ChannelGraph::kNone;
    for (int64_t dim = 0; dim < type.getRank(); ++dim) {
      unsigned axis = graph.getAxis(result, dim);
      if (axis != ChannelGraph::kNone && graph.getAxis(axis).extent > 1 &&
          graph.getUnit(axis, 0) == graph.getUnit(at.axis, 0))
        found = axis;
    }
    if (found == ChannelGraph::kNone)
      break;
    at = {result, found};
    if (isa<linalg::LinalgOp>(next))
      end = at;
  }
  return end;
}

Value mlir::compress::findGamma(const ChannelGraph &graph,
                                const GroupMember &member) {
  ChannelEnd end = findChannelEnd(graph, member);
  Value gamma;
  Value value = member.layer.result();
  while (value != end.value) {
    Operation *next = *value.getUsers().begin();
    value = next->getResult(0);
    auto linalgOp = dyn_cast<linalg::LinalgOp>(next);
    if (!linalgOp)
      continue;
    // The last factor is an argument as it is: what is computed first, as the
    // root of the variance, is none.
    for (Operation &inner : *linalgOp.getBlock())
      if (isa<arith::MulFOp>(inner))
        for (Value factor : inner.getOperands())
          if (auto argument = dyn_cast<BlockArgument>(factor))
            if (OpOperand *operand = linalgOp.getMatchingOpOperand(argument);
                isConstant(operand->get()))
              gamma = operand->get();
  }
  return gamma;
}

bool mlir::compress::isExcluded(const ChannelGroup &group,
                                ArrayRef<std::string> patterns) {
  auto matches = [&](StringRef name) {
    return llvm::any_of(patterns, [&](const std::string &text) {
      llvm::Expected<llvm::GlobPattern> pattern =
          llvm::GlobPattern::create(text);
      return pattern ? pattern->match(name)
                     : (llvm::consumeError(pattern.takeError()), false);
    });
  };
  return matches(group.name) ||
         llvm::any_of(group.members, [&](const GroupMember &member) {
           return matches(member.layer.name());
         });
}

void mlir::compress::remarkStays(const ChannelGroup &group,
                                 const llvm::Twine &reason) {
  remark::missed(
      group.members.front().layer.op->getLoc(),
      remark::RemarkOpts::name("SelectChannels").category("compress"))
      << ("channels '" + llvm::Twine(group.name) + "' stay: " + reason).str();
}

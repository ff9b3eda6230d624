//===- RoundWeights.cpp - layers whose weights are rounded ----------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Transforms/RoundWeights.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/IR/Numerics.h"
#include "Compress/Dialect/Compress/Utils/Movement.h"
#include "QuantizeWeights.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/Support/Parallel.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::CalibrationTable;
using ::compress::LayerMatrix;
using ::compress::PatchPlan;
using ::compress::RoundedWeights;
using ::compress::SecondMoments;
using ::compress::WeightSteps;

/// How far a step of each loop moves in the input; none where the input is not
/// indexed by sums of loops.
static std::optional<SmallVector<int64_t>> getInputSteps(const WeightedOp &op) {
  linalg::LinalgOp linalgOp = op.op;
  AffineMap map = linalgOp.getMatchingIndexingMap(op.input);
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(op.input->get().getType()).getShape();
  SmallVector<int64_t> steps(map.getNumDims(), 0);
  SmallVector<AffineExpr> origin(map.getNumDims(),
                                 getAffineConstantExpr(0, map.getContext()));
  int64_t stride = 1;
  for (auto [expr, extent] :
       llvm::zip_equal(llvm::reverse(map.getResults()), llvm::reverse(shape))) {
    bool isSum = true;
    expr.walk([&](AffineExpr part) {
      isSum &= part.getKind() != AffineExprKind::FloorDiv &&
               part.getKind() != AffineExprKind::CeilDiv &&
               part.getKind() != AffineExprKind::Mod;
    });
    auto at = dyn_cast<AffineConstantExpr>(expr.replaceDims(origin));
    if (!isSum || !at || at.getValue() != 0)
      return std::nullopt;
    for (unsigned loop = 0; loop < map.getNumDims(); ++loop) {
      SmallVector<AffineExpr> point = origin;
      point[loop] = getAffineConstantExpr(1, map.getContext());
      steps[loop] +=
          cast<AffineConstantExpr>(expr.replaceDims(point)).getValue() * stride;
    }
    stride *= extent;
  }
  return steps;
}

/// The offsets of all points of a box of loops, the last one fastest.
static std::vector<int64_t> listOffsets(ArrayRef<int64_t> extents,
                                        ArrayRef<int64_t> steps) {
  std::vector<int64_t> offsets = {0};
  for (auto [extent, step] : llvm::zip_equal(extents, steps)) {
    std::vector<int64_t> next;
    for (int64_t offset : offsets)
      for (int64_t at = 0; at < extent; ++at)
        next.push_back(offset + at * step);
    offsets = std::move(next);
  }
  return offsets;
}

/// The groups of `op`; empty where `reason` says why there are none.
static std::vector<RoundingGroup>
findGroups(const WeightedOp &op, int64_t mostInputs, std::string &reason) {
  linalg::LinalgOp linalgOp = op.op;
  std::optional<SmallVector<int64_t>> inputSteps = getInputSteps(op);
  AffineMap filter = linalgOp.getMatchingIndexingMap(op.filter);
  if (!inputSteps) {
    reason = "its input is not indexed by sums of loops";
    return {};
  }
  SmallVector<int64_t> extents = linalgOp.getStaticLoopRanges();
  SmallVector<int64_t> rowExtents, rowSteps;
  for (auto [loop, kind] : llvm::enumerate(linalgOp.getIteratorTypesArray())) {
    if (filter.isFunctionOfDim(loop))
      continue;
    if (kind == utils::IteratorType::reduction) {
      reason = "it sums over more than its weights";
      return {};
    }
    rowExtents.push_back(extents[loop]);
    rowSteps.push_back((*inputSteps)[loop]);
  }
  // The weights of a channel, in the order of the filter.
  SmallVector<int64_t> columnExtents, columnSteps;
  for (AffineExpr expr : filter.getResults()) {
    unsigned loop = cast<AffineDimExpr>(expr).getPosition();
    if (llvm::is_contained(op.channelLoops, loop))
      continue;
    columnExtents.push_back(extents[loop]);
    columnSteps.push_back((*inputSteps)[loop]);
  }
  PatchPlan plan{listOffsets(rowExtents, rowSteps),
                 listOffsets(columnExtents, columnSteps)};
  if (static_cast<int64_t>(plan.columns.size()) > mostInputs) {
    reason = "each output has " + std::to_string(plan.columns.size()) +
             " inputs, and the second moments of more than " +
             std::to_string(mostInputs) + " are not computed";
    return {};
  }
  SmallVector<int64_t> channelSteps;
  for (unsigned loop : op.channelLoops)
    channelSteps.push_back((*inputSteps)[loop]);
  llvm::MapVector<int64_t, RoundingGroup> groups;
  for (auto [channel, offset] :
       llvm::enumerate(listOffsets(op.channelShape, channelSteps))) {
    RoundingGroup &group = groups[offset];
    if (group.channels.empty()) {
      group.plan = plan;
      for (int64_t &row : group.plan.rows)
        row += offset;
    }
    group.channels.push_back(static_cast<int64_t>(channel));
  }
  std::vector<RoundingGroup> result;
  for (auto &[offset, group] : groups)
    result.push_back(std::move(group));
  return result;
}

/// The scale of the input as codes; none where it is not observed.
static std::optional<float> getInputScale(Value value,
                                          const CalibrationTable &table) {
  while (Operation *def = value.getDefiningOp()) {
    if (auto observer = dyn_cast<ObserveOp>(def)) {
      const auto *entry = table.find(observer.getName());
      if (!entry)
        return std::nullopt;
      return static_cast<float>(gridOf(entry->range, table.symmetric).scale);
    }
    std::optional<Movement> move = matchMovement(def);
    if (!move || move->data.size() != 1)
      break;
    value = move->data[0]->get();
  }
  return std::nullopt;
}

int64_t RoundingLayer::momentBytes() const {
  int64_t numbers = 0;
  constexpr int64_t kWaiting = 512; // rows
  for (const RoundingGroup &group : groups) {
    auto size = static_cast<int64_t>(group.plan.columns.size()) + 1;
    numbers +=
        size * (size + kWaiting) + static_cast<int64_t>(group.plan.rows.size());
  }
  return numbers * static_cast<int64_t>(sizeof(double));
}

/// Whether the data has enough of the patches that the layer multiplies.
static bool isDetermined(const RoundingGroup &group, int64_t samples,
                         int64_t leastRows, std::string &reason) {
  auto inputs = static_cast<int64_t>(group.plan.columns.size());
  int64_t rows = samples * static_cast<int64_t>(group.plan.rows.size());
  if (rows >= leastRows * inputs)
    return true;
  reason = "the samples have " + std::to_string(rows) + " positions for " +
           std::to_string(inputs) + " inputs, and " +
           std::to_string(leastRows) +
           " an input are wanted; give more samples";
  return false;
}

std::vector<RoundingLayer>
mlir::compress::findRoundingLayers(func::FuncOp func,
                                   const CalibrationTable &table,
                                   int64_t mostInputs, int64_t leastRows) {
  std::vector<RoundingLayer> layers;
  for (auto &[op, name] : nameWeightedOps(func)) {
    std::string unquantized;
    if (op.op->hasAttr(kFloatAttr) || !getInputScale(op.input->get(), table) ||
        failed(checkQuantizable(op, unquantized)))
      continue; // Quantizing says why.
    // Weights that are codes already stay what they are.
    FailureOr<ConstantData> data = readMovedConstant(op.filter->get());
    if (failed(data) || !data->type.getElementType().isF32())
      continue;
    std::string reason;
    std::vector<RoundingGroup> groups = findGroups(op, mostInputs, reason);
    if (groups.empty() ||
        !isDetermined(groups.front(), table.samples, leastRows, reason)) {
      remark::missed(
          op.op.getLoc(),
          remark::RemarkOpts::name("RoundWeights").category("compress"))
          << ("weights are rounded to the nearest codes, not by data: " +
              reason);
      continue;
    }
    layers.push_back({name, std::move(groups)});
  }
  return layers;
}

llvm::Expected<std::vector<WeightSteps>>
mlir::compress::roundLayers(func::FuncOp func, const CalibrationTable &table,
                            ArrayRef<RoundingLayer> layers,
                            ArrayRef<std::vector<SecondMoments>> moments,
                            WeightRange weights, bool biasFollows) {
  struct Task {
    size_t layer, group;
    LayerMatrix matrix;
    std::vector<double> scales;
    std::vector<int64_t> elements; // of the filter, one a weight
    std::optional<llvm::Expected<RoundedWeights>> result;
  };
  std::vector<WeightSteps> steps(layers.size());
  std::vector<std::vector<int32_t>> nearest(layers.size());
  std::vector<Task> tasks;
  llvm::StringMap<size_t> numberOf;
  for (auto [i, layer] : llvm::enumerate(layers))
    numberOf[layer.name] = i;
  for (auto &[op, name] : nameWeightedOps(func)) {
    auto found = numberOf.find(name);
    if (found == numberOf.end())
      continue;
    size_t number = found->second;
    std::string reason;
    FailureOr<ConstantData> data = readMovedConstant(op.filter->get());
    FailureOr<SmallVector<double>> scales = chooseWeightScales(
        op, *getInputScale(op.input->get(), table), weights, reason);
    if (failed(data) || failed(scales))
      return llvm::createStringError("the weights of '" + name +
                                     "' cannot be rounded: " + reason);
    steps[number].name = name;
    steps[number].steps.assign(data->size(), 0);
    nearest[number].resize(data->size());
    std::vector<std::vector<int64_t>> elements(op.numChannels());
    op.forEachFilterElement([&](int64_t i, int64_t c) {
      elements[c].push_back(i);
      nearest[number][i] = mlir::compress::quantize(
          static_cast<float>(data->getReal(i)),
          static_cast<float>((*scales)[c]), 0, -127, 127);
    });
    for (auto [g, group] : llvm::enumerate(layers[number].groups)) {
      Task &task = tasks.emplace_back();
      task.layer = number;
      task.group = g;
      task.matrix.outputs = static_cast<int64_t>(group.channels.size());
      for (int64_t channel : group.channels) {
        task.scales.push_back((*scales)[channel]);
        for (int64_t element : elements[channel]) {
          task.elements.push_back(element);
          task.matrix.weights.push_back(
              static_cast<float>(data->getReal(element)));
        }
        task.matrix.weights.push_back(0); // the bias, which is not rounded here
      }
    }
  }
  llvm::parallelFor(0, tasks.size(), [&](size_t i) {
    Task &task = tasks[i];
    task.result.emplace(
        ::compress::roundWeights(task.matrix, moments[task.layer][task.group],
                                 task.scales, biasFollows));
  });
  llvm::Error error = llvm::Error::success();
  for (Task &task : tasks) {
    if (!*task.result) {
      error = llvm::joinErrors(std::move(error), task.result->takeError());
      continue;
    }
    for (auto [element, code] :
         llvm::zip_equal(task.elements, (*task.result)->codes))
      steps[task.layer].steps[element] =
          static_cast<int8_t>(code - nearest[task.layer][element]);
  }
  if (error)
    return std::move(error);
  return steps;
}

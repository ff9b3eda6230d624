//===- OrderedRefit.cpp - layers fitted one after the other ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelConstants.h"
#include "ChannelGroups.h"
#include "Compress/Dialect/Compress/Transforms/PruneByData.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "DataLayers.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlir::compress;
using ::compress::LayerMatrix;
using ::compress::PatchPlan;
using ::compress::SecondMoments;

/// What the output of a layer goes into.
struct OrderedRefit::Target {
  Value value;  // the layer's result, or the sum
  Value addend; // what else is added, or null
  SmallVector<double> scales,
      shifts; // of the layer's channels on the way there
};

OrderedRefit::OrderedRefit(ModuleOp full, func::FuncOp fullFunc,
                           ModuleOp pruned, func::FuncOp prunedFunc,
                           ArrayRef<DataLayer> layers,
                           ArrayRef<Operation *> prunedOps,
                           ArrayRef<LayerRemainder> remainders)
    : full(full), pruned(pruned), fullFunc(fullFunc), prunedFunc(prunedFunc),
      layers(layers), prunedOps(prunedOps), remainders(remainders) {
  // In the order of the function; before the first loss nothing has changed.
  bool changed = false;
  for (auto [place, rest] : llvm::enumerate(remainders)) {
    changed |= rest.losesInputs;
    if (changed)
      steps.push_back(place);
  }
}

/// What an affine op makes of `x` in a channel of its result's dimension `dim`.
static std::optional<double> evaluateAt(linalg::LinalgOp op,
                                        OpOperand *variable, unsigned dim,
                                        int64_t channel, double x) {
  AffineMap resultMap = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  auto loop = dyn_cast<AffineDimExpr>(resultMap.getResult(dim));
  if (!loop)
    return std::nullopt;
  SmallVector<std::optional<double>> arguments;
  for (OpOperand &operand : op->getOpOperands()) {
    if (&operand == variable) {
      arguments.push_back(x);
      continue;
    }
    Value value = operand.get();
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (std::optional<Broadcast> repeated = matchBroadcast(value)) {
      map = repeated->map.compose(map);
      value = repeated->source;
    }
    std::optional<double> number = matchSplat(value);
    std::optional<unsigned> at = dimOfLoop(map, loop.getPosition());
    FailureOr<ConstantData> data;
    if (!number)
      data = readConstant(value);
    // One number a channel, whatever dimensions of one element are around.
    if (at && succeeded(data) && data->size() == data->type.getDimSize(*at))
      number = data->getReal(channel);
    arguments.push_back(number);
  }
  return evaluateBody(op, arguments);
}

OrderedRefit::Target
OrderedRefit::findTarget(Operation *op, ArrayRef<int64_t> channels) const {
  PrunableLayer layer = *matchPrunableLayer(op);
  LayerShape shape = *readLayerShape(layer);
  size_t count = channels.size();
  Target plain{layer.result(),
               {},
               SmallVector<double>(count, 1),
               SmallVector<double>(count, 0)};
  Target target = plain;
  unsigned dim = *dimOfLoop(layer.resultMap, *shape.channelLoop);
  while (target.value.hasOneUse()) {
    OpOperand &use = *target.value.getUses().begin();
    Operation *user = use.getOwner();
    if (getAffineOperand(user) == &use && isa<linalg::LinalgOp>(user)) {
      auto linalgOp = cast<linalg::LinalgOp>(user);
      for (size_t i = 0; i < count; ++i) {
        auto zero = evaluateAt(linalgOp, &use, dim, i, 0);
        auto one = evaluateAt(linalgOp, &use, dim, i, 1);
        double factor = zero && one ? *one - *zero : 0;
        if (factor == 0)
          return plain;
        target.scales[i] *= factor;
        target.shifts[i] = target.shifts[i] * factor + *zero;
      }
      target.value = user->getResult(0);
      continue;
    }
    SmallVector<OpOperand *> addends = getAddends(user);
    if (addends.empty())
      return plain;
    Value other = addends[addends[0] == &use ? 1 : 0]->get();
    // What depends on this layer is not there to be fitted to yet.
    Operation *def = other.getDefiningOp();
    if (other == target.value || (def && !def->isBeforeInBlock(op)))
      return plain;
    target.value = user->getResult(0);
    target.addend = other;
    return target;
  }
  return plain;
}

/// The rows of a tensor of the type of the layer's result, and as columns the
/// channels of it.
static PatchPlan planResult(const PrunableLayer &layer, const LayerShape &shape,
                            ArrayRef<int64_t> channels) {
  auto type = cast<RankedTensorType>(layer.result().getType());
  SmallVector<int64_t> steps(layer.numLoops());
  int64_t step = 1;
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    auto loop = cast<AffineDimExpr>(layer.resultMap.getResult(dim));
    steps[loop.getPosition()] = step;
    step *= type.getDimSize(dim);
  }
  PatchPlan plan;
  SmallVector<int64_t> extents;
  for (unsigned loop : shape.rowLoops)
    extents.push_back(shape.extents[loop]);
  forEachPoint(extents, [&](ArrayRef<int64_t> point) {
    int64_t offset = 0;
    for (auto [loop, at] : llvm::zip(shape.rowLoops, point))
      offset += at * steps[loop];
    plan.rows.push_back(offset);
  });
  for (int64_t channel : channels)
    plan.columns.push_back(channel * steps[*shape.channelLoop]);
  return plan;
}

OrderedRefit::Step OrderedRefit::makeStep(size_t number) {
  const LayerRemainder &rest = remainders[steps[number]];
  Operation *fullOp = layers[rest.layer].op, *op = prunedOps[rest.layer];
  PrunableLayer layer = *matchPrunableLayer(op);
  LayerShape shape = *readLayerShape(layer);
  PrunableLayer fullLayer = *matchPrunableLayer(fullOp);
  Target target = findTarget(op, rest.channels);
  Target fullTarget = findTarget(fullOp, rest.channels);
  Step step;
  step.name = layers[rest.layer].name;

  IRMapping mapping;
  step.pruned = cast<ModuleOp>(pruned->clone(mapping));
  SmallVector<Value> values = {getPaddedInput(mapping.lookup(op))};
  if (target.addend)
    values.push_back(mapping.lookup(target.addend));
  SmallVector<std::string> names = {"input", "addend", "target"};
  setResults(cast<func::FuncOp>(mapping.lookup(prunedFunc.getOperation())),
             values, ArrayRef(names).take_front(values.size()),
             /*replace=*/true);
  IRMapping fullMapping;
  step.full = cast<ModuleOp>(full->clone(fullMapping));
  Value wanted = target.addend ? fullTarget.value : fullLayer.result();
  setResults(cast<func::FuncOp>(fullMapping.lookup(fullFunc.getOperation())),
             {fullMapping.lookup(wanted)}, {names[2]}, /*replace=*/true);

  auto all = llvm::to_vector(llvm::seq<int64_t>(0, rest.channels.size()));
  step.plans.push_back(planInput(shape));
  if (target.addend)
    step.plans.push_back(planResult(layer, shape, all));
  step.plans.push_back(
      planResult(fullLayer, *readLayerShape(fullLayer), rest.channels));
  return step;
}

llvm::Error OrderedRefit::fit(size_t number, const SecondMoments &moments) {
  const LayerRemainder &rest = remainders[steps[number]];
  Operation *op = prunedOps[rest.layer];
  PrunableLayer layer = *matchPrunableLayer(op);
  LayerShape shape = *readLayerShape(layer);
  Target target = findTarget(op, rest.channels);
  FailureOr<LayerMatrix> old = readMatrix(layer, shape);
  if (failed(old))
    return llvm::createStringError("'" + layers[rest.layer].name +
                                   "' has no constant weights");
  if (!target.addend) {
    // To the layer's own result.
    target.scales.assign(rest.channels.size(), 1);
    target.shifts.assign(rest.channels.size(), 0);
  }
  llvm::Expected<LayerMatrix> matrix = ::compress::fitWeights(
      *old, moments, static_cast<int64_t>(rest.columns.size()),
      target.addend != nullptr, target.scales, target.shifts);
  if (!matrix)
    return llvm::createStringError("'" + layers[rest.layer].name +
                                   "': " + llvm::toString(matrix.takeError()));
  setWeights(layer, shape, *matrix,
             llvm::to_vector(llvm::seq<int64_t>(0, rest.channels.size())));
  return llvm::Error::success();
}

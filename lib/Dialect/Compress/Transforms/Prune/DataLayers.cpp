//===- DataLayers.cpp - layers that data is collected of ------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DataLayers.h"
#include "ChannelGroups.h"
#include "ChannelRemoval.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "llvm/ADT/StringSet.h"
#include <numeric>

using namespace mlir;
using namespace mlir::compress;
using ::compress::LayerMatrix;
using ::compress::PatchPlan;

/// Rows and columns of an image that a TOSA convolution pads with: top, bottom,
/// left, right.
static SmallVector<int64_t> getPad(Operation *op) {
  if (auto pad = op->getAttrOfType<DenseI64ArrayAttr>("pad"))
    return SmallVector<int64_t>(pad.asArrayRef());
  return SmallVector<int64_t>(4, 0);
}

/// How the layer indexes its input, padded: strides and dilations included.
static AffineMap getExactInputMap(const PrunableLayer &layer) {
  auto strides = layer.op->getAttrOfType<DenseI64ArrayAttr>("stride");
  auto dilations = layer.op->getAttrOfType<DenseI64ArrayAttr>("dilation");
  if (!isa<tosa::Conv2DOp>(layer.op))
    return layer.inputMap;
  MLIRContext *context = layer.op->getContext();
  auto loop = [&](unsigned i) { return getAffineDimExpr(i, context); };
  // Loops as in TosaDimensions.cpp.
  return AffineMap::get(layer.numLoops(), 0,
                        {loop(0), loop(1) * strides[0] + loop(4) * dilations[0],
                         loop(2) * strides[1] + loop(5) * dilations[1],
                         loop(6)},
                        context);
}

static SmallVector<int64_t> getInputShape(const PrunableLayer &layer) {
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(layer.input.getType()).getShape());
  if (isa<tosa::Conv2DOp>(layer.op)) {
    SmallVector<int64_t> pad = getPad(layer.op);
    shape[1] += pad[0] + pad[1];
    shape[2] += pad[2] + pad[3];
  }
  return shape;
}

/// How far apart in memory steps of each loop are; loops that are not indexed
/// have 0.
static SmallVector<int64_t> getSteps(AffineMap map, ArrayRef<int64_t> shape) {
  SmallVector<int64_t> steps(map.getNumDims());
  SmallVector<AffineExpr> point(map.getNumDims(),
                                getAffineConstantExpr(0, map.getContext()));
  auto offsetAt = [&]() {
    int64_t offset = 0;
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      auto at = cast<AffineConstantExpr>(expr.replaceDims(point));
      offset = offset * shape[dim] + at.getValue();
    }
    return offset;
  };
  int64_t origin = offsetAt();
  for (unsigned loop = 0; loop < map.getNumDims(); ++loop) {
    point[loop] = getAffineConstantExpr(1, map.getContext());
    steps[loop] = offsetAt() - origin;
    point[loop] = getAffineConstantExpr(0, map.getContext());
  }
  return steps;
}

void mlir::compress::forEachPoint(ArrayRef<int64_t> extents,
                                  function_ref<void(ArrayRef<int64_t>)> fn) {
  SmallVector<int64_t> point(extents.size(), 0);
  if (llvm::is_contained(extents, 0))
    return;
  while (true) {
    fn(point);
    size_t i = extents.size();
    while (i > 0 && ++point[i - 1] == extents[i - 1])
      point[--i] = 0;
    if (i == 0)
      return;
  }
}

std::optional<LayerShape>
mlir::compress::readLayerShape(const PrunableLayer &layer) {
  auto inputType = cast<RankedTensorType>(layer.input.getType());
  auto filterType = cast<RankedTensorType>(layer.filter.getType());
  auto resultType = cast<RankedTensorType>(layer.result().getType());
  if (!inputType.hasStaticShape() || !filterType.hasStaticShape() ||
      !resultType.hasStaticShape() ||
      !layer.filterMap.isProjectedPermutation() ||
      !layer.resultMap.isProjectedPermutation() || !isConstant(layer.filter) ||
      !inputType.getElementType().isF32() ||
      !resultType.getElementType().isF32())
    return std::nullopt;
  if (isa<tosa::TransposeConv2DOp>(layer.op))
    return std::nullopt;
  LayerShape shape;
  std::optional<unsigned> single;
  shape.extents.assign(layer.numLoops(), 1);
  for (unsigned loop = 0; loop < layer.numLoops(); ++loop) {
    std::optional<unsigned> filter = dimOfLoop(layer.filterMap, loop);
    std::optional<unsigned> result = dimOfLoop(layer.resultMap, loop);
    if (!filter && !result)
      return std::nullopt;
    shape.extents[loop] = filter ? filterType.getDimSize(*filter)
                                 : resultType.getDimSize(*result);
    if (layer.isSummed(loop)) {
      shape.summedLoops.push_back(loop);
      continue;
    }
    if (!filter) {
      shape.rowLoops.push_back(loop);
      continue;
    }
    if (shape.extents[loop] == 1) {
      // The one channel that there is, perhaps: the others are gone.
      if (!dimOfLoop(layer.inputMap, loop))
        single = loop;
      continue;
    }
    // Of groups each has an input of its own.
    if (dimOfLoop(layer.inputMap, loop) || shape.channelLoop)
      return std::nullopt;
    shape.channelLoop = loop;
  }
  if (!shape.channelLoop)
    shape.channelLoop = single;
  if (!shape.channelLoop)
    return std::nullopt;
  shape.filterSteps = getSteps(layer.filterMap, filterType.getShape());
  shape.inputSteps = getSteps(getExactInputMap(layer), getInputShape(layer));
  return shape;
}

PatchPlan mlir::compress::planInput(const LayerShape &shape) {
  PatchPlan plan;
  auto list = [&](ArrayRef<unsigned> loops, std::vector<int64_t> &offsets) {
    SmallVector<int64_t> extents;
    for (unsigned loop : loops)
      extents.push_back(shape.extents[loop]);
    forEachPoint(extents, [&](ArrayRef<int64_t> point) {
      int64_t offset = 0;
      for (auto [loop, at] : llvm::zip(loops, point))
        offset += at * shape.inputSteps[loop];
      offsets.push_back(offset);
    });
  };
  list(shape.rowLoops, plan.rows);
  list(shape.summedLoops, plan.columns);
  return plan;
}

SmallVector<double> mlir::compress::readBias(Operation *op, int64_t channels) {
  SmallVector<double> values(channels, 0);
  FailureOr<ConstantData> data = failure();
  if (isa<tosa::Conv2DOp>(op)) {
    data = readConstant(op->getOperand(2));
  } else if (std::optional<WeightedOp> weighted =
                 matchWeightedOp(op, nullptr, true)) {
    std::optional<BiasSource> bias = matchBias(*weighted);
    if (bias && !bias->constant)
      values.assign(channels, bias->splat);
    if (bias && bias->constant)
      data = readConstant(bias->constant);
  }
  if (succeeded(data))
    for (auto [i, value] : llvm::enumerate(values))
      value = data->getReal(data->size() == 1 ? 0 : i);
  return values;
}

FailureOr<LayerMatrix> mlir::compress::readMatrix(const PrunableLayer &layer,
                                                  const LayerShape &shape) {
  FailureOr<ConstantData> data = readConstant(layer.filter);
  if (failed(data))
    return failure();
  LayerMatrix matrix;
  matrix.outputs = shape.extents[*shape.channelLoop];
  SmallVector<int64_t> summed;
  for (unsigned loop : shape.summedLoops)
    summed.push_back(shape.extents[loop]);
  SmallVector<double> bias = readBias(layer.op, matrix.outputs);
  for (int64_t channel = 0; channel < matrix.outputs; ++channel) {
    forEachPoint(summed, [&](ArrayRef<int64_t> point) {
      int64_t offset = channel * shape.filterSteps[*shape.channelLoop];
      for (auto [loop, at] : llvm::zip(shape.summedLoops, point))
        offset += at * shape.filterSteps[loop];
      matrix.weights.push_back(data->getReal(offset));
    });
    matrix.weights.push_back(bias[channel]);
  }
  return matrix;
}

void mlir::compress::setWeights(const PrunableLayer &layer,
                                const LayerShape &shape,
                                const LayerMatrix &matrix,
                                ArrayRef<int64_t> channels) {
  auto type = cast<RankedTensorType>(layer.filter.getType());
  std::vector<float> weights(type.getNumElements());
  SmallVector<int64_t> summed;
  for (unsigned loop : shape.summedLoops)
    summed.push_back(shape.extents[loop]);
  int64_t columns = matrix.weights.size() / matrix.outputs;
  SmallVector<float> bias;
  SmallVector<double> old = readBias(layer.op, channels.size());
  for (size_t place = 0; place < channels.size(); ++place) {
    int64_t channel = channels[place];
    const double *row = &matrix.weights[channel * columns];
    forEachPoint(summed, [&](ArrayRef<int64_t> point) {
      int64_t offset = place * shape.filterSteps[*shape.channelLoop];
      for (auto [loop, at] : llvm::zip(shape.summedLoops, point))
        offset += at * shape.filterSteps[loop];
      weights[offset] = static_cast<float>(*row++);
    });
    bias.push_back(static_cast<float>(*row - old[place]));
  }
  Operation *constant = layer.filter.getDefiningOp();
  OpBuilder builder(layer.op);
  Operation *changed = builder.clone(*constant);
  changed->setAttr(isa<tosa::ConstOp>(constant) ? "values" : "value",
                   makeConstant(type, ArrayRef<float>(weights)));
  layer.op->setOperand(1, changed->getResult(0));
  addToBias(layer.op, bias);
}

std::vector<DataLayer> mlir::compress::findDataLayers(func::FuncOp func) {
  separateConstants(func);
  ChannelGraph graph(func);
  DenseSet<Operation *> wanted;
  for (const ChannelGroup &group : findChannelGroups(graph, func))
    if (!group.pin)
      for (const PrunableLayer &reader : group.readers)
        wanted.insert(reader.op);
  std::vector<DataLayer> layers;
  llvm::StringSet<> names;
  for (Operation &op : func.getBody().front()) {
    if (!wanted.contains(&op))
      continue;
    std::optional<PrunableLayer> layer = matchPrunableLayer(&op);
    std::optional<LayerShape> shape = readLayerShape(*layer);
    if (!shape)
      continue;
    FailureOr<LayerMatrix> matrix = readMatrix(*layer, *shape);
    if (failed(matrix))
      continue;
    std::string base = layer->name(), name = base;
    for (unsigned n = 2; !names.insert(name).second; ++n)
      name = base + "#" + std::to_string(n);
    layers.push_back({&op, name, planInput(*shape), std::move(*matrix)});
  }
  return layers;
}

Value mlir::compress::getPaddedInput(Operation *op) {
  Value input = op->getOperand(0);
  SmallVector<int64_t> pad = getPad(op);
  if (llvm::all_of(pad, [](int64_t n) { return n == 0; }))
    return input;
  ImplicitLocOpBuilder builder(op->getLoc(), op);
  Value padding = tosa::getTosaConstShape(
      builder, {0, 0, pad[0], pad[1], pad[2], pad[3], 0, 0});
  auto zeroType = RankedTensorType::get({1}, builder.getF32Type());
  Value zero = tosa::ConstOp::create(
      builder, zeroType,
      DenseElementsAttr::get(zeroType, ArrayRef<float>{0.0f}));
  return tosa::PadOp::create(
      builder,
      RankedTensorType::get(getInputShape(*matchPrunableLayer(op)),
                            builder.getF32Type()),
      input, padding, zero);
}

void mlir::compress::setResults(func::FuncOp func, ArrayRef<Value> values,
                                ArrayRef<std::string> names, bool replace) {
  Operation *terminator = func.getBody().front().getTerminator();
  if (replace) {
    terminator->setOperands({});
    if (failed(func.eraseResults(llvm::BitVector(func.getNumResults(), true))))
      llvm_unreachable("all results");
  }
  for (auto [value, text] : llvm::zip(values, names)) {
    unsigned index = func.getNumResults();
    NamedAttribute name(StringAttr::get(func.getContext(), kNameAttr),
                        StringAttr::get(func.getContext(), text));
    if (failed(func.insertResult(index, value.getType(),
                                 DictionaryAttr::get(func.getContext(), name))))
      llvm_unreachable("a result at the end");
    terminator->insertOperands(index, value);
  }
}

OwningOpRef<ModuleOp> mlir::compress::exposeInputs(ModuleOp module,
                                                   func::FuncOp func,
                                                   ArrayRef<DataLayer> layers) {
  IRMapping mapping;
  OwningOpRef<ModuleOp> copy(cast<ModuleOp>(module->clone(mapping)));
  SmallVector<Value> inputs;
  SmallVector<std::string> names;
  for (const DataLayer &layer : layers) {
    inputs.push_back(getPaddedInput(mapping.lookup(layer.op)));
    names.push_back(layer.name);
  }
  setResults(cast<func::FuncOp>(mapping.lookup(func.getOperation())), inputs,
             names, /*replace=*/false);
  return copy;
}

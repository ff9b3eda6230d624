//===- DropChannels.cpp - taking channels out ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "ChannelRemoval.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "Compress/Dialect/Compress/Utils/WeightedOp.h"
#include "TosaCodes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Utils/ConversionUtils.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
class Dropper {
public:
  Dropper(const ChannelGraph &graph, AxisElements elements)
      : graph(graph), elements(elements) {}

  /// The elements of a dimension that stay, in their order; none where all do
  /// as they are.
  std::optional<SmallVector<int64_t>> getKept(Value value, int64_t dim) const {
    unsigned axis = graph.getAxis(value, dim);
    if (axis == ChannelGraph::kNone)
      return std::nullopt;
    return elements(axis);
  }

  void setTypes(Operation *op) const;
  void update(Operation *op) const;

private:
  void sliceConstant(Operation *op) const;
  void setConstantShape(OpOperand &operand, ArrayRef<int64_t> values) const;
  int64_t countBelow(Value value, int64_t dim, int64_t end) const;
  void updateSlice(tensor::ExtractSliceOp op) const;
  void updatePad(Operation *op, Value source, SmallVectorImpl<int64_t> &low,
                 SmallVectorImpl<int64_t> &high) const;

  const ChannelGraph &graph;
  AxisElements elements;
};
} // namespace

static int64_t rankOf(Value value) {
  return cast<RankedTensorType>(value.getType()).getRank();
}

/// The quantized type of the elements that stay.
static Type keepScales(Type type, int64_t dim, ArrayRef<int64_t> kept) {
  auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
  if (!perAxis || perAxis.getQuantizedDimension() != dim)
    return type;
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  for (int64_t index : kept) {
    scales.push_back(perAxis.getScales()[index]);
    zeroPoints.push_back(perAxis.getZeroPoints()[index]);
  }
  return quant::UniformQuantizedPerAxisType::get(
      perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(),
      scales, zeroPoints, dim, perAxis.getStorageTypeMin(),
      perAxis.getStorageTypeMax());
}

void Dropper::setTypes(Operation *op) const {
  // Constants have their elements in their type.
  for (Value result : op->getResults()) {
    auto type = dyn_cast<RankedTensorType>(result.getType());
    if (!type)
      continue;
    SmallVector<int64_t> shape(type.getShape());
    Type element = type.getElementType();
    for (int64_t dim = 0; dim < type.getRank(); ++dim)
      if (auto kept = getKept(result, dim)) {
        shape[dim] = kept->size();
        element = keepScales(element, dim, *kept);
      }
    result.setType(RankedTensorType::get(shape, element, type.getEncoding()));
  }
}

/// Of `outer` times `extent` times `inner` elements those whose middle index is
/// kept.
template <typename T>
static std::vector<T> keepElements(ArrayRef<T> all, int64_t outer,
                                   int64_t extent, int64_t inner,
                                   ArrayRef<int64_t> kept) {
  std::vector<T> elements;
  elements.reserve(outer * kept.size() * inner);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : kept)
      llvm::append_range(elements,
                         all.slice((o * extent + index) * inner, inner));
  return elements;
}

void Dropper::sliceConstant(Operation *op) const {
  Value value = op->getResult(0);
  auto type = cast<RankedTensorType>(value.getType());
  FailureOr<ConstantData> data = failure();
  // Types that are not whole bytes, as conditions, element by element.
  std::vector<Attribute> attributes;
  ElementsAttr old;
  SmallVector<int64_t> shape;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    auto kept = getKept(value, dim);
    if (!kept)
      continue;
    if (shape.empty()) {
      matchPattern(value, m_Constant(&old));
      shape.assign(old.getShapedType().getShape().begin(),
                   old.getShapedType().getShape().end());
      data = readConstant(old);
      if (failed(data))
        llvm::append_range(attributes, old.getValues<Attribute>());
    }
    int64_t outer = 1, inner = 1;
    for (int64_t d = 0; d < type.getRank(); ++d)
      (d < dim ? outer : inner) *= d == dim ? 1 : shape[d];
    if (succeeded(data))
      data->bytes = keepElements(ArrayRef<char>(data->bytes), outer, shape[dim],
                                 inner * data->elementBytes(), *kept);
    else
      attributes = keepElements(ArrayRef<Attribute>(attributes), outer,
                                shape[dim], inner, *kept);
    shape[dim] = kept->size();
  }
  if (shape.empty())
    return;
  auto newType = RankedTensorType::get(shape, type.getElementType());
  op->setAttr(isa<tosa::ConstOp>(op) ? "values" : "value",
              succeeded(data)
                  ? makeConstant(newType, ArrayRef<char>(data->bytes))
                  : DenseElementsAttr::get(newType, attributes));
}

/// How many of the elements before `end` stay.
int64_t Dropper::countBelow(Value value, int64_t dim, int64_t end) const {
  auto kept = getKept(value, dim);
  if (!kept)
    return end;
  return llvm::count_if(*kept, [&](int64_t index) { return index < end; });
}

void Dropper::updateSlice(tensor::ExtractSliceOp op) const {
  SmallVector<int64_t> offsets(op.getStaticOffsets());
  SmallVector<int64_t> sizes(op.getStaticSizes());
  for (int64_t dim = 0; dim < rankOf(op.getSource()); ++dim) {
    if (!getKept(op.getSource(), dim) || ShapedType::isDynamic(offsets[dim]))
      continue;
    int64_t begin = countBelow(op.getSource(), dim, offsets[dim]);
    int64_t end = countBelow(op.getSource(), dim, offsets[dim] + sizes[dim]);
    offsets[dim] = begin;
    sizes[dim] = end - begin;
  }
  op.setStaticOffsets(offsets);
  op.setStaticSizes(sizes);
}

/// Elements that a pad added may go, too.
void Dropper::updatePad(Operation *op, Value source,
                        SmallVectorImpl<int64_t> &low,
                        SmallVectorImpl<int64_t> &high) const {
  Value result = op->getResult(0);
  for (int64_t dim = 0; dim < rankOf(source); ++dim) {
    auto kept = getKept(result, dim);
    if (!kept)
      continue;
    unsigned axis = graph.getAxis(source, dim);
    int64_t end = low[dim] + graph.getAxis(axis).extent;
    int64_t total = graph.getAxis(graph.getAxis(result, dim)).extent;
    low[dim] = countBelow(result, dim, low[dim]);
    high[dim] = countBelow(result, dim, total) - countBelow(result, dim, end);
  }
}

void Dropper::setConstantShape(OpOperand &operand,
                               ArrayRef<int64_t> values) const {
  ImplicitLocOpBuilder builder(operand.getOwner()->getLoc(),
                               operand.getOwner());
  operand.set(tosa::getTosaConstShape(builder, values));
}

/// Keeps those elements of an attribute that `kept` names.
template <typename T>
static SmallVector<T> select(ArrayRef<T> all, ArrayRef<int64_t> kept) {
  SmallVector<T> selected;
  for (int64_t index : kept)
    selected.push_back(all[index]);
  return selected;
}

void Dropper::update(Operation *op) const {
  if (op->hasTrait<OpTrait::ConstantLike>() && op->getNumResults() == 1 &&
      isa<RankedTensorType>(op->getResult(0).getType()))
    return sliceConstant(op);
  TypeSwitch<Operation *>(op)
      .Case([&](tensor::ExpandShapeOp expand) {
        expand.setStaticOutputShape(
            cast<RankedTensorType>(expand.getResult().getType()).getShape());
      })
      .Case([&](tensor::ExtractSliceOp slice) { updateSlice(slice); })
      .Case([&](tensor::PadOp pad) {
        SmallVector<int64_t> low(pad.getStaticLow()), high(pad.getStaticHigh());
        updatePad(pad, pad.getSource(), low, high);
        pad.setStaticLow(low);
        pad.setStaticHigh(high);
      })
      .Case([&](tosa::ReshapeOp reshape) {
        SmallVector<int64_t> shape;
        for (int64_t extent :
             cast<RankedTensorType>(reshape.getOutput().getType()).getShape())
          shape.push_back(ShapedType::isDynamic(extent) ? -1 : extent);
        setConstantShape(reshape.getShapeMutable(), shape);
      })
      .Case([&](tosa::SliceOp slice) {
        SmallVector<int64_t> start, size;
        if (!tosa::getConstShapeValues(slice.getStart().getDefiningOp(),
                                       start) ||
            !tosa::getConstShapeValues(slice.getSize().getDefiningOp(), size))
          return;
        for (int64_t dim = 0; dim < rankOf(slice.getInput1()); ++dim)
          if (getKept(slice.getInput1(), dim)) {
            int64_t begin = countBelow(slice.getInput1(), dim, start[dim]);
            size[dim] =
                countBelow(slice.getInput1(), dim, start[dim] + size[dim]) -
                begin;
            start[dim] = begin;
          }
        setConstantShape(slice.getStartMutable(), start);
        setConstantShape(slice.getSizeMutable(), size);
      })
      .Case([&](tosa::PadOp pad) {
        SmallVector<int64_t> both, low, high;
        if (!tosa::getConstShapeValues(pad.getPadding().getDefiningOp(), both))
          return;
        for (size_t i = 0; i < both.size(); i += 2) {
          low.push_back(both[i]);
          high.push_back(both[i + 1]);
        }
        updatePad(pad, pad.getInput1(), low, high);
        for (size_t i = 0; i < low.size(); ++i) {
          both[2 * i] = low[i];
          both[2 * i + 1] = high[i];
        }
        setConstantShape(pad.getPaddingMutable(), both);
      })
      .Case([&](FakeQuantOp fakeQuant) {
        for (int64_t dim = 0; dim < rankOf(fakeQuant.getOutput()); ++dim)
          if (auto kept = getKept(fakeQuant.getOutput(), dim))
            fakeQuant.setType(keepScales(fakeQuant.getType(), dim, *kept));
      })
      .Case([&](ChannelGateOp gate) {
        if (auto kept = getKept(gate.getOutput(), gate.getAxis())) {
          gate.setBeta(select(gate.getBeta(), *kept));
          gate.setGamma(select(gate.getGamma(), *kept));
        }
      })
      .Case([&](ChannelMaskOp mask) {
        if (auto kept = getKept(mask.getOutput(), mask.getAxis()))
          mask.setMask(select(mask.getMask(), *kept));
      })
      .Case([&](ScatterChannelsOp scatter) {
        // The places that stay, counted among those of the sum that do.
        auto from = getKept(scatter.getInput(), scatter.getAxis());
        SmallVector<int64_t> places(scatter.getIndices());
        if (from)
          places = select(ArrayRef<int64_t>(places), *from);
        if (auto to = getKept(scatter.getOutput(), scatter.getAxis()))
          for (int64_t &place : places)
            place = llvm::find(*to, place) - to->begin();
        scatter.setIndices(places);
      });
}

/// Adds numbers to the bias of a sum whose channels are already those that
/// stay.
void mlir::compress::addToBias(Operation *op, ArrayRef<float> numbers) {
  if (isa<tosa::TosaDialect>(op->getDialect()))
    return addToTosaBias(op, SmallVector<double>(numbers));
  std::optional<WeightedOp> weighted = matchWeightedOp(op, nullptr, true);
  assert(weighted && "it had one channel dimension before");
  OpBuilder b(op);
  std::optional<BiasSource> bias = matchBias(*weighted);
  SmallVector<float> sums(numbers);
  FailureOr<ConstantData> old = failure();
  if (bias && bias->constant)
    old = readConstant(bias->constant);
  if (bias && (!bias->constant || succeeded(old))) {
    for (auto [index, sum] : llvm::enumerate(sums))
      sum += static_cast<float>(bias->constant ? old->getReal(index)
                                               : bias->splat);
    Value constant =
        buildChannelConstant(b, op->getLoc(), *weighted, ArrayRef<float>(sums));
    weighted->init->set(buildBiasInit(b, op->getLoc(), *weighted, constant));
    return;
  }
  Value init = weighted->init->get();
  Value constant =
      buildChannelConstant(b, op->getLoc(), *weighted, ArrayRef<float>(sums));
  Value repeated = buildBiasInit(b, op->getLoc(), *weighted, constant);
  weighted->init->set(linalg::AddOp::create(b, op->getLoc(),
                                            ValueRange{init, repeated},
                                            ValueRange{init})
                          ->getResult(0));
}

void mlir::compress::arrangeChannels(func::FuncOp func,
                                     const ChannelGraph &graph,
                                     AxisElements elements) {
  Dropper dropper(graph, elements);
  for (Operation &op : func.getBody().front())
    dropper.setTypes(&op);
  for (Operation &op : llvm::make_early_inc_range(func.getBody().front()))
    dropper.update(&op);
}

void mlir::compress::dropChannels(func::FuncOp func, const ChannelGraph &graph,
                                  const ChannelRemoval &removal) {
  auto elements = [&](unsigned axis) -> std::optional<SmallVector<int64_t>> {
    if (!removal.losesElements(axis))
      return std::nullopt;
    return removal.getKept(axis);
  };
  Dropper dropper(graph, elements);
  SmallVector<BiasChange> changes = removal.getBiasChanges();
  for (BiasChange &change : changes)
    if (auto kept = dropper.getKept(change.op->getResult(0), change.dim))
      change.numbers = select(ArrayRef<double>(change.numbers), *kept);
  arrangeChannels(func, graph, elements);
  for (const BiasChange &change : changes) {
    if (isa<tosa::TosaDialect>(change.op->getDialect())) {
      addToTosaBias(change.op, change.numbers);
      continue;
    }
    if (change.isOnCodes) {
      std::string reason;
      std::optional<CodeLayer> layer =
          CodeLayer::match(change.op, reason, /*wasOne=*/true);
      if (!layer)
        llvm::report_fatal_error("what is left of a layer on codes is none: " +
                                 llvm::Twine(reason));
      layer->addToBias(change.numbers);
      continue;
    }
    SmallVector<float> sums(change.numbers.begin(), change.numbers.end());
    addToBias(change.op, sums);
  }
}

//===- QuantOps.cpp - constants, quantization and masks of channels -------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "OnnxExporter.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::compress;

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

LogicalResult OnnxExporter::exportConstant(Operation *op) {
  Attribute attribute;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type)
    return success(); // a scalar, for the bodies that use it
  std::optional<OnnxType> element = getOnnxType(type.getElementType());
  if (!element || !matchPattern(op, m_Constant(&attribute)))
    return fail(op, "it is a constant of a type that ONNX does not have");
  // One number for many elements is written where it is used.
  constexpr int64_t mostElements = int64_t(1) << 24;
  auto dense = dyn_cast<DenseElementsAttr>(attribute);
  if (dense && dense.isSplat() && type.getNumElements() > mostElements)
    return success();
  std::string name;
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attribute))
    name = resource.getRawHandle().getKey().str();
  std::vector<char> bytes;
  if (dense &&
      (*element == OnnxType::Bool || type.getElementType().isIndex())) {
    bool isBool = *element == OnnxType::Bool;
    for (const APInt &number : dense.getValues<APInt>()) {
      uint64_t bits = number.getZExtValue();
      const auto *data = reinterpret_cast<const char *>(&bits);
      bytes.insert(bytes.end(), data, data + (isBool ? 1 : sizeof(bits)));
    }
  } else {
    FailureOr<ConstantData> data = readConstant(attribute);
    if (failed(data))
      return fail(op, "it is a constant that cannot be read");
    bytes = std::move(data->bytes);
  }
  setValue(op->getResult(0), graph.addConstant(*element, type.getShape(),
                                               std::move(bytes), name));
  return success();
}

//===----------------------------------------------------------------------===//
// Quantization
//===----------------------------------------------------------------------===//

namespace {
/// A type as the operands of the operators.
struct Grid {
  std::vector<float> scales;
  SmallVector<int64_t> zeroPoints;
  std::optional<int64_t> axis; // of a tensor of the MLIR
  int64_t low, high;
};
} // namespace

static std::optional<Grid> getGrid(quant::QuantizedType type) {
  Grid grid{
      {}, {}, std::nullopt, type.getStorageTypeMin(), type.getStorageTypeMax()};
  if (!type.isSigned())
    return std::nullopt;
  if (auto one = dyn_cast<quant::UniformQuantizedType>(type)) {
    grid.scales.push_back(static_cast<float>(one.getScale()));
    grid.zeroPoints.push_back(one.getZeroPoint());
    return grid;
  }
  auto many = dyn_cast<quant::UniformQuantizedPerAxisType>(type);
  if (!many)
    return std::nullopt;
  for (double scale : many.getScales())
    grid.scales.push_back(static_cast<float>(scale));
  grid.zeroPoints.assign(many.getZeroPoints().begin(),
                         many.getZeroPoints().end());
  grid.axis = many.getQuantizedDimension();
  return grid;
}

/// One number a channel along dimension `place` of a tensor, or one alone.
static ValueId addNumbers(OnnxGraph &graph, ArrayRef<float> numbers,
                          std::optional<int64_t> place, size_t rank) {
  if (!place)
    return graph.addScalar(OnnxType::Float, numbers.front());
  SmallVector<int64_t> shape(rank - *place, 1);
  shape.front() = static_cast<int64_t>(numbers.size());
  return graph.addConstant<float>(OnnxType::Float, shape, numbers);
}

LogicalResult OnnxExporter::exportFakeQuant(Operation *op) {
  auto fakeQuant = cast<FakeQuantOp>(op);
  std::optional<Grid> grid = getGrid(fakeQuant.getQuantizedType());
  FailureOr<GraphTensor> input = getTensor(fakeQuant.getInput());
  if (failed(input))
    return failure();
  if (!grid)
    return fail(op, "its codes are not signed");
  std::optional<int64_t> place;
  if (grid->axis)
    place = input->order[*grid->axis];
  SmallVector<int64_t> shape(graph.getShape(input->value));
  ValueId x = input->value;
  auto numbers = [&](ArrayRef<float> list) {
    return addNumbers(graph, list, place, shape.size());
  };
  std::vector<float> lows, highs;
  bool isWide = fakeQuant.getQuantizedType().getStorageTypeIntegralWidth() != 8;
  for (auto [scale, zeroPoint] :
       llvm::zip_equal(grid->scales, grid->zeroPoints)) {
    float step = isWide ? 1.0f : scale;
    lows.push_back(static_cast<float>(grid->low - zeroPoint) * step);
    highs.push_back(static_cast<float>(grid->high - zeroPoint) * step);
  }
  auto clip = [&](ValueId value) {
    if (!place)
      return graph.addElementwise("Clip",
                                  {value, numbers(lows), numbers(highs)});
    value = graph.addElementwise("Max", {value, numbers(lows)});
    return graph.addElementwise("Min", {value, numbers(highs)});
  };
  if (isWide) {
    // The operator knows 8 bits alone: what it would compute, in f32.
    ValueId steps = numbers(grid->scales);
    x = graph.addElementwise("Div", {x, steps});
    x = clip(graph.addElementwise("Round", x));
    x = graph.addElementwise("Mul", {x, steps});
    setTensor(op->getResult(0), {x, input->order});
    return success();
  }
  // A range narrower than the codes' is cut before.
  if (grid->low != -128 || grid->high != 127)
    x = clip(x);
  OnnxAttributes axis;
  if (place)
    axis.push_back({"axis", *place});
  ArrayRef<int64_t> list =
      place ? ArrayRef<int64_t>(shape).slice(*place, 1) : ArrayRef<int64_t>();
  std::vector<char> zeroPoints(grid->zeroPoints.begin(),
                               grid->zeroPoints.end());
  ValueId scale = graph.addConstant<float>(OnnxType::Float, list, grid->scales);
  ValueId zeroPoint = graph.addConstant(OnnxType::Int8, list, zeroPoints);
  ValueId codes = graph.addNode("QuantizeLinear", {x, scale, zeroPoint},
                                OnnxType::Int8, shape, axis);
  setTensor(op->getResult(0),
            {graph.addNode("DequantizeLinear", {codes, scale, zeroPoint},
                           OnnxType::Float, shape, axis),
             input->order});
  return success();
}

LogicalResult OnnxExporter::exportDequantize(Operation *op) {
  auto storage = op->getOperand(0).getDefiningOp<quant::StorageCastOp>();
  auto quantized = dyn_cast<quant::QuantizedType>(
      getElementTypeOrSelf(op->getOperand(0).getType()));
  std::optional<Grid> grid = quantized ? getGrid(quantized) : std::nullopt;
  if (!storage || !grid || !getElementTypeOrSelf(op->getResult(0)).isF32())
    return fail(op, "it dequantizes something else than signed integer codes; "
                    "run --compress-raise-qdq before");
  FailureOr<GraphTensor> input = getTensor(storage.getInput());
  if (failed(input))
    return failure();
  std::optional<int64_t> place;
  if (grid->axis)
    place = input->order[*grid->axis];
  SmallVector<int64_t> shape(graph.getShape(input->value));
  const OnnxValue &codes = graph.get(input->value);
  if (codes.constant) {
    auto scales = std::make_shared<ConstantScales>();
    scales->scales = grid->scales;
    scales->zeroPoints.assign(grid->zeroPoints.begin(), grid->zeroPoints.end());
    if (place) {
      scales->begin = *place;
      scales->end = *place + 1;
    }
    std::vector<char> bytes = *codes.constant->bytes;
    std::string name = codes.constant->name;
    ValueId value =
        graph.addConstant(codes.type, shape, std::move(bytes), name, scales);
    setTensor(op->getResult(0), {value, input->order});
    return success();
  }
  // At run time, as of codes that come in: (code - zero point) * scale.
  OnnxType type = *getOnnxType(getElementTypeOrSelf(storage.getInput()));
  ValueId x = graph.cast(input->value, type);
  if (type == OnnxType::Int8) {
    OnnxAttributes axis;
    if (place)
      axis.push_back({"axis", *place});
    ArrayRef<int64_t> list =
        place ? ArrayRef<int64_t>(shape).slice(*place, 1) : ArrayRef<int64_t>();
    std::vector<char> codesOfZero(grid->zeroPoints.begin(),
                                  grid->zeroPoints.end());
    x = graph.addNode(
        "DequantizeLinear",
        {x, graph.addConstant<float>(OnnxType::Float, list, grid->scales),
         graph.addConstant(OnnxType::Int8, list, std::move(codesOfZero))},
        OnnxType::Float, shape, axis);
    setTensor(op->getResult(0), {x, input->order});
    return success();
  }
  std::vector<float> zeroPoints(grid->zeroPoints.begin(),
                                grid->zeroPoints.end());
  x = graph.cast(x, OnnxType::Float);
  x = graph.addElementwise(
      "Sub", {x, addNumbers(graph, zeroPoints, place, shape.size())});
  x = graph.addElementwise(
      "Mul", {x, addNumbers(graph, grid->scales, place, shape.size())});
  setTensor(op->getResult(0), {x, input->order});
  return success();
}

//===----------------------------------------------------------------------===//
// Channels
//===----------------------------------------------------------------------===//

LogicalResult OnnxExporter::exportChannelMask(Operation *op) {
  auto mask = cast<ChannelMaskOp>(op);
  FailureOr<GraphTensor> input = getTensor(mask.getInput());
  if (failed(input))
    return failure();
  std::vector<float> factors(mask.getMask().begin(), mask.getMask().end());
  int64_t place = input->order[mask.getAxis()];
  ValueId x = graph.addElementwise(
      "Mul",
      {input->value, addNumbers(graph, factors, place, input->order.size())});
  setTensor(op->getResult(0), {x, input->order});
  return success();
}

LogicalResult OnnxExporter::exportScatterChannels(Operation *op) {
  auto scatter = cast<ScatterChannelsOp>(op);
  FailureOr<GraphTensor> input = getTensor(scatter.getInput());
  if (failed(input))
    return failure();
  auto type = cast<RankedTensorType>(scatter.getInput().getType());
  auto axis = static_cast<int64_t>(scatter.getAxis());
  int64_t extent =
      cast<RankedTensorType>(scatter.getOutput().getType()).getDimSize(axis);
  ArrayRef<int64_t> indices = scatter.getIndices();
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape());
  SmallVector<int64_t> steps(type.getRank(), 1), zeros(type.getRank(), 0);
  // Runs of channels that stay together, each with the zeros before it.
  SmallVector<GraphTensor> parts;
  int64_t next = 0;
  for (size_t i = 0; i < indices.size();) {
    size_t end = i + 1;
    while (end < indices.size() && indices[end] == indices[end - 1] + 1)
      ++end;
    offsets[axis] = static_cast<int64_t>(i);
    sizes[axis] = static_cast<int64_t>(end - i);
    SmallVector<int64_t> low(zeros), high(zeros);
    low[axis] = indices[i] - next;
    next = indices[end - 1] + 1;
    if (end == indices.size())
      high[axis] = extent - next;
    GraphTensor part = sliced(*input, offsets, sizes, steps);
    if (low[axis] || high[axis])
      part = padded(part, low, high, 0);
    parts.push_back(part);
    i = end;
  }
  setTensor(op->getResult(0), joined(parts, axis));
  return success();
}

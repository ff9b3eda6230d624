//===- WideLayer.cpp - layers with channels of zeros ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WideLayer.h"
#include "Compress/Dialect/Compress/Utils/Constants.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<WeightedOp> mlir::compress::matchMixingLayer(Value value) {
  Operation *def = value.getDefiningOp();
  std::optional<WeightedOp> op = def ? matchWeightedOp(def) : std::nullopt;
  if (!op || op->op.getNumDpsInputs() != 2 || op->channelDims.size() != 1 ||
      !getElementTypeOrSelf(value.getType()).isF32() ||
      !getElementTypeOrSelf(op->filter->get().getType()).isF32() ||
      cast<RankedTensorType>(value.getType()).getRank() < 2 ||
      op->channelDims[0] + 1 !=
          cast<RankedTensorType>(value.getType()).getRank() ||
      llvm::count_if(op->filterChannelStride,
                     [](int64_t stride) { return stride != 0; }) != 1)
    return std::nullopt;
  // A depthwise convolution reads a channel for each.
  AffineMap input = op->op.getMatchingIndexingMap(op->input);
  return input.isFunctionOfDim(op->channelLoops[0]) ? std::nullopt : op;
}

Value mlir::compress::buildGathered(OpBuilder &b, Value constant, int64_t dim,
                                    ArrayRef<int64_t> elements) {
  auto type = dyn_cast<RankedTensorType>(constant.getType());
  if (!type || !type.getElementType().isF32())
    return {};
  FailureOr<ConstantData> data = readConstant(constant);
  if (failed(data))
    return {};
  SmallVector<int64_t> shape(type.getShape());
  int64_t inner = 1, outer = 1, extent = shape[dim];
  for (int64_t size : ArrayRef(shape).drop_front(dim + 1))
    inner *= size;
  for (int64_t size : ArrayRef(shape).take_front(dim))
    outer *= size;
  shape[dim] = elements.size();
  std::vector<float> values;
  values.reserve(outer * elements.size() * inner);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t element : elements)
      for (int64_t i = 0; i < inner; ++i)
        values.push_back(element == kZeroChannel
                             ? 0
                             : static_cast<float>(data->getReal(
                                   (o * extent + element) * inner + i)));
  return arith::ConstantOp::create(
      b, constant.getLoc(),
      makeConstant(RankedTensorType::get(shape, b.getF32Type()),
                   ArrayRef<float>(values)));
}

Value mlir::compress::buildWideLayer(OpBuilder &b, const WeightedOp &layer,
                                     ArrayRef<int64_t> channels) {
  std::optional<BiasSource> bias = matchBias(layer);
  if (!bias)
    return {};
  Location loc = layer.op->getLoc();
  int64_t dim = llvm::find_if(layer.filterChannelStride,
                              [](int64_t stride) { return stride != 0; }) -
                layer.filterChannelStride.begin();
  Value filter = buildGathered(b, layer.filter->get(), dim, channels);
  Value starts;
  if (bias->constant) {
    starts = buildGathered(b, bias->constant, 0, channels);
  } else {
    std::vector<float> values;
    for (int64_t channel : channels)
      values.push_back(
          channel == kZeroChannel ? 0 : static_cast<float>(bias->splat));
    auto type = RankedTensorType::get({static_cast<int64_t>(channels.size())},
                                      b.getF32Type());
    starts = arith::ConstantOp::create(
        b, loc, makeConstant(type, ArrayRef<float>(values)));
  }
  if (!filter || !starts)
    return {};
  auto type = cast<RankedTensorType>(layer.init->get().getType());
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(b, loc, layer.init->get());
  sizes.back() = b.getIndexAttr(channels.size());
  Value empty = tensor::EmptyOp::create(b, loc, sizes, type.getElementType());
  Value init = linalg::BroadcastOp::create(
                   b, loc, starts, empty,
                   llvm::to_vector(llvm::seq<int64_t>(0, type.getRank() - 1)))
                   ->getResult(0);
  return cloneWithOperands(b, layer, layer.input->get(), filter, init)
      ->getResult(0);
}

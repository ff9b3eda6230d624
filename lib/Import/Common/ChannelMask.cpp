//===- ChannelMask.cpp - products that keep or drop channels --------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Common/ChannelMask.h"
#include "Compress/Dialect/Compress/IR/Compress.h"

using namespace mlir;
using namespace mlir::compress;

/// A bit for each of the channels in dimension `axis` of `factor`; none where
/// one has several numbers, or another than 0 and 1.
static std::optional<SmallVector<bool>> getMask(const Tensor &factor,
                                                int64_t axis) {
  int64_t channels = factor.shape[axis];
  int64_t inner =
      countElements(ArrayRef<int64_t>(factor.shape).drop_front(axis + 1))
          .value_or(0);
  SmallVector<bool> mask(channels, false);
  for (int64_t i = 0; i < factor.getNumElements(); ++i) {
    double number = factor.constant->getDouble(i);
    int64_t channel = i / inner % channels;
    bool isFirst = i % inner == 0 && i / inner < channels;
    if (isFirst)
      mask[channel] = number == 1;
    if (number != (mask[channel] ? 1 : 0))
      return std::nullopt;
  }
  return mask;
}

std::optional<FailureOr<Tensor>>
mlir::compress::maskChannels(ModelOpBuilder &b, const Tensor &x,
                             const Tensor &factor) {
  constexpr int64_t dim = 1;
  int64_t axis = dim - (x.getRank() - factor.getRank());
  if (x.isConstant() || x.quant || x.type != ElementType::F32 ||
      !factor.isPlainConstant() || factor.type != ElementType::F32 ||
      x.getRank() <= dim || axis < 0 || factor.getNumElements() < 1 ||
      factor.shape[axis] != x.shape[dim] ||
      broadcastShapes(x.shape, factor.shape) != x.shape)
    return std::nullopt;
  if (failed(b.charge(factor.getNumElements())))
    return FailureOr<Tensor>(failure());
  std::optional<SmallVector<bool>> mask = getMask(factor, axis);
  if (!mask)
    return std::nullopt;
  if (llvm::all_of(*mask, [](bool keeps) { return keeps; }))
    return x;
  return Tensor::fromValue(
      ChannelMaskOp::create(b.ir(), b.getLoc(), x.value.getType(), x.value,
                            b.ir().getI64IntegerAttr(dim),
                            b.ir().getDenseBoolArrayAttr(*mask))
          .getOutput());
}

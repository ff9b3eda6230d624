//===- FoldChannelPads.cpp - channels of zeros that layers compute --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Where a pruned branch is added to a wider sum, its channels stand at their
// places among zeros. Vectors of sums have lanes for zeros too: a filter of
// zeros gives them without another pass over the tensor, and the sum is added
// while it is in registers.
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "Compress/Dialect/Compress/Utils/Match.h"
#include "WideLayer.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::compress {
#define GEN_PASS_DEF_FOLDCHANNELPADSPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
/// For each channel (the last dimension) of a tensor, which channel of `source`
/// it is, or kZeroChannel.
struct ChannelsOf {
  Value source; // null: zeros only
  SmallVector<int64_t> channels;
};
} // namespace

/// Whether `slice` takes some channels of everything.
static bool takesChannelsOnly(tensor::ExtractSliceOp slice) {
  auto from = slice.getSourceType(), to = slice.getType();
  return from.hasStaticShape() && to.hasStaticShape() &&
         from.getRank() == to.getRank() &&
         from.getShape().drop_back() == to.getShape().drop_back() &&
         slice.hasUnitStride() &&
         !ShapedType::isDynamic(slice.getStaticOffsets().back());
}

/// Whether `pad` adds channels of zeros only.
static bool addsChannelsOnly(tensor::PadOp pad) {
  Value filler = pad.getConstantPaddingValue();
  std::optional<double> value = filler ? matchSplat(filler) : std::nullopt;
  return value && *value == 0 && pad.getResultType().hasStaticShape() &&
         pad.getSourceType().getShape().drop_back() ==
             pad.getResultType().getShape().drop_back() &&
         pad.getStaticLow().back() >= 0 && pad.getStaticHigh().back() >= 0;
}

/// What `value` is of the first tensor behind slices, pads and concatenations
/// of channels.
static ChannelsOf traceChannels(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  Operation *def = value.getDefiningOp();
  if (auto pad = dyn_cast_or_null<tensor::PadOp>(def);
      pad && addsChannelsOnly(pad)) {
    ChannelsOf inner = traceChannels(pad.getSource());
    ChannelsOf result{inner.source, {}};
    result.channels.append(pad.getStaticLow().back(), kZeroChannel);
    llvm::append_range(result.channels, inner.channels);
    result.channels.append(pad.getStaticHigh().back(), kZeroChannel);
    return result;
  }
  if (auto slice = dyn_cast_or_null<tensor::ExtractSliceOp>(def);
      slice && takesChannelsOnly(slice)) {
    ChannelsOf result = traceChannels(slice.getSource());
    result.channels = SmallVector<int64_t>(
        ArrayRef(result.channels)
            .slice(slice.getStaticOffsets().back(), type.getShape().back()));
    return result;
  }
  auto concat = dyn_cast_or_null<tensor::ConcatOp>(def);
  if (concat && type.hasStaticShape() &&
      static_cast<int64_t>(concat.getDim()) == type.getRank() - 1) {
    ChannelsOf result;
    bool isOne = true;
    for (Value part : concat.getInputs()) {
      std::optional<double> splat = matchSplat(part);
      if (splat && *splat == 0) {
        result.channels.append(
            cast<RankedTensorType>(part.getType()).getShape().back(),
            kZeroChannel);
        continue;
      }
      ChannelsOf inner = traceChannels(part);
      isOne &= !result.source || result.source == inner.source;
      result.source = inner.source;
      llvm::append_range(result.channels, inner.channels);
    }
    if (isOne)
      return result;
  }
  return {value,
          llvm::to_vector(llvm::seq<int64_t>(0, type.getShape().back()))};
}

/// Whether nothing but `last` comes of `value`, over slices, pads and
/// concatenations.
static bool leadsOnlyTo(Value value, Operation *last) {
  return llvm::all_of(value.getUsers(), [&](Operation *user) {
    return user == last ||
           (isa<tensor::PadOp, tensor::ExtractSliceOp, tensor::ConcatOp>(
                user) &&
            leadsOnlyTo(user->getResult(0), last));
  });
}

namespace {
struct FoldChannelPads
    : public mlir::compress::impl::FoldChannelPadsPassBase<FoldChannelPads> {
  using Base::Base;

  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    SmallVector<Operation *> ends;
    getOperation().walk([&](Operation *op) {
      if (isa<tensor::PadOp, tensor::ConcatOp>(op))
        ends.push_back(op);
    });
    // The last of a chain takes all of it.
    for (Operation *op : llvm::reverse(ends))
      fold(op);
  }

private:
  void fold(Operation *op) {
    Value result = op->getResult(0);
    if (op->use_empty())
      return;
    ChannelsOf traced = traceChannels(result);
    if (!traced.source || traced.source == result)
      return;
    std::optional<WeightedOp> layer = matchMixingLayer(traced.source);
    if (!layer || !leadsOnlyTo(traced.source, op))
      return;
    // What the zeros cost.
    constexpr int64_t kLanes = 16;
    int64_t wide = traced.channels.size();
    if (2 * llvm::divideCeil(wide, kLanes) >
        3 * llvm::divideCeil(layer->numChannels(), kLanes))
      return;
    OpBuilder b(op);
    Value folded = buildWideLayer(b, *layer, traced.channels);
    if (!folded)
      return;
    ++numFolded;
    result.replaceAllUsesWith(folded);
  }
};
} // namespace

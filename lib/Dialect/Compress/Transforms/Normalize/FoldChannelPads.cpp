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
#include "llvm/ADT/SetVector.h"
#include "llvm/Support/MathExtras.h"
#include <memory>

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

/// What tensors are of the first tensor behind slices, pads and concatenations
/// of channels. Each value is looked at once.
class ChannelTrace {
public:
  const ChannelsOf &get(Value value);
  void forget(Value value) { known.erase(value); }
  void clear() { known.clear(); }

private:
  ChannelsOf trace(Value value);
  ChannelsOf tracePad(tensor::PadOp pad);
  std::optional<ChannelsOf> traceConcat(tensor::ConcatOp concat);

  DenseMap<Value, std::shared_ptr<const ChannelsOf>> known;
};
} // namespace

/// f32, of static shape, with channels.
static RankedTensorType getChannelsType(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.hasStaticShape() && type.getRank() >= 2 &&
                 type.getElementType().isF32()
             ? type
             : RankedTensorType();
}

/// Whether `slice` takes some channels of everything.
static bool takesChannelsOnly(tensor::ExtractSliceOp slice) {
  auto from = getChannelsType(slice.getSource()), to = getChannelsType(slice);
  return from && to && from.getRank() == to.getRank() &&
         from.getShape().drop_back() == to.getShape().drop_back() &&
         slice.hasUnitStride() &&
         !ShapedType::isDynamic(slice.getStaticOffsets().back());
}

/// Whether `pad` adds channels of zeros only.
static bool addsChannelsOnly(tensor::PadOp pad) {
  Value filler = pad.getConstantPaddingValue();
  std::optional<double> value = filler ? matchSplat(filler) : std::nullopt;
  auto isZero = [](int64_t size) { return size == 0; };
  return value && *value == 0 && getChannelsType(pad.getSource()) &&
         getChannelsType(pad) &&
         llvm::all_of(pad.getStaticLow().drop_back(), isZero) &&
         llvm::all_of(pad.getStaticHigh().drop_back(), isZero) &&
         pad.getStaticLow().back() >= 0 && pad.getStaticHigh().back() >= 0;
}

const ChannelsOf &ChannelTrace::get(Value value) {
  if (auto found = known.find(value); found != known.end())
    return *found->second;
  auto traced = std::make_shared<const ChannelsOf>(trace(value));
  return *(known[value] = std::move(traced));
}

ChannelsOf ChannelTrace::tracePad(tensor::PadOp pad) {
  const ChannelsOf &inner = get(pad.getSource());
  ChannelsOf result{inner.source, {}};
  result.channels.append(pad.getStaticLow().back(), kZeroChannel);
  llvm::append_range(result.channels, inner.channels);
  result.channels.append(pad.getStaticHigh().back(), kZeroChannel);
  return result;
}

std::optional<ChannelsOf> ChannelTrace::traceConcat(tensor::ConcatOp concat) {
  ChannelsOf result;
  for (Value part : concat.getInputs()) {
    auto type = getChannelsType(part);
    if (!type)
      return std::nullopt;
    std::optional<double> splat = matchSplat(part);
    if (splat && *splat == 0) {
      result.channels.append(type.getShape().back(), kZeroChannel);
      continue;
    }
    const ChannelsOf &inner = get(part);
    if (inner.source && result.source && result.source != inner.source)
      return std::nullopt;
    if (inner.source)
      result.source = inner.source;
    llvm::append_range(result.channels, inner.channels);
  }
  return result;
}

ChannelsOf ChannelTrace::trace(Value value) {
  RankedTensorType type = getChannelsType(value);
  Operation *def = value.getDefiningOp();
  if (!type)
    return {value, {}};
  if (auto pad = dyn_cast_or_null<tensor::PadOp>(def);
      pad && addsChannelsOnly(pad))
    return tracePad(pad);
  if (auto slice = dyn_cast_or_null<tensor::ExtractSliceOp>(def);
      slice && takesChannelsOnly(slice)) {
    const ChannelsOf &inner = get(slice.getSource());
    return {inner.source,
            SmallVector<int64_t>(ArrayRef(inner.channels)
                                     .slice(slice.getStaticOffsets().back(),
                                            type.getShape().back()))};
  }
  auto concat = dyn_cast_or_null<tensor::ConcatOp>(def);
  if (concat && static_cast<int64_t>(concat.getDim()) == type.getRank() - 1)
    if (std::optional<ChannelsOf> found = traceConcat(concat))
      return *found;
  return {value,
          llvm::to_vector(llvm::seq<int64_t>(0, type.getShape().back()))};
}

/// Whether nothing but `last` comes of `value`, over slices, pads and
/// concatenations, which are collected in `between`.
static bool leadsOnlyTo(Value value, Operation *last,
                        llvm::SetVector<Operation *> &between) {
  SmallVector<Value> pending{value};
  while (!pending.empty())
    for (Operation *user : pending.pop_back_val().getUsers()) {
      if (!isa<tensor::PadOp, tensor::ExtractSliceOp, tensor::ConcatOp>(user))
        return false;
      if (between.insert(user) && user != last)
        pending.push_back(user->getResult(0));
    }
  return true;
}

namespace {
struct FoldChannelPads
    : public mlir::compress::impl::FoldChannelPadsPassBase<FoldChannelPads> {
  using Base::Base;

  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    // In the order of the function, so that nothing recurses far.
    getOperation().walk([&](Operation *op) {
      if (!isa<tensor::PadOp, tensor::ExtractSliceOp, tensor::ConcatOp>(op))
        return;
      trace.get(op->getResult(0));
      if (!isa<tensor::ExtractSliceOp>(op))
        ends.insert(op);
    });
    // The last of a chain takes all of it.
    while (!ends.empty())
      fold(ends.pop_back_val());
    trace.clear();
  }

private:
  void fold(Operation *op) {
    Value result = op->getResult(0);
    if (!getChannelsType(result))
      return;
    const ChannelsOf &traced = trace.get(result);
    if (!traced.source || traced.source == result)
      return;
    std::optional<WeightedOp> layer = matchMixingLayer(traced.source);
    llvm::SetVector<Operation *> between;
    if (!layer || layer->op->getBlock() != op->getBlock() ||
        !leadsOnlyTo(traced.source, op, between))
      return;
    // A channel that stands twice would be computed twice.
    llvm::SmallDenseSet<int64_t> seen;
    for (int64_t channel : traced.channels)
      if (channel != kZeroChannel && !seen.insert(channel).second)
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
    between.remove(op);
    trace.forget(result);
    op->erase();
    bool erased = true;
    while (erased) {
      erased = false;
      SmallVector<Operation *> left = llvm::to_vector(between);
      for (Operation *dead : llvm::reverse(left))
        if (dead->use_empty()) {
          ends.remove(dead);
          between.remove(dead);
          trace.forget(dead->getResult(0));
          dead->erase();
          erased = true;
        }
    }
    if (layer->op->use_empty()) {
      trace.forget(layer->op->getResult(0));
      layer->op->erase();
    }
  }

  ChannelTrace trace;
  llvm::SetVector<Operation *> ends;
};
} // namespace

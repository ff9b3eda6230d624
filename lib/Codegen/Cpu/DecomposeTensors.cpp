//===- DecomposeTensors.cpp - pads, concatenations and aggregates --------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/Utils/Scatter.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::compress {
#define GEN_PASS_DEF_DECOMPOSETENSORSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Where a buffer must exist so that the producer of `value` can write into
/// it: before that producer, if it stands in the block of `user`.
static void setInsertionPointBeforeProducer(OpBuilder &b, Value value,
                                            Operation *user) {
  Operation *def = value.getDefiningOp();
  b.setInsertionPoint(def && def->getBlock() == user->getBlock() ? def : user);
}

static SmallVector<OpFoldResult> asIndices(Builder &b,
                                           ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(b.getContext(), values);
}

static FailureOr<SmallVector<int64_t>>
constants(ArrayRef<OpFoldResult> values) {
  SmallVector<int64_t> result;
  for (OpFoldResult value : values) {
    std::optional<int64_t> constant = getConstantIntValue(value);
    if (!constant)
      return failure();
    result.push_back(*constant);
  }
  return result;
}

/// Fills the box [offsets, offsets + sizes) of `into` with `value`.
static Value fillBox(OpBuilder &b, Location loc, Value into, Value value,
                     ArrayRef<int64_t> offsets, ArrayRef<int64_t> sizes) {
  SmallVector<OpFoldResult> at = asIndices(b, offsets),
                            extent = asIndices(b, sizes);
  SmallVector<OpFoldResult> ones(offsets.size(), b.getIndexAttr(1));
  Value box = tensor::ExtractSliceOp::create(b, loc, into, at, extent, ones);
  Value filled = linalg::FillOp::create(b, loc, value, box).getResult(0);
  return tensor::InsertSliceOp::create(b, loc, filled, into, at, extent, ones);
}

/// Fills the border of a larger tensor box by box, then inserts the source.
static LogicalResult decomposePad(RewriterBase &rewriter, tensor::PadOp pad) {
  Value padding = pad.getConstantPaddingValue();
  auto type = cast<RankedTensorType>(pad.getType());
  auto sourceType = cast<RankedTensorType>(pad.getSource().getType());
  if (!padding)
    return pad.emitError("requires one constant padding value");
  if (!type.hasStaticShape() || !sourceType.hasStaticShape())
    return pad.emitError("requires a static shape; use --batch");
  Location loc = pad.getLoc();
  setInsertionPointBeforeProducer(rewriter, pad.getSource(), pad);
  TypedAttr attr;
  if (matchPattern(padding, m_Constant(&attr)))
    padding = arith::ConstantOp::create(rewriter, loc, attr);
  else
    rewriter.setInsertionPoint(pad);
  Value into = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                       type.getElementType());
  // What is still to be filled shrinks, a dimension at a time, to the source.
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape());
  FailureOr<SmallVector<int64_t>> low = constants(pad.getMixedLowPad());
  if (failed(low))
    return pad.emitError("requires padding that is constant");
  for (int64_t d = 0; d < type.getRank(); ++d) {
    int64_t extent = sourceType.getDimSize(d);
    int64_t high = type.getDimSize(d) - (*low)[d] - extent;
    if ((*low)[d] < 0 || high < 0)
      return pad.emitError("requires padding that is not negative");
    for (auto [begin, size] : {std::pair(int64_t(0), (*low)[d]),
                               std::pair((*low)[d] + extent, high)}) {
      if (size == 0)
        continue;
      offsets[d] = begin;
      sizes[d] = size;
      into = fillBox(rewriter, loc, into, padding, offsets, sizes);
    }
    offsets[d] = (*low)[d];
    sizes[d] = extent;
  }
  rewriter.setInsertionPoint(pad);
  SmallVector<OpFoldResult> ones(type.getRank(), rewriter.getIndexAttr(1));
  SmallVector<OpFoldResult> at = asIndices(rewriter, *low),
                            extent = asIndices(rewriter, sourceType.getShape());
  Value source = pad.getSource();
  Operation *def = source.getDefiningOp();
  bool isCut =
      attr && def && def->getBlock() == pad->getBlock() &&
      llvm::any_of(source.getUsers(), llvm::IsaPred<tensor::ExtractSliceOp>);
  if (isCut)
    rewriter.setInsertionPointAfter(def);
  auto insert = tensor::InsertSliceOp::create(rewriter, loc, source, into, at,
                                              extent, ones);
  rewriter.replaceOp(pad, insert);
  if (!isCut)
    return success();
  // Bufferization does not see that a part of the source and what lies in the
  // larger tensor are one: all others read it from there.
  Value view = tensor::ExtractSliceOp::create(rewriter, loc, sourceType, insert,
                                              at, extent, ones);
  rewriter.replaceAllUsesExcept(source, view, insert);
  return success();
}

/// Inserts the sources in the order in which they are computed, each right
/// after its producer, so that every one can be computed in place.
static LogicalResult decomposeConcat(RewriterBase &rewriter,
                                     tensor::ConcatOp concat) {
  auto type = cast<RankedTensorType>(concat.getType());
  if (!type.hasStaticShape())
    return concat.emitError("requires a static shape; use --batch");
  struct Part {
    Value source;
    Operation *after; // null: known before the block begins
    int64_t offset;
  };
  SmallVector<Part> parts;
  int64_t dim = concat.getDim(), offset = 0;
  for (Value source : concat.getInputs()) {
    auto sourceType = cast<RankedTensorType>(source.getType());
    if (!sourceType.hasStaticShape())
      return concat.emitError("requires static shapes; use --batch");
    Operation *def = source.getDefiningOp();
    bool local = def && def->getBlock() == concat->getBlock();
    parts.push_back({source, local ? def : nullptr, offset});
    offset += sourceType.getDimSize(dim);
  }
  llvm::stable_sort(parts, [](const Part &a, const Part &b) {
    if (!a.after || !b.after)
      return !a.after && b.after;
    return a.after != b.after && a.after->isBeforeInBlock(b.after);
  });
  Location loc = concat.getLoc();
  setInsertionPointBeforeProducer(rewriter, parts.front().source, concat);
  Value into = tensor::EmptyOp::create(rewriter, loc, type.getShape(),
                                       type.getElementType());
  SmallVector<OpFoldResult> ones(type.getRank(), rewriter.getIndexAttr(1));
  for (const Part &part : parts) {
    Operation *at = into.getDefiningOp();
    if (part.after && at->isBeforeInBlock(part.after))
      at = part.after;
    rewriter.setInsertionPointAfter(at);
    SmallVector<int64_t> offsets(type.getRank(), 0);
    offsets[dim] = part.offset;
    ArrayRef<int64_t> sizes =
        cast<RankedTensorType>(part.source.getType()).getShape();
    into = tensor::InsertSliceOp::create(rewriter, loc, part.source, into,
                                         asIndices(rewriter, offsets),
                                         asIndices(rewriter, sizes), ones);
  }
  rewriter.replaceOp(concat, into);
  return success();
}

/// What has no form on memory would end in an error that names nothing.
static LogicalResult checkTensorOps(func::FuncOp func) {
  WalkResult walk = func.walk([](Operation *op) {
    auto isTensor = [](Type type) { return isa<TensorType>(type); };
    if (op->hasTrait<OpTrait::IsTerminator>() ||
        (llvm::none_of(op->getResultTypes(), isTensor) &&
         llvm::none_of(op->getOperandTypes(), isTensor)) ||
        isa<tensor::PadOp, tensor::ConcatOp, ScatterChannelsOp,
            linalg::AggregatedOpInterface,
            bufferization::BufferizableOpInterface>(op))
      return WalkResult::advance();
    op->emitOpError("is an operation on tensors that has no code for CPUs; "
                    "write it with linalg.generic");
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

namespace {
struct DecomposeTensors
    : public mlir::compress::impl::DecomposeTensorsPassBase<DecomposeTensors> {
  void runOnOperation() override {
    if (failed(checkTensorOps(getOperation())))
      return signalPassFailure();
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<tensor::PadOp, tensor::ConcatOp, ScatterChannelsOp,
              linalg::AggregatedOpInterface>(op))
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops) {
      LogicalResult result = success();
      rewriter.setInsertionPoint(op);
      if (auto pad = dyn_cast<tensor::PadOp>(op)) {
        result = decomposePad(rewriter, pad);
      } else if (auto concat = dyn_cast<tensor::ConcatOp>(op)) {
        result = decomposeConcat(rewriter, concat);
      } else if (auto scatter = dyn_cast<ScatterChannelsOp>(op)) {
        rewriter.replaceOp(op, buildScatterLookup(rewriter, scatter,
                                                  scatter.getInput(),
                                                  rewriter.getF32FloatAttr(0)));
      } else {
        auto aggregate = cast<linalg::AggregatedOpInterface>(op);
        FailureOr<SmallVector<Value>> values =
            aggregate.decomposeOperation(rewriter);
        if (failed(values))
          result = op->emitError("requires an op that can be decomposed; write "
                                 "it with linalg.generic");
        else
          rewriter.replaceOp(op, *values);
      }
      if (failed(result))
        return signalPassFailure();
      ++numDecomposed;
    }
  }
};
} // namespace

//===- TileBuilder.cpp - code of one tile --------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TileBuilder.h"
#include "../Isa/VectorBuilders.h"
#include "VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

/// Vectors that the end of a tile works on at once: codes of a byte are packed
/// from several registers, and there is less code.
static constexpr int64_t kMaxJoined = 4;

Value mlir::compress::addIndices(OpBuilder &b, Location loc, Value lhs,
                                 Value rhs) {
  if (!lhs || !rhs)
    return lhs ? lhs : rhs;
  return arith::AddIOp::create(b, loc, lhs, rhs);
}

Value mlir::compress::scaleIndex(OpBuilder &b, Location loc, Value value,
                                 int64_t factor) {
  if (!value || factor == 0)
    return {};
  if (factor == 1)
    return value;
  return arith::MulIOp::create(b, loc, value,
                               arith::ConstantIndexOp::create(b, loc, factor));
}

Value mlir::compress::addToIndex(OpBuilder &b, Location loc, Value value,
                                 int64_t constant) {
  if (value && constant == 0)
    return value;
  return addIndices(b, loc, value,
                    arith::ConstantIndexOp::create(b, loc, constant));
}

std::optional<unsigned>
mlir::compress::findPixelLoop(const Kernel &kernel, unsigned lane,
                              ArrayRef<unsigned> excluded) {
  std::optional<unsigned> best;
  int64_t bestShared = -1;
  for (unsigned loop = 0; loop < kernel.loops.size(); ++loop) {
    if (loop == lane || kernel.loops[loop].reduction ||
        llvm::is_contained(excluded, loop))
      continue;
    int64_t shared = 0;
    kernel.forEachAccess(
        [&](const Access &access) { shared += access.strides[loop] == 0; });
    if (shared >= bestShared) {
      best = loop;
      bestShared = shared;
    }
  }
  return best;
}

LoopNest mlir::compress::buildTileNest(const Kernel &kernel,
                                       const TileLoops &loops, int64_t pixels,
                                       int64_t vectors, bool lanesOutermost) {
  LoopNest nest;
  BlockedLoop lanes{loops.lane, kernel.loops[loops.lane].extent,
                    vectors * loops.vectorLanes};
  if (lanesOutermost)
    nest.loops.push_back(lanes);
  for (unsigned loop = 0; loop < kernel.loops.size(); ++loop)
    if (!kernel.loops[loop].reduction && loop != loops.lane &&
        loop != loops.pixel)
      nest.loops.push_back({loop, kernel.loops[loop].extent, 1});
  if (!lanesOutermost)
    nest.loops.push_back(lanes);
  if (loops.pixel)
    nest.loops.push_back(
        {*loops.pixel, kernel.loops[*loops.pixel].extent, pixels});
  return nest;
}

TileBuilder::TileBuilder(OpBuilder &b, Location loc, const Kernel &kernel,
                         const TileLoops &loops, const Tile &tile)
    : loc(loc), kernel(kernel), loops(loops), tile(tile),
      pixels(loops.pixel ? tile.size[*loops.pixel] : 1) {
  for (int64_t rest = tile.size[loops.lane]; rest > 0;
       rest -= loops.vectorLanes)
    widths.push_back(std::min(rest, loops.vectorLanes));
}

Value TileBuilder::flatten(OpBuilder &b, Value buffer) {
  auto type = cast<MemRefType>(buffer.getType());
  auto [strides, offset] = type.getStridesAndOffset();
  if (type.getRank() == 1 && strides[0] == 1)
    return buffer;
  int64_t size = 1;
  for (auto [extent, stride] : llvm::zip_equal(type.getShape(), strides))
    size += (extent - 1) * stride;
  MemRefLayoutAttrInterface layout;
  if (offset != 0)
    layout = StridedLayoutAttr::get(b.getContext(), offset, {1});
  auto flat = MemRefType::get({size}, type.getElementType(), layout,
                              type.getMemorySpace());
  return memref::ReinterpretCastOp::create(b, loc, flat, buffer, offset,
                                           ArrayRef<int64_t>{size},
                                           ArrayRef<int64_t>{1});
}

Value TileBuilder::getAddress(OpBuilder &b, const Access &access, int64_t p,
                              int64_t v, ArrayRef<Value> reductions) {
  Value address;
  int64_t constant = access.offset;
  for (auto [loop, stride] : llvm::enumerate(access.strides)) {
    Value iv = kernel.loops[loop].reduction
                   ? (reductions.empty() ? Value() : reductions[loop])
                   : tile.begin[loop];
    address = addIndices(b, loc, address, scaleIndex(b, loc, iv, stride));
  }
  if (loops.pixel)
    constant += p * access.strides[*loops.pixel];
  constant += v * loops.vectorLanes * access.strides[loops.lane];
  return addToIndex(b, loc, address, constant);
}

Value TileBuilder::load(OpBuilder &b, const Access &access, int64_t p,
                        int64_t v, ArrayRef<Value> reductions) {
  if (access.kind == Access::Kind::Scalar)
    return access.value;
  Value flat = flatten(b, access.value);
  Value address = getAddress(b, access, p, v, reductions);
  if (access.strides[loops.lane] == 0)
    return memref::LoadOp::create(b, loc, flat, address);
  auto type = VectorType::get({widths[v]}, access.getElementType());
  return vector::LoadOp::create(b, loc, type, flat, address);
}

void TileBuilder::setLaneOrder(ArrayRef<int64_t> order) {
  laneOrder.assign(order.begin(), order.end());
  inverseOrder.resize(order.size());
  for (auto [lane, channel] : llvm::enumerate(order))
    inverseOrder[channel] = lane;
}

Value TileBuilder::loadBlock(OpBuilder &b, const Access &access,
                             const Block &block) {
  bool isShared = !laneOrder.empty() && access.isMemory() && loops.pixel &&
                  access.strides[*loops.pixel] == 0;
  if (Value known = isShared ? reordered.lookup(&access) : Value())
    return known;
  // One load for each register: each is widened as it is loaded.
  SmallVector<Value> parts;
  for (int64_t p = 0; p < block.pixels; ++p)
    for (int64_t v = 0; v < block.vectors; ++v) {
      if (p > 0 && access.isMemory() && access.strides[*loops.pixel] == 0) {
        parts.push_back(parts[v]);
        continue;
      }
      Value part = load(b, access, block.pixel + p, block.vector + v, {});
      if (!isa<VectorType>(part.getType()))
        return part;
      parts.push_back(part);
    }
  Value result = reorder(b, buildConcatenated(b, loc, parts), laneOrder);
  if (isShared)
    reordered[&access] = result;
  return result;
}

Value TileBuilder::reorder(OpBuilder &b, Value value, ArrayRef<int64_t> order) {
  if (order.empty() || !isa<VectorType>(value.getType()))
    return value;
  assert(cast<VectorType>(value.getType()).getDimSize(0) ==
             static_cast<int64_t>(order.size()) &&
         "all vectors of the tile are joined");
  return vector::ShuffleOp::create(b, loc, value, value, order);
}

SmallVector<Value> TileBuilder::loadOperands(OpBuilder &b, const Stage &stage,
                                             const Block &block,
                                             Value accumulator) {
  SmallVector<Value> values;
  for (auto [operand, access] :
       llvm::zip_equal(stage.op->getOpOperands(), stage.operands)) {
    linalg::LinalgOp op = stage.op;
    if (access.kind == Access::Kind::Accumulator)
      values.push_back(accumulator);
    else if (!op.payloadUsesValueFromOperand(&operand))
      values.push_back({});
    else
      values.push_back(loadBlock(b, access, block));
  }
  return values;
}

SmallVector<Value> TileBuilder::buildInitialValues(OpBuilder &b) {
  assert(laneOrder.empty() && "initial values have the order of memory");
  SmallVector<Value> accumulators;
  if (!kernel.initial && !kernel.readsOut())
    return accumulators;
  for (int64_t p = 0; p < pixels; ++p)
    for (int64_t v = 0; v < getVectors(); ++v) {
      Value value =
          kernel.initial
              ? evaluateBody(b, kernel.initial.op,
                             loadOperands(b, kernel.initial, Block{p, v}, {}),
                             widths[v])
              : load(b, kernel.root.getOut(), p, v, {});
      accumulators.push_back(toVector(b, loc, value, widths[v]));
    }
  return accumulators;
}

int64_t TileBuilder::countJoined(int64_t v) const {
  int64_t count = 1;
  while (count < kMaxJoined && v + 2 * count <= getVectors() &&
         widths[v + 2 * count - 1] == loops.vectorLanes)
    count *= 2;
  return count;
}

int64_t TileBuilder::countJoinedPixels(int64_t p) const {
  // The tile has all elements of its pixels, a pixel lies next to the other,
  // and so does what the epilogue reads of them.
  int64_t row = getVectors() * widths.back();
  auto adjoin = [&](const Access &access) {
    int64_t byLane = access.strides[loops.lane];
    int64_t byPixel = access.strides[*loops.pixel];
    return byPixel == 0 ? byLane <= 1 : byLane == 1 && byPixel == row;
  };
  if (!loops.pixel || !kernel.epilogue || !llvm::isPowerOf2_64(row) ||
      kernel.loops[loops.lane].extent != row ||
      kernel.getOut().getElementType().getIntOrFloatBitWidth() != 8)
    return 1;
  for (const Access &access : kernel.epilogue.operands)
    if (access.isMemory() && !adjoin(access))
      return 1;
  int64_t count = 1;
  while (2 * count * row <= kMaxJoined * loops.getRegisterLanes() &&
         p + 2 * count <= pixels)
    count *= 2;
  return count;
}

void TileBuilder::storeResults(OpBuilder &b, ValueRange accumulators,
                               function_ref<Value(OpBuilder &, Value)> finish) {
  const Access &out = kernel.getOut();
  for (int64_t p = 0, rows; p < pixels; p += rows) {
    rows = countJoinedPixels(p);
    for (int64_t v = 0, joined; v < getVectors(); v += joined) {
      joined = countJoined(v);
      int64_t count = rows * joined;
      int64_t width = count * widths[v];
      // Where pixels are joined, all vectors of each are.
      Value value = buildConcatenated(
          b, loc, accumulators.slice(p * getVectors() + v, count));
      if (finish)
        value = finish(b, value);
      if (kernel.epilogue)
        value = evaluateBody(
            b, kernel.epilogue.op,
            loadOperands(b, kernel.epilogue, Block{p, v, rows, joined}, value),
            width);
      value = reorder(b, toVector(b, loc, value, width), inverseOrder);
      vector::StoreOp::create(b, loc, value, flatten(b, out.value),
                              getAddress(b, out, p, v, {}));
    }
  }
}

void TileBuilder::storeVector(OpBuilder &b, Value vector) {
  const Access &out = kernel.getOut();
  vector::StoreOp::create(b, loc, vector, flatten(b, out.value),
                          getAddress(b, out, 0, 0, {}));
}

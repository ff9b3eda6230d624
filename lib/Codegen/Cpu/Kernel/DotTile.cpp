//===- DotTile.cpp - a tile of sums of products --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DotTile.h"
#include "../Isa/VectorBuilders.h"
#include "WeightPrefetch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

Value DotTile::index(OpBuilder &b, int64_t value) const {
  return arith::ConstantIndexOp::create(b, loc, value);
}

/// The iteration of all selecting loops together, times `size`.
Value DotTile::getSelected(OpBuilder &b, int64_t size) const {
  Value address;
  for (unsigned loop : llvm::reverse(dot.selecting)) {
    address =
        addIndices(b, loc, address, scaleIndex(b, loc, tile.begin[loop], size));
    size *= dot.getExtent(loop);
  }
  return address;
}

/// One value a channel to the first of its lanes, zero to the others.
Value DotTile::spread(OpBuilder &b, Value value, Value zero) const {
  if (dot.split == 1)
    return value;
  SmallVector<int64_t> order;
  for (int64_t lane = 0; lane < isa.lanes; ++lane)
    order.push_back(lane % dot.split == 0 ? lane / dot.split : dot.lanes);
  return vector::ShuffleOp::create(b, loc, value, zero, order);
}

/// The sums of the lanes of each channel.
Value DotTile::addLanes(OpBuilder &b, Value sums) const {
  for (int64_t count = dot.split; count > 1; count /= 2) {
    int64_t half = cast<VectorType>(sums.getType()).getDimSize(0) / 2;
    SmallVector<int64_t> even, odd;
    for (int64_t i = 0; i < half; ++i) {
      even.push_back(2 * i);
      odd.push_back(2 * i + 1);
    }
    Value first = vector::ShuffleOp::create(b, loc, sums, sums, even);
    Value second = vector::ShuffleOp::create(b, loc, sums, sums, odd);
    if (dot.sumsFloats())
      sums = arith::AddFOp::create(b, loc, first, second);
    else
      sums = arith::AddIOp::create(b, loc, first, second);
  }
  return sums;
}

SmallVector<Value> DotTile::buildInitialValues(OpBuilder &b,
                                               bool corrected) const {
  Value corrections = corrected ? packed.corrections : Value();
  SmallVector<Value> values = builder.buildInitialValues(b);
  auto type =
      VectorType::get({dot.lanes}, dot.kernel.root.getOut().getElementType());
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  Value first;
  if (corrections)
    first = addIndices(b, loc, getSelected(b, dot.getNumVectors() * dot.lanes),
                       tile.begin[dot.lane]);
  for (auto [i, value] : llvm::enumerate(values)) {
    int64_t v = i % builder.getVectors();
    if (builder.getWidth(v) < dot.lanes)
      value = vector::InsertStridedSliceOp::create(
          b, loc, value, zero, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
    if (corrections) {
      Value correction = vector::LoadOp::create(
          b, loc, type, corrections, addToIndex(b, loc, first, v * dot.lanes));
      value = arith::AddIOp::create(b, loc, value, correction);
    }
    value = spread(b, value, zero);
  }
  return values;
}

/// The first `count` inputs of a group, the others zero.
Value DotTile::loadInputs(OpBuilder &b, int64_t p, ArrayRef<Value> ivs,
                          int64_t count) const {
  const Access &access = dot.getInput();
  Value flat = builder.flatten(b, access.value);
  Value address = builder.getAddress(b, access, p, 0, ivs);
  Type element = access.getElementType();
  auto type = VectorType::get({dot.group}, element);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(element));
  if (access.strides[dot.grouped] != 1) {
    SmallVector<Value> elements(dot.group, zero);
    for (int64_t i = 0; i < count; ++i)
      elements[i] = memref::LoadOp::create(
          b, loc, flat,
          addToIndex(b, loc, address, i * access.strides[dot.grouped]));
    return vector::FromElementsOp::create(b, loc, type, elements);
  }
  Value loaded = vector::LoadOp::create(
      b, loc, VectorType::get({count}, element), flat, address);
  if (count == dot.group)
    return loaded;
  Value zeros = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  return vector::InsertStridedSliceOp::create(
      b, loc, loaded, zeros, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
}

/// One group of `count` inputs times its weights, for all sums of the tile.
SmallVector<Value> DotTile::buildStep(OpBuilder &b, ArrayRef<Value> ivs,
                                      Value weightAt, int64_t count,
                                      ArrayRef<Value> sums) const {
  int64_t vectors = builder.getVectors();
  auto type = VectorType::get(
      {dot.lanes * dot.group},
      cast<MemRefType>(packed.weights.getType()).getElementType());
  prefetch->build(b, weightAt, vectors * type.getDimSize(0));
  SmallVector<Value> operands;
  for (int64_t v = 0; v < vectors; ++v) {
    Value loaded = vector::LoadOp::create(
        b, loc, type, packed.weights,
        addToIndex(b, loc, weightAt, v * type.getDimSize(0)));
    operands.push_back(isa.buildWeights(b, loc, loaded));
  }
  SmallVector<Value> results;
  for (int64_t p = 0; p < builder.getPixels(); p += isa.pixels) {
    SmallVector<Value> inputs;
    for (int64_t i = 0; i < isa.pixels; ++i)
      inputs.push_back(
          loadInputs(b, std::min(p + i, builder.getPixels() - 1), ivs, count));
    Value input = isa.buildInput(b, loc, buildConcatenated(b, loc, inputs),
                                 dot.operands.storedUnsigned);
    for (int64_t v = 0; v < vectors; ++v)
      llvm::append_range(
          results, isa.buildDots(b, loc, sums.slice(results.size(), isa.pixels),
                                 input, operands[v]));
  }
  return results;
}

/// All groups of the grouped loop: whole ones in a loop, then the rest.
SmallVector<Value> DotTile::buildGroups(OpBuilder &b, SmallVector<Value> &ivs,
                                        Value weightAt,
                                        ArrayRef<Value> sums) const {
  int64_t extent = dot.getExtent(dot.grouped), rest = extent % dot.group;
  int64_t whole = extent - rest;
  int64_t stepSize = builder.getVectors() * dot.lanes; // of weights, an input
  SmallVector<Value> results(sums);
  if (whole == dot.group) {
    results = buildStep(b, ivs, weightAt, dot.group, results);
  } else if (whole > 0) {
    auto loop = scf::ForOp::create(
        b, loc, index(b, 0), index(b, whole), index(b, dot.group), results,
        [&](OpBuilder &b, Location loc, Value iv, ValueRange carried) {
          ivs[dot.grouped] = iv;
          Value at =
              addIndices(b, loc, weightAt, scaleIndex(b, loc, iv, stepSize));
          scf::YieldOp::create(
              b, loc,
              buildStep(b, ivs, at, dot.group, SmallVector<Value>(carried)));
        });
    results.assign(loop.result_begin(), loop.result_end());
  }
  if (rest > 0) {
    int64_t last = whole / dot.group;
    ivs[dot.grouped] = index(b, dot.getGroupBegin(last));
    results = buildStep(b, ivs, addToIndex(b, loc, weightAt, whole * stepSize),
                        dot.getGroupSize(last), results);
  }
  ivs[dot.grouped] = {};
  return results;
}

SmallVector<Value> mlir::compress::buildReductionLoops(
    OpBuilder &b, Location loc, const DotKernel &dot, int64_t vectors,
    SmallVector<Value> &ivs, Value weightAt, ArrayRef<Value> sums,
    SumBuilder build, unsigned depth) {
  if (depth == dot.reductions.size())
    return build(b, weightAt, sums);
  unsigned loop = dot.reductions[depth];
  int64_t size = dot.getNumGroups() * vectors * dot.lanes * dot.group;
  for (unsigned inner : ArrayRef(dot.reductions).drop_front(depth + 1))
    size *= dot.getExtent(inner);
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  auto result = scf::ForOp::create(
      b, loc, index(0), index(dot.getExtent(loop)), index(1), sums,
      [&](OpBuilder &b, Location loc, Value iv, ValueRange carried) {
        ivs[loop] = iv;
        Value at = addIndices(b, loc, weightAt, scaleIndex(b, loc, iv, size));
        scf::YieldOp::create(b, loc,
                             buildReductionLoops(b, loc, dot, vectors, ivs, at,
                                                 SmallVector<Value>(carried),
                                                 build, depth + 1));
      });
  ivs[loop] = {};
  return SmallVector<Value>(result.getResults());
}

Value DotTile::getWeightAddress(OpBuilder &b) const {
  return addIndices(
      b, loc, getSelected(b, dot.getSelectedSize()),
      scaleIndex(b, loc, tile.begin[dot.lane], dot.getLaneSize()));
}

void DotTile::build(OpBuilder &b) const {
  SmallVector<Value> ivs(dot.kernel.loops.size());
  Value weights = getWeightAddress(b);
  auto next =
      WeightPrefetch::get(b, loc, packed, tile, builder.getVectors(), weights);
  prefetch = &next;
  storeSums(b,
            unpackSums(
                b, buildReductionLoops(
                       b, loc, dot, builder.getVectors(), ivs, weights,
                       packSums(b, buildInitialValues(b, /*corrected=*/true)),
                       [&](OpBuilder &b, Value weightAt, ArrayRef<Value> sums) {
                         return buildGroups(b, ivs, weightAt, sums);
                       })));
}

/// [pixel][vector] as the instruction has them: [neighbours][vector][those].
SmallVector<Value> DotTile::packSums(OpBuilder &b, ArrayRef<Value> sums) const {
  int64_t pixels = builder.getPixels(), vectors = builder.getVectors();
  SmallVector<Value> results;
  for (int64_t p = 0; p < pixels; p += isa.pixels)
    for (int64_t v = 0; v < vectors; ++v) {
      SmallVector<Value> neighbours;
      for (int64_t i = 0; i < isa.pixels; ++i)
        neighbours.push_back(sums[std::min(p + i, pixels - 1) * vectors + v]);
      llvm::append_range(results, isa.packSums(b, loc, neighbours));
    }
  return results;
}

SmallVector<Value> DotTile::unpackSums(OpBuilder &b,
                                       ArrayRef<Value> sums) const {
  int64_t pixels = builder.getPixels(), vectors = builder.getVectors();
  SmallVector<Value> results(pixels * vectors);
  for (int64_t p = 0; p < pixels; p += isa.pixels)
    for (int64_t v = 0; v < vectors; ++v) {
      auto neighbours = isa.unpackSums(b, loc, sums.take_front(isa.pixels));
      sums = sums.drop_front(isa.pixels);
      for (int64_t i = 0; i < isa.pixels && p + i < pixels; ++i)
        results[(p + i) * vectors + v] = neighbours[i];
    }
  return results;
}

void DotTile::storeSums(OpBuilder &b, ValueRange sums) const {
  SmallVector<Value> cut;
  for (auto [i, sum] : llvm::enumerate(sums)) {
    int64_t width = builder.getWidth(i % builder.getVectors());
    if (width < dot.lanes)
      sum = vector::ExtractStridedSliceOp::create(
          b, loc, sum, ArrayRef<int64_t>{0},
          ArrayRef<int64_t>{width * dot.split}, ArrayRef<int64_t>{1});
    cut.push_back(sum);
  }
  builder.storeResults(
      b, cut, [&](OpBuilder &b, Value sums) { return addLanes(b, sums); });
}

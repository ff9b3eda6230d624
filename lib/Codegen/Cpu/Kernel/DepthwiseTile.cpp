//===- DepthwiseTile.cpp - a tile of sums of each channel's own ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DepthwiseTile.h"
#include "../Isa/VectorBuilders.h"
#include "Interleave.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <map>

using namespace mlir;
using namespace mlir::compress;

/// Columns of a window, all of which are unrolled.
static constexpr int64_t kMaxColumns = 16;

std::optional<DotKernel>
mlir::compress::analyzeDepthwiseKernel(const Kernel &original,
                                       const DotIsa &isa) {
  DotKernel dot;
  dot.kernel = original;
  std::optional<ProductOperands> operands = matchProduct(original);
  if (!operands || !original.hasReduction() ||
      !original.root.getOut().getElementType().isInteger())
    return std::nullopt;
  dot.operands = *operands;
  Access &weights = dot.kernel.root.operands[operands->weights];
  dot.weightOffsets = collapseLoops(dot.kernel, &weights);
  std::optional<unsigned> lane = findLaneLoop(dot.kernel);
  const Access &input = dot.getInput();
  if (!lane || input.strides[*lane] != 1 || weights.strides[*lane] == 0)
    return std::nullopt;
  dot.lane = *lane;
  std::optional<unsigned> grouped;
  for (unsigned loop = 0; loop < dot.kernel.loops.size(); ++loop) {
    if (!dot.kernel.loops[loop].reduction) {
      if (loop != dot.lane && weights.strides[loop] != 0)
        return std::nullopt;
      continue;
    }
    dot.reductions.push_back(loop);
    // Rows of the window are far from each other.
    if (!grouped || input.strides[loop] > input.strides[*grouped])
      grouped = loop;
  }
  dot.grouped = *grouped;
  llvm::erase(dot.reductions, dot.grouped);
  if (dot.getNumReductions() > kMaxColumns ||
      dot.getExtent(dot.grouped) > kMaxColumns)
    return std::nullopt;
  dot.split = 1;
  dot.group = isa.group;
  dot.lanes = isa.lanes;
  return dot;
}

/// Rows of so many vectors are put side by side at once, by instructions that
/// work within 128 bits: that is one for each, but leaves channels in an order
/// of its own, in which narrowing instructions put them back.
static constexpr int64_t kZipped = 4;

/// Whether rows can be put side by side like that in tiles of kZipped vectors.
static bool zipsRows(const DotKernel &dot) {
  return dot.group == 4 && dot.lanes % 4 == 0 &&
         dot.getInput().getElementType().isInteger(8);
}

/// The channel in each lane of kZipped vectors one after another: every vector
/// has four neighbours in each part of 128 bits.
static SmallVector<int64_t> getZippedOrder(int64_t lanes) {
  SmallVector<int64_t> order;
  for (int64_t v = 0; v < kZipped; ++v)
    for (int64_t lane = 0; lane < lanes; ++lane)
      order.push_back(lane / 4 * 16 + v * 4 + lane % 4);
  return order;
}

void mlir::compress::arrangeDepthwiseWeights(const DotKernel &dot,
                                             int64_t tileVectors,
                                             MutableArrayRef<char> packed) {
  if (tileVectors != kZipped || !zipsRows(dot))
    return;
  SmallVector<int64_t> order = getZippedOrder(dot.lanes);
  size_t step = order.size() * dot.group;
  size_t tileSize = kZipped * dot.lanes * dot.getLaneSize();
  size_t whole = dot.getExtent(dot.lane) / (kZipped * dot.lanes);
  std::vector<char> old(step);
  for (size_t at = 0; at < whole * tileSize; at += step) {
    std::copy_n(packed.begin() + at, step, old.begin());
    for (auto [lane, channel] : llvm::enumerate(order))
      std::copy_n(old.begin() + channel * dot.group, dot.group,
                  packed.begin() + at + lane * dot.group);
  }
}

int64_t mlir::compress::getMostDepthwisePixels(const DotIsa &isa,
                                               int64_t vectors) {
  return std::max<int64_t>(1, isa.registers * 3 / 4 / vectors);
}

TileShape mlir::compress::chooseDepthwiseShape(const DotKernel &dot,
                                               const DotIsa &isa,
                                               int64_t pixels) {
  // Two or four vectors are stored as one, and of four the rows are put side by
  // side in the least time. Weights come from memory; a column and what makes
  // it want some registers.
  int64_t numVectors = dot.getNumVectors(), vectors = 1;
  if (dot.getExtent(dot.lane) >= kZipped * dot.lanes && zipsRows(dot))
    vectors = kZipped;
  for (int64_t count : {4, 2, 3})
    if (vectors == 1 && numVectors % count == 0)
      vectors = count;
  int64_t most = getMostDepthwisePixels(isa, vectors);
  int64_t blocks = llvm::divideCeil(pixels, most);
  return {static_cast<int64_t>(llvm::divideCeil(pixels, blocks)), vectors};
}

namespace {
class DepthwiseTile {
public:
  DepthwiseTile(OpBuilder &b, Location loc, const PackedKernel &packed,
                const Tile &tile)
      : loc(loc), packed(packed), dot(packed.dot), isa(packed.isa), tile(tile),
        builder(b, loc, dot.kernel, packed.loops, tile),
        isZipped(zipsRows(dot) && tile.size[dot.lane] == kZipped * dot.lanes) {}

  void build(OpBuilder &b) {
    DotTile whole(b, loc, packed, tile);
    SmallVector<Value> sums = whole.buildInitialValues(b, /*corrected=*/true);
    if (isZipped) {
      SmallVector<int64_t> order = getZippedOrder(dot.lanes);
      for (int64_t p = 0; p < builder.getPixels(); ++p)
        reorder(b, MutableArrayRef(sums).slice(p * kZipped, kZipped), order);
      whole.setLaneOrder(order);
    }
    Value weightAt = whole.getWeightAddress(b);
    int64_t groups = dot.getNumGroups();
    for (int64_t group = 0; group < groups; ++group)
      addGroup(b, weightAt, group, sums);
    whole.storeSums(b, sums);
  }

private:
  /// The products of one group of rows of all windows.
  void addGroup(OpBuilder &b, Value weightAt, int64_t group,
                SmallVector<Value> &sums) {
    // Windows of neighbours share columns: which pixels want a column, and at
    // which place of their windows, by its offset in the input.
    const Access &input = dot.getInput();
    std::map<int64_t, SmallVector<std::pair<int64_t, int64_t>>> columns;
    int64_t numColumns = dot.getNumReductions();
    for (int64_t p = 0; p < builder.getPixels(); ++p)
      for (int64_t c = 0; c < numColumns; ++c) {
        int64_t offset =
            packed.loops.pixel ? p * input.strides[*packed.loops.pixel] : 0;
        int64_t rest = c;
        for (unsigned loop : llvm::reverse(dot.reductions)) {
          offset += rest % dot.getExtent(loop) * input.strides[loop];
          rest /= dot.getExtent(loop);
        }
        columns[offset].push_back({p, c});
      }
    int64_t vectors = builder.getVectors();
    int64_t size = dot.lanes * dot.group;
    auto type = VectorType::get(
        {size}, cast<MemRefType>(packed.weights.getType()).getElementType());
    for (const auto &[offset, users] : columns) {
      SmallVector<Value> zipped;
      if (isZipped)
        zipped = buildZippedColumns(b, offset, group);
      for (int64_t v = 0; v < vectors; ++v) {
        Value column = isZipped ? zipped[v] : buildColumn(b, offset, v, group);
        for (auto [p, c] : users) {
          int64_t step = c * dot.getNumGroups() + group;
          Value loaded = vector::LoadOp::create(
              b, loc, type, packed.weights,
              addToIndex(b, loc, weightAt, (step * vectors + v) * size));
          Value &sum = sums[p * vectors + v];
          sum = isa.buildDot(b, loc, sum, column,
                             isa.buildWeights(b, loc, loaded));
        }
      }
    }
  }

  /// Four vectors of channels in another order.
  void reorder(OpBuilder &b, MutableArrayRef<Value> vectors,
               ArrayRef<int64_t> order) {
    Value all = buildConcatenated(b, loc, vectors);
    for (auto [v, vector] : llvm::enumerate(vectors))
      vector = vector::ShuffleOp::create(b, loc, all, all,
                                         order.slice(v * dot.lanes, dot.lanes));
  }

  /// The rows of a column: those of the window, then others, to be multiplied
  /// by 0.
  SmallVector<Value> loadRows(OpBuilder &b, int64_t offset, int64_t v,
                              int64_t group, int64_t width, int64_t size) {
    const Access &input = dot.getInput();
    Value flat = builder.flatten(b, input.value);
    Value base = builder.getAddress(b, input, 0, v, {});
    int64_t first = dot.getGroupBegin(group);
    int64_t count = std::min(dot.group, dot.getExtent(dot.grouped) - first);
    SmallVector<Value> rows;
    for (int64_t r = 0; r < count; ++r)
      rows.push_back(
          loadRow(b, flat,
                  addToIndex(b, loc, base,
                             offset + (first + r) * input.strides[dot.grouped]),
                  width, size));
    while (static_cast<int64_t>(rows.size()) < dot.group)
      rows.push_back(rows[count > 2 ? 2 : 0]);
    return rows;
  }

  /// Elements of `first` and `second`, `size` bytes each, in turn: of the lower
  /// or the upper half of each 128 bits.
  Value zip(OpBuilder &b, Value first, Value second, int64_t size, bool upper) {
    int64_t count = cast<VectorType>(first.getType()).getDimSize(0);
    SmallVector<int64_t> order;
    for (int64_t part = 0; part < count; part += 16)
      for (int64_t i = 0; i < 8; i += size)
        for (int64_t base : {int64_t(0), count})
          for (int64_t byte = 0; byte < size; ++byte)
            order.push_back(base + part + 8 * upper + i + byte);
    return vector::ShuffleOp::create(b, loc, first, second, order);
  }

  /// Columns of kZipped vectors of channels, in zipped order.
  SmallVector<Value> buildZippedColumns(OpBuilder &b, int64_t offset,
                                        int64_t group) {
    int64_t size = kZipped * dot.lanes;
    SmallVector<Value> rows = loadRows(b, offset, 0, group, size, size);
    SmallVector<Value> columns;
    for (bool upper : {false, true}) {
      Value first = zip(b, rows[0], rows[1], 1, upper);
      Value second = zip(b, rows[2], rows[3], 1, upper);
      for (bool upperHalf : {false, true})
        columns.push_back(isa.prepareInput(b, loc,
                                           zip(b, first, second, 2, upperHalf),
                                           dot.operands.storedUnsigned));
    }
    return columns;
  }

  /// A group of rows of a column, those of a channel side by side.
  Value buildColumn(OpBuilder &b, int64_t offset, int64_t v, int64_t group) {
    SmallVector<Value> rows =
        loadRows(b, offset, v, group, builder.getWidth(v), dot.lanes);
    return isa.prepareInput(b, loc, compress::interleave(b, loc, rows),
                            dot.operands.storedUnsigned);
  }

  /// `width` elements of a row, and zeros up to `size`.
  Value loadRow(OpBuilder &b, Value flat, Value address, int64_t width,
                int64_t size) {
    Type element = dot.getInput().getElementType();
    Value row = vector::LoadOp::create(
        b, loc, VectorType::get({width}, element), flat, address);
    if (width == size)
      return row;
    Value zeros = arith::ConstantOp::create(
        b, loc, b.getZeroAttr(VectorType::get({size}, element)));
    return vector::InsertStridedSliceOp::create(
        b, loc, row, zeros, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
  }

  Location loc;
  const PackedKernel &packed;
  const DotKernel &dot;
  const DotIsa &isa;
  const Tile &tile;
  TileBuilder builder;
  bool isZipped;
};
} // namespace

void mlir::compress::buildDepthwiseTile(OpBuilder &b, Location loc,
                                        const PackedKernel &packed,
                                        const Tile &tile) {
  DepthwiseTile(b, loc, packed, tile).build(b);
}

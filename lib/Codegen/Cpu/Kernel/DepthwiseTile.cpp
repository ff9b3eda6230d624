//===- DepthwiseTile.cpp - a tile of sums of each channel's own ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DepthwiseTile.h"
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

TileShape mlir::compress::chooseDepthwiseShape(const DotKernel &dot,
                                               const DotIsa &isa,
                                               int64_t pixels) {
  // Two or four vectors are stored as one. Weights come from memory; a column
  // and what makes it want some registers.
  int64_t numVectors = dot.getNumVectors(), vectors = 1;
  for (int64_t count : {4, 2, 3})
    if (vectors == 1 && numVectors % count == 0)
      vectors = count;
  int64_t most = std::max<int64_t>(1, (isa.registers * 3 / 4) / vectors);
  int64_t blocks = llvm::divideCeil(pixels, most);
  return {static_cast<int64_t>(llvm::divideCeil(pixels, blocks)), vectors};
}

namespace {
class DepthwiseTile {
public:
  DepthwiseTile(OpBuilder &b, Location loc, const PackedKernel &packed,
                const Tile &tile)
      : loc(loc), packed(packed), dot(packed.dot), isa(packed.isa), tile(tile),
        builder(b, loc, dot.kernel, packed.loops, tile) {}

  void build(OpBuilder &b) {
    DotTile whole(b, loc, packed, tile);
    SmallVector<Value> sums = whole.buildInitialValues(b, /*corrected=*/true);
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
    for (const auto &[offset, users] : columns)
      for (int64_t v = 0; v < vectors; ++v) {
        Value column = buildColumn(b, offset, v, group);
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

  /// A group of rows of a column, those of a channel side by side.
  Value buildColumn(OpBuilder &b, int64_t offset, int64_t v, int64_t group) {
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
                  builder.getWidth(v)));
    // Those that the window does not have are multiplied by 0.
    while (static_cast<int64_t>(rows.size()) < dot.group)
      rows.push_back(rows[0]);
    // All one after another, then each to its place.
    SmallVector<Value> joined = rows;
    while (joined.size() > 2) {
      SmallVector<Value> halves;
      for (size_t i = 0; i < joined.size(); i += 2)
        halves.push_back(join(b, joined[i], joined[i + 1]));
      joined = halves;
    }
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < dot.lanes; ++lane)
      for (int64_t r = 0; r < dot.group; ++r)
        order.push_back(r * dot.lanes + lane);
    Value column = joined.size() == 1
                       ? joined[0]
                       : Value(vector::ShuffleOp::create(b, loc, joined[0],
                                                         joined[1], order));
    return isa.prepareInput(b, loc, column, dot.operands.storedUnsigned);
  }

  Value join(OpBuilder &b, Value first, Value second) {
    int64_t size = cast<VectorType>(first.getType()).getDimSize(0);
    SmallVector<int64_t> order =
        llvm::to_vector(llvm::seq(int64_t(0), 2 * size));
    return vector::ShuffleOp::create(b, loc, first, second, order);
  }

  Value loadRow(OpBuilder &b, Value flat, Value address, int64_t width) {
    Type element = dot.getInput().getElementType();
    Value row = vector::LoadOp::create(
        b, loc, VectorType::get({width}, element), flat, address);
    if (width == dot.lanes)
      return row;
    Value zeros = arith::ConstantOp::create(
        b, loc, b.getZeroAttr(VectorType::get({dot.lanes}, element)));
    return vector::InsertStridedSliceOp::create(
        b, loc, row, zeros, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
  }

  Location loc;
  const PackedKernel &packed;
  const DotKernel &dot;
  const DotIsa &isa;
  const Tile &tile;
  TileBuilder builder;
};
} // namespace

void mlir::compress::buildDepthwiseTile(OpBuilder &b, Location loc,
                                        const PackedKernel &packed,
                                        const Tile &tile) {
  DepthwiseTile(b, loc, packed, tile).build(b);
}

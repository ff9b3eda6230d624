//===- MatrixTile.cpp - a tile of sums by matrix instructions ------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "MatrixTile.h"
#include "WeightPrefetch.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

/// Rows and bytes of a row of a tile register, and accumulators of a row.
static constexpr int64_t kMaxRows = 16, kMaxDepth = 64, kColumns = 16;

/// Pixels whose sums leave tile registers together.
static constexpr int64_t kStoredPixels = 4;

/// Rows that cover `pixels` in the least time: a row takes a step, a register
/// some more, and a pixel that is left takes vectors for itself.
static int64_t chooseRows(int64_t pixels) {
  int64_t best = 1;
  double bestTime = -1;
  for (int64_t rows = std::min(pixels, kMaxRows); rows >= 1; --rows) {
    double time = static_cast<double>(pixels / rows) * (rows + 6) +
                  static_cast<double>(pixels % rows) * 10;
    if (bestTime < 0 || time < bestTime) {
      bestTime = time;
      best = rows;
    }
  }
  return best;
}

std::optional<MatrixShape>
mlir::compress::chooseMatrixShape(const llvm::StringSet<> &features,
                                  const DotKernel &dot, const TileLoops &loops,
                                  int64_t rows, int64_t vectors) {
  const Access &input = dot.getInput();
  const Access &weights = dot.kernel.root.operands[dot.operands.weights];
  if (!features.contains("amx-int8") || !input.getElementType().isInteger(8) ||
      !weights.getElementType().isInteger(8) || !loops.pixel ||
      dot.lanes != kColumns || dot.group != 4 || dot.split != 1 ||
      !dot.selecting.empty() || input.strides[dot.grouped] != 1)
    return std::nullopt;
  MatrixShape shape;
  int64_t inputs = dot.getExtent(dot.grouped);
  shape.depth = 0;
  for (int64_t depth = 4; depth <= kMaxDepth; depth += 4)
    if (inputs % depth == 0)
      shape.depth = depth;
  if (shape.depth < 32 && shape.depth != inputs)
    return std::nullopt;
  int64_t pixels = dot.getExtent(*loops.pixel);
  shape.rows = rows ? rows : chooseRows(pixels);
  if (shape.depth < 4 || shape.rows < 4)
    return std::nullopt;
  shape.vectors = vectors ? vectors : std::min<int64_t>(dot.getNumVectors(), 2);
  // Sums of four registers hide how long a product takes.
  int64_t registers = kMatrixSums / shape.vectors;
  int64_t whole = pixels / shape.rows;
  shape.pixels = std::min(whole, registers) * shape.rows;
  if (whole < registers) {
    shape.pixels = pixels;
    for (unsigned loop = 0; loop < dot.kernel.loops.size(); ++loop)
      if (!dot.kernel.loops[loop].reduction && loop != dot.lane &&
          loop != *loops.pixel && dot.getExtent(loop) > 1)
        shape.outer = loop;
    if (shape.outer)
      shape.outerBlock =
          std::min(registers / whole, dot.getExtent(*shape.outer));
  }
  return shape;
}

LoopNest mlir::compress::buildMatrixNest(const DotKernel &dot,
                                         const TileLoops &loops,
                                         const MatrixShape &shape,
                                         bool lanesOutermost) {
  LoopNest nest = buildTileNest(dot.kernel, loops, shape.pixels, shape.vectors,
                                lanesOutermost);
  for (BlockedLoop &loop : nest.loops)
    if (loop.loop == shape.outer)
      loop.block = shape.outerBlock;
  return nest;
}

namespace {
/// Pixels side by side that a tile register has as its rows.
struct Rows {
  int64_t outer; // iteration of the outer loop within the tile
  int64_t pixel; // the first, within the tile
};

class MatrixTile {
public:
  MatrixTile(Location loc, const PackedKernel &packed, const MatrixShape &shape,
             const Tile &tile)
      : loc(loc), packed(packed), dot(packed.dot), shape(shape), tile(tile),
        pixel(*packed.loops.pixel) {
    int64_t outer = shape.outer ? tile.size[*shape.outer] : 1;
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t p = 0; p + shape.rows <= tile.size[pixel]; p += shape.rows)
        rows.push_back({o, p});
  }

  void build(OpBuilder &b) const {
    if (!rows.empty())
      buildRows(b);
    // Pixels that are left.
    int64_t rest = tile.size[pixel] % shape.rows;
    int64_t outer = shape.outer ? tile.size[*shape.outer] : 1;
    for (int64_t o = 0; rest > 0 && o < outer; ++o) {
      Tile left = getPart(b, {o, tile.size[pixel] - rest}, Value(), rest);
      DotTile(b, loc, packed, left).build(b);
    }
  }

private:
  Value index(OpBuilder &b, int64_t value) const {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  amx::TileType getType(OpBuilder &b, int64_t height, int64_t width,
                        unsigned bits) const {
    return amx::TileType::get({height, width}, b.getIntegerType(bits));
  }

  /// The part of the tile that begins `more` pixels after `at`.
  Tile getPart(OpBuilder &b, Rows at, Value more, int64_t pixels) const {
    Tile part = tile;
    part.begin[pixel] = addIndices(
        b, loc, addToIndex(b, loc, part.begin[pixel], at.pixel), more);
    part.size[pixel] = pixels;
    if (shape.outer) {
      part.begin[*shape.outer] =
          addToIndex(b, loc, part.begin[*shape.outer], at.outer);
      part.size[*shape.outer] = 1;
    }
    return part;
  }

  /// One step: products of all rows with all vectors.
  SmallVector<Value> buildStep(OpBuilder &b, ArrayRef<Value> ivs,
                               int64_t vectors, Value weightAt,
                               ArrayRef<Value> sums) const {
    SmallVector<Value> columns, results;
    prefetch->build(b, weightAt, vectors * kColumns * shape.depth);
    Value width = index(b, vectors * kMaxDepth);
    for (int64_t v = 0; v < vectors; ++v)
      columns.push_back(amx::TileLoadOp::create(
          b, loc, getType(b, shape.depth / 4, kMaxDepth, 8), packed.weights,
          ValueRange{addToIndex(b, loc, weightAt, v * kMaxDepth)}, width));
    const Access &access = dot.getInput();
    Value stride = index(b, access.strides[pixel]);
    for (auto [r, at] : llvm::enumerate(rows)) {
      Tile part = getPart(b, at, Value(), shape.rows);
      TileBuilder builder(b, loc, dot.kernel, packed.loops, part);
      Value input = amx::TileLoadOp::create(
          b, loc, getType(b, shape.rows, shape.depth, 8),
          builder.flatten(b, access.value),
          ValueRange{builder.getAddress(b, access, 0, 0, ivs)}, stride);
      for (int64_t v = 0; v < vectors; ++v)
        results.push_back(amx::TileMulIOp::create(
            b, loc, sums[r * vectors + v].getType(), input, columns[v],
            sums[r * vectors + v],
            /*isZextLhs=*/dot.operands.storedUnsigned, /*isZextRhs=*/false));
    }
    return results;
  }

  SmallVector<Value> buildSteps(OpBuilder &b, SmallVector<Value> &ivs,
                                int64_t vectors, Value weightAt,
                                ArrayRef<Value> sums) const {
    int64_t inputs = dot.getExtent(dot.grouped);
    if (inputs == shape.depth)
      return buildStep(b, ivs, vectors, weightAt, sums);
    auto loop = scf::ForOp::create(
        b, loc, index(b, 0), index(b, inputs), index(b, shape.depth), sums,
        [&](OpBuilder &b, Location loc, Value iv, ValueRange carried) {
          ivs[dot.grouped] = iv;
          Value at = addIndices(b, loc, weightAt,
                                scaleIndex(b, loc, iv, vectors * kColumns));
          scf::YieldOp::create(
              b, loc,
              buildStep(b, ivs, vectors, at, SmallVector<Value>(carried)));
        });
    ivs[dot.grouped] = {};
    return SmallVector<Value>(loop.getResults());
  }

  void buildRows(OpBuilder &b) const {
    DotTile whole(b, loc, packed, tile);
    int64_t vectors = whole.getVectors();
    SmallVector<Value> zeros, ivs(dot.kernel.loops.size());
    for (size_t i = 0; i < rows.size() * vectors; ++i)
      zeros.push_back(amx::TileZeroOp::create(
          b, loc, getType(b, shape.rows, kColumns, 32)));
    Value weights = whole.getWeightAddress(b);
    auto next = WeightPrefetch::get(b, loc, packed, tile, vectors, weights);
    prefetch = &next;
    SmallVector<Value> sums = buildReductionLoops(
        b, loc, dot, vectors, ivs, weights, zeros,
        [&](OpBuilder &b, Value weightAt, ArrayRef<Value> sums) {
          return buildSteps(b, ivs, vectors, weightAt, sums);
        });
    // By way of memory to the registers of vectors: [rows][pixel][vector].
    int64_t width = vectors * kColumns;
    auto type = MemRefType::get(
        {static_cast<int64_t>(rows.size()) * shape.rows * width},
        b.getI32Type());
    Value scratch =
        memref::AllocaOp::create(b, loc, type, b.getI64IntegerAttr(kMaxDepth));
    for (size_t r = 0; r < rows.size(); ++r)
      for (int64_t v = 0; v < vectors; ++v)
        amx::TileStoreOp::create(
            b, loc, scratch,
            ValueRange{index(b, r * shape.rows * width + v * kColumns)},
            sums[r * vectors + v], index(b, width));
    for (auto [r, at] : llvm::enumerate(rows)) {
      int64_t first = r * shape.rows * width;
      int64_t stored = shape.rows - shape.rows % kStoredPixels;
      if (stored > 0)
        scf::ForOp::create(
            b, loc, index(b, 0), index(b, stored), index(b, kStoredPixels),
            ValueRange{},
            [&, at = at](OpBuilder &b, Location loc, Value iv, ValueRange) {
              storePixels(b, at, iv, kStoredPixels, scratch, first, width);
              scf::YieldOp::create(b, loc);
            });
      if (shape.rows > stored)
        storePixels(b, at, index(b, stored), shape.rows - stored, scratch,
                    first, width);
    }
  }

  void storePixels(OpBuilder &b, Rows at, Value pixel, int64_t count,
                   Value scratch, int64_t first, int64_t width) const {
    Tile part = getPart(b, at, pixel, count);
    DotTile dotTile(b, loc, packed, part);
    SmallVector<Value> sums = dotTile.buildInitialValues(
        b, /*corrected=*/dot.operands.storedUnsigned);
    auto type = VectorType::get({kColumns}, b.getI32Type());
    Value address = addToIndex(b, loc, scaleIndex(b, loc, pixel, width), first);
    for (auto [i, sum] : llvm::enumerate(sums))
      sum = arith::AddIOp::create(
          b, loc, sum,
          vector::LoadOp::create(b, loc, type, scratch,
                                 addToIndex(b, loc, address, i * kColumns)));
    dotTile.storeSums(b, sums);
  }

  Location loc;
  const PackedKernel &packed;
  const DotKernel &dot;
  const MatrixShape &shape;
  const Tile &tile;
  unsigned pixel;
  SmallVector<Rows> rows;
  mutable const WeightPrefetch *prefetch = nullptr; // within buildRows
};
} // namespace

void mlir::compress::buildMatrixTile(OpBuilder &b, Location loc,
                                     const PackedKernel &packed,
                                     const MatrixShape &shape,
                                     const Tile &tile) {
  MatrixTile(loc, packed, shape, tile).build(b);
}

//===- WinogradTile.cpp - 3x3 convolutions with fewer products ------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "WinogradTile.h"
#include "Parallel.h"
#include "WeightPrefetch.h"
#include "WinogradTransform.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

namespace {
/// Builds the code of one item: some rows of tiles for some output channels.
class WinogradBuilder {
public:
  WinogradBuilder(Location loc, const WinogradKernel &w, Value weights,
                  Value scratch)
      : loc(loc), w(w), weights(weights), scratch(scratch) {}

  void build(OpBuilder &b);

private:
  using BodyBuilder = function_ref<void(OpBuilder &, Value)>;

  Value index(OpBuilder &b, int64_t value) const {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value add(OpBuilder &b, Value lhs, Value rhs) const {
    return addIndices(b, loc, lhs, rhs);
  }
  Value scale(OpBuilder &b, Value value, int64_t factor) const {
    return scaleIndex(b, loc, value, factor);
  }
  VectorType vectorOf(OpBuilder &b, int64_t width) const {
    return VectorType::get({width}, b.getF32Type());
  }
  void loop(OpBuilder &b, Value begin, Value end, int64_t step,
            BodyBuilder body) const {
    scf::ForOp::create(b, loc, begin, end, index(b, step), ValueRange{},
                       [&](OpBuilder &b, Location loc, Value iv, ValueRange) {
                         body(b, iv);
                         scf::YieldOp::create(b, loc);
                       });
  }
  Value fadd(OpBuilder &b, Value x, Value y) const {
    return arith::AddFOp::create(b, loc, x, y);
  }

  std::pair<Value, Value> getShare(OpBuilder &b, Value at, int64_t count,
                                   int64_t shares) const;
  void buildOuter(OpBuilder &b, Value outerItem, Value rowItem,
                  Value vectorItem, Value item);
  void buildItem(OpBuilder &b, Value rowItem, Value vectorItem, Value item);
  void buildBlock(OpBuilder &b, Value firstRow, Value vectorItem);
  void transformInputs(OpBuilder &b, Value firstRow, Value rows);
  void transformInput(OpBuilder &b, Value row, Value column, Value local);
  void buildProducts(OpBuilder &b, Value weightAt, int64_t vectors);
  void buildProduct(OpBuilder &b, Value part, Value firstTile, int64_t tiles,
                    int64_t vectors, Value weightAt,
                    const WeightPrefetch &next);
  void transformSums(OpBuilder &b, Value firstRow, Value rows, Value lane,
                     int64_t vectors, int64_t width);
  void transformSum(OpBuilder &b, Value row, Value column, Value local,
                    int64_t firstVector, int64_t vectors);
  void store(OpBuilder &b, ArrayRef<Value> sums, int64_t count);

  Location loc;
  const WinogradKernel &w;
  Value weights, scratch;
  Value inputs, sums; // where the parts of this item begin in `scratch`
  Tile tile;          // the outputs that are stored
};
} // namespace

void WinogradBuilder::build(OpBuilder &b) {
  tile.begin.assign(w.kernel.loops.size(), Value());
  tile.size.assign(w.kernel.loops.size(), 1);
  if (w.getItems() == 1) {
    buildOuter(b, Value(), Value(), Value(), Value());
    return;
  }
  OpBuilder::InsertionGuard guard(b);
  scf::ForallOp forall = buildForall(b, loc, w.getItems());
  b.setInsertionPointToStart(forall.getBody());
  Value item = forall.getInductionVars()[0];
  // Neighbours share weights.
  Value rows = index(b, w.rowItems), vectors = index(b, w.vectorItems);
  Value rest = arith::DivUIOp::create(b, loc, item, rows);
  buildOuter(b, arith::DivUIOp::create(b, loc, rest, vectors),
             arith::RemUIOp::create(b, loc, item, rows),
             arith::RemUIOp::create(b, loc, rest, vectors), item);
}

/// Begin and end of share `at` (null: all) of `count` things in `shares`.
std::pair<Value, Value> WinogradBuilder::getShare(OpBuilder &b, Value at,
                                                  int64_t count,
                                                  int64_t shares) const {
  if (!at || shares == 1)
    return {index(b, 0), index(b, count)};
  auto bound = [&](int64_t more) {
    Value product = scale(b, addToIndex(b, loc, at, more), count);
    return arith::DivUIOp::create(b, loc, product, index(b, shares))
        .getResult();
  };
  Value begin = bound(0);
  return {begin, bound(1)};
}

void WinogradBuilder::buildOuter(OpBuilder &b, Value outerItem, Value rowItem,
                                 Value vectorItem, Value item) {
  if (w.outer.empty()) {
    buildItem(b, rowItem, vectorItem, item);
    return;
  }
  auto [begin, end] = getShare(b, outerItem, w.getOuterCount(), w.outerItems);
  loop(b, begin, end, 1, [&](OpBuilder &b, Value number) {
    for (unsigned outer : llvm::reverse(w.outer)) {
      Value extent = index(b, w.getExtent(outer));
      tile.begin[outer] = arith::RemUIOp::create(b, loc, number, extent);
      number = arith::DivUIOp::create(b, loc, number, extent);
    }
    buildItem(b, rowItem, vectorItem, item);
  });
}

void WinogradBuilder::buildItem(OpBuilder &b, Value rowItem, Value vectorItem,
                                Value item) {
  inputs = scale(b, item, w.getScratchSize());
  sums = addToIndex(b, loc, inputs, w.getParts() * w.getInputSize());
  auto [begin, end] = getShare(b, rowItem, w.getRowBlocks(), w.rowItems);
  loop(b, begin, end, 1, [&](OpBuilder &b, Value block) {
    buildBlock(b, scale(b, block, w.blockRows), vectorItem);
  });
}

void WinogradBuilder::buildBlock(OpBuilder &b, Value firstRow,
                                 Value vectorItem) {
  Value left = arith::SubIOp::create(b, loc, index(b, w.rowTiles), firstRow);
  Value rows = arith::MinUIOp::create(b, loc, left, index(b, w.blockRows));
  transformInputs(b, firstRow, rows);

  int64_t full = w.getExtent(w.lane) / (w.shape.vectors * w.lanes);
  int64_t rest = w.getExtent(w.lane) % (w.shape.vectors * w.lanes);
  int64_t size = w.shape.vectors * w.lanes * w.getExtent(w.channel) *
                 w.getParts(); // of weights
  auto visit = [&](OpBuilder &b, Value vectorTile, int64_t width) {
    int64_t vectors = llvm::divideCeil(width, w.lanes);
    buildProducts(b, scale(b, vectorTile, size), vectors);
    transformSums(b, firstRow, rows,
                  scale(b, vectorTile, w.shape.vectors * w.lanes), vectors,
                  width);
  };
  // All tiles of vectors, the one that is left over last.
  int64_t tiles = w.getVectorTiles();
  auto [begin, end] = getShare(b, vectorItem, tiles, w.vectorItems);
  if (rest == 0) {
    loop(b, begin, end, 1, [&](OpBuilder &b, Value at) {
      visit(b, at, w.shape.vectors * w.lanes);
    });
    return;
  }
  loop(
      b, begin, arith::MinUIOp::create(b, loc, end, index(b, full)), 1,
      [&](OpBuilder &b, Value at) { visit(b, at, w.shape.vectors * w.lanes); });
  Value isLast = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, end,
                                       index(b, tiles));
  scf::IfOp::create(b, loc, isLast, [&](OpBuilder &b, Location loc) {
    visit(b, index(b, full), rest);
    scf::YieldOp::create(b, loc);
  });
}

void WinogradBuilder::transformInputs(OpBuilder &b, Value firstRow,
                                      Value rows) {
  loop(b, index(b, 0), rows, 1, [&](OpBuilder &b, Value row) {
    loop(b, index(b, 0), index(b, w.columnTiles), 1,
         [&](OpBuilder &b, Value column) {
           transformInput(b, add(b, firstRow, row), column,
                          add(b, scale(b, row, w.columnTiles), column));
         });
  });
}

/// B^T d B of one tile, for all channels.
void WinogradBuilder::transformInput(OpBuilder &b, Value row, Value column,
                                     Value local) {
  const Access &access = w.getInput();
  TileLoops loops{w.lane, w.column, w.lanes};
  TileBuilder builder(b, loc, w.kernel, loops, tile);
  Value flat = builder.flatten(b, access.value);
  Value base;
  for (unsigned outer : w.outer)
    base = add(b, base, scale(b, tile.begin[outer], access.strides[outer]));
  base = addToIndex(b, loc, base, access.offset);
  // What lies beyond the last row and column has no part in the outputs that
  // there are (in tiles of 4x4, once the transforms have cancelled it): what
  // lies before serves, which is as large.
  int64_t count = w.getPlaces();
  auto places = [&](Value at, unsigned loop) {
    SmallVector<Value> result;
    Value first = scale(b, at, w.outputs);
    int64_t rest = w.getExtent(loop) % w.outputs;
    for (int64_t i = 0; i < count; ++i) {
      Value place = addToIndex(b, loc, first, i);
      if (rest != 0 && i > rest + 1)
        place = arith::MinUIOp::create(b, loc, place,
                                       index(b, w.getExtent(loop) + 1));
      result.push_back(scale(b, place, access.strides[loop]));
    }
    return result;
  };
  SmallVector<Value> atRow = places(row, w.row),
                     atColumn = places(column, w.column);
  int64_t channels = w.getExtent(w.channel);
  Value target = add(b, inputs, scale(b, local, w.getInputWidth()));

  auto transform = [&](OpBuilder &b, Value channel, int64_t width) {
    VectorType type = vectorOf(b, w.lanes);
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
    Value mask;
    if (width < w.lanes)
      mask = vector::ConstantMaskOp::create(
          b, loc, VectorType::get({w.lanes}, b.getI1Type()),
          ArrayRef<int64_t>{width});
    SmallVector<SmallVector<Value>> t;
    for (int64_t j = 0; j < count; ++j) {
      SmallVector<Value> d(count);
      for (int64_t i = 0; i < count; ++i) {
        Value at = add(b, add(b, add(b, base, atRow[i]), atColumn[j]), channel);
        d[i] = width == w.lanes
                   ? vector::LoadOp::create(b, loc, type, flat, at).getResult()
                   : vector::MaskedLoadOp::create(b, loc, type, flat, at, mask,
                                                  zero)
                         .getResult();
      }
      t.push_back(buildInputTransform(b, loc, d));
    }
    Value at = add(b, target, channel);
    for (int64_t i = 0; i < count; ++i) {
      SmallVector<Value> row;
      for (int64_t j = 0; j < count; ++j)
        row.push_back(t[j][i]);
      row = buildInputTransform(b, loc, row);
      for (int64_t j = 0; j < count; ++j)
        vector::StoreOp::create(
            b, loc, row[j], scratch,
            addToIndex(b, loc, at, (count * i + j) * w.getInputSize()));
    }
  };
  int64_t whole = channels - channels % w.lanes;
  if (whole > 0)
    loop(b, index(b, 0), index(b, whole), w.lanes,
         [&](OpBuilder &b, Value channel) { transform(b, channel, w.lanes); });
  if (whole < channels)
    transform(b, index(b, whole), channels - whole);
}

/// The 16 or 36 matrix products of a block with `vectors` of weights.
void WinogradBuilder::buildProducts(OpBuilder &b, Value weightAt,
                                    int64_t vectors) {
  int64_t tiles = w.getTiles(), step = w.shape.pixels;
  int64_t size = vectors * w.lanes * w.getExtent(w.channel);
  // Weights that stay in the cache need not be asked for.
  int64_t passes = w.getWeightBytes() > kCachedWeightBytes
                       ? llvm::divideCeil(tiles, step)
                       : 1;
  loop(
      b, index(b, 0), index(b, w.getParts()), 1, [&](OpBuilder &b, Value part) {
        Value begin = add(b, weightAt, scale(b, part, size));
        int64_t whole = tiles - tiles % step;
        auto visit = [&](OpBuilder &b, Value first, int64_t count) {
          Value pass =
              arith::DivUIOp::create(b, loc, first, index(b, step)).getResult();
          WeightPrefetch next(b, loc, weights, begin, size, passes, pass);
          buildProduct(b, part, first, count, vectors, begin, next);
        };
        if (whole > 0)
          loop(b, index(b, 0), index(b, whole), step,
               [&](OpBuilder &b, Value first) { visit(b, first, step); });
        if (whole < tiles)
          visit(b, index(b, whole), tiles - whole);
      });
}

/// Sums of `tiles` x `vectors` over all channels, in registers.
void WinogradBuilder::buildProduct(OpBuilder &b, Value part, Value firstTile,
                                   int64_t tiles, int64_t vectors,
                                   Value weightAt, const WeightPrefetch &next) {
  VectorType type = vectorOf(b, w.lanes);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  Value input = add(b, add(b, inputs, scale(b, part, w.getInputSize())),
                    scale(b, firstTile, w.getInputWidth()));
  SmallVector<Value> zeros(tiles * vectors, zero);
  auto reduction = scf::ForOp::create(
      b, loc, index(b, 0), index(b, w.getExtent(w.channel)), index(b, 1), zeros,
      [&](OpBuilder &b, Location loc, Value channel, ValueRange carried) {
        Value at = add(b, weightAt, scale(b, channel, vectors * w.lanes));
        next.build(b, at, vectors * w.lanes);
        SmallVector<Value> columns, results;
        for (int64_t v = 0; v < vectors; ++v)
          columns.push_back(vector::LoadOp::create(
              b, loc, type, weights, addToIndex(b, loc, at, v * w.lanes)));
        for (int64_t t = 0; t < tiles; ++t) {
          Value scalar =
              memref::LoadOp::create(b, loc, scratch,
                                     addToIndex(b, loc, add(b, input, channel),
                                                t * w.getInputWidth()));
          Value repeated = vector::BroadcastOp::create(b, loc, type, scalar);
          for (int64_t v = 0; v < vectors; ++v)
            results.push_back(LLVM::FMAOp::create(b, loc, repeated, columns[v],
                                                  carried[t * vectors + v]));
        }
        scf::YieldOp::create(b, loc, results);
      });
  int64_t row = w.shape.vectors * w.lanes;
  Value target = add(b, add(b, sums, scale(b, part, w.getSumSize())),
                     scale(b, firstTile, row));
  for (int64_t t = 0; t < tiles; ++t)
    for (int64_t v = 0; v < vectors; ++v)
      vector::StoreOp::create(
          b, loc, reduction.getResult(t * vectors + v), scratch,
          addToIndex(b, loc, target, t * row + v * w.lanes));
}

void WinogradBuilder::transformSums(OpBuilder &b, Value firstRow, Value rows,
                                    Value lane, int64_t vectors,
                                    int64_t width) {
  // As many vectors at a time as there are registers for the results.
  int64_t step = w.outputs == 2 ? vectors : 1;
  loop(b, index(b, 0), rows, 1, [&](OpBuilder &b, Value row) {
    loop(b, index(b, 0), index(b, w.columnTiles), 1,
         [&](OpBuilder &b, Value column) {
           Value local = add(b, scale(b, row, w.columnTiles), column);
           for (int64_t first = 0; first < vectors; first += step) {
             tile.begin[w.lane] = addToIndex(b, loc, lane, first * w.lanes);
             tile.size[w.lane] =
                 std::min(step * w.lanes, width - first * w.lanes);
             transformSum(b, add(b, firstRow, row), column, local, first, step);
           }
         });
  });
}

/// A^T m A of one tile, and what follows it in the kernel.
void WinogradBuilder::transformSum(OpBuilder &b, Value row, Value column,
                                   Value local, int64_t firstVector,
                                   int64_t vectors) {
  VectorType type = vectorOf(b, w.lanes);
  Value from = add(b, sums, scale(b, local, w.shape.vectors * w.lanes));
  int64_t places = w.getPlaces(), side = w.outputs;
  // [row][column][vector]
  SmallVector<SmallVector<Value>> y(side);
  for (auto &row : y)
    row.resize(side * vectors);
  for (int64_t v = 0; v < vectors; ++v) {
    SmallVector<SmallVector<Value>> s;
    for (int64_t j = 0; j < places; ++j) {
      SmallVector<Value> m;
      for (int64_t i = 0; i < places; ++i)
        m.push_back(vector::LoadOp::create(
            b, loc, type, scratch,
            addToIndex(b, loc, from,
                       (places * i + j) * w.getSumSize() +
                           (firstVector + v) * w.lanes)));
      s.push_back(buildSumTransform(b, loc, m));
    }
    for (int64_t i = 0; i < side; ++i) {
      SmallVector<Value> along;
      for (int64_t j = 0; j < places; ++j)
        along.push_back(s[j][i]);
      along = buildSumTransform(b, loc, along);
      for (int64_t j = 0; j < side; ++j)
        y[i][j * vectors + v] = along[j];
    }
  }
  Value rowAt = scale(b, row, side), columnAt = scale(b, column, side);
  // The last tile of a row or column may be less than whole.
  auto isWhole = [&](OpBuilder &b, Value at, unsigned loop) -> Value {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, at,
                                 index(b, w.getExtent(loop) / side));
  };
  auto storeRow = [&](OpBuilder &b, int64_t i) {
    tile.begin[w.row] = addToIndex(b, loc, rowAt, i);
    tile.begin[w.column] = columnAt;
    int64_t rest = w.getExtent(w.column) % side;
    if (rest == 0) {
      store(b, y[i], side);
      return;
    }
    scf::IfOp::create(
        b, loc, isWhole(b, column, w.column),
        [&](OpBuilder &b, Location loc) {
          store(b, y[i], side);
          scf::YieldOp::create(b, loc);
        },
        [&](OpBuilder &b, Location loc) {
          store(b, ArrayRef(y[i]).take_front(rest * vectors), rest);
          scf::YieldOp::create(b, loc);
        });
  };
  int64_t rest = w.getExtent(w.row) % side;
  int64_t always = rest == 0 ? side : rest;
  for (int64_t i = 0; i < always; ++i)
    storeRow(b, i);
  if (always == side)
    return;
  scf::IfOp::create(b, loc, isWhole(b, row, w.row),
                    [&](OpBuilder &b, Location loc) {
                      for (int64_t i = always; i < side; ++i)
                        storeRow(b, i);
                      scf::YieldOp::create(b, loc);
                    });
}

/// Adds what sums begin with to `count` pixels, [pixel][vector], and stores.
void WinogradBuilder::store(OpBuilder &b, ArrayRef<Value> values,
                            int64_t count) {
  tile.size[w.column] = count;
  TileLoops loops{w.lane, w.column, w.lanes};
  TileBuilder builder(b, loc, w.kernel, loops, tile);
  SmallVector<Value> initial = builder.buildInitialValues(b), results;
  for (auto [i, value] : llvm::enumerate(values)) {
    int64_t width = builder.getWidth(i % builder.getVectors());
    Value cut = value;
    if (width < w.lanes)
      cut = vector::ExtractStridedSliceOp::create(
          b, loc, cut, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{width},
          ArrayRef<int64_t>{1});
    results.push_back(initial.empty() ? cut : fadd(b, initial[i], cut));
  }
  builder.storeResults(b, results);
}

void mlir::compress::buildWinograd(OpBuilder &b, Location loc,
                                   const WinogradKernel &winograd,
                                   Value weights, Value scratch) {
  WinogradBuilder(loc, winograd, weights, scratch).build(b);
}

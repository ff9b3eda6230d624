//===- RowReduction.cpp - sums of rows side by side -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RowReduction.h"
#include "VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::compress;

std::optional<RowReduction>
mlir::compress::analyzeRowReduction(const Kernel &kernel, int64_t lanes) {
  if (kernel.root.operands.size() != 2 || !kernel.root.operands[0].isMemory() ||
      (!kernel.initial && !kernel.readsOut()))
    return std::nullopt;
  const Access &input = kernel.root.operands[0];
  if (input.getElementType().getIntOrFloatBitWidth() != 32)
    return std::nullopt;
  std::optional<unsigned> lane, column;
  for (unsigned loop = 0; loop < kernel.loops.size(); ++loop) {
    if (kernel.loops[loop].reduction) {
      if (column || input.strides[loop] != 1)
        return std::nullopt;
      column = loop;
    } else if (kernel.getOut().strides[loop] == 1 && input.strides[loop] != 0) {
      lane = loop;
    }
  }
  if (!lane || !column || kernel.loops[*lane].extent < lanes ||
      kernel.loops[*column].extent < lanes)
    return std::nullopt;
  // What the initialization and the epilogue read.
  bool fits = true;
  kernel.forEachAccess([&](const Access &access) {
    int64_t stride = access.strides[*lane];
    fits &= &access == &input || stride == 0 || stride == 1;
  });
  return fits ? std::optional(RowReduction{*lane, *column}) : std::nullopt;
}

/// Element i of result k is element k of vector i; as many vectors as each has
/// elements, a power of 2.
static SmallVector<Value> transpose(OpBuilder &b, Location loc,
                                    SmallVector<Value> rows) {
  int64_t count = rows.size();
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < count; ++i) {
    low.push_back(i / 2 + i % 2 * count);
    high.push_back(count / 2 + low.back());
  }
  for (int64_t round = 1; round < count; round *= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < count / 2; ++i)
      for (ArrayRef<int64_t> half : {ArrayRef(low), ArrayRef(high)})
        next.push_back(vector::ShuffleOp::create(b, loc, rows[i],
                                                 rows[i + count / 2], half));
    rows = next;
  }
  return rows;
}

Value mlir::compress::buildRowReduction(OpBuilder &b, Location loc,
                                        const Kernel &kernel,
                                        const RowReduction &rows,
                                        TileBuilder &tile, int64_t lanes,
                                        bool fused, Value accumulator) {
  linalg::LinalgOp op = kernel.root.op;
  const Access &input = kernel.root.operands[0];
  auto type = VectorType::get({lanes}, input.getElementType());
  int64_t width = tile.getWidth(0);
  // The columns from `begin` on, as many as lanes; the first are skipped.
  auto addSquare = [&](OpBuilder &b, Value begin, int64_t skipped,
                       Value sum) -> Value {
    SmallVector<Value> ivs(kernel.loops.size());
    ivs[rows.column] = begin;
    Value flat = tile.flatten(b, input.value);
    Value address = tile.getAddress(b, input, 0, 0, ivs);
    SmallVector<Value> square;
    for (int64_t i = 0; i < lanes; ++i) {
      // Past the last row that one again.
      int64_t row = std::min(i, width - 1);
      square.push_back(vector::LoadOp::create(
          b, loc, type, flat,
          addToIndex(b, loc, address, row * input.strides[rows.lane])));
    }
    square = transpose(b, loc, square);
    for (Value elements : ArrayRef(square).drop_front(skipped)) {
      if (width < lanes)
        elements = vector::ExtractStridedSliceOp::create(
            b, loc, elements, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{width},
            ArrayRef<int64_t>{1});
      Value operands[] = {elements, sum};
      Value result = fused ? evaluateFusedBody(b, op, operands, width)
                           : evaluateBody(b, op, operands, width);
      sum = toVector(b, loc, result, width);
    }
    return sum;
  };
  auto index = [&](int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  };
  int64_t columns = kernel.loops[rows.column].extent;
  int64_t rest = columns % lanes;
  auto loop = scf::ForOp::create(
      b, loc, index(0), index(columns - rest), index(lanes), accumulator,
      [&](OpBuilder &b, Location loc, Value iv, ValueRange carried) {
        scf::YieldOp::create(b, loc, addSquare(b, iv, 0, carried.front()));
      });
  Value sum = loop.getResult(0);
  // The last square overlaps the one before it.
  return rest == 0 ? sum
                   : addSquare(b, index(columns - lanes), lanes - rest, sum);
}

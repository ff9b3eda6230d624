//===- LoopNest.cpp - loops over tiles -----------------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "LoopNest.h"
#include "Parallel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::compress;

/// Items that let the threads of a machine finish at about the same time.
static constexpr int64_t kParallelItems = 64;

void mlir::compress::chooseParallelLoops(LoopNest &nest, int64_t instructions) {
  nest.numParallel = 0;
  if (!isWorthThreads(instructions))
    return;
  int64_t items = 1;
  for (const BlockedLoop &loop : nest.loops) {
    if (items >= kParallelItems)
      return;
    items *= llvm::divideCeil(loop.extent, loop.block);
    ++nest.numParallel;
  }
}

void mlir::compress::splitPixels(LoopNest &nest, std::optional<unsigned> pixel,
                                 bool small) {
  if (nest.loops.size() != 2 || nest.loops.back().loop != pixel)
    return;
  BlockedLoop pixels = nest.loops.back();
  int64_t blocks = pixels.extent / pixels.block;
  for (int64_t parts = kParallelItems; parts >= 8; --parts)
    if (pixels.extent % pixels.block == 0 && blocks % parts == 0) {
      pixels.block = pixels.extent / parts;
      nest.loops.back().extent = pixels.block;
      nest.loops.insert(nest.loops.begin(), pixels);
      return;
    }
  if (small && blocks >= 8)
    std::swap(nest.loops[0], nest.loops[1]);
}

static Value buildIndex(OpBuilder &b, Location loc, int64_t value) {
  return arith::ConstantIndexOp::create(b, loc, value);
}

namespace {
struct NestBuilder {
  Location loc;
  const LoopNest &nest;
  function_ref<void(OpBuilder &, const Tile &)> emit;

  /// The loops from `depth` on, for the blocks where the parallel ones stand.
  void build(OpBuilder &b, unsigned depth, ArrayRef<Value> parallel,
             Tile &tile) {
    if (depth == nest.loops.size()) {
      emit(b, tile);
      return;
    }
    const BlockedLoop &loop = nest.loops[depth];
    bool isCut = llvm::any_of(
        ArrayRef(nest.loops).take_front(depth),
        [&](const BlockedLoop &outer) { return outer.loop == loop.loop; });
    Value base = isCut ? tile.begin[loop.loop] : Value();
    int64_t full = loop.extent / loop.block, rest = loop.extent % loop.block;
    auto visit = [&](OpBuilder &b, Value begin, int64_t size) {
      Value outerBegin = tile.begin[loop.loop];
      int64_t outerSize = tile.size[loop.loop];
      tile.begin[loop.loop] = base && begin
                                  ? arith::AddIOp::create(b, loc, base, begin)
                                  : (base ? base : begin);
      tile.size[loop.loop] = size;
      build(b, depth + 1, parallel, tile);
      // Other blocks of the loops in between begin where the outer one does.
      tile.begin[loop.loop] = outerBegin;
      tile.size[loop.loop] = outerSize;
    };
    Value block = buildIndex(b, loc, loop.block);
    if (depth < nest.numParallel) {
      Value begin = arith::MulIOp::create(b, loc, parallel[depth], block);
      if (rest == 0 || full == 0) {
        visit(b, begin, full == 0 ? rest : loop.block);
        return;
      }
      Value isFull =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult,
                                parallel[depth], buildIndex(b, loc, full));
      scf::IfOp::create(
          b, loc, isFull,
          [&](OpBuilder &b, Location loc) {
            visit(b, begin, loop.block);
            scf::YieldOp::create(b, loc);
          },
          [&](OpBuilder &b, Location loc) {
            visit(b, begin, rest);
            scf::YieldOp::create(b, loc);
          });
      return;
    }
    if (full == 1) {
      visit(b, Value(), loop.block);
    } else if (full > 1) {
      scf::ForOp::create(b, loc, buildIndex(b, loc, 0),
                         buildIndex(b, loc, full * loop.block), block,
                         ValueRange{},
                         [&](OpBuilder &b, Location loc, Value iv, ValueRange) {
                           visit(b, iv, loop.block);
                           scf::YieldOp::create(b, loc);
                         });
    }
    if (rest > 0)
      visit(b, full > 0 ? buildIndex(b, loc, full * loop.block) : Value(),
            rest);
  }
};
} // namespace

void mlir::compress::buildLoopNest(
    OpBuilder &b, Location loc, const LoopNest &nest, unsigned numKernelLoops,
    function_ref<void(OpBuilder &, const Tile &)> emit) {
  OpBuilder::InsertionGuard guard(b);
  Tile tile{SmallVector<Value>(numKernelLoops),
            SmallVector<int64_t>(numKernelLoops, 1)};
  NestBuilder builder{loc, nest, emit};
  SmallVector<Value> parallel(nest.numParallel);
  if (nest.numParallel == 0) {
    builder.build(b, 0, parallel, tile);
    return;
  }
  SmallVector<int64_t> counts;
  int64_t items = 1;
  for (const BlockedLoop &loop :
       ArrayRef(nest.loops).take_front(nest.numParallel)) {
    counts.push_back(llvm::divideCeil(loop.extent, loop.block));
    items *= counts.back();
  }
  scf::ForallOp forall = buildForall(b, loc, items);
  b.setInsertionPointToStart(forall.getBody());
  // One number counts through all loops, the innermost fastest.
  Value rest = forall.getInductionVars()[0];
  for (unsigned i = nest.numParallel; i-- > 0;) {
    if (i == 0) {
      parallel[i] = rest;
      break;
    }
    Value count = buildIndex(b, loc, counts[i]);
    parallel[i] = arith::RemUIOp::create(b, loc, rest, count);
    rest = arith::DivUIOp::create(b, loc, rest, count);
  }
  builder.build(b, 0, parallel, tile);
}

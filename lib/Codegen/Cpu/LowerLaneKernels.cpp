//===- LowerLaneKernels.cpp - linalg ops along one loop with vectors -----===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Isa/VectorTarget.h"
#include "Kernel/Interleave.h"
#include "Kernel/Kernel.h"
#include "Kernel/LowerGroups.h"
#include "Kernel/PackConstant.h"
#include "Kernel/Parallel.h"
#include "Kernel/RowReduction.h"
#include "Kernel/TileBuilder.h"
#include "Kernel/TileShape.h"
#include "Kernel/VectorBody.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERLANEKERNELSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Constants beyond this many bytes do not stay in the first cache levels while
/// all of them are used for every row of pixels.
static constexpr int64_t kCachedBytes = 128 * 1024;

/// Bits of the widest element that the kernel computes with.
static int64_t getWidestElement(const Kernel &kernel) {
  int64_t bits = 8;
  auto see = [&](Type type) {
    if (type.isIntOrFloat())
      bits = std::max<int64_t>(bits, type.getIntOrFloatBitWidth());
  };
  for (const Stage *stage : {&kernel.initial, &kernel.root, &kernel.epilogue}) {
    if (!*stage)
      continue;
    linalg::LinalgOp op = stage->op;
    for (Value arg : op.getBlock()->getArguments())
      see(arg.getType());
    for (Operation &nested : *op.getBlock())
      for (Type type : nested.getResultTypes())
        see(type);
  }
  return bits;
}

/// Instructions of a reduction step, as far as loads and products go; a product
/// that is `fused` with its sum is one.
static StepCost getStepCost(const Kernel &kernel, const TileLoops &loops,
                            bool fused) {
  StepCost cost{static_cast<double>(countBodyOps(kernel.root.op)), 0, 0};
  if (fused && matchProductSum(kernel.root.op))
    cost.perProduct -= 1;
  for (const Access &access : ArrayRef(kernel.root.operands).drop_back()) {
    if (!access.isMemory())
      continue;
    bool byPixel = loops.pixel && access.strides[*loops.pixel] != 0;
    if (access.strides[loops.lane] == 0)
      cost.perPixel += 1;
    else if (byPixel)
      cost.perProduct += 1;
    else
      cost.perVector += 1;
  }
  return cost;
}

static int64_t getConstantBytes(const Kernel &kernel) {
  int64_t bytes = 0;
  for (const Access &access : kernel.root.operands)
    if (access.isMemory() && getConstantGlobal(access.value)) {
      auto type = cast<MemRefType>(access.value.getType());
      bytes += type.getNumElements() * type.getElementTypeBitWidth() / 8;
    }
  return bytes;
}

namespace {
/// The sums of one tile, by nested loops that carry the accumulators.
struct LaneReduction {
  Location loc;
  const Kernel &kernel;
  const TileLoops &loops;
  TileBuilder &tile;
  bool fused; // products and sums are rounded once

  SmallVector<Value> build(OpBuilder &b, unsigned loop, SmallVector<Value> &ivs,
                           ArrayRef<Value> accumulators) {
    while (loop < kernel.loops.size() && !kernel.loops[loop].reduction)
      ++loop;
    if (loop == kernel.loops.size())
      return buildStep(b, ivs, accumulators);
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value extent =
        arith::ConstantIndexOp::create(b, loc, kernel.loops[loop].extent);
    auto result = scf::ForOp::create(
        b, loc, zero, extent, one, accumulators,
        [&](OpBuilder &b, Location loc, Value iv, ValueRange carried) {
          ivs[loop] = iv;
          scf::YieldOp::create(
              b, loc, build(b, loop + 1, ivs, SmallVector<Value>(carried)));
        });
    ivs[loop] = {};
    return SmallVector<Value>(result.getResults());
  }

  /// The root's body for every pixel and vector; operands that do not depend on
  /// the one or the other are loaded once.
  SmallVector<Value> buildStep(OpBuilder &b, ArrayRef<Value> ivs,
                               ArrayRef<Value> accumulators) {
    linalg::LinalgOp op = kernel.root.op;
    DenseMap<std::tuple<unsigned, int64_t, int64_t>, Value> loaded;
    SmallVector<Value> results;
    for (int64_t p = 0; p < tile.getPixels(); ++p) {
      for (int64_t v = 0; v < tile.getVectors(); ++v) {
        SmallVector<Value> operands;
        for (auto [i, access] : llvm::enumerate(kernel.root.operands)) {
          OpOperand &operand = op->getOpOperand(i);
          if (op.isDpsInit(&operand)) {
            operands.push_back(accumulators.empty()
                                   ? Value()
                                   : accumulators[p * tile.getVectors() + v]);
            continue;
          }
          if (!op.payloadUsesValueFromOperand(&operand)) {
            operands.push_back({});
            continue;
          }
          bool byPixel = loops.pixel && access.strides[*loops.pixel] != 0;
          bool byLane = access.strides[loops.lane] != 0;
          Value &value = loaded[{i, byPixel ? p : 0, byLane ? v : 0}];
          if (!value)
            value = tile.load(b, access, p, v, ivs);
          operands.push_back(value);
        }
        int64_t width = tile.getWidth(v);
        Value result = fused ? evaluateFusedBody(b, op, operands, width)
                             : evaluateBody(b, op, operands, width);
        results.push_back(toVector(b, loc, result, width));
      }
    }
    return results;
  }
};
} // namespace

namespace {
struct LowerLaneKernels
    : public mlir::compress::impl::LowerLaneKernelsPassBase<LowerLaneKernels> {
  using LowerLaneKernelsPassBase::LowerLaneKernelsPassBase;

  void runOnOperation() override {
    target = getVectorTarget(parseFeatures(features));
    fused = getOperation()->hasAttr(kFusedSumsAttr);
    SymbolTable table(getOperation());
    symbols = &table;
    lowerGroups(getOperation(), [&](OpBuilder &b, const KernelGroup &group) {
      return lower(b, group);
    });
  }

  bool lower(OpBuilder &b, const KernelGroup &group) {
    FailureOr<Kernel> kernel = analyzeKernel(group);
    if (failed(kernel) || !hasVectorBodies(*kernel))
      return false;
    collapseLoops(*kernel);
    int64_t vectorLanes = target.lanes * 32 / getWidestElement(*kernel);
    // Elements wider than a vector are left to scalar loops.
    if (vectorLanes == 0)
      return false;
    Location loc = group.root->getLoc();
    if (std::optional<TileLoops> loops =
            findInterleavedLoops(*kernel, vectorLanes)) {
      int64_t planes = kernel->loops[*loops->pixel].extent;
      LoopNest nest = buildTileNest(*kernel, *loops, planes, /*vectors=*/1,
                                    /*lanesOutermost=*/false);
      emit(b, loc, *kernel, *loops, nest,
           [&](OpBuilder &b, TileBuilder &tile, ArrayRef<Value> results) {
             tile.storeVector(b, interleave(b, loc, results));
           });
      return true;
    }
    std::optional<unsigned> lane = findLaneLoop(*kernel);
    if (!lane && vectorLanes == target.lanes)
      if (std::optional<RowReduction> rows =
              analyzeRowReduction(*kernel, vectorLanes)) {
        emitRows(b, loc, *kernel, *rows);
        return true;
      }
    if (!lane || failed(packConstants(b, loc, *kernel, *lane)))
      return false;
    TileLoops loops{*lane, findPixelLoop(*kernel, *lane), vectorLanes};
    emit(b, loc, *kernel, loops, chooseNest(*kernel, loops),
         [](OpBuilder &b, TileBuilder &tile, ArrayRef<Value> results) {
           tile.storeResults(b, results);
         });
    return true;
  }

  /// Makes constants contiguous along the lanes.
  LogicalResult packConstants(OpBuilder &b, Location loc, Kernel &kernel,
                              unsigned lane) {
    LogicalResult packed = success();
    kernel.forEachAccess([&](Access &access) {
      if (access.strides[lane] == 0 || access.strides[lane] == 1)
        return;
      if (failed(packForLanes(b, loc, *symbols, kernel, access, lane)))
        packed = failure();
      else
        ++numPacked;
    });
    return packed;
  }

  /// Builds the loops over tiles, and `store` at the end of each.
  void
  emit(OpBuilder &b, Location loc, const Kernel &kernel, const TileLoops &loops,
       LoopNest nest,
       function_ref<void(OpBuilder &, TileBuilder &, ArrayRef<Value>)> store) {
    emitTiles(b, loc, kernel, loops, std::move(nest),
              [&](OpBuilder &b, TileBuilder &tile) {
                LaneReduction reduction{loc, kernel, loops, tile, fused};
                SmallVector<Value> ivs(kernel.loops.size());
                store(b, tile,
                      reduction.build(b, 0, ivs, tile.buildInitialValues(b)));
              });
  }

  void emitRows(OpBuilder &b, Location loc, const Kernel &kernel,
                const RowReduction &rows) {
    TileLoops loops{rows.lane, std::nullopt, target.lanes};
    LoopNest nest = buildTileNest(kernel, loops, /*pixels=*/1, /*vectors=*/1,
                                  /*lanesOutermost=*/false);
    emitTiles(b, loc, kernel, loops, std::move(nest),
              [&](OpBuilder &b, TileBuilder &tile) {
                Value first = tile.buildInitialValues(b).front();
                tile.storeResults(b, buildRowReduction(b, loc, kernel, rows,
                                                       tile, target.lanes,
                                                       fused, first));
              });
  }

  /// Builds the loops over tiles, and `build` within.
  void emitTiles(OpBuilder &b, Location loc, const Kernel &kernel,
                 const TileLoops &loops, LoopNest nest,
                 function_ref<void(OpBuilder &, TileBuilder &)> build) {
    if (parallel)
      chooseParallelLoops(nest, kernel.getWork() / loops.vectorLanes *
                                    countBodyOps(kernel.root.op));
    numParallel += nest.numParallel > 0;
    buildLoopNest(b, loc, nest, kernel.loops.size(),
                  [&](OpBuilder &b, const Tile &tile) {
                    TileBuilder builder(b, loc, kernel, loops, tile);
                    build(b, builder);
                  });
    ++numLowered;
  }

  LoopNest chooseNest(const Kernel &kernel, const TileLoops &loops) {
    int64_t pixels = loops.pixel ? kernel.loops[*loops.pixel].extent : 1;
    int64_t lanes = kernel.loops[loops.lane].extent;
    TileShape shape{
        1, std::min<int64_t>(4, llvm::divideCeil(lanes, loops.vectorLanes))};
    if (kernel.hasReduction()) {
      StepCost cost = getStepCost(kernel, loops, fused);
      // Inputs that every pixel loads for itself overlap with those of its
      // neighbours: they too want registers.
      int64_t registers =
          cost.perPixel > 0 ? target.registers : target.registers / 2;
      shape =
          chooseTileShape(pixels, lanes, loops.vectorLanes, registers, cost);
    }
    return buildTileNest(kernel, loops, shape.pixels, shape.vectors,
                         getConstantBytes(kernel) > kCachedBytes);
  }

  VectorTarget target;
  bool fused = false;             // products and sums are rounded once
  SymbolTable *symbols = nullptr; // while the pass runs
};
} // namespace

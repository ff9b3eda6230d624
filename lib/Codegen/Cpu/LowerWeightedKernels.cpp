//===- LowerWeightedKernels.cpp - sums of products by instructions -------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Isa/DotIsa.h"
#include "Isa/VectorTarget.h"
#include "Kernel/DotProduct.h"
#include "Kernel/LowerGroups.h"
#include "Kernel/TileBuilder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERWEIGHTEDKERNELSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Weights beyond this many bytes do not stay in the first cache levels while
/// all of them are used for every row of pixels: channels then come outermost.
static constexpr int64_t kCachedBytes = 128 * 1024;

namespace {
/// The code of one tile.
struct DotTile {
  Location loc;
  const DotKernel &dot;
  const DotIsa &isa;
  const Tile &tile;
  TileBuilder &builder;
  Value weights;
  Value corrections; // what sums begin with besides, one a lane; may be null

  Value index(OpBuilder &b, int64_t value) const {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  /// The iteration of all selecting loops together, times `size`.
  Value getSelected(OpBuilder &b, int64_t size) const {
    Value address;
    for (unsigned loop : llvm::reverse(dot.selecting)) {
      address = addIndices(b, loc, address,
                           scaleIndex(b, loc, tile.begin[loop], size));
      size *= dot.getExtent(loop);
    }
    return address;
  }

  /// One value a channel to the first of its lanes, zero to the others.
  Value spread(OpBuilder &b, Value value, Value zero) const {
    if (dot.split == 1)
      return value;
    SmallVector<int64_t> order;
    for (int64_t lane = 0; lane < isa.lanes; ++lane)
      order.push_back(lane % dot.split == 0 ? lane / dot.split : dot.lanes);
    return vector::ShuffleOp::create(b, loc, value, zero, order);
  }

  /// The sums of the lanes of each channel.
  Value addLanes(OpBuilder &b, Value sums) const {
    for (int64_t count = dot.split; count > 1; count /= 2) {
      int64_t half = cast<VectorType>(sums.getType()).getDimSize(0) / 2;
      SmallVector<int64_t> even, odd;
      for (int64_t i = 0; i < half; ++i) {
        even.push_back(2 * i);
        odd.push_back(2 * i + 1);
      }
      sums = arith::AddIOp::create(
          b, loc, vector::ShuffleOp::create(b, loc, sums, sums, even),
          vector::ShuffleOp::create(b, loc, sums, sums, odd));
    }
    return sums;
  }

  /// Sums begin as the kernel says, in whole vectors, less what the shift of
  /// the inputs adds.
  SmallVector<Value> buildInitialValues(OpBuilder &b) const {
    SmallVector<Value> values = builder.buildInitialValues(b);
    auto type = VectorType::get({dot.lanes}, b.getI32Type());
    Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
    Value first;
    if (corrections)
      first =
          addIndices(b, loc, getSelected(b, dot.getNumVectors() * dot.lanes),
                     tile.begin[dot.lane]);
    for (auto [i, value] : llvm::enumerate(values)) {
      int64_t v = i % builder.getVectors();
      if (builder.getWidth(v) < dot.lanes)
        value = vector::InsertStridedSliceOp::create(
            b, loc, value, zero, ArrayRef<int64_t>{0}, ArrayRef<int64_t>{1});
      if (corrections) {
        Value correction =
            vector::LoadOp::create(b, loc, type, corrections,
                                   addToIndex(b, loc, first, v * dot.lanes));
        value = arith::AddIOp::create(b, loc, value, correction);
      }
      value = spread(b, value, zero);
    }
    return values;
  }

  /// The first `count` inputs of a group, the others zero.
  Value loadInputs(OpBuilder &b, int64_t p, ArrayRef<Value> ivs,
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
  SmallVector<Value> buildStep(OpBuilder &b, ArrayRef<Value> ivs,
                               Value weightAt, int64_t count,
                               ArrayRef<Value> sums) const {
    int64_t vectors = builder.getVectors();
    auto type =
        VectorType::get({dot.lanes * dot.group},
                        cast<MemRefType>(weights.getType()).getElementType());
    SmallVector<Value> operands;
    for (int64_t v = 0; v < vectors; ++v) {
      Value packed = vector::LoadOp::create(
          b, loc, type, weights,
          addToIndex(b, loc, weightAt, v * type.getDimSize(0)));
      operands.push_back(isa.buildWeights(b, loc, packed));
    }
    SmallVector<Value> results;
    for (int64_t p = 0; p < builder.getPixels(); ++p) {
      Value input = isa.buildInput(b, loc, loadInputs(b, p, ivs, count),
                                   dot.operands.storedUnsigned);
      for (int64_t v = 0; v < vectors; ++v)
        results.push_back(
            isa.buildDot(b, loc, sums[p * vectors + v], input, operands[v]));
    }
    return results;
  }

  /// All groups of the grouped loop: whole ones in a loop, then the rest.
  SmallVector<Value> buildGroups(OpBuilder &b, SmallVector<Value> &ivs,
                                 Value weightAt, ArrayRef<Value> sums) const {
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
      ivs[dot.grouped] = index(b, whole);
      results =
          buildStep(b, ivs, addToIndex(b, loc, weightAt, whole * stepSize),
                    rest, results);
    }
    ivs[dot.grouped] = {};
    return results;
  }

  /// The other reductions from `depth` on.
  SmallVector<Value> buildReductions(OpBuilder &b, unsigned depth,
                                     SmallVector<Value> &ivs, Value weightAt,
                                     ArrayRef<Value> sums) const {
    if (depth == dot.reductions.size())
      return buildGroups(b, ivs, weightAt, sums);
    unsigned loop = dot.reductions[depth];
    int64_t size =
        dot.getNumGroups() * builder.getVectors() * dot.lanes * dot.group;
    for (unsigned inner : ArrayRef(dot.reductions).drop_front(depth + 1))
      size *= dot.getExtent(inner);
    auto result = scf::ForOp::create(
        b, loc, index(b, 0), index(b, dot.getExtent(loop)), index(b, 1), sums,
        [&](OpBuilder &b, Location loc, Value iv, ValueRange carried) {
          ivs[loop] = iv;
          Value at = addIndices(b, loc, weightAt, scaleIndex(b, loc, iv, size));
          scf::YieldOp::create(b, loc,
                               buildReductions(b, depth + 1, ivs, at,
                                               SmallVector<Value>(carried)));
        });
    ivs[loop] = {};
    return SmallVector<Value>(result.getResults());
  }

  void build(OpBuilder &b) const {
    Value weightAt =
        addIndices(b, loc, getSelected(b, dot.getSelectedSize()),
                   scaleIndex(b, loc, tile.begin[dot.lane], dot.getLaneSize()));
    SmallVector<Value> ivs(dot.kernel.loops.size());
    SmallVector<Value> sums =
        buildReductions(b, 0, ivs, weightAt, buildInitialValues(b));
    for (auto [i, sum] : llvm::enumerate(sums)) {
      int64_t width = builder.getWidth(i % builder.getVectors());
      if (width < dot.lanes)
        sum = vector::ExtractStridedSliceOp::create(
            b, loc, sum, ArrayRef<int64_t>{0},
            ArrayRef<int64_t>{width * dot.split}, ArrayRef<int64_t>{1});
    }
    builder.storeResults(
        b, sums, [&](OpBuilder &b, Value sums) { return addLanes(b, sums); });
  }
};
} // namespace

namespace {
struct LowerWeightedKernels
    : public mlir::compress::impl::LowerWeightedKernelsPassBase<
          LowerWeightedKernels> {
  using LowerWeightedKernelsPassBase::LowerWeightedKernelsPassBase;

  void runOnOperation() override {
    llvm::StringSet<> names = parseFeatures(features);
    SymbolTable symbols(getOperation());
    lowerGroups(getOperation(), [&](OpBuilder &b, const KernelGroup &group) {
      return lower(b, group, names, symbols);
    });
  }

  bool lower(OpBuilder &b, const KernelGroup &group,
             const llvm::StringSet<> &names, SymbolTable &symbols) {
    FailureOr<Kernel> kernel = analyzeKernel(group);
    if (failed(kernel) || !hasVectorBodies(*kernel))
      return false;
    std::optional<ProductOperands> operands = matchProduct(*kernel);
    if (!operands)
      return false;
    auto bits = [&](unsigned operand) {
      return kernel->root.operands[operand]
          .getElementType()
          .getIntOrFloatBitWidth();
    };
    std::unique_ptr<DotIsa> isa =
        selectDotIsa(names, bits(operands->input), bits(operands->weights));
    std::optional<DotKernel> dot =
        isa ? analyzeDotKernel(*kernel, *isa) : std::nullopt;
    if (!dot)
      return false;
    return emit(b, group.root->getLoc(), *dot, *isa, symbols);
  }

  bool emit(OpBuilder &b, Location loc, DotKernel &dot, const DotIsa &isa,
            SymbolTable &symbols) {
    Access &weights = dot.kernel.root.operands[dot.operands.weights];
    FailureOr<ConstantData> data = readConstantBuffer(weights.value);
    if (failed(data))
      return false;
    // What an initialization or epilogue reads may be constant in any order.
    for (Stage *stage : {&dot.kernel.initial, &dot.kernel.epilogue})
      for (Access &access : stage->operands)
        if (access.isMemory() && access.strides[dot.lane] > 1 &&
            failed(packForLanes(b, loc, symbols, dot.kernel, access, dot.lane)))
          return false;
    TileLoops loops{dot.lane,
                    findPixelLoop(dot.kernel, dot.lane, dot.selecting),
                    dot.lanes, isa.lanes};
    int64_t pixels = loops.pixel ? dot.getExtent(*loops.pixel) : 1;
    StepCost cost = isa.getCost(dot.operands.storedUnsigned);
    TileShape shape = chooseTileShape(pixels, dot.getExtent(dot.lane),
                                      dot.lanes, isa.registers, cost);
    PackedWeights packed = packWeights(dot, *data, shape.vectors);
    numPackedBytes += packed.bytes.size();
    std::string name =
        (getConstantGlobal(weights.value).getSymName() + "_packed").str();
    Value buffer = buildConstantBuffer(
        b, loc, symbols, name, data->type.getElementType(), packed.bytes);
    Value corrections;
    if (isa.shift != 0) {
      std::vector<int32_t> starts;
      for (int32_t sum : packed.sums)
        starts.push_back(static_cast<int32_t>(
            -static_cast<uint32_t>(isa.shift) * static_cast<uint32_t>(sum)));
      corrections = buildConstantBuffer(
          b, loc, symbols, name + "_start", b.getI32Type(),
          ArrayRef<char>(reinterpret_cast<const char *>(starts.data()),
                         starts.size() * sizeof(int32_t)));
    }
    LoopNest nest = buildTileNest(
        dot.kernel, loops, shape.pixels, shape.vectors,
        dot.selecting.empty() && packed.bytes.size() > kCachedBytes);
    if (parallel)
      chooseParallelLoops(nest, dot.kernel.getWork() *
                                    static_cast<int64_t>(cost.perProduct) /
                                    (isa.lanes * isa.group));
    numParallel += nest.numParallel > 0;
    buildLoopNest(
        b, loc, nest, dot.kernel.loops.size(),
        [&](OpBuilder &b, const Tile &tile) {
          TileBuilder builder(b, loc, dot.kernel, loops, tile);
          DotTile{loc, dot, isa, tile, builder, buffer, corrections}.build(b);
        });
    ++numLowered;
    return true;
  }
};
} // namespace

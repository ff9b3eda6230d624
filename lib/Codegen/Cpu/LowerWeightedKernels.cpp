//===- LowerWeightedKernels.cpp - sums of products by instructions -------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/Passes.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Isa/DotIsa.h"
#include "Isa/VectorTarget.h"
#include "Kernel/ChooseDot.h"
#include "Kernel/DepthwiseTile.h"
#include "Kernel/DotTile.h"
#include "Kernel/KernelPlan.h"
#include "Kernel/LowerGroups.h"
#include "Kernel/MatrixTile.h"
#include "Kernel/Parallel.h"
#include "Kernel/WinogradTile.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERWEIGHTEDKERNELSPASS
#include "Compress/Codegen/Cpu/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

/// Weights of no more bytes stay in the first cache level.
static constexpr int64_t kNearBytes = 24 * 1024;

namespace {
struct LowerWeightedKernels
    : public mlir::compress::impl::LowerWeightedKernelsPassBase<
          LowerWeightedKernels> {
  using LowerWeightedKernelsPassBase::LowerWeightedKernelsPassBase;

  void runOnOperation() override {
    if (winogradTile != 2 && winogradTile != 4) {
      getOperation().emitError()
          << "tiles of Winograd's algorithm have 2 or 4 outputs along a side, "
             "not "
          << winogradTile.getValue();
      return signalPassFailure();
    }
    llvm::StringSet<> names = parseFeatures(features);
    SymbolTable symbols(getOperation());
    lowerGroups(getOperation(), [&](OpBuilder &b, const KernelGroup &group) {
      return lower(b, group, names, symbols);
    });
    getOperation()->removeAttr(kTuningAttr);
    getOperation()->removeAttr(kTuningCandidateAttr);
  }

  bool lower(OpBuilder &b, const KernelGroup &group,
             const llvm::StringSet<> &names, SymbolTable &symbols) {
    FailureOr<Kernel> kernel = analyzeKernel(group);
    if (failed(kernel) || !hasVectorBodies(*kernel))
      return false;
    std::optional<ProductOperands> operands = matchProduct(*kernel);
    if (!operands)
      return false;
    Location loc = group.root->getLoc();
    if (kernel->root.getOut().getElementType().isF32()) {
      bool fused = getOperation()->hasAttr(kFusedSumsAttr);
      VectorTarget target = getVectorTarget(names);
      Type element = kernel->root.operands[operands->input].getElementType();
      if (element.isBF16() && !hasBfloat16Dot(names))
        return false;
      auto createIsa = [&] {
        return element.isBF16() ? createBfloat16Isa(target, names)
                                : createFloatIsa(target, fused);
      };
      std::unique_ptr<DotIsa> isa = createIsa();
      std::optional<DotKernel> dot = analyzeDotKernel(*kernel, *isa);
      if (!dot)
        return false;
      if (fitLanes(target, dot->getExtent(dot->lane))) {
        isa = createIsa();
        dot = analyzeDotKernel(*kernel, *isa);
      }
      return lowerFloat(b, loc, *kernel, *dot, *isa, target, names, symbols);
    }
    std::optional<ChosenDot> chosen = chooseDot(*kernel, names);
    if (!chosen)
      return false;
    SmallVector<KernelPlan> plans =
        getPlans(chosen->dot, *chosen->isa, names, chosen->depthwise, parallel);
    KernelPlan plan = choosePlan(
        getFunction(b),
        describeKernel(chosen->dot, *chosen->isa, parallel, plans), plans);
    return emit(b, loc, chosen->dot, *chosen->isa, plan, names, symbols,
                chosen->depthwise);
  }

  static func::FuncOp getFunction(OpBuilder &b) {
    return cast<func::FuncOp>(b.getBlock()->getParentOp());
  }

  /// Directly or by Winograd's algorithm.
  bool lowerFloat(OpBuilder &b, Location loc, const Kernel &kernel,
                  DotKernel &dot, const DotIsa &isa, const VectorTarget &target,
                  const llvm::StringSet<> &names, SymbolTable &symbols) {
    SmallVector<KernelPlan> plans =
        getPlans(dot, isa, names, /*depthwise=*/false, parallel);
    std::vector<WinogradKernel> found;
    if (winograd != WinogradUse::Never &&
        getOperation()->hasAttr(kFusedSumsAttr))
      for (int64_t outputs = 2; outputs <= winogradTile; outputs *= 2)
        if (auto view = analyzeWinograd(kernel, target, parallel, outputs))
          found.push_back(*view);
    bool always = winograd == WinogradUse::Always;
    llvm::stable_sort(found, [&](const auto &x, const auto &y) {
      return always ? x.outputs > y.outputs : x.cycles < y.cycles;
    });
    bool isFirst = !found.empty() && (always || found.front().isFaster());
    auto place = isFirst ? plans.begin() : plans.end();
    for (const WinogradKernel &view : found)
      place =
          plans.insert(place, {KernelPlan::Kind::Winograd, view.outputs}) + 1;
    KernelPlan plan = choosePlan(
        getFunction(b), describeKernel(dot, isa, parallel, plans), plans);
    for (WinogradKernel &view : found)
      if (plan.kind == KernelPlan::Kind::Winograd &&
          plan.pixels == view.outputs)
        return emitWinograd(b, loc, view, symbols);
    return emit(b, loc, dot, isa, plan, names, symbols, /*depthwise=*/false);
  }

  /// What an initialization or epilogue reads may be constant in any order:
  /// makes it contiguous along the lanes.
  LogicalResult packOthers(OpBuilder &b, Location loc, SymbolTable &symbols,
                           Kernel &kernel, unsigned lane) {
    for (Stage *stage : {&kernel.initial, &kernel.epilogue})
      for (Access &access : stage->operands)
        if (access.isMemory() && access.strides[lane] > 1 &&
            failed(packForLanes(b, loc, symbols, kernel, access, lane)))
          return failure();
    return success();
  }

  /// Memory for a kernel while it runs: an argument of its function, allocated
  /// by those who call it.
  Value buildScratch(OpBuilder &b, Location loc, MemRefType type) {
    func::FuncOp func = getFunction(b);
    SmallVector<func::CallOp> calls;
    if (func.isPrivate())
      getOperation().walk([&](func::CallOp call) {
        if (call.getCallee() == func.getName())
          calls.push_back(call);
      });
    IntegerAttr alignment = b.getI64IntegerAttr(64);
    if (calls.empty())
      return memref::AllocOp::create(b, loc, type, alignment);
    unsigned place = func.getNumArguments();
    if (failed(func.insertArgument(place, type, {}, loc)))
      return {};
    for (func::CallOp call : calls) {
      OpBuilder outside(call);
      Value memory =
          memref::AllocOp::create(outside, call.getLoc(), type, alignment);
      call->insertOperands(place, memory);
    }
    return func.getArgument(place);
  }

  bool emitWinograd(OpBuilder &b, Location loc, WinogradKernel &found,
                    SymbolTable &symbols) {
    Access &weights = found.kernel.root.operands[found.operands.weights];
    FailureOr<ConstantData> data = readConstantBuffer(weights.value);
    if (failed(data) ||
        failed(packOthers(b, loc, symbols, found.kernel, found.lane)))
      return false;
    auto type = MemRefType::get({found.getItems() * found.getScratchSize()},
                                b.getF32Type());
    Value scratch = buildScratch(b, loc, type);
    if (!scratch)
      return false;
    std::vector<char> packed = packWinogradWeights(found, *data);
    numPackedBytes += packed.size();
    std::string name =
        (getConstantGlobal(weights.value).getSymName() + "_winograd").str();
    Value buffer =
        buildConstantBuffer(b, loc, symbols, name, b.getF32Type(), packed);
    buildWinograd(b, loc, found, buffer, scratch);
    numParallel += found.getItems() > 1;
    ++numWinograd;
    ++numLowered;
    return true;
  }

  bool emit(OpBuilder &b, Location loc, DotKernel &dot, const DotIsa &isa,
            const KernelPlan &plan, const llvm::StringSet<> &names,
            SymbolTable &symbols, bool depthwise) {
    Access &weights = dot.kernel.root.operands[dot.operands.weights];
    FailureOr<ConstantData> data = readConstantBuffer(weights.value);
    if (failed(data))
      return false;
    if (failed(packOthers(b, loc, symbols, dot.kernel, dot.lane)))
      return false;
    std::optional<unsigned> pixelLoop =
        findPixelLoop(dot.kernel, dot.lane, dot.selecting);
    StepCost cost = isa.getCost(dot.operands.storedUnsigned);
    std::optional<MatrixShape> matrix;
    if (plan.kind == KernelPlan::Kind::Matrix)
      useWholeLanes(dot, isa);
    TileLoops loops{dot.lane, pixelLoop, dot.lanes, isa.lanes};
    if (plan.kind == KernelPlan::Kind::Matrix)
      matrix = chooseMatrixShape(names, dot, loops, plan.pixels, plan.vectors);
    TileShape shape = matrix ? TileShape{matrix->pixels, matrix->vectors}
                             : TileShape{plan.pixels, plan.vectors};
    PackedWeights packed = packWeights(dot, *data, shape.vectors);
    if (depthwise)
      arrangeDepthwiseWeights(dot, shape.vectors, packed.bytes);
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
    bool lanesOutermost = plan.channelsOutermost;
    LoopNest nest = matrix
                        ? buildMatrixNest(dot, loops, *matrix, lanesOutermost)
                        : buildTileNest(dot.kernel, loops, shape.pixels,
                                        shape.vectors, lanesOutermost);
    if (parallel && !lanesOutermost)
      splitPixels(nest, loops.pixel, packed.bytes.size() <= kNearBytes);
    if (parallel) {
      int64_t instructions = dot.kernel.getWork() *
                             static_cast<int64_t>(cost.perProduct) /
                             (isa.lanes * isa.group);
      // One on tiles does the work of many on vectors; what depthwise products
      // take from memory is put side by side first.
      chooseParallelLoops(nest, matrix      ? instructions / 6
                                : depthwise ? 3 * instructions
                                            : instructions);
    }
    numParallel += nest.numParallel > 0;
    PackedKernel packedKernel{dot, isa, loops, buffer, corrections, {}};
    if (lanesOutermost)
      packedKernel.passes.assign(nest.loops.begin() + 1, nest.loops.end());
    buildLoopNest(b, loc, nest, dot.kernel.loops.size(),
                  [&](OpBuilder &b, const Tile &tile) {
                    if (matrix)
                      buildMatrixTile(b, loc, packedKernel, *matrix, tile);
                    else if (depthwise)
                      buildDepthwiseTile(b, loc, packedKernel, tile);
                    else
                      DotTile(b, loc, packedKernel, tile).build(b);
                  });
    numMatrix += matrix.has_value();
    ++numLowered;
    return true;
  }
};
} // namespace

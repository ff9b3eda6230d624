//===- CpuPipeline.cpp - from the integer form to the code form ----------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Cpu/CpuPipeline.h"
#include "Compress/Codegen/Cpu/Passes.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/IR/BufferizableOpInterface.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::compress;

/// Tensors to buffers: every result gets its place in memory.
static void addBufferization(OpPassManager &pm) {
  pm.addPass(createBufferInterfacePass());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions options;
  options.allowReturnAllocsFromLoops = false;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  // Equal views first: a copy onto itself then folds away.
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
}

void mlir::compress::buildCpuPipeline(OpPassManager &pm,
                                      const CpuOptions &options) {
  bool kernels = options.strategy == CpuStrategy::Kernels;
  if (options.bfloat16) {
    UseBfloat16PassOptions narrow;
    narrow.features = options.features;
    pm.addNestedPass<func::FuncOp>(createUseBfloat16Pass(narrow));
  }
  if (kernels) {
    pm.addNestedPass<func::FuncOp>(createFuseElementwisePass());
    TabulateCodesPassOptions tables;
    tables.features = options.features;
    pm.addPass(createTabulateCodesPass(tables));
  }
  pm.addNestedPass<func::FuncOp>(createDecomposeTensorsPass());
  if (kernels)
    pm.addNestedPass<func::FuncOp>(createPlaceProducersPass());
  addBufferization(pm);
  if (kernels) {
    StoreUnsignedPassOptions storage;
    storage.features = options.features;
    pm.addPass(createStoreUnsignedPass(storage));
  }

  FormKernelsPassOptions form;
  form.fuse = kernels;
  pm.addPass(createFormKernelsPass(form));
  if (options.profile) {
    ProfileKernelsPassOptions profile;
    profile.features = options.features;
    pm.addPass(createProfileKernelsPass(profile));
  }

  // The machine that emulates one target need not have this instruction.
  if (kernels && options.fuseSums && !options.emulateDot) {
    MarkFusedSumsPassOptions fused;
    fused.features = options.features;
    pm.addPass(createMarkFusedSumsPass(fused));
  }
  if (kernels) {
    LowerWeightedKernelsPassOptions weighted;
    // There is no emulation of tiles: their type has no operations.
    weighted.features =
        options.features + (options.emulateDot ? ",-amx-int8" : "");
    weighted.parallel = options.parallel;
    weighted.winograd = options.winograd;
    weighted.winogradTile = options.winogradTile;
    pm.addPass(createLowerWeightedKernelsPass(weighted));
    LowerLaneKernelsPassOptions lanes;
    lanes.features = options.features;
    lanes.parallel = options.parallel;
    pm.addPass(createLowerLaneKernelsPass(lanes));
  }
  LowerKernelLoopsPassOptions loops;
  loops.parallel = options.parallel && kernels;
  pm.addNestedPass<func::FuncOp>(createLowerKernelLoopsPass(loops));
  ExpandRequantizePassOptions requantize;
  if (kernels)
    requantize.features = options.features;
  pm.addPass(createExpandRequantizePass(requantize));
  ExpandLookupPassOptions lookups;
  // Shuffles of bytes have no emulation.
  if (kernels && !options.emulateDot)
    lookups.features = options.features;
  pm.addPass(createExpandLookupPass(lookups));
  if (options.emulateDot)
    pm.addPass(createEmulateDotPass());
  // tosa.apply_scale in bodies that came from int8 TOSA.
  TosaToArithPassOptions scales;
  scales.includeApplyRescale = true;
  pm.addNestedPass<func::FuncOp>(createTosaToArithPass(scales));
  pm.addPass(createExpandMathPass());
  pm.addNestedPass<func::FuncOp>(createExpandExtremaPass());
  // Where LLVM would call a function for each conversion of bf16.
  if (options.emulateDot || !multipliesBfloat16(options.features)) {
    arith::ArithEmulateUnsupportedFloatsOptions floats;
    floats.sourceTypeStrs = {"bf16"};
    floats.targetTypeStr = "f32";
    pm.addPass(arith::createArithEmulateUnsupportedFloats(floats));
    arith::ArithExpandOpsPassOptions expand;
    expand.includeBf16 = true;
    pm.addPass(arith::createArithExpandOpsPass(expand));
  }
  pm.addPass(createPlanArenaPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  pm.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createCSEPass());
  pm.addPass(createSymbolDCEPass());
}

namespace {
/// CpuOptions as command line options of the pipeline.
struct CpuPipelineOptions : public PassPipelineOptions<CpuPipelineOptions> {
  Option<std::string> features{*this, "features",
                               llvm::cl::desc("target features, as in LLVM")};
  Option<CpuStrategy> strategy{
      *this, "strategy", llvm::cl::desc("how kernels are computed"),
      llvm::cl::init(CpuStrategy::Kernels),
      llvm::cl::values(
          clEnumValN(CpuStrategy::Kernels, "kernels",
                     "packed weights, register tiles, vectors"),
          clEnumValN(CpuStrategy::Loops, "loops", "one element at a time"))};
  Option<bool> emulateDot{*this, "emulate-dot",
                          llvm::cl::desc("plain arithmetic for dot products"),
                          llvm::cl::init(false)};
  Option<bool> parallel{*this, "parallel",
                        llvm::cl::desc("spread kernels over threads"),
                        llvm::cl::init(true)};
  Option<bool> fuseSums{
      *this, "fuse-sums",
      llvm::cl::desc("round a product and its sum once in f32 networks"),
      llvm::cl::init(true)};
  Option<WinogradUse> winograd{
      *this, "winograd",
      llvm::cl::desc("3x3 convolutions with fewer products in f32 networks"),
      llvm::cl::init(WinogradUse::WhereFaster),
      llvm::cl::values(
          clEnumValN(WinogradUse::Never, "never", "in no layer"),
          clEnumValN(WinogradUse::WhereFaster, "where-faster",
                     "as a model of the target says"),
          clEnumValN(WinogradUse::Always, "always",
                     "where the window can, in the largest tiles"))};
  Option<int64_t> winogradTile{
      *this, "winograd-tile",
      llvm::cl::desc(
          "the most outputs along a side of tiles of Winograd's algorithm: "
          "2 or 4"),
      llvm::cl::init(2)};
  Option<bool> bfloat16{*this, "bf16",
                        llvm::cl::desc("multiply bf16 in f32 networks"),
                        llvm::cl::init(false)};
  Option<bool> profile{*this, "profile",
                       llvm::cl::desc("count the time of each kernel"),
                       llvm::cl::init(false)};
};
} // namespace

void mlir::compress::registerCpuPipeline() {
  PassPipelineRegistration<CpuPipelineOptions>(
      "compress-cpu-pipeline",
      "from the integer or model form to the code form for CPUs",
      [](OpPassManager &pm, const CpuPipelineOptions &options) {
        buildCpuPipeline(
            pm, {options.features, options.strategy, options.emulateDot,
                 options.parallel, options.fuseSums, options.winograd,
                 options.winogradTile, options.bfloat16, options.profile});
      });
}

void mlir::compress::registerCpuPasses() {
  registerCompressCodegenCpuPasses();
  registerCpuPipeline();
}

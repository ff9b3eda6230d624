//===- LlvmPipeline.cpp - code form to the LLVM dialect -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/LlvmPipeline.h"
#include "Compress/Codegen/Common/Passes.h"
#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::compress;

void compress::buildLlvmPipeline(OpPassManager &pm,
                                 const LlvmPipelineOptions &options) {
  // Still in the code form: threads, and the interface.
  pm.addPass(createOutlineParallelPass({options.threads}));
  pm.addNestedPass<func::FuncOp>(createHoistAllocasPass());
  pm.addPass(createAnnotateKernelsPass());
  pm.addPass(createExportAbiPass(
      {options.name, options.threads, options.target, options.producer}));

  // One-dimensional vectors, explicit addresses.
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  VectorTransferToSCFOptions transfers;
  transfers.enableFullUnroll();
  funcs.addPass(createConvertVectorToSCFPass(transfers));
  funcs.addPass(memref::createExpandStridedMetadataPass());
  funcs.addPass(createLowerAffinePass());
  funcs.addPass(arith::createArithExpandOpsPass());
  funcs.addPass(createCanonicalizerPass());
  funcs.addPass(createCSEPass());
  pm.addPass(createLowerTilesPass());
  pm.addPass(createSCFToControlFlowPass());

  // To the LLVM dialect. A reduction of floats stays in order.
  ConvertVectorToLLVMPassOptions vectors;
  vectors.reassociateFPReductions = false;
  vectors.vectorTransposeLowering = vector::VectorTransposeLowering::Shuffle1D;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createUBToLLVMConversionPass());
  ConvertFuncToLLVMPassOptions functions;
  functions.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(functions));
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createSpreadCallsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  if (options.debugInfo)
    pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
}

void compress::registerLlvmPipeline() {
  PassPipelineRegistration<LlvmPipelineOptions>(
      "compress-to-llvm",
      "Code form to the LLVM dialect with the C interface of a compiled "
      "network",
      buildLlvmPipeline);
}

void compress::registerLlvmTranslations(DialectRegistry &registry) {
  registry.insert<LLVM::LLVMDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
}

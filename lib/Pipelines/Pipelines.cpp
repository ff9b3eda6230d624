//===- Pipelines.cpp - the stages as pipelines ----------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Pipelines/Pipelines.h"
#include "Compress/Conversion/Passes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/Conversion/TosaToArith/TosaToArith.h"
#include "mlir/Conversion/TosaToLinalg/TosaToLinalg.h"
#include "mlir/Conversion/TosaToTensor/TosaToTensor.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::compress;

void mlir::compress::buildAfterRemovalPipeline(OpPassManager &pm,
                                               bool ordersChannels) {
  if (ordersChannels)
    pm.addNestedPass<func::FuncOp>(createOrderChannelsPass());
  // TOSA stays TOSA.
  pm.addNestedPass<func::FuncOp>(createLowerMasksToTosaPass());
  // Constants of which every user got its own.
  pm.addNestedPass<func::FuncOp>(createCSEPass());
}

void mlir::compress::buildRemovePipeline(OpPassManager &pm,
                                         bool ordersChannels) {
  pm.addNestedPass<func::FuncOp>(createRemoveChannelsPass());
  buildAfterRemovalPipeline(pm, ordersChannels);
}

void mlir::compress::buildScopPrunePipeline(OpPassManager &pm,
                                            const ScopPruneOptions &options) {
  // As in every pipeline: what is quantized is fake_quant from here on.
  pm.addNestedPass<func::FuncOp>(createRaiseQDQPass());
  ScoreGatesPassOptions gates;
  gates.rate = options.rate;
  pm.addNestedPass<func::FuncOp>(createScoreGatesPass(gates));
  buildRemovePipeline(pm, options.orderChannels);
}

void mlir::compress::buildLinalgPipeline(OpPassManager &pm) {
  // First of all, before any driver that folds: see RaiseQDQ.
  pm.addNestedPass<func::FuncOp>(createRaiseQDQPass());
  // What stands between sums and their quantization hides the pattern of both.
  pm.addNestedPass<func::FuncOp>(createLowerMasksPass());
  // Codes that are computed from constants first, then what they stand for.
  FoldConstantsPassOptions codes;
  codes.integersOnly = true;
  pm.addNestedPass<func::FuncOp>(createFoldConstantsPass(codes));
  pm.addNestedPass<func::FuncOp>(createRaiseIntegerLinalgPass());
  pm.addNestedPass<func::FuncOp>(createFoldConstantsPass());
  // Weights whose quantization has come to light are stored as codes.
  pm.addNestedPass<func::FuncOp>(createRaiseQDQPass());
  pm.addNestedPass<func::FuncOp>(createPrepareTosaPass());
  pm.addNestedPass<func::FuncOp>(tosa::createTosaMakeBroadcastablePass());
  TosaToLinalgNamedOptions named;
  named.preferConv2DKernelLayoutHWCF = true;
  pm.addNestedPass<func::FuncOp>(tosa::createTosaToLinalgNamed(named));
  pm.addNestedPass<func::FuncOp>(tosa::createTosaToLinalg());
  pm.addNestedPass<func::FuncOp>(createTosaToArithPass());
  pm.addNestedPass<func::FuncOp>(createTosaToTensorPass());
  // Arithmetic on whole tensors, as some exporters write it.
  pm.addNestedPass<func::FuncOp>(createConvertElementwiseToLinalgPass());
  pm.addPass(createWidenIntegersPass());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
}

void mlir::compress::buildNormalizePipeline(OpPassManager &pm) {
  buildLinalgPipeline(pm);
  pm.addNestedPass<func::FuncOp>(createLayoutNhwcPass());
  pm.addNestedPass<func::FuncOp>(createFoldZeroPointsPass());
  pm.addNestedPass<func::FuncOp>(createFoldBatchNormPass());
  pm.addNestedPass<func::FuncOp>(createFoldChannelPadsPass());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
}

void mlir::compress::buildInt8LowerPipeline(OpPassManager &pm,
                                            const Int8LowerOptions &options) {
  buildNormalizePipeline(pm);
  buildIntegerPipeline(pm, options);
}

void mlir::compress::buildIntegerPipeline(OpPassManager &pm,
                                          const Int8LowerOptions &options) {
  pm.addNestedPass<func::FuncOp>(createQdqToIntegerPass());
  pm.addNestedPass<func::FuncOp>(createProveSumsPass());
  if (options.int8Io)
    pm.addNestedPass<func::FuncOp>(createIntegerBordersPass());
  pm.addPass(createCheckIntegerPass());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCSEPass());
}

bool mlir::compress::isQuantized(ModuleOp module) {
  auto isNarrow = [](Type type) {
    Type element = getElementTypeOrSelf(type);
    return isa<quant::QuantizedType>(element) || element.isInteger(8) ||
           element.isInteger(16);
  };
  // Bytes that become bools, or only move, are no codes: a product or a
  // conversion widens those.
  auto widensOperand = [](Operation *op) {
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (!linalgOp)
      return true;
    BlockArgument element = linalgOp.getBlock()->getArgument(0);
    return llvm::any_of(element.getUsers(), [](Operation *user) {
      return isa<arith::ExtSIOp, arith::ExtUIOp, arith::SIToFPOp,
                 arith::UIToFPOp>(user);
    });
  };
  return module
      .walk([&](Operation *op) {
        bool quantized =
            isa<FakeQuantOp, quant::QuantizeCastOp, quant::StorageCastOp>(op);
        // Of a TOSA op only the first operand is data for sure: others may be
        // zero points and shifts, which are i8 in float ops too.
        StringRef dialect = op->getName().getDialectNamespace();
        if ((dialect == "linalg" || dialect == "tosa") &&
            op->getNumOperands() > 0)
          quantized |=
              (isNarrow(op->getOperand(0).getType()) && widensOperand(op)) ||
              isFloatFakeQuant(op);
        return quantized ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

bool mlir::compress::quantizesActivations(ModuleOp module) {
  auto isNarrow = [](Value value) {
    Type element = getElementTypeOrSelf(value.getType());
    return isa<quant::QuantizedType>(element) || element.isInteger(8) ||
           element.isInteger(16);
  };
  return module
      .walk([&](Operation *op) {
        // Weights that are codes have no part in it.
        if (isa<quant::StorageCastOp>(op) &&
            matchPattern(op->getOperand(0), m_Constant()))
          return WalkResult::advance();
        bool quantizes =
            isa<FakeQuantOp, quant::QuantizeCastOp, quant::StorageCastOp,
                tosa::RescaleOp, tosa::TableOp>(op) ||
            isFloatFakeQuant(op);
        // Sums of bytes: products, and means.
        if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
          quantizes |= linalgOp.getNumReductionLoops() > 0 &&
                       op->getNumOperands() > 0 && isNarrow(op->getOperand(0));
        if (isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp,
                tosa::TransposeConv2DOp, tosa::MatMulOp, tosa::AvgPool2dOp>(op))
          quantizes |= isNarrow(op->getOperand(0));
        return quantizes ? WalkResult::interrupt() : WalkResult::advance();
      })
      .wasInterrupted();
}

void mlir::compress::registerPipelines() {
  PassPipelineRegistration<ScopPruneOptions>(
      "scop-prune",
      "Takes out the channels that SCOP's gates score lowest (model form)",
      buildScopPrunePipeline);
  PassPipelineRegistration<>("compress-normalize",
                             "Brings TOSA and linalg of any layout to linalg "
                             "in NHWC, and quantizations "
                             "to compress.fake_quant",
                             buildNormalizePipeline);
  PassPipelineRegistration<Int8LowerOptions>(
      "int8-lower",
      "Lowers a quantized model (model or qdq form) to integers: the integer "
      "form",
      buildInt8LowerPipeline);
}

//===- LowerTiles.cpp - matrix instructions to LLVM's ---------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The patterns are upstream's. --convert-vector-to-llvm has them too, but
// leaves the loops that carry tiles with a type that no later pass knows.
//
//===----------------------------------------------------------------------===//

#include "Compress/Codegen/Common/Passes.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Dialect/AMX/AMXDialect.h"
#include "mlir/Dialect/AMX/Transforms.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlir::compress {
#define GEN_PASS_DEF_LOWERTILESPASS
#include "Compress/Codegen/Common/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
struct LowerTiles
    : public mlir::compress::impl::LowerTilesPassBase<LowerTiles> {
  void runOnOperation() override {
    MLIRContext *context = &getContext();
    LLVMTypeConverter converter(context);
    RewritePatternSet patterns(context);
    LLVMConversionTarget target(*context);
    populateAMXLegalizeForLLVMExportPatterns(converter, patterns);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    auto hasTiles = [](Operation *op) {
      return llvm::any_of(op->getOperandTypes(), llvm::IsaPred<amx::TileType>);
    };
    target.addDynamicallyLegalOp<scf::ForOp, scf::YieldOp>(
        [&](Operation *op) { return !hasTiles(op); });
    target.markUnknownOpDynamicallyLegal([](Operation *) { return true; });
    configureAMXLegalizeForExportTarget(target);
    unsigned count = 0;
    getOperation()->walk([&](Operation *op) {
      count += isa_and_nonnull<amx::AMXDialect>(op->getDialect());
    });
    numLowered += count;
    if (count > 0 && failed(applyPartialConversion(getOperation(), target,
                                                   std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace

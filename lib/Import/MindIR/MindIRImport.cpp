//===- MindIRImport.cpp - MindIR to the model form ------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/MindIR/MindIRImport.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "GraphImporter.h"
#include "MindIR.pb.h"
#include "MindIRModel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Verifier.h"
#include <limits>

using namespace mlir;
using namespace mlir::compress;
namespace pb = ::compress_mindir;

OwningOpRef<ModuleOp>
mlir::compress::importMindIR(StringRef bytes, StringRef fileName,
                             MLIRContext *ctx,
                             const MindIRImportOptions &options) {
  ctx->loadDialect<arith::ArithDialect, CompressDialect, func::FuncDialect,
                   linalg::LinalgDialect, math::MathDialect,
                   quant::QuantDialect, tensor::TensorDialect>();
  Location fileLoc = FileLineColLoc::get(ctx, fileName, 0, 0);
  // Constants that the importer itself makes, as of other formats.
  constexpr int64_t base = int64_t(64) << 20;
  ModelOpBuilder builder(fileLoc,
                         base + ModelOpBuilder::kBudgetPerByte *
                                    static_cast<int64_t>(bytes.size()));
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
    (void)builder.fail("the model is larger than 2 GiB, the limit of its "
                       "format; export it with its weights in files beside");
    return nullptr;
  }
  pb::ModelProto model;
  if (failed(parseMindIRModel(bytes, model)) || !model.has_graph()) {
    (void)builder.fail("the file is no MindIR model, or it is damaged");
    return nullptr;
  }
  OwningOpRef<ModuleOp> module = ModuleOp::create(fileLoc);
  builder.ir().setInsertionPointToStart(module->getBody());
  if (failed(GraphImporter(builder, model, options).run()) ||
      failed(verify(*module)))
    return nullptr;
  return module;
}

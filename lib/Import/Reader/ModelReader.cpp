//===- ModelReader.cpp - model files of every format ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Reader/ModelReader.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "CrashGuard.h"
#include "StaticShapes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::compress;

/// Attributes of tools that are not here are welcome, their ops are not: what
/// an op computes must be known.
static LogicalResult rejectUnknownOps(ModuleOp module) {
  return failure(
      module
          .walk([](Operation *op) {
            if (op->isRegistered())
              return WalkResult::advance();
            op->emitError("uses '")
                << op->getName()
                << "', an operation that is not known here; lower the model to "
                   "TOSA or linalg first";
            return WalkResult::interrupt();
          })
          .wasInterrupted());
}

/// Leaves one function: what it calls becomes a part of it.
static LogicalResult inlineCalls(ModuleOp module, func::FuncOp network) {
  bool calls =
      network.walk([](func::CallOp) { return WalkResult::interrupt(); })
          .wasInterrupted();
  if (!calls)
    return success();
  PassManager pm(module.getContext());
  // No simplification on the way: it would fold quantizations.
  pm.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  pm.addPass(createSymbolDCEPass());
  if (failed(pm.run(module)))
    return failure();
  WalkResult left = network.walk([](func::CallOp call) {
    call.emitOpError("cannot be inlined; the function '")
        << call.getCallee() << "' has no body or calls itself";
    return WalkResult::interrupt();
  });
  return failure(left.wasInterrupted());
}

static LogicalResult prepareMlir(ModuleOp module, const ReadOptions &options) {
  if (failed(rejectUnknownOps(module)))
    return failure();
  FailureOr<func::FuncOp> network = findNetworkFunction(module);
  if (failed(network) || failed(inlineCalls(module, *network)))
    return failure();
  if (network->getNumResults() == 0)
    return network->emitError("returns nothing; a model returns tensors");
  return makeShapesStatic(*network, options);
}

static ReadResult readMlir(StringRef bytes, StringRef fileName,
                           ModelFormat format, MLIRContext *context,
                           const ReadOptions &options) {
  context->allowUnregisteredDialects();
  ReadResult result;
  bool completed = runGuarded([&] {
    auto sources = std::make_shared<llvm::SourceMgr>();
    // The parser of text wants a null byte behind it.
    sources->AddNewSourceBuffer(
        llvm::MemoryBuffer::getMemBufferCopy(bytes, fileName), llvm::SMLoc());
    auto module = parseSourceFile<ModuleOp>(sources, ParserConfig(context));
    if (module && succeeded(prepareMlir(*module, options)))
      result.module = std::move(module);
  });
  if (!completed) {
    result.crashed = true;
    emitError(FileLineColLoc::get(context, fileName, 0, 0))
        << "malformed "
        << (format == ModelFormat::MlirBytecode ? "bytecode" : "MLIR text")
        << "; write the file again";
  }
  return result;
}

ReadResult compress::readModel(StringRef bytes, StringRef fileName,
                               ModelFormat format, MLIRContext *context,
                               const ReadOptions &options) {
  if (format != ModelFormat::Onnx)
    return readMlir(bytes, fileName, format, context, options);
  OnnxImportOptions onnx;
  onnx.batch = options.batch ? options.batch : 1;
  onnx.inputShapes = options.inputShapes;
  return {importOnnx(bytes, fileName, context, onnx), false};
}

//===- ModelReader.cpp - model files of every format ----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Import/Reader/ModelReader.h"
#include "CheckConstants.h"
#include "CheckModel.h"
#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"
#include "Compress/Import/MindIR/MindIRImport.h"
#include "Compress/Import/Onnx/OnnxImport.h"
#include "Compress/Import/Reader/CheckBytecode.h"
#include "CrashGuard.h"
#include "StaticShapes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::compress;

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

/// Arm's converters name inputs and outputs in an attribute of their own.
static void takeTosaNames(func::FuncOp network) {
  constexpr StringLiteral from = "tosa.tensor_name", to = kNameAttr;
  for (unsigned i = 0; i < network.getNumArguments(); ++i) {
    auto name = network.getArgAttrOfType<StringAttr>(i, from);
    if (name && !network.getArgAttr(i, to))
      network.setArgAttr(i, to, name);
    network.removeArgAttr(i, from);
  }
  for (unsigned i = 0; i < network.getNumResults(); ++i) {
    auto name = network.getResultAttrOfType<StringAttr>(i, from);
    if (name && !network.getResultAttr(i, to))
      network.setResultAttr(i, to, name);
    network.removeResultAttr(i, StringAttr::get(network.getContext(), from));
  }
}

static LogicalResult prepareMlir(ModuleOp module, size_t fileSize,
                                 const ReadOptions &options) {
  if (failed(checkOperations(module)) || failed(checkSizes(module)) ||
      failed(checkResources(module)) ||
      failed(checkConstants(module, static_cast<int64_t>(fileSize))))
    return failure();
  FailureOr<func::FuncOp> network = findNetworkFunction(module);
  if (failed(network) || failed(inlineCalls(module, *network)))
    return failure();
  if (network->getNumResults() == 0)
    return network->emitError("returns nothing; a model returns tensors");
  takeTosaNames(*network);
  if (failed(makeShapesStatic(*network, options)))
    return failure();
  // What was open may have become too large, or empty.
  return failure(failed(checkSizes(module)) ||
                 failed(checkBatch(*network, options)));
}

static ReadResult readMlir(StringRef bytes, StringRef fileName,
                           ModelFormat format, MLIRContext *context,
                           const ReadOptions &options) {
  context->allowUnregisteredDialects();
  ReadResult result;
  if (format == ModelFormat::MlirBytecode)
    if (llvm::Error error = checkBytecode(bytes, fileName, *context)) {
      emitError(FileLineColLoc::get(context, fileName, 0, 0))
          << llvm::toString(std::move(error));
      return result;
    }
  bool completed = runGuarded([&] {
    auto sources = std::make_shared<llvm::SourceMgr>();
    sources->AddNewSourceBuffer(copyForParser(bytes, fileName), llvm::SMLoc());
    auto module = parseSourceFile<ModuleOp>(sources, ParserConfig(context));
    if (module && succeeded(prepareMlir(*module, bytes.size(), options)))
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

/// What the importers leave to check: that what it built is not too large,
/// and that it has taken the batch, which it does where the file leaves it
/// open.
static LogicalResult checkImported(ModuleOp module,
                                   const ReadOptions &options) {
  FailureOr<func::FuncOp> network = findNetworkFunction(module);
  return failure(failed(network) || failed(checkSizes(module)) ||
                 failed(checkBatch(*network, options)));
}

ReadResult compress::readModel(StringRef bytes, StringRef fileName,
                               ModelFormat format, MLIRContext *context,
                               const ReadOptions &options) {
  bool isMlir =
      format == ModelFormat::MlirText || format == ModelFormat::MlirBytecode;
  if (isMlir && !options.frozenInputs.empty()) {
    emitError(FileLineColLoc::get(context, fileName, 0, 0))
        << "is " << formatName(format)
        << ", of which no inputs are frozen; write them as constants";
    return {};
  }
  if (options.mindirAsWritten && format != ModelFormat::MindIR) {
    emitError(FileLineColLoc::get(context, fileName, 0, 0))
        << "is " << formatName(format)
        << ", of which nothing is repaired; leave out --mindir-as-written";
    return {};
  }
  if (isMlir)
    return readMlir(bytes, fileName, format, context, options);
  MindIRImportOptions import;
  import.batch = options.batch ? options.batch : 1;
  import.inputShapes = options.inputShapes;
  import.frozenInputs = options.frozenInputs;
  import.folder = options.folder;
  import.asWritten = options.mindirAsWritten;
  ReadResult result;
  result.module = format == ModelFormat::Onnx
                      ? importOnnx(bytes, fileName, context, import)
                      : importMindIR(bytes, fileName, context, import);
  if (result.module && failed(checkImported(*result.module, options)))
    result.module = nullptr;
  return result;
}

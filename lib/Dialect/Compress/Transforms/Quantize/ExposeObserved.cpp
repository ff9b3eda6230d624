//===- ExposeObserved.cpp - observed tensors as results -------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/IR/Attributes.h"
#include "Compress/Dialect/Compress/IR/Compress.h"
#include "Compress/Dialect/Compress/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::compress {
#define GEN_PASS_DEF_EXPOSEOBSERVEDPASS
#include "Compress/Dialect/Compress/Transforms/Passes.h.inc"
} // namespace mlir::compress

using namespace mlir;
using namespace mlir::compress;

namespace {
struct ExposeObserved
    : public mlir::compress::impl::ExposeObservedPassBase<ExposeObserved> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    SmallVector<ObserveOp> observers;
    func.walk([&](ObserveOp op) { observers.push_back(op); });
    if (observers.empty())
      return;
    if (!func.getBody().hasOneBlock() ||
        llvm::any_of(observers, [&](ObserveOp op) {
          return op->getBlock() != &func.getBody().front();
        })) {
      func.emitOpError("has observed tensors in branches, which are not always "
                       "computed");
      return signalPassFailure();
    }
    Operation *terminator = func.getBody().front().getTerminator();
    for (ObserveOp observer : observers) {
      Type type = observer.getOutput().getType();
      unsigned index = func.getNumResults();
      if (failed(func.insertResult(
              index, type,
              DictionaryAttr::get(
                  &getContext(),
                  NamedAttribute(StringAttr::get(&getContext(), kNameAttr),
                                 observer.getNameAttr())))))
        return signalPassFailure();
      terminator->insertOperands(index, observer.getInput());
      observer.getOutput().replaceAllUsesWith(observer.getInput());
      observer.erase();
      ++numExposed;
    }
  }
};
} // namespace

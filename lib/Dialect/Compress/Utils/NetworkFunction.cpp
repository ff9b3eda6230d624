//===- NetworkFunction.cpp - the function that is a network ---------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Compress/Dialect/Compress/Utils/NetworkFunction.h"

using namespace mlir;

FailureOr<func::FuncOp> compress::findNetworkFunction(ModuleOp module) {
  func::FuncOp found;
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic() || func.isExternal())
      continue;
    if (found) {
      func.emitError("a model has one public function, but '")
          << found.getName() << "' is public as well; make all others private";
      return failure();
    }
    found = func;
  }
  if (!found) {
    module.emitError("has no public function with a body; a model is one "
                     "such func.func");
    return failure();
  }
  return found;
}

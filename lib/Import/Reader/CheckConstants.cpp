//===- CheckConstants.cpp - what constants may take -----------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckConstants.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

/// The bytes of a constant, at least one an element; nothing where it is of no
/// size that a tensor may have.
static std::optional<int64_t> bytesOf(ShapedType type) {
  constexpr int64_t most = int64_t(1) << 40;
  Type element = type.getElementType();
  int64_t bytes = element.isIntOrFloat()
                      ? static_cast<int64_t>(llvm::divideCeil(
                            element.getIntOrFloatBitWidth(), 8))
                      : 8;
  for (int64_t extent : type.getShape())
    if (llvm::MulOverflow(bytes, extent, bytes) || bytes > most)
      return std::nullopt;
  return bytes;
}

LogicalResult compress::checkConstants(ModuleOp module, int64_t fileSize) {
  // As the importers bound what they make themselves.
  int64_t budget = (int64_t(64) << 20) + 16 * fileSize;
  WalkResult result = module.walk([&](Operation *op) {
    const char *wrong = nullptr;
    op->getAttrDictionary().walk([&](ElementsAttr constant) {
      std::optional<int64_t> bytes = bytesOf(constant.getShapedType());
      auto dense = dyn_cast<DenseElementsAttr>(constant);
      if (!bytes || (dense && dense.isSplat() && (budget -= *bytes) < 0))
        wrong = "has a constant that repeats one number too often; use "
                "linalg.fill or a broadcast";
      else if (!dense && !isa<DenseResourceElementsAttr>(constant))
        wrong = "has a constant that is not dense; write it as dense or "
                "dense_resource";
    });
    if (!wrong)
      return WalkResult::advance();
    op->emitOpError() << wrong;
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

//===- CheckModel.cpp - what every model must be --------------------------===//
//
// Part of Compress, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CheckModel.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

/// No tensor has more elements; arithmetic on sizes in bytes stays far from
/// overflow.
static constexpr int64_t kMaxElements = int64_t(1) << 36;

/// Whether the operation decides at run time what is computed.
static bool isControlFlow(Operation *op) {
  StringRef dialect = op->getName().getDialectNamespace();
  return dialect == "scf" || dialect == "affine" ||
         isa<cf::BranchOp, cf::CondBranchOp, cf::SwitchOp, tosa::IfOp,
             tosa::WhileOp>(op);
}

/// Whether a slice of constant bounds reaches out of its tensor, which upstream
/// does not verify.
template <typename OpTy>
static bool isOutOfBounds(OpTy slice, RankedTensorType source) {
  for (auto [extent, offset, size, stride] :
       llvm::zip_equal(source.getShape(), slice.getMixedOffsets(),
                       slice.getMixedSizes(), slice.getMixedStrides())) {
    std::optional<int64_t> first = getConstantIntValue(offset);
    std::optional<int64_t> count = getConstantIntValue(size);
    std::optional<int64_t> step = getConstantIntValue(stride);
    int64_t last;
    if (!first || !count || !step || ShapedType::isDynamic(extent))
      continue;
    if (*first < 0 || *count < 0 ||
        llvm::MulOverflow(*count - 1, *step, last) ||
        llvm::AddOverflow(last, *first, last) ||
        (*count > 0 && (last < 0 || last >= extent)))
      return true;
  }
  return false;
}

/// Whether the amounts of a padding that are open are those that it has
/// operands for, which upstream does not verify.
static bool hasItsOperands(tensor::PadOp pad) {
  auto fits = [](ArrayRef<int64_t> amounts, ValueRange operands) {
    return llvm::count_if(amounts, ShapedType::isDynamic) ==
           static_cast<int64_t>(operands.size());
  };
  return fits(pad.getStaticLow(), pad.getLow()) &&
         fits(pad.getStaticHigh(), pad.getHigh());
}

LogicalResult compress::checkOperations(ModuleOp module) {
  WalkResult result = module.walk<WalkOrder::PreOrder>([](Operation *op) {
    if (isControlFlow(op)) {
      op->emitOpError("is control flow; a model is a straight list of "
                      "operations, unroll it first");
      return WalkResult::interrupt();
    }
    if (isa<tosa::CustomOp>(op)) {
      op->emitOpError("has a meaning that only its producer knows; write it "
                      "with other operations");
      return WalkResult::interrupt();
    }
    if (auto pad = dyn_cast<tensor::PadOp>(op); pad && !hasItsOperands(pad)) {
      pad.emitOpError("has more or fewer operands than amounts that they are "
                      "for; write its amounts as numbers");
      return WalkResult::interrupt();
    }
    auto extract = dyn_cast<tensor::ExtractSliceOp>(op);
    auto insert = dyn_cast<tensor::InsertSliceOp>(op);
    if ((extract && isOutOfBounds(extract, extract.getSourceType())) ||
        (insert && isOutOfBounds(insert, insert.getDestType()))) {
      op->emitOpError("reaches out of its tensor; correct its bounds");
      return WalkResult::interrupt();
    }
    if (op->isRegistered())
      return WalkResult::advance();
    op->emitError("uses '") << op->getName()
                            << "', an operation that is not known here; lower "
                               "the model to TOSA or linalg first";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// The bytes that a resource of this type has; none where that is not known.
static std::optional<size_t> bytesOf(ShapedType type) {
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return std::nullopt;
  unsigned width = type.getElementTypeBitWidth();
  return type.getNumElements() * llvm::divideCeil(width, 8);
}

LogicalResult compress::checkResources(ModuleOp module) {
  auto check = [](Operation *op, DenseResourceElementsAttr attribute) {
    AsmResourceBlob *blob = attribute.getRawHandle().getBlob();
    std::optional<size_t> expected = bytesOf(attribute.getType());
    if (blob && (!expected || blob->getData().size() == *expected))
      return true;
    InFlightDiagnostic error = op->emitError("the constant '")
                               << attribute.getRawHandle().getKey() << "' ";
    if (!blob)
      error << "has no data: the file was written without large constants; "
               "write it with them";
    else
      error << "has " << blob->getData().size() << " bytes, its type "
            << attribute.getType() << " takes " << *expected
            << "; write the file again";
    return false;
  };
  WalkResult result = module.walk([&](Operation *op) {
    bool complete = true;
    for (NamedAttribute named : op->getAttrs())
      named.getValue().walk([&](DenseResourceElementsAttr attribute) {
        complete = complete && check(op, attribute);
      });
    return complete ? WalkResult::advance() : WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

LogicalResult compress::checkSizes(ModuleOp module) {
  auto check = [](Operation *op, Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor)
      return true;
    int64_t elements = 1;
    for (int64_t extent : tensor.getShape()) {
      if (ShapedType::isDynamic(extent))
        continue;
      if (extent > 0 && elements <= kMaxElements / extent) {
        elements *= extent;
        continue;
      }
      op->emitError("has a tensor of type ")
          << type
          << (extent == 0 ? "; a model computes on at least one element"
                          : ", which is larger than any memory");
      return false;
    }
    return true;
  };
  WalkResult result = module.walk([&](Operation *op) {
    bool sound = llvm::all_of(op->getResultTypes(),
                              [&](Type type) { return check(op, type); });
    for (Region &region : op->getRegions())
      for (Block &block : region)
        sound = sound && llvm::all_of(block.getArgumentTypes(), [&](Type type) {
                  return check(op, type);
                });
    return sound ? WalkResult::advance() : WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}
